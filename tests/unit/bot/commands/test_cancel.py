"""`/cancel`."""

from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


async def test_one_is_cancelled_by_its_id(ada: Ada, engine: FakeEngine) -> None:
    await ada.says("a cat")
    await ada.says("a dog")
    assert "Cancelled job1." in (await ada.types("/cancel job1")).text
    assert engine.disk.jobs["job2"].state == "queued"  # type: ignore[index]


async def test_without_an_id_all_of_mine_are_cancelled(ada: Ada, engine: FakeEngine) -> None:
    await ada.says("a cat")
    await ada.says("a dog")
    await ada.says("a cow", person="bob")
    assert "job1, job2" in (await ada.types("/cancel")).text
    assert [job.state for job in engine.disk.jobs.values()][-1] == "queued"


async def test_nothing_to_cancel_says_so(ada: Ada) -> None:
    assert "nothing in the queue" in (await ada.types("/cancel")).text


async def test_what_is_over_points_to_show(ada: Ada) -> None:
    await ada.has_drawn()
    assert "/show job1" in (await ada.types("/cancel job1")).text


async def test_somebody_elses_is_refused(ada: Ada) -> None:
    await ada.says("a cat")
    assert "You can't cancel job1" in (await ada.uses("cancel", person="bob", id="job1")).text
