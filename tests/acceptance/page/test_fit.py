"""The page fits people: phones, dark rooms, other scripts, less motion."""

import pytest

from tests.acceptance.page.screen import PHONE, Screen, Tabs, expect
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
ARABIC = "نجمة زرقاء كبيرة فوق البحر"
LONG = "Donaudampfschifffahrtsgesellschaft" * 12
POINTS = "() => [window.innerWidth, document.documentElement.scrollWidth]"


async def fits(screen: Screen) -> None:
    """Nothing is scrolled sideways, sticks out of the window or spills out of its own box."""
    await screen.settles()
    inner, whole = await screen.page.evaluate(POINTS)
    assert whole <= inner
    out = await screen.page.evaluate(
        """() => [...document.querySelectorAll("#app *, dialog *")].filter((node) => {
            const { left, right, width } = node.getBoundingClientRect();
            if (width <= 1 || !node.checkVisibility({ visibilityProperty: true })) return false;
            const spills = getComputedStyle(node).overflowX === "visible"
                && node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1;
            return spills || right > innerWidth + 1 || left < -1;
        }).map((node) => `${node.tagName}.${node.className}`)"""
    )
    assert out == []


async def is_lit(screen: Screen, theme: str) -> None:
    """The page's ground is light or dark."""
    grounds = {"dark": (0.0, 0.2), "light": (0.8, 1.0)}
    await screen.page.wait_for_function(
        """([least, most]) => {
            const colour = getComputedStyle(document.body).backgroundColor;
            const [red, green, blue] = colour.match(/\\d+/g).map(Number);
            const light = (red + green + blue) / 765;
            return light >= least && light <= most;
        }""",
        arg=grounds[theme],
    )


async def test_a_phone_shows_everything_without_scrolling_sideways(
    furnished: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(
        furnished.url, f"Ada {LONG}", viewport=PHONE, has_touch=True, is_mobile=True
    )
    await fits(ada)
    await ada.says(f"/create {LONG} count=4")
    await expect(ada.pictures).to_have_count(4)
    await ada.says("Zib in neon")
    await expect(ada.pictures).to_have_count(5)
    await ada.says("/help")
    await expect(ada.post("Only you see this")).to_have_count(1)
    await fits(ada)
    await ada.button("Why this?").first.tap()
    await expect(ada.button("Copy as A1111 parameters")).to_be_visible()
    await fits(ada)
    await ada.button("Edit and draw").tap()
    await expect(ada.dialog("Edit and draw")).to_be_visible()
    await fits(ada)
    await ada.button("Close").tap()
    await ada.pictures.first.tap()
    await expect(ada.lightbox.get_by_role("img")).to_be_visible()
    await fits(ada)
    await ada.lightbox.get_by_role("button", name="Close").tap()
    await ada.page.get_by_role("link", name="Gallery").tap()
    await expect(ada.hung).to_have_count(5)
    await ada.button("Filters").tap()
    await fits(ada)


async def test_the_drawer_of_a_phone_opens_and_closes(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, viewport=PHONE, has_touch=True, is_mobile=True)
    places = ada.page.get_by_role("navigation", name="Places")
    await expect(places).not_to_be_in_viewport()
    await ada.button("Places").tap()
    await expect(places.get_by_role("link", name="Studio")).to_be_focused()
    await expect(places).to_be_in_viewport()
    await places.get_by_role("link", name="Arcade").tap()
    await expect(ada.page.get_by_role("heading", name="Arcade")).to_be_visible()
    await expect(places).not_to_be_in_viewport()
    await ada.button("Places").tap()
    await ada.page.keyboard.press("Escape")
    await expect(places).not_to_be_in_viewport()
    await expect(ada.button("Places")).to_be_focused()
    await fits(ada)


async def test_it_follows_the_dark_of_the_system_and_the_persons_choice(
    home: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(home.url, color_scheme="dark")
    await is_lit(ada, "dark")
    await ada.button("Dark or light").click()
    await is_lit(ada, "light")
    await ada.page.reload()
    await expect(ada.field).to_be_visible()
    await is_lit(ada, "light")
    bob = await tabs.person(home.url, "Bob", color_scheme="light")
    await is_lit(bob, "light")
    await bob.page.emulate_media(color_scheme="dark")
    await is_lit(bob, "dark")


async def test_right_to_left_words_and_long_words_stay_inside(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, viewport=PHONE)
    await ada.gets(ARABIC)
    await ada.says(LONG)
    await expect(ada.pictures).to_have_count(2)
    await fits(ada)
    words = ada.posts.first.get_by_text(ARABIC)
    assert await words.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert await ada.field.evaluate("node => getComputedStyle(node).direction") == "ltr"
    await ada.field.fill(ARABIC)
    assert await ada.field.evaluate("node => getComputedStyle(node).direction") == "rtl"


async def test_who_wants_less_motion_gets_none(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, reduced_motion="reduce")
    await ada.says("wait for a blue star")
    await expect(ada.bar).to_have_count(1)
    await ada.button("Places").or_(ada.page.get_by_role("link", name="Gallery")).last.hover()
    moving = await ada.page.evaluate(
        """() => document.getAnimations().filter((each) => {
            const { duration, iterations } = each.effect.getComputedTiming();
            return duration > 1 || iterations > 1;
        }).length"""
    )
    assert moving == 0


async def test_a_very_small_window_still_fits(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, viewport={"width": 320, "height": 640})
    await ada.gets("a blue star")
    await fits(ada)
    await ada.button("Why this?").click()
    await expect(ada.button("Copy as A1111 parameters")).to_be_attached()
    await fits(ada)
