"""The engine's front door over real SQLite: asked, drawn, cancelled, retried, refused."""

import asyncio
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine import wiring
from engine.errors import AlreadyRunning, BadRequest, DatabaseNewer, NotAllowed, NotFound, QueueFull
from engine.messages import Delete, Drawn, Finished, JobId, Progress, Replay, Reroll, Vary
from engine.settings import EngineSettings, QueueSettings
from tests.fakes.engine_room import Room, open_room, visit
from tests.fakes.pool import FakePool, tiny_png


async def test_a_request_becomes_a_stored_picture(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("a red circle", seed=7)
        job = await room.over(ticket.job)
        assert job.state == "done"
        png = await room.engine.picture(job.owner, job.id, 0)
        assert png == tiny_png(64, 64, 7)


async def test_the_same_act_twice_is_one_job(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        first = await room.draw("wait for it", request="press-1")
        again = await room.draw("wait for it", request="press-1")
        assert again.job == first.job
        assert len(await room.engine.stores.jobs.recent(visit().owner.space, 10)) == 1


async def test_a_running_picture_can_be_cancelled(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        assert await room.engine.cancel(visit().owner, ticket.job) == (ticket.job,)
        assert (await room.over(ticket.job)).state == "cancelled"


async def test_nobody_cancels_or_deletes_the_job_of_another(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it", "ada")
        with pytest.raises(NotAllowed):
            await room.engine.cancel(visit("bob").owner, ticket.job)
        with pytest.raises(NotAllowed):
            await room.engine.delete(visit("bob").owner, ticket.job)
        assert await room.engine.cancel(visit("bob").owner, None) == ()


async def test_another_space_does_not_see_a_job_or_its_buttons(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("a red circle")
        await room.over(ticket.job)
        button = await room.engine.remember(visit().owner, Delete(job=ticket.job))
        elsewhere = visit("bob", "fake:other").owner
        with pytest.raises(NotFound):
            await room.engine.show(elsewhere, ticket.job)
        with pytest.raises(NotFound):
            await room.engine.picture(elsewhere, ticket.job, 0)
        with pytest.raises(NotFound):
            await room.engine.recall(elsewhere, button)


async def test_a_plan_that_kills_its_worker_ends_after_three_tries(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        bad = await room.draw("a crash", "ada")
        good = await room.draw("a red circle", "bob")
        failed = await room.over(bad.job)
        assert (failed.state, failed.attempts) == ("failed", 3)
        assert failed.failure is not None
        assert failed.failure.code == "worker_lost"
        assert (await room.over(good.job)).state == "done"


async def test_a_full_device_is_tried_again_then_told(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        job = await room.over((await room.draw("no room here")).job)
        assert (job.state, job.attempts) == ("failed", 3)
        assert job.failure is not None
        assert job.failure.code == "out_of_memory"


async def test_a_late_result_with_an_old_fence_changes_nothing(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it", seed=1)
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        order = room.pool.orders[0]
        late = Finished(
            worker=room.pool.workers()[0].worker,
            job=ticket.job,
            fence=order.fence - 1,
            drawn=(),
            images=(),
            seconds=0.0,
        )
        room.pool.report(late)
        room.pool.release(ticket.job)
        job = await room.over(ticket.job)
        assert job.result is not None
        assert len(job.result.pictures) == 1


async def test_a_machine_that_slept_does_not_take_a_picture_from_its_worker(tmp_path: Path) -> None:
    slept = timedelta()

    def clock() -> datetime:
        return wiring.utc_now() + slept

    async with open_room(tmp_path, queue=QueueSettings(lease_s=0.3), clock=clock) as room:
        ticket = await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        slept = timedelta(hours=1)
        await lease_renewed_after(room, clock())
        room.pool.release(ticket.job)
        job = await room.over(ticket.job)
        assert (job.state, job.attempts) == ("done", 1)


async def test_a_lease_that_was_prolonged_too_late_is_not_taken_from_a_busy_worker(
    tmp_path: Path,
) -> None:
    """The database was slow: the lease ran out between two looks, the worker draws all the same."""
    slept = timedelta()

    def clock() -> datetime:
        return wiring.utc_now() + slept

    async with open_room(tmp_path, queue=QueueSettings(lease_s=60), clock=clock) as room:
        ticket = await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        slept = timedelta(hours=1)
        assert await room.engine.stores.jobs.expired(clock())
        await room.engine._dispatcher._sweep(clock())
        room.pool.release(ticket.job)
        job = await room.over(ticket.job)
        assert (job.state, job.attempts) == ("done", 1)


async def lease_renewed_after(room: Room, moment: datetime) -> None:
    """Wait until no lease in the database has run out at that moment."""
    async with asyncio.timeout(60):
        while await room.engine.stores.jobs.expired(moment):  # noqa: ASYNC110 (a row, not an event)
            await asyncio.sleep(0.02)


async def test_an_orderly_stop_returns_the_job_without_counting_a_try(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
    with sqlite3.connect(tmp_path / "atelier.db") as database:
        row = database.execute("select state, attempts from jobs").fetchone()
    database.close()
    assert row == ("queued", 0)
    async with open_room(tmp_path) as room:
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        room.pool.release(ticket.job)
        assert (await room.over(ticket.job)).state == "done"


async def test_again_keeps_the_plan_and_changes_the_seed(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        first = await room.over((await room.draw("a red circle", seed=7)).job)
        again = await room.engine.plan(visit(), Reroll(job=first.id), seed=8)
        assert again.seed == 8
        assert again.prompt == first.plan.prompt
        varied = await room.engine.plan(visit(), Vary(job=first.id), seed=8)
        assert varied.seed == 7
        assert varied.variation is not None
        exactly = await room.engine.plan(visit(), Replay(plan=first.plan))
        assert exactly == first.plan


async def test_a_cap_refuses_politely_and_says_when(tmp_path: Path) -> None:
    async with open_room(tmp_path, queue=QueueSettings(max_waiting_per_person=2)) as room:
        await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        await room.draw("second")
        await room.draw("third")
        with pytest.raises(QueueFull) as refusal:
            await room.draw("fourth")
        assert refusal.value.facts["limit"] == 2
        assert float(str(refusal.value.facts["retry_in_s"])) > 0
        await room.draw("somebody else", "bob")


async def test_too_many_steps_are_refused_with_the_limit(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        with pytest.raises(BadRequest):
            await room.draw("a red circle", steps=10_000)


async def test_forgetting_a_person_leaves_nothing_of_theirs(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        done = await room.over((await room.draw("a red circle")).job)
        waiting = await room.draw("wait for it")
        events = room.engine.events()
        while len(room.pool.orders) < 2:
            await anext(events)
        await room.engine.talk(visit(), "a red circle", "", done.id)
        await room.engine.cancel(visit().owner, waiting.job)
        await room.over(waiting.job)
        assert await room.engine.forget(visit().owner.person) > 0
        kept = await room.engine.kept(visit().owner.person)
        assert (kept.jobs, kept.turns) == ((), ())


async def test_deleted_pictures_are_gone_for_everyone(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        job = await room.over((await room.draw("a red circle")).job)
        await room.engine.delete(job.owner, job.id)
        with pytest.raises(NotFound):
            await room.engine.picture(job.owner, job.id, 0)


async def test_a_database_of_a_newer_atelier_stops_the_start(tmp_path: Path) -> None:
    async with open_room(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "atelier.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    engine = await wiring.build(EngineSettings(data_dir=tmp_path), pool=FakePool())
    with pytest.raises(DatabaseNewer):
        await engine.start()
    await engine.stop()


async def test_progress_reaches_a_listener_before_the_end(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        events = room.engine.events()
        ticket = await room.draw("a red circle")
        kinds: list[str] = []
        while not kinds or kinds[-1] != "ended":
            event = await asyncio.wait_for(anext(events), 60)
            assert event.job == ticket.job
            kinds.append(event.kind)
        assert kinds[0] == "queued"
        assert "started" in kinds
        assert "progress" in kinds


async def test_a_second_atelier_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it")
        second = await wiring.build(EngineSettings(data_dir=tmp_path), pool=FakePool())
        with pytest.raises(AlreadyRunning):
            await second.start()
        await second.stop()
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        room.pool.release(ticket.job)
        assert (await room.over(ticket.job)).attempts == 1


async def test_a_cold_start_does_not_count_as_the_time_that_a_picture_takes(
    tmp_path: Path,
) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it")
        events = room.engine.events()
        while not room.pool.orders:
            await anext(events)
        cold = Finished(
            worker=room.pool.workers()[0].worker, job=ticket.job, fence=room.pool.orders[0].fence,
            drawn=(Drawn(index=0, seed=1, width=64, height=64),), images=(tiny_png(64, 64, 1),),
            seconds=20.5, stages={"load": 20.0, "denoise": 0.5},
        )  # fmt: skip
        room.pool.report(cold)
        await room.over(ticket.job)
        following = await room.draw("wait for it")
        assert following.eta_high_s is not None
        assert following.eta_high_s < 5


async def test_the_wait_that_is_told_counts_what_is_being_drawn(tmp_path: Path) -> None:
    now = wiring.utc_now()

    async def begun(room: Room) -> JobId:
        events = room.engine.events()
        ticket = await room.draw("wait for it", steps=10)
        while not isinstance(event := await anext(events), Progress) or event.job != ticket.job:
            pass
        return ticket.job

    async with open_room(tmp_path, clock=lambda: now) as room:
        for _ in range(2):
            known = await begun(room)
            now += timedelta(seconds=10)
            room.pool.release(known)
            await room.over(known)
        await begun(room)
        waiting = await room.draw("wait for it", "bob", steps=10)
        assert waiting.eta_low_s == pytest.approx(0.8 * (9 + 10), rel=0.01)
