"""The moderator's whole way: a LoRA is brought, shown at work, decided about by keys, and used."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Level
from engine.api import CardFacts, Visitor
from engine.messages import PersonId
from engine.storage.intakes import Sender
from tests.acceptance.page.screen import DESK, MARK, Route, Screen, Tabs, expect
from tests.acceptance.page.test_axe import both, is_fit
from tests.fakes.page import STUDIO, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
LORAS = Path(__file__).parents[3] / "engine" / "miniature" / "loras"
ZIB, NEON = LORAS / "zib.safetensors", LORAS / "neon.safetensors"
LATER = ("looks.js", "vetting.js", "uploads.js", "bring.js", "looks.css")


async def moderator(home: Page, tabs: Tabs, name: str = "Mo", **looks: Any) -> Screen:
    """A moderator with a browser of their own."""
    visitor = Visitor(PersonId(f"web:{name.casefold()}"), name, int(Level.MODERATOR))
    token = await home.room.engine.invite(visitor, 600)
    context = await tabs.context(**looks)
    answer = await context.request.post(
        f"{home.url}/api/enter", data={"token": token}, headers=MARK
    )
    assert answer.ok
    return await tabs.tab(context, home.url)


async def opens(screen: Screen, part: str) -> None:
    tabs = screen.page.get_by_role("navigation", name="Views")
    await tabs.get_by_role("link", name="Looks").click()
    views = screen.page.get_by_role("navigation", name="Looks", exact=True)
    await views.get_by_role("link", name=part).click()


async def brings(screen: Screen, *files: Path) -> None:
    """Choose files in the browser and answer what only people know."""
    await opens(screen, "Bring one")
    async with screen.page.expect_file_chooser() as choosing:
        await screen.page.get_by_role("button", name="Choose LoRA files").click()
    await (await choosing.value).set_files(list(files))
    for file in files:
        await hands_in(card(screen, file.name))


async def hands_in(item: Any) -> None:
    for question in ("Does it show a real person?", "Does it show a brand"):
        await item.get_by_role("group", name=question).get_by_label("No", exact=True).check()
    await item.get_by_role("button", name="Hand it in").click()


async def waits_for_a_word(home: Page, file: Path = ZIB, name: str = "Zib") -> None:
    """A look from the chat that only has to be decided about."""
    sender = Sender(STUDIO, PersonId("web:ada"), "Ada")
    answers = CardFacts(name=name, kind="character", real_person="no", brand="no")
    await home.room.engine.registry.intake.receive(
        sender, "chat", file.name, file.read_bytes(), facts=answers
    )


def card(screen: Screen, name: str) -> Any:
    """The card of an upload."""
    heading = screen.page.get_by_role("heading", name=name, exact=True)
    return screen.page.locator(".upload-card").filter(has=heading)


async def test_a_file_is_brought_vetted_by_keys_and_used(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    ada = await tabs.person(home.url)
    await brings(mo, ZIB, NEON)
    for file in (ZIB, NEON):
        steps = card(mo, file.name).get_by_role("listitem")
        await expect(steps.filter(has_text="Waiting for a moderator")).to_have_attribute(
            "aria-current", "step"
        )
    assert sum("/api/registry/uploads?" in url for url in mo.asked) == 2  # one link for each
    views = mo.page.get_by_role("navigation", name="Looks", exact=True)
    await expect(views.get_by_role("link", name="To vet")).to_contain_text("2")
    await views.get_by_role("link", name="To vet").click()
    look = mo.page.get_by_role("region", name="Look", exact=True)
    waiting = mo.page.get_by_role("region", name="Waiting").get_by_role("listitem")
    await expect(waiting).to_have_count(2)
    first, second = await waiting.locator("b").all_inner_texts()
    await expect(look.get_by_role("heading", name=first)).to_be_visible()
    await expect(look).to_contain_text("Made for miniature")
    await expect(
        look.get_by_role("button", name=re.compile("^Compare weight")).nth(5)
    ).to_be_attached()
    await mo.page.keyboard.press("j")
    await expect(look.get_by_role("heading", name=second)).to_be_visible()
    await mo.page.keyboard.press("k")
    await expect(look.get_by_role("heading", name=first)).to_be_visible()
    await mo.page.keyboard.press("?")
    await expect(mo.dialog("Keys")).to_contain_text("approve")
    await mo.page.keyboard.press("Escape")
    await expect(mo.dialog("Keys")).to_have_count(0)
    await mo.page.keyboard.press("a")
    await mo.is_told(f"{first} is approved")
    await expect(waiting).to_have_count(1)
    await mo.page.keyboard.press("u")
    await expect(waiting).to_have_count(2)
    await expect(look.get_by_role("heading", name=second)).to_be_visible()
    await mo.page.keyboard.press("k")
    await expect(look.get_by_role("heading", name=first)).to_be_visible()
    await mo.page.keyboard.press("e")
    edit = mo.dialog(f"Edit {first}")
    await edit.get_by_label("Name", exact=True).fill("Zibby jar")
    await edit.get_by_label("Licence").fill("CC BY 4.0")
    await edit.get_by_role("button", name="Save").click()
    await expect(edit).to_have_count(0)  # as long as it is open, keys are for it
    await expect(look.get_by_role("heading", name="Zibby jar")).to_be_visible()
    await mo.page.keyboard.press("a")
    await expect(waiting).to_have_count(1)
    await expect(look.get_by_role("heading", name=second)).to_be_visible()
    await mo.page.keyboard.press("r")
    why = mo.dialog(f"Reject: {second}")
    await why.get_by_role("textbox").fill("jar of a reason")
    await expect(why).to_be_visible()
    await why.get_by_role("button", name="Reject").click()
    await expect(mo.page.get_by_role("heading", name="All vetted")).to_be_visible()
    await ada.page.get_by_role("link", name="Looks").click()
    await expect(ada.page.get_by_role("button", name="Zibby jar")).to_be_visible()
    await expect(ada.page.get_by_role("link", name="To vet")).to_have_count(0)
    await ada.page.get_by_role("button", name="Zibby jar").click()
    await ada.dialog("Zibby jar").get_by_role("button", name="Use it").click()
    await expect(ada.field).to_have_value("Zibby jar ")
    await ada.says("Zibby jar on a blue background")
    await expect(ada.pictures).to_have_count(1)
    job = (await home.has_jobs(1))[0]
    assert [lora.name for lora in job.plan.loras] == ["Zibby jar"]


async def test_what_nobody_said_of_people_is_recorded_before_an_approval(
    home: Page, tabs: Tabs
) -> None:
    mo = await moderator(home, tabs)
    sender = Sender(STUDIO, PersonId("web:ada"), "Ada")
    await home.room.engine.registry.intake.receive(
        sender, "chat", ZIB.name, ZIB.read_bytes(), facts=CardFacts(name="Zib", kind="character")
    )
    await opens(mo, "To vet")
    look = mo.page.get_by_role("region", name="Look", exact=True)
    await expect(look).to_contain_text("Nobody said whether it shows a real person.")
    await mo.page.keyboard.press("a")
    asked = mo.dialog("Before Zib is approved")
    await asked.get_by_role("button", name="Record and approve").click()
    await expect(asked.get_by_role("alert")).to_contain_text("how you know")
    await asked.get_by_label("How do you know?").fill("it is a drawn jar")
    await asked.get_by_label("Shows a real person").select_option("no")
    await asked.get_by_role("button", name="Record and approve").click()
    await mo.is_told("Zib is approved")
    entry = await home.room.engine.registry.vetting.named(STUDIO, "Zib")
    lines = await home.room.engine.registry.history(STUDIO, entry.id)
    assert [line.reason for line in lines if line.what == "entry.edited"] == [
        "answers (it is a drawn jar)"
    ]


async def test_keys_do_nothing_while_somebody_types(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    await brings(mo, ZIB)
    await expect(card(mo, ZIB.name).locator('[aria-current="step"]')).to_have_text(
        "Waiting for a moderator"
    )
    await opens(mo, "To vet")
    waiting = mo.page.get_by_role("region", name="Waiting").get_by_role("listitem")
    await expect(mo.page.get_by_role("heading", name="zib")).to_be_visible()
    await mo.page.keyboard.press("r")
    await expect(mo.dialog("Reject: zib").get_by_role("textbox")).to_be_focused()
    await mo.page.keyboard.type("a jar, a quay")
    await expect(mo.dialog("Reject: zib").get_by_role("textbox")).to_have_value("a jar, a quay")
    await mo.page.keyboard.press("Escape")
    await expect(waiting).to_have_count(1)


async def test_a_decision_of_somebody_else_is_seen(home: Page, tabs: Tabs) -> None:
    mo, max_ = await moderator(home, tabs), await moderator(home, tabs, "Max")
    await brings(mo, ZIB)
    await opens(mo, "To vet")
    await opens(max_, "To vet")
    for screen in (mo, max_):
        await expect(screen.page.get_by_role("heading", name="zib")).to_be_visible()
    await max_.page.keyboard.press("a")
    await expect(max_.page.get_by_role("heading", name="All vetted")).to_be_visible()
    await mo.is_told("decided by somebody else")
    await expect(mo.page.get_by_role("heading", name="All vetted")).to_be_visible()


async def test_my_own_decision_is_never_called_somebody_elses(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    await waits_for_a_word(home)
    await opens(mo, "To vet")
    look = mo.page.get_by_role("region", name="Look", exact=True)
    await expect(look.get_by_role("heading", name="Zib")).to_be_visible()
    seen = asyncio.Event()

    async def is_late(route: Route) -> None:
        answer = await route.fetch()
        await seen.wait()
        await route.fulfill(response=answer)

    await mo.page.route("**/decision*", is_late)
    await mo.page.keyboard.press("a")
    await expect(mo.page.get_by_role("heading", name="All vetted")).to_be_visible()
    seen.set()
    await mo.is_told("Zib is approved")
    told: list[str] = await mo.page.evaluate("window.told")
    assert [each for each in told if "somebody else" in each] == []


async def test_a_press_counts_though_the_list_is_told_anew_meanwhile(
    home: Page, tabs: Tabs
) -> None:
    mo = await moderator(home, tabs)
    await opens(mo, "All looks")
    views = mo.page.get_by_role("navigation", name="Looks", exact=True)
    async with mo.presses(views.get_by_role("link", name="To vet")):
        async with mo.page.expect_response(lambda answer: "/api/registry?" in answer.url):
            await mo.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await mo.settles()
    await expect(mo.page.get_by_role("heading", name="All vetted")).to_be_visible()


async def test_keys_decide_while_what_is_seen_is_asked_for_again(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    await waits_for_a_word(home)
    await opens(mo, "To vet")
    look = mo.page.get_by_role("region", name="Look", exact=True)
    await expect(look.get_by_role("heading", name="Zib")).to_be_visible()
    asked, decided = asyncio.Event(), asyncio.Event()

    async def waits(route: Route) -> None:
        asked.set()
        await decided.wait()
        await route.continue_()

    await mo.page.route("**/api/registry/intakes/*", waits)
    await mo.page.keyboard.press("e")
    edit = mo.dialog("Edit Zib")
    await edit.get_by_label("Licence").fill("CC0 1.0")
    await edit.get_by_role("button", name="Save").click()
    await asked.wait()
    await expect(edit).to_have_count(0)
    await mo.page.keyboard.press("a")
    await mo.is_told("Zib is approved")
    decided.set()
    await expect(mo.page.get_by_role("heading", name="All vetted")).to_be_visible()


@both
async def test_axe_in_every_view_of_the_looks(home: Page, tabs: Tabs, look: dict[str, Any]) -> None:
    mo = await moderator(home, tabs, bypass_csp=True, **look)
    await opens(mo, "Bring one")
    await is_fit(mo)
    await mo.page.locator("input[multiple]").last.set_input_files([ZIB, NEON])
    await expect(card(mo, ZIB.name)).to_contain_text("all here")
    await is_fit(mo)
    for file in (ZIB, NEON):
        await hands_in(card(mo, file.name))
        await expect(card(mo, file.name).locator('[aria-current="step"]')).to_have_text(
            "Waiting for a moderator"
        )
    await is_fit(mo)
    await opens(mo, "To vet")
    waiting = mo.page.get_by_role("region", name="Waiting").get_by_role("button")
    await expect(waiting).to_have_count(2)
    await is_fit(mo)
    if look["viewport"] == DESK:
        await expect(mo.page.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()
        await mo.page.keyboard.press("e")
        await expect(mo.page.get_by_role("dialog")).to_be_visible()
        await is_fit(mo)
        await mo.page.keyboard.press("Escape")
    else:
        await waiting.first.click()
        await is_fit(mo)
    await mo.page.get_by_role("button", name=re.compile("^Approve")).click()
    await mo.is_told("approved")
    await opens(mo, "All looks")
    await expect(mo.page.locator(".look-open[data-entry]")).to_have_count(1)
    await is_fit(mo)
    await mo.page.locator(".look-open[data-entry]").click()
    await expect(mo.page.get_by_role("dialog").get_by_text("What is known")).to_be_visible()
    await is_fit(mo)


async def test_a_button_of_the_chat_that_needs_words_asks_for_them(home: Page, tabs: Tabs) -> None:
    mo = await moderator(home, tabs)
    await brings(mo, ZIB)
    await expect(card(mo, ZIB.name).locator('[aria-current="step"]')).to_have_text(
        "Waiting for a moderator"
    )
    await mo.page.get_by_role("link", name="Chat").click()
    await mo.says("/lora review")
    edit = mo.dialog("Edit")
    await mo.clicks_twice(mo.post("zib waits for you").get_by_role("button", name="Edit"), edit)
    await edit.get_by_label("Licence").fill("CC0 1.0")
    await edit.get_by_role("button", name="Edit", exact=True).click()
    await expect(mo.post("CC0 1.0").last).to_be_visible()
    entry = (await home.room.engine.registry.vetting.named(STUDIO, "zib")).licence
    assert entry == "CC0 1.0"


async def test_the_looks_are_loaded_when_somebody_goes_there(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    assert not [url for url in ada.asked if url.endswith(LATER)]
    await ada.page.get_by_role("link", name="Looks").click()
    await expect(ada.page.get_by_role("heading", name="No looks here yet")).to_be_visible()
    assert [url for url in ada.asked if url.endswith("/static/vetting.js")]


async def test_nothing_sticks_out_on_a_small_phone_or_from_right_to_left(
    home: Page, tabs: Tabs
) -> None:
    mo = await moderator(home, tabs, viewport={"width": 340, "height": 700})
    await brings(mo, ZIB)
    await expect(card(mo, ZIB.name).locator('[aria-current="step"]')).to_have_text(
        "Waiting for a moderator"
    )
    for direction in ("ltr", "rtl"):
        await mo.page.evaluate("(way) => document.documentElement.dir = way", direction)
        await is_within(mo)
        await opens(mo, "To vet")
        await mo.page.get_by_role("region", name="Waiting").get_by_role("button").first.click()
        await is_within(mo)
        await opens(mo, "All looks")
        await is_within(mo)
        await opens(mo, "Bring one")


async def is_within(screen: Screen) -> None:
    """Nothing is wider than the window."""
    await screen.settles()
    room, used = await screen.page.evaluate(
        "() => [window.innerWidth, document.documentElement.scrollWidth]"
    )
    assert used <= room
