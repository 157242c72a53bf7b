"""A lease ends once, and a cancel between claim and lease is not lost."""

from datetime import UTC, datetime

from engine.dispatch.outcomes import Lease, Running
from engine.messages import Job, JobId, Owner, PersonId, Plan, SpaceId, WorkerId

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def lease(name: str = "a", fence: int = 3) -> Lease:
    plan = Plan(
        base="miniature",
        family="miniature",
        prompt="a star",
        width=64,
        height=64,
        steps=12,
        guidance=4.0,
        scheduler="DDIM",
        seed=7,
    )
    owner = Owner(space=SpaceId("s"), person=PersonId("p"))
    job = Job(id=JobId(name), owner=owner, plan=plan, cost=1.0, asked_at=NOW, fence=fence)
    return Lease(job, WorkerId("w"), seen_at=NOW)


def test_a_late_report_ends_nothing() -> None:
    running = Running()
    running.open(lease(fence=3))
    assert running.take(JobId("a"), 2) is None
    assert JobId("a") in running.leases


def test_a_lease_is_taken_once() -> None:
    running = Running()
    running.open(lease(fence=3))
    assert running.take(JobId("a"), 3) is not None
    assert running.take(JobId("a"), 3) is None


def test_a_cancel_that_came_before_the_lease_is_kept() -> None:
    running = Running()
    running.cancel_early.add(JobId("a"))
    claimed = lease()
    running.open(claimed)
    assert claimed.cancel_asked
    assert not running.cancel_early
