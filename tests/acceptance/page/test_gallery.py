"""The gallery of a place: found again by words, look, person and day; drawn again; read."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from playwright.async_api import Route

from engine.messages import Job
from engine.recipe import PLAN_KEY, plan_text
from tests.acceptance.page.screen import GONE, NO_RECIPE, Screen, Tabs, expect, is_loaded
from tests.fakes.page import Page
from tests.fakes.pool import tiny_png

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def opens_gallery(screen: Screen) -> None:
    await screen.page.get_by_role("link", name="Gallery").click()
    await expect(screen.gallery).to_be_visible()


async def test_pictures_hang_newest_first(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await opens_gallery(ada)
    await expect(ada.page.get_by_role("heading", name="Nothing hangs here yet")).to_be_visible()
    await ada.page.get_by_role("link", name="Chat").click()
    await ada.gets("one star")
    await ada.gets("two stars")
    await opens_gallery(ada)
    await expect(ada.page.get_by_text("2 pictures")).to_be_visible()
    await expect(ada.hung).to_have_count(2)
    await expect(ada.hung.nth(0)).to_have_accessible_name("Enlarge: two stars, by Ada")
    await is_loaded(ada.hung.nth(0))
    await ada.hung.nth(0).click()
    await expect(ada.lightbox).to_contain_text("1 of 2")
    await ada.page.keyboard.press("ArrowRight")
    await expect(ada.lightbox).to_contain_text("one star")
    await ada.page.keyboard.press("Escape")
    await expect(ada.hung.nth(0)).to_be_focused()


async def test_words_find_a_picture(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a red circle")
    await ada.gets("a blue star")
    await opens_gallery(ada)
    await ada.page.get_by_role("searchbox", name="Search the prompts").fill("CIRCLE")
    await expect(ada.hung).to_have_count(1)
    await expect(ada.hung).to_have_accessible_name("Enlarge: a red circle, by Ada")
    await ada.page.get_by_role("searchbox").fill("nothing like that")
    await expect(ada.page.get_by_role("heading", name="No picture fits")).to_be_visible()
    await ada.button("Show everything").click()
    await expect(ada.hung).to_have_count(2)
    await expect(ada.page.get_by_role("searchbox")).to_have_value("")


async def test_words_typed_before_the_filters_came_are_kept(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a red circle")
    await ada.gets("a blue star")
    typed = asyncio.Event()

    async def waits(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await ada.page.route("**/api/gallery/filters*", waits)
    await opens_gallery(ada)
    await ada.page.get_by_role("searchbox", name="Search the prompts").fill("CIRCLE")
    typed.set()
    await expect(ada.hung).to_have_count(1)
    await expect(ada.page.get_by_role("searchbox")).to_have_value("CIRCLE")


async def test_filters_find_by_look_person_and_day(furnished: Page, tabs: Tabs) -> None:
    ada = await tabs.person(furnished.url)
    bob = await tabs.person(furnished.url, "Bob")
    await ada.says("Zib in neon")
    await expect(ada.pictures).to_have_count(1)
    await bob.says("a blue star")
    await expect(ada.pictures).to_have_count(2)
    await opens_gallery(ada)
    await expect(ada.hung).to_have_count(2)
    await ada.button("Filters").click()
    await ada.page.get_by_label("Look", exact=True).select_option("Zib")
    await expect(ada.hung).to_have_accessible_name("Enlarge: Zib in neon, by Ada")
    await ada.button("Remove filter Zib").click()
    await expect(ada.hung).to_have_count(2)
    await ada.page.get_by_label("Person", exact=True).select_option("Bob")
    await expect(ada.hung).to_have_accessible_name("Enlarge: a blue star, by Bob")
    await ada.button("Clear all").click()
    await expect(ada.hung).to_have_count(2)
    today = datetime.now(UTC).date()
    await ada.page.get_by_label("From", exact=True).fill((today + timedelta(days=2)).isoformat())
    await expect(ada.page.get_by_role("heading", name="No picture fits")).to_be_visible()
    await ada.page.get_by_label("From", exact=True).fill((today - timedelta(days=1)).isoformat())
    await ada.page.get_by_label("To", exact=True).fill((today + timedelta(days=1)).isoformat())
    await expect(ada.hung).to_have_count(2)


async def test_a_picture_of_the_gallery_is_drawn_again(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("/create a blue star seed=7")
    await expect(ada.pictures).to_have_count(1)
    await opens_gallery(ada)
    await ada.hung.click()
    await ada.lightbox.get_by_role("button", name="Why this?").click()
    sheet = ada.dialog("Why this?")
    await sheet.get_by_role("button", name="Edit and draw").click()
    edit = ada.dialog("Edit and draw")
    await expect(edit.get_by_label("Seed", exact=True)).to_have_value("7")
    await edit.get_by_role("button", name="Draw", exact=True).click()
    await expect(ada.lightbox).to_have_count(0)
    await expect(ada.pictures).to_have_count(2)
    first, second = await home.has_jobs(2)
    assert first.plan.seed == second.plan.seed == 7


async def test_who_goes_elsewhere_before_the_answer_stays_there(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.button("Edit").click()
    sheet = ada.dialog("Edit and draw")
    gone = asyncio.Event()

    async def is_late(route: Route) -> None:
        answer = await route.fetch()
        await gone.wait()
        await route.fulfill(response=answer)

    await ada.page.route("**/api/acts", is_late)
    await sheet.get_by_role("button", name="Draw", exact=True).click()
    await home.has_jobs(2)
    await ada.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await ada.page.wait_for_url(lambda url: "/job/" not in url)
    await opens_gallery(ada)
    await expect(ada.hung).to_have_count(2)
    async with ada.page.expect_response("**/api/acts"):
        gone.set()
    await ada.page.evaluate("fetch('/api/me').then((answer) => answer.text())")
    await expect(ada.gallery).to_be_visible()


async def test_new_pictures_are_announced_and_not_pushed_in(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("one star")
    await opens_gallery(ada)
    await expect(ada.hung).to_have_count(1)
    await bob.says("wait for two stars")
    await expect(bob.bar).to_have_count(1)
    job = (await home.has_jobs(2))[0].id
    await home.is_drawing(job)
    home.room.pool.release(job)
    await ada.button("New pictures").click()
    await expect(ada.hung).to_have_count(2)
    await expect(ada.hung.nth(0)).to_have_accessible_name("Enlarge: wait for two stars, by Bob")


async def test_a_picture_that_goes_is_marked_in_the_gallery(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("one star")
    await opens_gallery(bob)
    await is_loaded(bob.hung)
    await ada.button("Delete").click()
    await ada.post("for good?").get_by_role("button", name="Delete").click()
    await expect(bob.hung).to_contain_text("deleted")
    await bob.page.reload()
    await expect(bob.page.get_by_role("heading", name="Nothing hangs here yet")).to_be_visible()
    for person in (ada, bob):
        person.forgive(GONE)


async def with_recipe(job: Job, file: Path) -> Path:
    """The picture as a worker writes it: its plan inside."""
    facts = PngImagePlugin.PngInfo()
    facts.add_itxt(PLAN_KEY, plan_text(job.plan))
    Image.new("RGB", (64, 64), "teal").save(file, "PNG", pnginfo=facts)
    return file


async def test_a_dropped_picture_tells_its_recipe(home: Page, tabs: Tabs, tmp_path: Path) -> None:
    ada = await tabs.person(home.url)
    await ada.says("/create a blue star seed=7")
    await expect(ada.pictures).to_have_count(1)
    file = await with_recipe((await home.has_jobs(1))[0], tmp_path / "found.png")
    await opens_gallery(ada)
    await ada.drops(file)
    sheet = ada.dialog("Recipe")
    await expect(sheet).to_contain_text("a blue star")
    await expect(sheet.get_by_role("definition").filter(has_text="64")).to_be_visible()
    await expect(sheet.get_by_role("img", name="The picture that was dropped")).to_be_visible()
    await sheet.get_by_role("button", name="Draw").click()
    await expect(ada.pictures).to_have_count(2)
    first, second = await home.has_jobs(2)
    assert (first.plan.prompt, first.plan.seed) == (second.plan.prompt, second.plan.seed)


async def test_a_picture_without_a_recipe_says_so(home: Page, tabs: Tabs, tmp_path: Path) -> None:
    ada = await tabs.person(home.url)
    await opens_gallery(ada)
    plain = tmp_path / "plain.png"
    plain.write_bytes(tiny_png(8, 8, 1))
    async with ada.page.expect_file_chooser() as choosing:
        await ada.button("Read a recipe").click()
    await (await choosing.value).set_files(plain)
    await expect(ada.dialog("Recipe")).to_contain_text("There is no recipe in this picture")
    ada.forgive(NO_RECIPE)
