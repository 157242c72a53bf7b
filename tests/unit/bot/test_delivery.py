"""Outcomes are posted once, whatever dies; progress is bounded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.messages import Author, Outbound, Place, Press, Words
from bot.port import CannotPost, Capabilities, Standing
from bot.wiring import Bot, build
from engine.api import Announced
from engine.errors import StoreBusy
from engine.messages import JobId, Owner, PersonId
from tests.fakes.engine import NEON, STEPS, ZIB, FakeEngine
from tests.fakes.platform import LIMITS, SPACE, FakePlatform, Pauses, inbound, quiet
from tests.unit.bot.conftest import Ada


class Dying(FakeEngine):
    """Gets no further than a named point, like a process that is killed there."""

    dies_at = ""

    async def posted(self, job: JobId, message_id: str) -> None:
        if self.dies_at == "sent":
            await asyncio.Event().wait()
        await super().posted(job, message_id)

    async def picture(self, owner: Owner, job: JobId, index: int) -> bytes:
        if self.dies_at == "posting":
            await asyncio.Event().wait()
        return await super().picture(owner, job, index)


NONCELESS = Capabilities(
    text_chars=4096, images=10, image_bytes=10_000_000, buttons=8,
    can_edit=True, can_be_private=False, progress_every_s=3,
)  # fmt: skip


async def test_the_progress_message_becomes_the_result(ada: Ada, platform: FakePlatform) -> None:
    await ada.has_drawn()
    (message,) = platform.messages.values()
    assert [image.name for image in message.images] == ["job1.png"]
    assert message.progress is None
    labels = [button.label for button in message.buttons]
    assert labels == ["again", "vary", "why this?", "without Neon", "delete"]


async def test_the_outcome_is_posted_once_and_written_down(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = await ada.has_drawn()
    await pauses.release()
    await pauses.release()
    assert engine.outcome(job).state == "posted"
    assert len([edit for edit in platform.edits if edit[1].images]) == 1


async def test_a_failure_is_told_with_its_cure_and_a_way_to_try_again(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    job = (await ada.says("a huge cat")).job
    assert job is not None
    engine.fail(job, "out_of_memory")
    await quiet()
    assert "smaller size" in platform.newest.text
    assert [button.label for button in platform.newest.buttons] == ["try again"]


async def test_a_cancelled_picture_is_a_short_word(ada: Ada, platform: FakePlatform) -> None:
    await ada.says("a cat")
    await ada.presses("cancel")
    assert [each.text for each in platform.messages.values() if each.job] == ["Cancelled: “a cat”"]


async def test_a_full_pause_of_the_platform_is_waited_out(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    platform.refusals = [CannotPost("slow down", final=False, retry_in_s=200)]
    engine.finish(job)
    await quiet()
    assert engine.outcome(job).state == "due"
    assert pauses.asked[-1] == 200
    await pauses.release()
    assert engine.outcome(job).state == "posted"


async def test_pauses_between_tries_grow(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    platform.refusals = [CannotPost("hiccup", final=False)] * 4
    engine.finish(job)
    await quiet()
    asked = [pauses.asked[-1]]
    for _ in range(3):
        await pauses.release()
        asked.append(next(each for each in reversed(pauses.asked) if each < 60))
    assert asked == [2, 4, 8, 16]


async def test_blocked_for_good_is_not_tried_again(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    platform.refusals = [CannotPost("message gone", final=True), CannotPost("blocked", final=True)]
    engine.finish(job)
    await quiet()
    assert engine.outcome(job).state == "undeliverable"


async def test_a_deleted_progress_message_is_replaced_by_a_new_one(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    platform.messages.clear()
    engine.finish(job)
    await quiet()
    assert [bool(each.images) for each in platform.messages.values()] == [True]


async def test_a_place_in_the_queue_counts_down(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    first = (await ada.says("a cat", person="bob")).job
    second = await ada.says("a dog")
    assert first is not None
    assert second.text.startswith("Number 2 in line")
    engine.finish(first)
    await quiet()
    await pauses.release()
    await pauses.release()
    texts = [each.text for each in platform.messages.values() if each.job == second.job]
    assert texts == ["Up next, about 1 to 2 seconds."]


async def test_a_deleted_picture_goes_from_what_was_posted(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    job = await ada.has_drawn()
    posted = next(name for name, each in platform.messages.items() if each.images)
    await engine.delete(engine.disk.jobs[job].owner, job)
    await quiet()
    assert platform.messages[posted].images == ()
    assert "were deleted" in platform.messages[posted].text
    assert engine.outcome(job).state == "posted"


async def test_nothing_is_posted_about_a_deleted_picture_whose_message_is_gone(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    job = await ada.has_drawn()
    platform.messages.clear()
    await engine.delete(engine.disk.jobs[job].owner, job)
    await quiet()
    assert platform.messages == {}


async def test_a_busy_database_never_posts_twice(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    engine.write_refusals = [StoreBusy(waited_s=5), StoreBusy(waited_s=5)]
    job = await ada.has_drawn()
    assert engine.outcome(job).state == "posting"
    await pauses.release()
    await pauses.release()
    assert engine.outcome(job).state == "posted"
    assert len([edit for edit in platform.edits if edit[1].images]) == 1


async def test_an_outcome_for_a_platform_that_is_gone_waits_under_show(
    engine: FakeEngine, pauses: Pauses, ada: Ada
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    engine.disk.outcomes[job].state = "due"
    other = build(FakeEngine(engine.disk), {}, pauses)
    await other.delivery.start()
    await quiet()
    await other.delivery.stop()
    assert engine.outcome(job).state == "undeliverable"


# --- the process dies ---------------------------------------------------------------------------


async def live_once(engine: FakeEngine, platform: FakePlatform, words: str = "") -> Bot:
    """A process: starts, posts what is due, takes one request, and is still running."""
    bot = build(engine, {"fake": platform}, Pauses())
    await engine.start()
    await bot.delivery.start()
    await quiet()
    if words:
        await bot.router.receive(inbound(Words(text=words), id="wish"))
    return bot


@pytest.mark.parametrize("limits", [LIMITS, NONCELESS], ids=["nonce", "edits"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unannounced"])
@pytest.mark.parametrize("dies_at", ["posting", "sent"])
async def test_a_kill_while_posting_shows_the_picture_once(
    limits: Capabilities, announced: bool, dies_at: str
) -> None:
    platform = FakePlatform(limits)
    engine = Dying()
    bot = await live_once(engine, platform, "a cat")
    job = next(iter(engine.disk.jobs))
    if not announced:
        platform.messages.clear()
        outcome = engine.disk.outcomes[job]
        outcome.destination = type(outcome.destination)("fake", "fake:garden/channel")
    engine.dies_at = dies_at
    engine.finish(job)
    await quiet()
    await bot.delivery.stop()
    assert engine.outcome(job).state == "posting"

    second = FakeEngine(engine.disk)
    bot = await live_once(second, platform)
    await bot.delivery.stop()

    assert second.outcome(job).state == "posted"
    shown = [message for message in platform.messages.values() if message.images]
    assert len(shown) == 1
    assert len(platform.messages) == 1


async def test_a_job_that_ends_before_its_announcement_is_shown_once(
    engine: FakeEngine, platform: FakePlatform, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race: the worker is quicker than the way back to the person."""
    ask = engine.draw

    async def draw_at_once(*args: object, **kwargs: object) -> object:
        ticket = await ask(*args, **kwargs)  # type: ignore[arg-type]
        engine.finish(ticket.job)
        await quiet()
        return ticket

    monkeypatch.setattr(engine, "draw", draw_at_once)
    await bot.router.receive(inbound(Words(text="a cat")))
    await quiet()
    assert [bool(message.images) for message in platform.messages.values()] == [True]


