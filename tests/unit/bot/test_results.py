"""What is posted when a job is over."""

import dataclasses

from bot.results import outcome
from engine.errors import BlobCorrupt
from engine.messages import JobId, Reason, Sha256
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import LIMITS
from tests.unit.bot.conftest import Ada


async def test_the_caption_names_words_looks_seed_time_and_id(ada: Ada, engine: FakeEngine) -> None:
    job = await ada.has_drawn("Zib in neon")
    shown = await outcome(engine, engine.disk.jobs[job], LIMITS)
    assert shown.text == "Zib in neon\nZib 0.9 + Neon 0.7 · seed 0 · 0.4 s · job1"


async def test_what_the_picture_may_suffer_from_stands_under_it(
    ada: Ada, engine: FakeEngine
) -> None:
    job = engine.disk.jobs[await ada.has_drawn("Zib")]
    why = "you asked for 30 steps: SDXL Turbo was made for 4, more take longer and may burn the "
    reasons = (
        Reason(choice="steps", value="30", why=f"{why}picture", warns=True),
        Reason(choice="seed", value="7", why="you named it or kept it"),
    )
    warned = job.model_copy(update={"plan": job.plan.model_copy(update={"reasons": reasons})})
    shown = await outcome(engine, warned, LIMITS)
    assert shown.text.endswith("may burn the picture")
    assert "named it" not in shown.text


async def test_each_of_several_pictures_can_be_varied(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.types("/create a cat count=2")
    assert answer.job is not None
    engine.finish(answer.job)
    shown = await outcome(
        engine, engine.disk.jobs[answer.job], dataclasses.replace(LIMITS, buttons=9)
    )
    assert [image.name for image in shown.images] == ["job1-1.png", "job1-2.png"]
    labels = [button.label for button in shown.buttons]
    assert labels == ["again", "vary 1", "vary 2", "why this?", "keep", "report", "delete"]


async def test_few_buttons_still_hold_why_and_delete(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.types("/create a cat count=4")
    assert answer.job is not None
    engine.finish(answer.job)
    shown = await outcome(
        engine, engine.disk.jobs[answer.job], dataclasses.replace(LIMITS, buttons=4)
    )
    assert [button.label for button in shown.buttons] == ["again", "vary 1", "why this?", "delete"]


async def test_pictures_beyond_the_limit_are_counted(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.types("/create a cat count=3")
    assert answer.job is not None
    engine.finish(answer.job)
    shown = await outcome(
        engine, engine.disk.jobs[answer.job], dataclasses.replace(LIMITS, images=1)
    )
    assert len(shown.images) == 1
    assert "2 more did not fit" in shown.text


async def test_a_damaged_picture_is_not_shown(ada: Ada, engine: FakeEngine) -> None:
    job = await ada.has_drawn()

    class Damaged(FakeEngine):
        async def picture(self, *_: object) -> bytes:
            raise BlobCorrupt(sha256=Sha256("ab"))

    shown = await outcome(Damaged(engine.disk), engine.disk.jobs[job], LIMITS)
    assert shown.images == ()
    assert "damaged" in shown.text
    assert [button.label for button in shown.buttons] == ["again"]


async def test_words_of_people_cannot_format_the_caption(ada: Ada, engine: FakeEngine) -> None:
    job = await ada.has_drawn("a cat\n# big\u202e @everyone\x1b[31m")
    shown = await outcome(engine, engine.disk.jobs[JobId(job)], LIMITS)
    assert shown.text.split("\n")[0] == "a cat # big @everyone[31m"
