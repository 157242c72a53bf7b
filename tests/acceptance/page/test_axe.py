"""axe-core finds nothing serious in any view, light or dark."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.page.screen import DESK, PHONE, SIGN_IN, Screen, Tabs, expect
from tests.fakes.page import Page
from tests.fakes.pool import tiny_png

pytestmark = pytest.mark.asyncio(loop_scope="module")
axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
PROGRAM = Path(axe.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
BAD = ("serious", "critical")
LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": DESK, "color_scheme": "light"},
    {"viewport": PHONE, "color_scheme": "dark"},
)
both = pytest.mark.parametrize("look", LOOKS, ids=("desk-light", "phone-dark"))


async def is_fit(screen: Screen) -> None:
    """No rule of axe is broken badly, once nothing moves any more."""
    await screen.settles()
    await screen.page.evaluate(f"window.axe || (() => {{ {PROGRAM} }})()")
    found = await screen.page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then((told) => told.violations.map("
        "({ id, impact, nodes }) => [impact, id, ...nodes.map((one) => one.html.slice(0, 160))]))"
    )
    assert [each for each in found if each[0] in BAD] == []


@both
async def test_the_chat(furnished: Page, tabs: Tabs, look: dict[str, Any]) -> None:
    ada = await tabs.person(furnished.url, bypass_csp=True, **look)
    await is_fit(ada)
    await ada.says("Zib in neon")
    await expect(ada.pictures).to_have_count(1)
    await ada.says("/create a blue star count=4")
    await expect(ada.pictures).to_have_count(5)
    await ada.says("/help")
    await expect(ada.post("Only you see this")).to_have_count(1)
    await ada.says("wait for a red circle")
    await expect(ada.bar).to_have_count(1)
    await is_fit(ada)


@both
async def test_the_command_menu_and_the_tray(
    home: Page, tabs: Tabs, tmp_path: Path, look: dict[str, Any]
) -> None:
    ada = await tabs.person(home.url, bypass_csp=True, **look)
    await ada.field.press_sequentially("/")
    menu = ada.page.get_by_role("listbox", name="Suggestions")
    await expect(menu.get_by_role("option", selected=True)).to_be_visible()
    await is_fit(ada)
    await ada.field.fill("/create a star size=")
    await expect(ada.page.get_by_text("like 64x64, or 64")).to_be_visible()
    await is_fit(ada)
    cat = tmp_path / "cat.png"
    cat.write_bytes(tiny_png(48, 32, 7))
    await ada.drops(cat)
    await expect(ada.button("Remove cat.png")).to_be_visible()
    await is_fit(ada)


@both
async def test_the_why_panel_and_its_form(
    furnished: Page, tabs: Tabs, look: dict[str, Any]
) -> None:
    ada = await tabs.person(furnished.url, bypass_csp=True, **look)
    await ada.says("Zib in neon")
    await ada.button("Why this?").click()
    await expect(ada.button("Copy as A1111 parameters")).to_be_visible()
    await is_fit(ada)
    await ada.button("Edit and draw").click()
    await expect(ada.dialog("Edit and draw")).to_be_visible()
    await is_fit(ada)


@both
async def test_the_lightbox(home: Page, tabs: Tabs, look: dict[str, Any]) -> None:
    ada = await tabs.person(home.url, bypass_csp=True, **look)
    await ada.gets("one star")
    await ada.gets("two stars")
    await ada.pictures.first.click()
    await expect(ada.lightbox).to_contain_text("1 of 2")
    await is_fit(ada)


@both
async def test_the_gallery_and_the_profile(home: Page, tabs: Tabs, look: dict[str, Any]) -> None:
    ada = await tabs.person(home.url, bypass_csp=True, **look)
    await ada.gets("one star")
    await ada.page.get_by_role("link", name="Gallery").click()
    await expect(ada.hung).to_have_count(1)
    await ada.button("Filters").click()
    await ada.page.get_by_role("searchbox").fill("star")
    await expect(ada.button("Clear all")).to_be_visible()
    await is_fit(ada)
    await ada.page.evaluate("document.querySelector('button.me').click()")
    await expect(ada.dialog("You")).to_be_visible()
    await is_fit(ada)


@both
async def test_the_door(house: Page, tabs: Tabs, look: dict[str, Any]) -> None:
    stranger = await tabs.blank(await tabs.context(bypass_csp=True, **look), house.url)
    await stranger.page.goto(house.url)
    await expect(stranger.page.get_by_role("heading")).to_have_text("You need a link to come in")
    await is_fit(stranger)
    await stranger.page.goto(f"{house.url}/enter#something")
    await expect(stranger.button("Enter")).to_be_focused()
    await is_fit(stranger)
    stranger.forgive(SIGN_IN)
