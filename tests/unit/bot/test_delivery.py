"""Outcomes are posted once, whatever dies; progress is bounded."""

import asyncio

import pytest

from bot.messages import Outbound, Words
from bot.port import CannotPost, Capabilities
from bot.wiring import Bot, build
from engine.errors import StoreBusy
from engine.messages import JobId, Owner
from tests.fakes.engine import STEPS, FakeEngine
from tests.fakes.platform import LIMITS, FakePlatform, Pauses, inbound, quiet
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
    assert labels == ["again", "vary", "why this?", "delete"]


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
