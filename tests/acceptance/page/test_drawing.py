"""The chat as one person meets it: type, watch, see, press again, cancel, ask why, delete."""

import re

import pytest

from engine.messages import JobId
from tests.acceptance.page.screen import GONE, Screen, Tabs, comes, expect, is_loaded
from tests.fakes.page import STUDIO, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
MANY = 2**62 + 1
"""A seed that a JavaScript number can't hold."""


async def begun(home: Page, screen: Screen, count: int = 1) -> JobId:
    """The newest job, once a worker has it and the person sees its bar."""
    job = (await home.has_jobs(count))[0].id
    await home.is_drawing(job)
    await expect(screen.bar).to_have_count(1)
    return job


async def are_answered(ada: Screen, other: Screen) -> None:
    """Every press of the two tabs but the first was told that it is one too many."""

    async def open_ones() -> int:
        told = await other.post("I'm on it already").count()
        told = min(told, await ada.post("I'm on it already").count())
        acts = [url for tab in (ada, other) for url in tab.asked if url.endswith("/api/acts")]
        return len(acts) - 2 - told  # the words and the first press are answered otherwise

    await comes(open_ones, lambda left: left == 0)


async def test_words_become_a_picture_while_i_watch(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("wait for a blue star")
    await expect(ada.field).to_have_value("")
    job = await begun(home, ada)
    home.room.pool.step(job, 6)
    await expect(ada.post("Drawing: step 6 of 12.")).to_have_count(1)
    await expect(ada.bar).to_have_attribute("aria-valuetext", re.compile("^50 percent"))
    home.room.pool.release(job)
    await is_loaded(ada.pictures)
    await expect(ada.bar).to_have_count(0)
    await ada.comes_to_show(["wait for a blue star", "wait for a blue star"])
    await expect(ada.page.locator("#said")).to_contain_text("the picture is ready")


async def test_who_waits_sees_their_place(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("wait for a blue star")
    first = await begun(home, ada)
    await ada.says("a red circle")
    await expect(ada.bar).to_have_count(2)
    await expect(ada.post(re.compile("next|2nd|second|1 before|ahead"))).to_have_count(1)
    home.room.pool.release(first)
    await expect(ada.pictures).to_have_count(2)


async def test_again_makes_another_picture(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.button("Again").click()
    await expect(ada.pictures).to_have_count(2)
    first, second = await home.has_jobs(2)
    assert first.plan.prompt == second.plan.prompt
    assert first.plan.seed != second.plan.seed


async def test_the_same_button_from_two_tabs_and_five_times_is_one_job(
    home: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(home.url)
    await ada.says("wait for a blue star")
    home.room.pool.release(await begun(home, ada))
    other = await tabs.tab(ada.page.context, home.url)
    await expect(other.button("Again")).to_have_count(1)
    await ada.button("Again").click(click_count=5)
    for _ in range(5):  # by key: what the first tab began may move the button just now
        await other.button("Again").press("Enter")
    again = await begun(home, ada, 2)
    await expect(ada.post("I'm on it already").first).to_be_visible()
    await expect(other.bar).to_have_count(1)
    await are_answered(ada, other)  # a press that comes when the job is over is another one
    home.room.pool.release(again)
    await expect(other.pictures).to_have_count(2)
    await ada.gets("a red circle")
    assert len(await home.has_jobs(3)) == 3


async def test_a_running_job_is_cancelled(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("wait for a blue star")
    await begun(home, ada)
    await ada.button("Cancel").click()
    await expect(ada.post("Cancelled: “wait for a blue star”")).to_have_count(1)
    await expect(ada.bar).to_have_count(0)
    await expect(ada.pictures).to_have_count(0)
    await expect(ada.button("Try again")).to_be_visible()


async def test_why_this_shows_what_was_chosen(furnished: Page, tabs: Tabs) -> None:
    ada = await tabs.person(furnished.url)
    await ada.says("Zib in neon")
    await is_loaded(ada.pictures)
    await ada.button("Why this?").click()
    sheet = ada.dialog("Why this?")
    job = (await furnished.has_jobs(1))[0]
    await expect(sheet.get_by_role("blockquote")).to_have_text("Zib in neon")
    looks = sheet.get_by_role("listitem")
    assert [lora.name for lora in job.plan.loras] == ["Zib", "Neon"]
    for lora in job.plan.loras:
        shown = looks.filter(has=ada.page.get_by_text(lora.name, exact=True))
        await expect(shown).to_contain_text(f"{lora.weight:g}")
        await expect(shown).to_contain_text(lora.reason)
    for name, value in (
        ("Base", "miniature (miniature)"),
        ("Seed", str(job.plan.seed)),
        ("Size", "64 \u00d7 64"),
        ("Steps", "12"),
    ):
        row = sheet.locator("div").filter(has=ada.page.get_by_text(name, exact=True))
        await expect(row.filter(has_text=value).last).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(ada.button("Why this?")).to_be_focused()


async def test_the_plan_is_copied_as_a1111_parameters(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, permissions=["clipboard-read", "clipboard-write"])
    await ada.says(f"/create a blue star seed={MANY} negative=stripes")
    await ada.button("Why this?").click()
    copy = ada.dialog("Why this?").get_by_role("button", name="Copy as A1111 parameters")
    await copy.click()
    begins = "a blue star\nNegative prompt: stripes\nSteps: 12, Sampler: "
    copied: str = await comes(
        lambda: ada.page.evaluate("navigator.clipboard.readText()"),
        lambda text: text.startswith(begins),
    )
    assert f"Seed: {MANY}," in copied


async def test_a_plan_is_edited_and_drawn(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.button("Why this?").click()
    await ada.button("Edit and draw").click()
    sheet = ada.dialog("Edit and draw")
    await sheet.get_by_label("Prompt as drawn").fill("a green star")
    await sheet.get_by_label("Seed", exact=True).fill(str(MANY))
    await sheet.get_by_role("button", name="Draw", exact=True).click()
    await expect(sheet).to_have_count(0)
    await expect(ada.pictures).to_have_count(2)
    job = (await home.has_jobs(2))[0]
    assert (job.plan.prompt, job.plan.seed) == ("a green star", MANY)


async def test_a_wrong_edit_is_answered_with_what_works(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.button("Edit").click()
    sheet = ada.dialog("Edit and draw")
    await sheet.get_by_label("Size", exact=True).fill("banana")
    await sheet.get_by_role("button", name="Draw", exact=True).click()
    answer = ada.post("What works: like 64x64, or 64")
    await expect(answer).to_contain_text("Only you see this")
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)
    await ada.page.reload()
    await expect(ada.pictures).to_have_count(1)
    await expect(answer).to_have_count(0)


async def test_a_picture_is_deleted_once_i_am_sure(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.button("Delete").click()
    sure = ada.post("for good?")
    await expect(sure).to_contain_text("Only you see this")
    await sure.get_by_role("button", name=re.compile("elete")).click()
    await expect(ada.post("were deleted")).to_have_count(1)
    await expect(ada.pictures).to_have_count(0)
    ada.forgive(GONE)
    jobs = await home.room.engine.stores.jobs.recent(STUDIO, 9)
    assert [job.result.pictures for job in jobs if job.result] == [()]


async def test_the_lightbox_copies_the_whole_seed(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url, permissions=["clipboard-read", "clipboard-write"])
    await ada.says(f"/create a blue star seed={MANY}")
    await ada.pictures.click()
    await ada.lightbox.get_by_role("button", name="Copy seed").click()
    await ada.is_told(f"Seed {MANY} copied")
    assert await ada.page.evaluate("navigator.clipboard.readText()") == str(MANY)


async def test_every_picture_of_a_job_has_its_own_seed(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says(f"/create a blue star seed={MANY} count=2")
    await expect(ada.pictures).to_have_count(2)
    await ada.pictures.last.click()
    await expect(ada.lightbox).to_contain_text(f"seed {MANY + 1}")
    await ada.lightbox.get_by_role("button", name="Copy seed").click()
    await ada.is_told(f"{MANY + 1}")


async def test_the_original_is_saved_under_its_jobs_name(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.gets("a blue star")
    await ada.pictures.click()
    async with ada.page.expect_download() as saving:
        await ada.lightbox.get_by_role("link", name="Original").click()
    saved = await saving.value
    job = (await home.has_jobs(1))[0]
    assert saved.suggested_filename == f"{job.id}.png"
    assert job.result is not None
    assert (await saved.path()).stat().st_size == job.result.pictures[0].size_bytes
