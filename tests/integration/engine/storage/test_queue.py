"""The durable queue on a real database: admitted once, claimed once, ended once."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import Connection, select

from engine.errors import NotFound, QueueFull
from engine.messages import Failure, Job, JobId, Owner, Priority, SpaceId, WorkerId
from engine.storage.database import Database
from engine.storage.deliveries import DeliveryStore
from engine.storage.fair import FairRules, Holds
from engine.storage.jobs import JobStore
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.tables import job_events, queue_lanes, queue_spaces
from tests.fakes.jobs import NOON, job, later, owner, plan, result, sha

CAPS = Caps(person=10, space=100, everyone=1000)
NOTHING = Holds()
RULES = FairRules(affinity_places=4, ageing_s=300)
WORKER = WorkerId("w1")


@pytest.fixture
def queue(database: Database) -> QueueStore:
    return QueueStore(database)


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)


@pytest.fixture
def deliveries(database: Database) -> DeliveryStore:
    return DeliveryStore(database)


async def admit(queue: QueueStore, asked: Job, caps: Caps = CAPS, request: str = "") -> JobId:
    admission = Admission(asked, "console", "here", request or None)
    return await queue.admit(admission, caps, asked.asked_at)


async def claim(
    queue: QueueStore,
    now: datetime = NOON,
    holds: Holds = NOTHING,
    rules: FairRules = RULES,
    worker: WorkerId = WORKER,
) -> Job:
    found = await queue.claim(worker, now, later(60), holds, rules)
    assert found is not None
    return found


async def trail(database: Database, name: str) -> list[str]:
    query = select(job_events.c.what).where(job_events.c.job == name).order_by(job_events.c.id)
    return await database.read(lambda connection: list(connection.scalars(query)))


async def waiting(database: Database) -> tuple[list[int], list[tuple[int, int]]]:
    """Jobs in each lane, and jobs and people in each space."""

    def read(connection: Connection) -> tuple[list[int], list[tuple[int, int]]]:
        lanes = connection.scalars(select(queue_lanes.c.waiting).order_by(queue_lanes.c.person))
        spaces = connection.execute(
            select(queue_spaces.c.waiting, queue_spaces.c.people).order_by(queue_spaces.c.space)
        )
        return list(lanes), [(row.waiting, row.people) for row in spaces]

    return await database.read(read)


# --- admission --------------------------------------------------------------------------------


async def test_an_admitted_job_waits_and_its_outcome_waits_with_it(
    database: Database, queue: QueueStore, jobs: JobStore, deliveries: DeliveryStore
) -> None:
    await admit(queue, job("a"))
    assert await jobs.get(JobId("a")) == job("a")
    delivery = await deliveries.get(JobId("a"))
    assert delivery is not None
    assert (delivery.state, delivery.platform, delivery.address) == ("waiting", "console", "here")
    assert await trail(database, "a") == ["queued"]


async def test_the_same_request_again_gives_the_first_job(
    queue: QueueStore, jobs: JobStore
) -> None:
    assert await admit(queue, job("a"), request="update 1") == "a"
    assert await admit(queue, job("b"), request="update 1") == "a"
    assert await jobs.get(JobId("b")) is None
    assert (await jobs.counts()).waiting == {Priority.INTERACTIVE: 1}


async def test_the_same_request_many_times_at_once_makes_one_job(
    queue: QueueStore, jobs: JobStore
) -> None:
    ids = await asyncio.gather(
        *(admit(queue, job(f"j{index}"), request="press 9") for index in range(8))
    )
    assert len(set(ids)) == 1
    assert (await jobs.counts()).waiting == {Priority.INTERACTIVE: 1}


@pytest.mark.parametrize(
    ("caps", "scope"),
    [
        (Caps(person=2, space=9, everyone=9), "person"),
        (Caps(person=9, space=2, everyone=9), "space"),
        (Caps(person=9, space=9, everyone=2), "everyone"),
    ],
)
async def test_a_full_queue_says_whose_cap_was_reached(
    queue: QueueStore, jobs: JobStore, caps: Caps, scope: str
) -> None:
    await admit(queue, job("a"), caps)
    await admit(queue, job("b"), caps)
    with pytest.raises(QueueFull) as refusal:
        await admit(queue, job("c"), caps)
    assert refusal.value.facts == {"scope": scope, "limit": 2}
    assert await jobs.get(JobId("c")) is None


async def test_caps_count_each_person_and_space_apart(queue: QueueStore) -> None:
    caps = Caps(person=1, space=2, everyone=3)
    await admit(queue, job("a", owner("p:ann", "s:1")), caps)
    await admit(queue, job("b", owner("p:bob", "s:1")), caps)
    with pytest.raises(QueueFull, match="space"):
        await admit(queue, job("c", owner("p:cid", "s:1")), caps)
    with pytest.raises(QueueFull, match="person"):
        await admit(queue, job("d", owner("p:ann", "s:2")), caps)
    await admit(queue, job("e", owner("p:cid", "s:2")), caps)


async def test_a_running_job_leaves_room_in_the_queue(queue: QueueStore) -> None:
    caps = Caps(person=1, space=1, everyone=1)
    await admit(queue, job("a"), caps)
    await claim(queue)
    assert await admit(queue, job("b"), caps) == "b"


# --- claims -----------------------------------------------------------------------------------


async def test_an_empty_queue_gives_nothing(queue: QueueStore) -> None:
    assert await queue.claim(WORKER, NOON, later(60), NOTHING, RULES) is None


async def test_a_claimed_job_runs_under_a_new_fence(
    database: Database, queue: QueueStore, jobs: JobStore
) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue, later(5))
    assert (claimed.state, claimed.attempts, claimed.fence) == ("running", 1, 1)
    assert claimed.started_at == later(5)
    assert await jobs.running() == (claimed,)
    assert await trail(database, "a") == ["queued", "started"]
    assert await queue.claim(WORKER, NOON, later(60), NOTHING, RULES) is None
    assert await waiting(database) == ([0], [(0, 0)])


async def test_a_person_s_jobs_go_oldest_first(queue: QueueStore) -> None:
    for name, asked in (("late", 2), ("early", 1), ("last", 3)):
        await admit(queue, job(name, asked_at=later(asked)))
    assert [(await claim(queue)).id for _ in range(3)] == ["early", "late", "last"]


async def test_people_take_turns_however_many_jobs_each_has(queue: QueueStore) -> None:
    for index in range(4):
        await admit(queue, job(f"a{index}", owner("p:ann"), asked_at=later(index)))
    await admit(queue, job("b0", owner("p:bob"), asked_at=later(10)))
    order = [(await claim(queue)).owner.person for _ in range(5)]
    assert order == ["p:ann", "p:bob", "p:ann", "p:ann", "p:ann"]


async def test_spaces_take_turns_and_a_crowd_gets_a_larger_share(queue: QueueStore) -> None:
    for person in range(4):
        for index in range(3):
            await admit(queue, job(f"c{person}{index}", owner(f"p:{person}", "s:crowd")))
    for index in range(6):
        await admit(queue, job(f"l{index}", owner("p:lone", "s:lone")))
    order = [(await claim(queue)).owner.space for _ in range(10)]
    assert order.count(SpaceId("s:lone")) == 2


async def test_interactive_jobs_go_before_background_jobs_until_those_have_aged(
    queue: QueueStore,
) -> None:
    await admit(queue, job("slow", owner("p:ann"), priority=Priority.BACKGROUND))
    for index in range(4):
        await admit(queue, job(f"q{index}", owner("p:bob"), asked_at=later(index)))
    assert (await claim(queue, later(10))).id == "q0"
    aged = [(await claim(queue, later(601))).id for _ in range(2)]
    assert "slow" in aged


async def test_a_worker_takes_what_it_holds_within_a_few_places(
    queue: QueueStore, jobs: JobStore
) -> None:
    for index, person in enumerate(("p:ann", "p:bob", "p:cid")):
        wants = plan("big" if person == "p:cid" else "small", (sha(index),))
        await admit(queue, job(f"j{index}", owner(person), asked_at=later(index), what=wants))
    taken = await claim(queue, holds=Holds("big", frozenset({sha(2), sha(9)})))
    assert taken.id == "j2"
    passed = [await jobs.get(JobId(name)) for name in ("j0", "j1")]
    assert [found.passed_over for found in passed if found] == [1, 1]
    assert (await claim(queue)).id == "j0"


async def test_nobody_is_passed_over_more_often_than_the_rules_allow(queue: QueueStore) -> None:
    rules = FairRules(affinity_places=2, ageing_s=300)
    holds = Holds("big")
    await admit(queue, job("first", owner("p:ann"), what=plan("small")))
    for index in range(6):
        of = owner(f"p:{index}")
        await admit(queue, job(f"j{index}", of, asked_at=later(index), what=plan("big")))
    order = [(await claim(queue, holds=holds, rules=rules)).id for _ in range(4)]
    assert order.index(JobId("first")) == 2


async def test_claims_at_once_never_give_a_job_twice(url: str) -> None:
    one, two = await Database.open(url), await Database.open(url)
    try:
        for index in range(24):
            await admit(QueueStore(one), job(f"j{index}", owner(f"p:{index % 5}")))
        queues = [QueueStore(one), QueueStore(two)]
        taken = await asyncio.gather(*(claim(queues[index % 2]) for index in range(24)))
    finally:
        await one.close()
        await two.close()
    assert len({found.id for found in taken}) == 24


# --- leases and endings -----------------------------------------------------------------------


async def test_a_lease_is_renewed_only_by_its_fence(queue: QueueStore, jobs: JobStore) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue)
    assert [found.id for found in await jobs.expired(later(61))] == ["a"]
    assert await queue.renew(claimed.id, claimed.fence, later(120))
    assert not await queue.renew(claimed.id, claimed.fence - 1, later(999))
    assert await jobs.expired(later(61)) == ()


async def test_a_finished_job_keeps_its_result_and_its_outcome_is_due(
    database: Database, queue: QueueStore, jobs: JobStore, deliveries: DeliveryStore
) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue)
    assert await deliveries.due(later(99), 10) == ()
    assert await queue.finish(claimed.id, claimed.fence, result(1, 2), later(9))
    done = await jobs.get(JobId("a"))
    assert done is not None
    assert (done.state, done.ended_at, done.result) == ("done", later(9), result(1, 2))
    assert await deliveries.due(later(9), 10) == ("a",)
    assert await trail(database, "a") == ["queued", "started", "done"]


async def test_a_report_with_an_old_fence_changes_nothing(
    queue: QueueStore, jobs: JobStore
) -> None:
    await admit(queue, job("a"))
    old = await claim(queue)
    assert await queue.give_back(old.id, old.fence, NOON, count_attempt=True)
    new = await claim(queue)
    assert new.fence == old.fence + 1
    assert not await queue.finish(old.id, old.fence, result(1), NOON)
    assert not await queue.fail(old.id, old.fence, Failure(code="x"), NOON)
    assert not await queue.cancelled(old.id, old.fence, NOON)
    assert not await queue.give_back(old.id, old.fence, NOON, count_attempt=True)
    found = await jobs.get(JobId("a"))
    assert found is not None
    assert found.state == "running"
    assert await queue.finish(new.id, new.fence, result(1), NOON)


async def test_a_job_ends_only_once(queue: QueueStore, database: Database) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue)
    assert await queue.fail(claimed.id, claimed.fence, Failure(code="not_finite"), NOON)
    assert not await queue.finish(claimed.id, claimed.fence, result(1), NOON)
    assert await queue.ask_cancel(claimed.id, NOON) == "over"
    assert await trail(database, "a") == ["queued", "started", "failed"]


async def test_a_job_given_back_is_next_again_in_its_lane(
    database: Database, queue: QueueStore
) -> None:
    for index in range(3):
        await admit(queue, job(f"a{index}", owner("p:ann"), asked_at=later(index)))
    await admit(queue, job("b0", owner("p:bob"), asked_at=later(5)))
    first = await claim(queue)
    assert await queue.give_back(first.id, first.fence, NOON, count_attempt=True)
    assert await waiting(database) == ([3, 1], [(4, 2)])
    again = await claim(queue)
    assert (again.id, again.attempts, again.fence) == ("a0", 2, 2)


async def test_a_try_that_was_nobody_s_fault_is_not_counted(queue: QueueStore) -> None:
    await admit(queue, job("a"))
    first = await claim(queue)
    await queue.give_back(first.id, first.fence, NOON, count_attempt=False)
    again = await claim(queue)
    assert (again.attempts, again.fence) == (1, 2)


# --- cancelling -------------------------------------------------------------------------------


async def test_a_waiting_job_is_cancelled_at_once_and_people_are_told(
    database: Database, queue: QueueStore, jobs: JobStore, deliveries: DeliveryStore
) -> None:
    await admit(queue, job("a"))
    await admit(queue, job("b"))
    assert await queue.ask_cancel(JobId("a"), later(3)) == "cancelled"
    assert await deliveries.due(later(3), 10) == ("a",)
    assert await waiting(database) == ([1], [(1, 1)])
    assert (await claim(queue)).id == "b"
    cancelled = await jobs.get(JobId("a"))
    assert cancelled is not None
    assert cancelled.state == "cancelled"


async def test_a_running_job_is_asked_to_stop(
    queue: QueueStore, jobs: JobStore, database: Database
) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue)
    assert await queue.ask_cancel(claimed.id, NOON) == "asked"
    asked = await jobs.get(claimed.id)
    assert asked is not None
    assert asked.cancel_asked
    assert await queue.cancelled(claimed.id, claimed.fence, NOON)
    assert await queue.ask_cancel(claimed.id, NOON) == "over"
    assert await trail(database, "a") == ["queued", "started", "cancel_asked", "cancelled"]


async def test_a_job_asked_to_stop_does_not_go_back_into_the_queue(
    queue: QueueStore, jobs: JobStore, deliveries: DeliveryStore
) -> None:
    await admit(queue, job("a"))
    claimed = await claim(queue)
    await queue.ask_cancel(claimed.id, NOON)
    assert await queue.give_back(claimed.id, claimed.fence, NOON, count_attempt=True)
    ended = await jobs.get(claimed.id)
    assert ended is not None
    assert ended.state == "cancelled"
    assert await deliveries.due(NOON, 10) == ("a",)


async def test_cancelling_what_is_not_there_says_so(queue: QueueStore) -> None:
    with pytest.raises(NotFound):
        await queue.ask_cancel(JobId("nope"), NOON)


# --- views ------------------------------------------------------------------------------------


async def test_lists_show_each_person_and_space_their_own(
    queue: QueueStore, jobs: JobStore
) -> None:
    ann, bob = owner("p:ann", "s:1"), owner("p:bob", "s:2")
    for index, of in enumerate((ann, ann, bob)):
        await admit(queue, job(f"j{index}", of, asked_at=later(index)))
    first = await claim(queue)
    await queue.fail(first.id, first.fence, Failure(code="not_finite"), NOON)
    mine: dict[str, list[str]] = {}
    for of in (ann, bob):
        mine[of.person] = [found.id for found in await jobs.of_person(of)]
    assert mine == {"p:ann": ["j1"], "p:bob": ["j2"]}
    assert [found.id for found in await jobs.recent(ann.space, 1)] == ["j1"]
    assert [found.id for found in await jobs.recent(ann.space, 9)] == ["j1", "j0"]
    assert [found.id for found in await jobs.ended_of(ann.person)] == ["j0"]
    counts = await jobs.counts()
    assert (counts.waiting, counts.running) == ({Priority.INTERACTIVE: 2}, 0)


async def test_places_follow_the_fair_order(queue: QueueStore, jobs: JobStore) -> None:
    people: tuple[tuple[str, Owner], ...] = (
        ("a0", owner("p:ann")),
        ("a1", owner("p:ann")),
        ("a2", owner("p:ann")),
        ("b0", owner("p:bob")),
    )
    for index, (name, of) in enumerate(people):
        await admit(queue, job(name, of, asked_at=later(index)))
    places = [await jobs.position(JobId(name)) for name in ("a0", "a1", "a2", "b0")]
    assert places == [1, 3, 4, 2]
    running = await claim(queue)
    assert await jobs.position(running.id) == 0
