"""Deliveries: posted in two phases, so that a crash never loses or doubles one silently."""

import asyncio

import pytest

from engine.messages import Failure, JobId, WorkerId
from engine.storage.database import Database
from engine.storage.deliveries import DeliveryStore, elsewhere, nonce_of
from engine.storage.fair import FairRules, Holds
from engine.storage.queue import Admission, Caps, QueueStore
from tests.fakes.jobs import NOON, job, later, owner

CAPS = Caps(person=10, space=100, everyone=1000)


@pytest.fixture
def deliveries(database: Database) -> DeliveryStore:
    return DeliveryStore(database)


@pytest.fixture
async def ended(database: Database) -> JobId:
    """A job whose outcome is due since noon."""
    return await end(database, "a", 0)


async def end(database: Database, name: str, at: float) -> JobId:
    queue = QueueStore(database)
    asked = job(name, owner(f"p:{name}"))
    await queue.admit(Admission(asked, "console", f"to {name}"), CAPS, NOON)
    claimed = await queue.claim(WorkerId("w"), NOON, later(60), Holds(), FairRules())
    assert claimed is not None
    await queue.fail(claimed.id, claimed.fence, Failure(code="not_finite"), later(at))
    return claimed.id


async def test_the_outcome_due_longest_is_posted_first(
    database: Database, deliveries: DeliveryStore
) -> None:
    for name, at in (("late", 30), ("early", 10), ("middle", 20)):
        await end(database, name, at)
    assert await deliveries.due(later(25), 10) == ("early", "middle")
    assert await deliveries.due(later(99), 2) == ("early", "middle")


async def test_an_outcome_is_taken_by_one_poster_only(
    deliveries: DeliveryStore, ended: JobId
) -> None:
    taken = await asyncio.gather(*(deliveries.start_posting(ended, NOON) for _ in range(5)))
    found = [row for row in taken if row is not None]
    assert len(found) == 1
    assert (found[0].state, found[0].tries, found[0].address) == ("posting", 1, "to a")


async def test_a_posted_outcome_stays_posted(deliveries: DeliveryStore, ended: JobId) -> None:
    await deliveries.start_posting(ended, NOON)
    assert await deliveries.posted(ended, "m1", later(1))
    assert not await deliveries.posted(ended, "m2", later(2))
    assert not await deliveries.not_posted(ended, final=False, why="?", retry_at=NOON)
    found = await deliveries.get(ended)
    assert found is not None
    assert (found.state, found.message_id) == ("posted", "m1")


async def test_a_failed_post_is_due_again_later_with_the_same_nonce(
    deliveries: DeliveryStore, ended: JobId
) -> None:
    first = await deliveries.start_posting(ended, NOON)
    assert await deliveries.not_posted(ended, final=False, why="rate limit", retry_at=later(30))
    assert await deliveries.due(later(29), 10) == ()
    assert await deliveries.due(later(30), 10) == (ended,)
    second = await deliveries.start_posting(ended, later(30))
    assert first is not None
    assert second is not None
    assert (second.tries, second.nonce) == (2, first.nonce)
    assert second.why == "rate limit"


async def test_an_undeliverable_outcome_is_not_tried_again(
    deliveries: DeliveryStore, ended: JobId
) -> None:
    await deliveries.start_posting(ended, NOON)
    assert await deliveries.not_posted(ended, final=True, why="blocked", retry_at=later(1))
    assert await deliveries.due(later(9999), 10) == ()
    assert await deliveries.start_posting(ended, later(9999)) is None


async def test_what_a_crash_left_half_posted_is_found_at_start(
    deliveries: DeliveryStore, ended: JobId
) -> None:
    assert await deliveries.left_posting() == ()
    await deliveries.start_posting(ended, NOON)
    (left,) = await deliveries.left_posting()
    assert (left.job, left.nonce) == (ended, nonce_of(ended))


async def test_the_progress_message_is_remembered(deliveries: DeliveryStore, ended: JobId) -> None:
    await deliveries.progress_posted(ended, "progress 1")
    row = await deliveries.start_posting(ended, NOON)
    assert row is not None
    assert row.message_id == "progress 1"
    assert await deliveries.get(JobId("nope")) is None


def test_a_nonce_fits_the_strictest_platform() -> None:
    nonces = {nonce_of(JobId(f"job {number}")) for number in range(100)}
    assert len(nonces) == 100
    assert all(len(nonce) <= 25 for nonce in nonces)


async def test_jobs_that_are_not_over_and_were_announced_are_found_oldest_first(
    database: Database, deliveries: DeliveryStore
) -> None:
    over = await end(database, "over", 0)
    queue = QueueStore(database)
    for place, name in enumerate(("running", "waiting", "silent")):
        asked = job(name, owner(f"p:{name}"), asked_at=later(place))
        await queue.admit(Admission(asked, "console", f"to {name}"), CAPS, NOON)
    await queue.claim(WorkerId("w"), NOON, later(60), Holds(), FairRules())
    for name in (over, "running", "waiting"):
        await deliveries.progress_posted(JobId(name), f"message of {name}")

    found = await deliveries.announced()

    assert [(row.job, row.message_id) for row in found] == [
        ("running", "message of running"),
        ("waiting", "message of waiting"),
    ]
    assert found[0].owner == owner("p:running")


async def test_an_outcome_is_redirected_once(deliveries: DeliveryStore, ended: JobId) -> None:
    await deliveries.start_posting(ended, NOON)
    assert await deliveries.redirect(ended, "direct", "gone", NOON)
    again = await deliveries.start_posting(ended, NOON)
    assert again is not None
    assert (again.address, again.message_id, again.nonce) == ("direct", None, elsewhere(ended))
    assert len(again.nonce) <= 25
    assert not await deliveries.redirect(ended, "third", "gone", NOON)
