"""A lease ends once, and a cancel between claim and lease is not lost."""

from dataclasses import replace
from datetime import UTC, datetime

from engine.dispatch.eta import Took
from engine.dispatch.outcomes import Lease, Running, took
from engine.messages import Finished, Job, JobId, Owner, PersonId, Plan, SpaceId, WorkerId

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


# --- what it took -----------------------------------------------------------------------------


def drawn(seconds: float, loading_s: float) -> Finished:
    return Finished(
        worker=WorkerId("w"), job=JobId("a"), fence=3, drawn=(), images=(), seconds=seconds,
        stages={"load": loading_s},
    )  # fmt: skip


def test_loading_loras_is_told_apart_from_what_the_drawing_took() -> None:
    shared = replace(lease(), took_s=4.0, are_loras_brought=True)
    assert took(shared, drawn(9.0, 1.0)) == Took(3.0, 1.0, are_loras_brought=True)


def test_loading_a_base_was_not_counted_as_the_worker_s_time() -> None:
    cold = replace(lease(), took_s=4.0, is_base_brought=True)
    assert took(cold, drawn(64.0, 60.0)) == Took(4.0, 60.0, is_base_brought=True)


def test_without_a_measurement_the_worker_s_word_counts() -> None:
    assert took(lease(), drawn(9.0, 1.0)).drawing_s == 8.0
