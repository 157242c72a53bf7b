"""Several people in one place: the same posts for all, private ones for one, rights for each."""

import asyncio

import pytest

from engine.messages import SpaceId
from tests.acceptance.page.screen import GONE, Route, Tabs, expect, is_loaded
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_two_people_in_one_channel_see_the_same(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("a blue star")
    await bob.gets("a red circle")
    for person in (ada, bob):
        await expect(person.posts).to_have_count(4)
        await expect(person.posts.nth(0)).to_contain_text("Ada")
        await expect(person.posts.nth(1)).to_contain_text("for Ada")
        await expect(person.posts.nth(2)).to_contain_text("Bob")
        await expect(person.posts.nth(3)).to_contain_text("for Bob")
        await is_loaded(person.pictures.nth(0))
        await is_loaded(person.pictures.nth(1))
    await bob.comes_to_show(await ada.shows())


async def test_a_running_job_moves_on_every_page(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.says("wait for a blue star")
    job = (await home.has_jobs(1))[0].id
    await home.is_drawing(job)
    await expect(bob.bar).to_have_count(1)
    home.room.pool.step(job, 9)
    await expect(bob.post("Drawing: step 9 of 12.")).to_have_count(1)
    late = await tabs.person(home.url, "Cleo")
    await expect(late.bar).to_have_attribute("aria-valuenow", "75")
    home.room.pool.release(job)
    for person in (ada, bob, late):
        await expect(person.pictures).to_have_count(1)
        await expect(person.bar).to_have_count(0)


async def test_a_step_counts_that_comes_while_the_place_is_loaded(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.page.get_by_role("link", name="Arcade").click()
    await ada.says("wait for a blue star")
    job = (await home.has_jobs(1, SpaceId("web:arcade")))[0].id
    await home.is_drawing(job)
    asked, moved = asyncio.Event(), asyncio.Event()

    async def is_late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await moved.wait()
        await route.fulfill(response=answer)

    await bob.page.route("**/api/posts?place=web%3Aarcade*", is_late)
    await bob.page.get_by_role("link", name="Arcade").click()
    await asked.wait()
    home.room.pool.step(job, 9)
    await expect(ada.post("Drawing: step 9 of 12.")).to_have_count(1)
    await ada.page.get_by_role("link", name="Studio").click()
    await ada.says("wait for a red circle")
    await expect(bob.page.get_by_role("link", name="Studio new posts")).to_be_visible()
    moved.set()
    await expect(bob.bar).to_have_attribute("aria-valuenow", "75")


async def test_another_place_shows_a_mark_and_keeps_its_own_posts(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    places = bob.page.get_by_role("navigation", name="Places")
    await places.get_by_role("link", name="Arcade").click()
    await expect(bob.page.get_by_role("heading", name="Arcade")).to_be_visible()
    await ada.gets("a blue star")
    marked = places.get_by_role("link", name="Studio new posts")
    await expect(marked).to_be_visible()
    await expect(bob.posts).to_have_count(0)
    await marked.click()
    await expect(bob.pictures).to_have_count(1)
    await expect(marked).to_have_count(0)
    await bob.page.go_back()
    await expect(bob.page.get_by_role("heading", name="Arcade")).to_be_visible()


async def test_a_press_counts_though_a_post_comes_meanwhile(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    places = bob.page.get_by_role("navigation", name="Places")
    async with bob.presses(places.get_by_role("link", name="Arcade")):
        await ada.gets("a blue star")
        await expect(bob.pictures).to_have_count(1)
    await expect(bob.page.get_by_role("heading", name="Arcade")).to_be_visible()


async def test_what_is_private_is_shown_to_one(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.says("/me")
    await expect(ada.post("What I keep about you")).to_contain_text("Only you see this")
    await ada.gets("a blue star")
    await expect(bob.pictures).to_have_count(1)
    await expect(bob.post("What I keep about you")).to_have_count(0)
    await bob.button("Delete").click()
    await expect(bob.post("You can't delete")).to_contain_text("Only you see this")
    await expect(ada.post("You can't delete")).to_have_count(0)


async def test_a_picture_deleted_while_somebody_looks_at_it_says_so(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("a blue star")
    await bob.pictures.click()
    await is_loaded(bob.lightbox)
    await ada.button("Delete").click()
    await ada.post("for good?").get_by_role("button", name="Delete").click()
    await expect(bob.lightbox).to_contain_text("deleted")
    await expect(bob.lightbox.get_by_role("img", name="a blue star")).to_have_count(0)
    await expect(bob.lightbox.get_by_role("link", name="Original")).to_have_count(0)
    await bob.page.keyboard.press("Escape")
    await expect(bob.lightbox).to_have_count(0)
    await expect(bob.post("were deleted")).to_have_count(1)
    for person in (ada, bob):
        person.forgive(GONE)


async def test_a_picture_pressed_as_it_goes_opens_nothing(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("a blue star")
    await is_loaded(bob.pictures)
    await bob.page.evaluate("window.requestAnimationFrame = () => 0")  # nothing is drawn any more
    await ada.button("Delete").click()
    await ada.post("for good?").get_by_role("button", name="Delete").click()
    await expect(bob.pictures).to_contain_text("deleted")
    await bob.pictures.evaluate("(picture) => picture.click()")
    await expect(bob.lightbox).to_have_count(0)
    for person in (ada, bob):
        person.forgive(GONE)


async def test_who_takes_another_name_is_called_so(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.page.get_by_role("button", name="Ada : your name").click()
    sheet = ada.dialog("You")
    await sheet.get_by_label("Your name here").fill("Ada the Great")
    await sheet.get_by_role("button", name="Save").click()
    await expect(sheet).to_have_count(0)
    await ada.gets("a blue star")
    await expect(bob.posts.nth(0)).to_contain_text("Ada the Great")
