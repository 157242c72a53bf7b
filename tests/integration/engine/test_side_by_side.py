"""One worker draws for several people at once, each job with a lease and an end of its own."""

from functools import partial
from pathlib import Path

from engine.messages import Job, JobId
from tests.fakes.engine_room import Room, open_room, until, visit


async def found(room: Room, job: JobId) -> Job:
    job_of = await room.engine.stores.jobs.get(job)
    assert job_of is not None
    return job_of


def is_alone(room: Room, job: JobId) -> bool:
    return room.pool.workers()[0].jobs == (job,)


async def test_strangers_are_leased_to_one_worker_while_it_has_room(tmp_path: Path) -> None:
    async with open_room(tmp_path, most_rows=3) as room:
        people = ("ada", "bob", "cyd", "dan")
        tickets = [await room.draw("wait", person) for person in people]
        await until(lambda: len(room.pool.orders) == 3)
        (worker,) = room.pool.workers()
        assert worker.jobs == tuple(ticket.job for ticket in tickets[:3])
        assert len({order.job for order in room.pool.orders}) == 3
        assert (await found(room, tickets[3].job)).state == "queued"
        room.pool.release(tickets[1].job)
        assert (await room.over(tickets[1].job)).state == "done"
        await until(lambda: len(room.pool.orders) == 4)
        for number in (0, 2, 3):
            room.pool.release(tickets[number].job)
            assert (await room.over(tickets[number].job)).state == "done"


async def test_a_cancel_ends_one_of_them(tmp_path: Path) -> None:
    async with open_room(tmp_path, most_rows=2) as room:
        kept, unwanted = [await room.draw("wait", person) for person in ("ada", "bob")]
        await until(lambda: len(room.pool.orders) == 2)
        await room.engine.cancel(visit("bob").owner, unwanted.job)
        assert (await room.over(unwanted.job)).state == "cancelled"
        assert (await found(room, kept.job)).state == "running"
        room.pool.release(kept.job)
        assert (await room.over(kept.job)).state == "done"


async def test_all_of_a_lost_workers_jobs_are_drawn_again_each_alone(tmp_path: Path) -> None:
    async with open_room(tmp_path, most_rows=2) as room:
        tickets = [await room.draw("wait", person) for person in ("ada", "bob")]
        await until(lambda: len(room.pool.orders) == 2)
        room.pool.lose(room.pool.workers()[0].worker)
        for ticket in tickets:
            await until(partial(is_alone, room, ticket.job))
            room.pool.release(ticket.job)
            job = await room.over(ticket.job)
            assert (job.state, job.attempts) == ("done", 2)


async def test_what_kills_its_worker_takes_a_neighbour_along_once(tmp_path: Path) -> None:
    async with open_room(tmp_path, most_rows=2) as room:
        innocent = (await room.draw("wait", "ada")).job
        await until(lambda: len(room.pool.orders) == 1)
        guilty = (await room.draw("a star that will crash", "bob")).job
        await until(lambda: len(room.pool.orders) == 3)
        room.pool.release(innocent)
        assert (await room.over(guilty)).state == "failed"
        assert (await room.over(innocent)).state == "done"
        drawn = [order.job for order in room.pool.orders]
        assert drawn == [innocent, guilty, innocent, guilty, guilty]


async def test_nobody_joins_what_was_tried_before(tmp_path: Path) -> None:
    async with open_room(tmp_path, most_rows=2) as room:
        innocent = (await room.draw("wait", "ada")).job
        await until(lambda: len(room.pool.orders) == 1)
        room.pool.lose(room.pool.workers()[0].worker)
        await until(lambda: len(room.pool.orders) == 2)
        await room.draw("a star that will crash", "bob")
        for _ in range(20):  # many rounds of the dispatcher, each of which might hand it over
            await found(room, innocent)
        room.pool.release(innocent)
        job = await room.over(innocent)
        assert (job.state, job.attempts) == ("done", 2)
