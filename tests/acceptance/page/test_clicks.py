"""Whoever clicks twice presses one thing, however fast the page changes under the pointer."""

import re

import pytest

from tests.acceptance.page.screen import DESK, Tabs, expect
from tests.acceptance.page.test_vetting import NEON, ZIB, moderator, opens, waits_for_a_word
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_a_double_click_opened_stays_until_a_click_beside_it(
    home: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.clicks_twice(ada.pictures, ada.lightbox)
    await ada.page.mouse.click(200, DESK["height"] / 2)
    await expect(ada.lightbox).to_have_count(0)
    why = ada.dialog("Why this?")
    await ada.button("Why this?").click()
    await expect(why.get_by_role("button", name="Edit")).to_be_visible()
    await why.get_by_role("heading", name="Why this?").hover()
    await ada.page.mouse.down()
    await ada.page.mouse.move(60, 400)
    await ada.page.mouse.up()
    await expect(why).to_have_count(1)
    await ada.page.mouse.click(60, 400)
    await expect(why).to_have_count(0)


async def test_a_double_click_approves_one_look(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    for file, name in ((ZIB, "Zib"), (NEON, "Neon")):
        await waits_for_a_word(home, file, name)
    await opens(mo, "To vet")
    look = mo.page.get_by_role("region", name="Look", exact=True)
    waiting = mo.page.get_by_role("region", name="Waiting").get_by_role("listitem")
    await expect(waiting).to_have_count(2)
    _, second = await waiting.locator("b").all_inner_texts()
    approve = mo.page.get_by_role("button", name=re.compile("^Approve"))
    await mo.clicks_twice(approve, look.get_by_role("heading", name=second))
    await mo.page.keyboard.press("u")
    await expect(waiting).to_have_count(2)
