"""What workers have in hand: how far it is, and how much of a worker each picture takes. Pure.

Pictures that share the steps of a worker share its seconds. A worker's turn grows by the seconds
that go by, divided by the pictures in hand; what a job took is how far the turn went meanwhile,
times its pictures. All jobs together took what the worker was busy, however they overlapped.
"""

from dataclasses import dataclass, field
from datetime import datetime

from engine.messages import Job, JobId, Plan, WorkerId


@dataclass(frozen=True, slots=True)
class Left:
    """A job in a worker's hands, and the share of it that is still to be drawn."""

    job: JobId
    plan: Plan
    share: float = 1.0
    is_base_coming: bool = False
    """It waits until its base is loaded."""


@dataclass(slots=True)
class _InHand:
    plan: Plan
    began: float
    """Where the turn of its worker stood."""
    done: float = 0.0
    is_base_coming: bool = False


@dataclass(slots=True)
class _Bench:
    """One worker: its turn, and until when that was counted."""

    at: datetime
    turn_s: float = 0.0
    jobs: dict[JobId, _InHand] = field(default_factory=dict)

    def count(self, now: datetime) -> None:
        """Bring the turn up to date; it stands still while a base is loaded."""
        pictures = sum(each.plan.count for each in self.jobs.values())
        if pictures and not any(each.is_base_coming for each in self.jobs.values()):
            self.turn_s += max(0.0, (now - self.at).total_seconds()) / pictures
        self.at = max(now, self.at)


class Workload:
    """The jobs in the hands of every worker."""

    def __init__(self) -> None:
        self._benches: dict[WorkerId, _Bench] = {}

    def begin(
        self, worker: WorkerId, job: Job, now: datetime, *, is_base_coming: bool = False
    ) -> None:
        """A job goes to a worker.

        What went by since the worker had nothing more counts for a job that waited meanwhile:
        being handed over is a part of what it takes.
        """
        bench = self._benches.setdefault(worker, _Bench(now))
        if bench.jobs:
            bench.count(now)
        else:
            waits_since = job.asked_at if job.attempts <= 1 else now
            bench.at = min(now, max(bench.at, waits_since))
        bench.jobs[job.id] = _InHand(job.plan, bench.turn_s, is_base_coming=is_base_coming)

    def step(self, worker: WorkerId, job: JobId, done: float, now: datetime) -> None:
        """A job is so far, from 0 to 1, so its base is loaded."""
        bench = self._benches.get(worker)
        if bench is None or job not in bench.jobs:
            return
        bench.count(now)
        in_hand = bench.jobs[job]
        in_hand.done = min(1.0, max(0.0, done))
        in_hand.is_base_coming = False

    def end(self, worker: WorkerId, job: JobId, now: datetime) -> float | None:
        """A job left its worker: the seconds of the worker that it took; None when unknown."""
        bench = self._benches.get(worker)
        if bench is None or job not in bench.jobs:
            return None
        bench.count(now)
        in_hand = bench.jobs.pop(job)
        if in_hand.is_base_coming:
            return None
        return (bench.turn_s - in_hand.began) * in_hand.plan.count

    def forget(self, worker: WorkerId) -> None:
        """A worker is gone, with all it had in hand."""
        self._benches.pop(worker, None)

    def left(self, worker: WorkerId) -> tuple[Left, ...]:
        """What a worker has still to draw."""
        bench = self._benches.get(worker)
        if bench is None:
            return ()
        return tuple(
            Left(job, each.plan, 1 - each.done, each.is_base_coming)
            for job, each in bench.jobs.items()
        )
