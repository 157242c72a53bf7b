"""The page in the language of the browser: what is seen, and that it stays as light."""

import asyncio

import pytest

from tests.acceptance.page.screen import MARK, Screen, Tabs, WebSocketRoute, expect
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST_LOAD_BYTES = 200_000


async def arrives(tabs: Tabs, home: Page, locale: str) -> Screen:
    """Somebody whose browser speaks this comes to the page."""
    context = await tabs.context(locale=locale)
    answer = await context.request.post(
        f"{home.url}/api/session", data={"name": "Ada"}, headers=MARK
    )
    assert answer.ok
    return await tabs.blank(context, home.url)


async def test_a_picture_on_the_page_in_german(home: Page, tabs: Tabs) -> None:
    ada = await arrives(tabs, home, "de-DE")
    await ada.page.goto(home.url)
    await expect(ada.page.get_by_role("navigation", name="Ansichten")).to_be_visible()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "de")
    await expect(ada.page.get_by_role("heading", name="Eine leere Wand")).to_be_visible()
    field = ada.page.get_by_role("textbox", name="Beschreib ein Bild")
    await field.fill("a red circle")
    await field.press("Enter")
    await expect(ada.page.get_by_role("button", name="Vergrößern: a red circle")).to_be_visible()
    await ada.button("Warum so?").click()
    sheet = ada.dialog("Warum so?")
    await expect(sheet.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await expect(sheet.get_by_role("button", name="Als A1111-Parameter kopieren")).to_be_visible()


async def test_the_page_follows_when_i_choose_another_language(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("/me language=de")
    await expect(ada.page.get_by_role("navigation", name="Ansichten")).to_be_visible()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "de")
    await expect(ada.page.get_by_text("Nur du siehst das")).to_be_visible()


async def test_a_page_that_was_away_follows_when_it_is_back(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    away = await tabs.blank(ada.page.context, home.url)
    is_back = asyncio.Event()

    async def waits(socket: WebSocketRoute) -> None:
        await is_back.wait()
        socket.connect_to_server()

    await away.page.route_web_socket("**/api/live*", waits)
    await away.page.goto(home.url)
    await expect(away.field).to_be_visible()
    await ada.says("/me language=de")
    await expect(ada.page.get_by_role("navigation", name="Ansichten")).to_be_visible()
    await expect(away.field).to_be_visible()
    is_back.set()
    await expect(away.page.get_by_role("navigation", name="Ansichten")).to_be_visible()


async def test_what_is_half_written_is_not_taken_away_by_another_language(
    home: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(home.url)
    other = await tabs.blank(ada.page.context, home.url)
    await other.page.goto(home.url)
    await expect(other.field).to_be_visible()
    await ada.field.fill("half a")
    await other.says("/me language=fr")
    await ada.page.get_by_role("button", name="Reload").click()
    french = ada.page.get_by_role("textbox", name="Décris une image")
    await expect(french).to_have_value("half a")


async def test_the_first_load_stays_small_in_japanese(home: Page, tabs: Tabs) -> None:
    ada = await arrives(tabs, home, "ja-JP")
    sizes: list[int] = []
    ada.page.on(
        "response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0")))
    )
    await ada.page.goto(home.url)
    await expect(ada.page.get_by_role("navigation", name="表示")).to_be_visible()
    await expect(ada.page.get_by_role("heading", name="まだ何もない壁")).to_be_visible()
    await ada.page.wait_for_load_state("networkidle")
    assert len(sizes) > 20
    assert sum(sizes) < FIRST_LOAD_BYTES