# --- the process is started again while jobs wait or run ------------------------------------------


FIXED = replace(LIMITS, can_edit=False)


async def restarted(
    engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> tuple[Bot, FakeEngine]:
    second = FakeEngine(engine.disk)
    bot = build(second, {"fake": platform}, pauses)
    await second.start()
    await bot.delivery.start()
    await quiet()
    return bot, second


async def announced(platform: FakePlatform) -> tuple[FakeEngine, JobId]:
    """A process that took one request and died."""
    engine = FakeEngine()
    bot = await live_once(engine, platform, "a cat")
    await bot.delivery.stop()
    return engine, next(iter(engine.disk.jobs))


async def test_a_progress_message_goes_on_after_a_restart(pauses: Pauses) -> None:
    platform = FakePlatform()
    engine, job = await announced(platform)
    bot, second = await restarted(engine, platform, pauses)
    second.step(job, 7)
    await quiet()
    await pauses.release()
    assert [message.text for message in platform.messages.values()] == [
        f"Drawing: step 7 of {STEPS}."
    ]
    second.finish(job)
    await quiet()
    assert [bool(message.images) for message in platform.messages.values()] == [True]
    await bot.delivery.stop()


async def test_a_message_that_speaks_of_drawing_is_put_right_after_a_restart(
    pauses: Pauses,
) -> None:
    platform = FakePlatform()
    engine, job = await announced(platform)
    engine.disk.jobs[job] = engine.disk.jobs[job].model_copy(update={"fence": 1})
    bot, _second = await restarted(engine, platform, pauses)
    await pauses.release()
    assert "in line again" in platform.newest.text
    await bot.router.receive(inbound(Press(button=platform.button("cancel").id), id="press"))
    await quiet()
    assert platform.messages["m1"].text == "Cancelled: “a cat”"
    await bot.delivery.stop()


async def test_a_place_that_is_still_true_costs_no_edit_after_a_restart(pauses: Pauses) -> None:
    platform = FakePlatform()
    engine, _job = await announced(platform)
    bot, _second = await restarted(engine, platform, pauses)
    await pauses.release()
    assert platform.edits == []
    await bot.delivery.stop()


async def test_a_platform_that_cannot_edit_is_left_alone_after_a_restart(pauses: Pauses) -> None:
    platform = FakePlatform(FIXED)
    engine, job = await announced(platform)
    bot, second = await restarted(engine, platform, pauses)
    second.step(job, 7)
    await quiet()
    await pauses.release()
    assert (len(platform.messages), platform.edits) == (1, [])
    assert not bot.delivery.is_live(job)
    await bot.delivery.stop()


async def test_a_job_that_ends_while_it_is_taken_up_again_keeps_its_outcome(
    pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race: the list of announced jobs is read, then the job ends and is posted."""
    platform = FakePlatform()
    engine, job = await announced(platform)
    second = FakeEngine(engine.disk)
    ask = second.announced

    async def ends_meanwhile() -> tuple[Announced, ...]:
        found = await ask()
        second.finish(job)
        await quiet()
        return found

    monkeypatch.setattr(second, "announced", ends_meanwhile)
    bot = build(second, {"fake": platform}, pauses)
    await bot.delivery.start()
    await quiet()
    await quiet()
    await pauses.release()
    assert [bool(message.images) for message in platform.messages.values()] == [True]
    assert not bot.delivery.is_live(job)
    await bot.delivery.stop()


async def test_one_job_that_is_gone_does_not_hold_up_the_others(
    pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = FakePlatform()
    engine, job = await announced(platform)
    second = FakeEngine(engine.disk)
    (left,) = await second.announced()

    async def both() -> tuple[Announced, ...]:
        return replace(left, job=JobId("gone")), left

    monkeypatch.setattr(second, "announced", both)
    bot = build(second, {"fake": platform}, pauses)
    await bot.delivery.start()
    await quiet()
    assert bot.delivery.is_live(job)
    await bot.delivery.stop()


# --- progress -----------------------------------------------------------------------------------


async def test_progress_is_edited_at_most_as_often_as_the_platform_bears(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    for step in range(1, 11):
        engine.step(job, step)
    await quiet()
    assert platform.edits == []
    await pauses.release()
    assert [edit[1].text for edit in platform.edits] == [f"Drawing: step 10 of {STEPS}."]


async def test_a_refused_progress_edit_is_dropped_and_the_result_is_not(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    platform.refusals = [CannotPost("slow down", final=False, retry_in_s=200)]
    engine.step(job, 5)
    await quiet()
    await pauses.release()
    engine.finish(job)
    await quiet()
    assert platform.newest.images


async def test_no_progress_is_shown_after_the_result(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = await ada.has_drawn()
    engine.disk.outcomes[job].state = "posted"
    engine.step(job, 5)
    await quiet()
    await pauses.release()
    assert platform.newest.images


async def test_a_preview_travels_with_the_progress(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, pauses: Pauses
) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    engine.step(job, 4, b"png")
    engine.step(job, 5)
    await quiet()
    await pauses.release()
    shown: Outbound = platform.newest
    assert (shown.preview, shown.progress) == (b"png", 5 / STEPS)


async def test_only_a_job_can_be_announced(bot: Bot) -> None:
    with pytest.raises(ValueError, match="job"):
        await bot.delivery.announce(inbound(Words(text="x")), Outbound(text="hello"))


async def test_a_place_that_is_gone_sends_the_picture_to_the_person(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.directs[PersonId("fake:ada")] = "fake:direct"
    job = (await ada.says("Zib in neon")).job
    assert job is not None
    platform.refusals = [CannotPost("gone", final=True)] * 2
    engine.finish(job)
    await quiet()
    outcome = engine.outcome(job)
    assert (outcome.state, outcome.destination.address) == ("posted", "fake:direct")
    assert "can't reach any more" in platform.newest.text
    assert len(platform.newest.images) == 1


async def test_a_person_who_takes_no_messages_finds_it_under_show(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.directs[PersonId("fake:ada")] = "fake:direct"
    job = (await ada.says("Zib in neon")).job
    assert job is not None
    platform.refusals = [CannotPost("gone", final=True)] * 3
    engine.finish(job)
    await quiet()
    assert engine.outcome(job).state == "undeliverable"
    assert (await ada.uses("show", id=job)).images


async def test_a_failure_is_not_told_elsewhere(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.directs[PersonId("fake:ada")] = "fake:direct"
    job = (await ada.says("Zib in neon")).job
    assert job is not None
    platform.refusals = [CannotPost("gone", final=True)] * 2
    engine.fail(job)
    await quiet()
    assert engine.outcome(job).state == "undeliverable"


class InAChannel(FakePlatform):
    """Knows its places: one that lost its age restriction meanwhile."""

    async def place(self, address: str) -> Place | None:
        return Place(id="c1")


async def test_a_place_that_takes_less_by_now_gets_no_picture(pauses: Pauses) -> None:
    engine, platform = FakeEngine(cards=(ZIB, NEON)), InAChannel()
    bot = build(engine, {"fake": platform}, pauses)
    await engine.start()
    await bot.delivery.start()
    await bot.router.receive(inbound(Words(text="Zib in neon")))
    await quiet()
    job = platform.newest.job
    assert job is not None
    engine.cards = (ZIB.model_copy(update={"rating": "mature"}), NEON)
    engine.finish(job)
    await quiet()
    assert platform.newest.images == ()
    assert f"/show {job}" in platform.newest.text
    await bot.delivery.stop()
    await engine.stop()


class WithRoles(FakePlatform):
    """Knows people's roles, which may change while a picture waits."""

    def __init__(self) -> None:
        super().__init__()
        self.roles: tuple[str, ...] = ("artists",)

    async def standing(self, address: str, person: PersonId) -> Standing | None:
        author = Author(id=person, name="Ada", roles=self.roles)
        return Standing(author, SPACE.id, Place(id="c1"))


@pytest.fixture
async def guild(pauses: Pauses) -> AsyncIterator[tuple[FakeEngine, WithRoles, JobId]]:
    """A place where artists alone draw, and a picture of one of them in the queue."""
    engine, platform = FakeEngine(), WithRoles()
    bot = build(engine, {"fake": platform}, pauses)
    await engine.start()
    await bot.delivery.start()
    await engine.house.change(SPACE.id, PersonId("fake:mo"), {"makers": ("artists",)})
    await bot.router.receive(inbound(Words(text="Zib in neon"), roles=("artists",)))
    await quiet()
    job = platform.newest.job
    assert job is not None
    yield engine, platform, job
    await bot.delivery.stop()
    await engine.stop()


async def test_who_lost_the_role_meanwhile_gets_nothing_begun(
    guild: tuple[FakeEngine, WithRoles, JobId],
) -> None:
    engine, platform, job = guild
    platform.roles = ()
    engine.begin(job)
    await quiet()
    assert engine.disk.jobs[job].state == "cancelled"
    assert "you may not make pictures here any more" in platform.newest.text
    assert "cost you nothing" in platform.newest.text


async def test_who_loses_the_role_while_it_is_drawn_finds_it_under_show(
    guild: tuple[FakeEngine, WithRoles, JobId],
) -> None:
    engine, platform, job = guild
    engine.begin(job)
    await quiet()
    assert engine.disk.jobs[job].state == "running"
    platform.roles = ("others",)
    engine.finish(job)
    await quiet()
    assert platform.newest.images == ()
    assert f"direct conversation: /show {job}" in platform.newest.text


async def test_who_keeps_the_role_gets_the_picture(
    guild: tuple[FakeEngine, WithRoles, JobId],
) -> None:
    engine, platform, job = guild
    engine.begin(job)
    engine.finish(job)
    await quiet()
    assert len(platform.newest.images) == 1
