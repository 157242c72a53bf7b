"""Without a mouse: commands, the whole way from words to the picture and back."""

import asyncio
import re

import pytest

from tests.acceptance.page.screen import Route, Screen, Tabs, expect, is_loaded
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST_TABS = 40


async def tabs_to(screen: Screen, name: str, role: str = "button") -> None:
    """Press Tab until it has the focus."""
    wanted = f"{role}:{name}"
    passed = []
    for _ in range(MOST_TABS):
        await screen.page.keyboard.press("Tab")
        passed.append(await focused(screen))
        if passed[-1] == wanted:
            return
    raise AssertionError(f"Tab never came to {wanted}, only to {passed}")


async def focused(screen: Screen) -> str:
    """Role and name of what has the focus, as a screen reader says it."""
    found: str = await screen.page.evaluate(
        """() => {
            const held = document.activeElement;
            const roles = { A: "link", BUTTON: "button", TEXTAREA: "textbox", INPUT: "input" };
            const name = held.getAttribute("aria-label") ?? held.textContent;
            return `${roles[held.tagName] ?? held.tagName}:${name.trim()}`;
        }"""
    )
    return found


async def test_the_whole_way_needs_no_mouse(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    keys = ada.page.keyboard
    await expect(ada.field).to_be_focused()
    for count, words in enumerate(("one star", "two stars"), start=1):
        await keys.type(words)
        await keys.press("Enter")
        await expect(ada.pictures).to_have_count(count)
        await is_loaded(ada.pictures.last)
    await expect(ada.field).to_be_focused()
    await ada.page.evaluate("document.activeElement.blur()")
    await tabs_to(ada, "Enlarge: one star")
    await keys.press("Enter")
    await expect(ada.lightbox).to_contain_text("1 of 2")
    await keys.press("ArrowRight")
    await expect(ada.lightbox).to_contain_text("2 of 2")
    await expect(ada.lightbox.get_by_role("img", name="two stars")).to_be_visible()
    await keys.press("ArrowRight")
    await expect(ada.lightbox).to_contain_text("2 of 2")
    await keys.press("ArrowLeft")
    await expect(ada.lightbox.get_by_role("img", name="one star")).to_be_visible()
    await keys.press("Escape")
    await expect(ada.lightbox).to_have_count(0)
    assert await focused(ada) == "button:Enlarge: one star"
    await tabs_to(ada, "Again")
    await keys.press("Enter")
    await expect(ada.pictures).to_have_count(3)
    assert await focused(ada) == "button:Again"
    await tabs_to(ada, "Why this?")
    await keys.press("Enter")
    await expect(ada.dialog("Why this?")).to_be_visible()
    await tabs_to(ada, "Edit and draw")
    await keys.press("Enter")
    sheet = ada.dialog("Edit and draw")
    await expect(sheet.get_by_label("Prompt as drawn")).to_be_focused()
    await keys.press("Control+a")
    await keys.type("four stars")
    await keys.press("Control+Enter")
    await expect(ada.pictures).to_have_count(4)
    assert (await home.has_jobs(4))[0].plan.prompt == "four stars"


async def test_the_skip_link_leads_to_the_field(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("one star")
    await ada.page.reload()
    await expect(ada.field).to_be_focused()
    await ada.page.evaluate("document.activeElement.blur()")
    skip = ada.page.get_by_role("link", name="Skip to writing")
    await skip.focus()
    await expect(skip).to_be_in_viewport()
    await ada.page.keyboard.press("Enter")
    await expect(ada.field).to_be_focused()


async def test_the_focus_stays_inside_a_sheet(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("one star")
    await ada.button("Why this?").press("Enter")
    sheet = ada.dialog("Why this?")
    await expect(sheet.get_by_role("button", name="Edit and draw")).to_be_visible()
    for _ in range(MOST_TABS):
        await ada.page.keyboard.press("Tab")
        is_out = await ada.page.evaluate(
            "!document.activeElement.closest('dialog') && document.activeElement !== document.body"
        )
        assert not is_out
    await ada.page.keyboard.press("Escape")
    await expect(ada.button("Why this?")).to_be_focused()


async def test_a_slash_opens_the_commands_from_anywhere(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.page.get_by_role("link", name="Studio").focus()
    await ada.page.keyboard.press("/")
    await expect(ada.field).to_be_focused()
    options = ada.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await expect(options.filter(has_text="/create")).to_be_visible()
    await expect(options.filter(has_text="/help")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(options).to_have_count(0)


async def test_commands_that_come_late_open_nothing_that_was_closed(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    options = ada.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ada.page.route("**/api/commands*", held.put)
    await ada.page.get_by_role("link", name="Arcade").click()
    first = await held.get()
    await ada.field.press("/")
    await first.continue_()
    await expect(options.filter(has_text="/create")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    while not held.empty():
        async with ada.page.expect_response("**/api/commands*") as answering:
            await held.get_nowait().continue_()
        await (await answering.value).finished()
    await ada.page.evaluate("fetch('/api/me').then((answer) => answer.text())")
    await expect(options).to_have_count(0)
    await ada.field.press("Enter")
    await expect(ada.posts.first).to_contain_text("/")


async def test_a_command_is_put_together_by_keyboard(furnished: Page, tabs: Tabs) -> None:
    ada = await tabs.person(furnished.url)
    keys = ada.page.keyboard
    options = ada.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    chosen = options.and_(ada.page.get_by_role("option", selected=True))
    await keys.type("/cr")
    await expect(chosen).to_contain_text("/create")
    await keys.press("Enter")
    await expect(ada.field).to_have_value("/create ")
    await keys.type("a blue star si")
    await expect(options).to_contain_text(["size="])
    await keys.press("Tab")
    await expect(ada.field).to_have_value("/create a blue star size=")
    await expect(ada.page.get_by_text("like 64x64, or 64")).to_be_visible()
    await keys.type("64x64 base=")
    await expect(options).to_contain_text(["miniature"])
    await keys.press("ArrowDown")
    await expect(chosen).to_have_text(re.compile("^miniature"))
    await expect(chosen).to_have_id(
        await ada.field.get_attribute("aria-activedescendant") or "nothing is active"
    )
    await keys.press("Enter")
    await expect(ada.field).to_have_value("/create a blue star size=64x64 base=miniature ")
    await keys.type("seed=7")
    await keys.press("Enter")
    await expect(ada.pictures).to_have_count(1)
    job = (await furnished.has_jobs(1))[0]
    assert (job.plan.prompt, job.plan.seed, job.plan.width) == ("a blue star", 7, 64)


async def test_looks_of_the_place_are_suggested(furnished: Page, tabs: Tabs) -> None:
    ada = await tabs.person(furnished.url)
    options = ada.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await ada.page.keyboard.type("/looks ne")
    await expect(options.filter(has_text="Neon")).to_be_visible()
    await ada.page.keyboard.press("Tab")
    await expect(ada.field).to_have_value("/looks Neon ")
    await ada.page.keyboard.press("Enter")
    await expect(ada.posts.last).to_contain_text("Neon")
    await expect(ada.posts).to_have_count(2)


async def test_suggestions_that_come_late_take_no_enter(furnished: Page, tabs: Tabs) -> None:
    ada = await tabs.person(furnished.url)
    options = ada.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await ada.page.keyboard.type("/looks ne")
    await expect(options.filter(has_text="Neon")).to_be_visible()
    await ada.page.keyboard.press("Enter")
    await expect(ada.posts.first).to_contain_text("/looks ne")
    await expect(ada.field).to_have_value("")


async def test_what_i_said_before_comes_back(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("one star")
    await ada.gets("two stars")
    await ada.field.press("ArrowUp")
    await expect(ada.field).to_have_value("two stars")
    await ada.field.press("ArrowUp")
    await expect(ada.field).to_have_value("one star")
    await ada.field.press("ArrowDown")
    await ada.field.press("ArrowDown")
    await expect(ada.field).to_have_value("")
    await ada.field.fill("half a thought")
    await ada.page.reload()
    await expect(ada.field).to_have_value("half a thought")
    await ada.field.press("Shift+Enter")
    await ada.field.press_sequentially("goes on")
    await expect(ada.field).to_have_value("half a thought\ngoes on")
