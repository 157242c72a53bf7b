"""What people are told of their wait: kept to while it may come true, and learned from after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from engine.dispatch.eta import EtaBook, Hands, Standing, Took, blend
from engine.dispatch.pool import WorkerStatus
from engine.dispatch.workload import Workload
from engine.messages import Job, JobId

Value = TypeVar("Value")
MOST_TOLD = 5000
"""Waits that are remembered at once; the oldest are forgotten first."""
MOST_POSTING_S = 10.0
"""What takes longer to be posted waits for its platform, which is no rule for others."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of a job at first, and the latest end that people were told last."""

    at: datetime
    reckoned_s: float
    is_behind: bool
    high_at: datetime


class Foresight:
    """The ranges that are told for jobs in the queue, and how they came out."""

    def __init__(self, book: EtaBook, workload: Workload) -> None:
        self._book = book
        self._workload = workload
        self._told: dict[JobId, _Told] = {}
        self._drawn: dict[JobId, datetime] = {}
        self._posting_s: float | None = None

    def tell(
        self, job: Job, position: int, workers: Sequence[WorkerStatus], now: datetime
    ) -> tuple[float, float] | None:
        """Seconds until people have it, low and high; None while nothing like it was drawn.

        What was told before stands while it may come true: the end comes no later, unless the
        soonest that is likely is later than that by now.
        """
        standing = standing_of(job, position, workers, self._workload)
        reckoned_s = self._book.reckon(job.plan, standing)
        if reckoned_s is None:
            return None
        low_s, high_s = self._book.likely(reckoned_s, is_behind=standing.is_behind)
        low_s, high_s = low_s + (self._posting_s or 0.0), high_s + (self._posting_s or 0.0)
        high_at = now + timedelta(seconds=high_s)
        before = self._told.get(job.id)
        if before is None:
            _add(self._told, job.id, _Told(now, reckoned_s, standing.is_behind, high_at))
            return low_s, high_s
        if now + timedelta(seconds=low_s) <= before.high_at:
            high_at = min(high_at, before.high_at)
        self._told[job.id] = replace(before, high_at=high_at)
        return low_s, max(low_s, (high_at - now).total_seconds())

    def drawn(self, job: Job, took: Took, now: datetime) -> None:
        """A job left its worker as it should: was its wait as reckoned?"""
        told = self._told.pop(job.id, None)
        if job.plan.probe is not None:
            return
        self._book.learn(job.plan, took)
        if told is not None:
            waited_s = (now - told.at).total_seconds()
            self._book.came_out(told.reckoned_s, waited_s, is_behind=told.is_behind)
            _add(self._drawn, job.id, now)

    def posted(self, job: JobId, now: datetime) -> None:
        """People have a job's pictures."""
        drawn_at = self._drawn.pop(job, None)
        if drawn_at is not None:
            took_s = max(0.0, (now - drawn_at).total_seconds())
            self._posting_s = blend(self._posting_s, min(took_s, MOST_POSTING_S))

    def drop(self, job: JobId) -> None:
        """A job ended without a picture, or begins anew: its wait tells nothing of others'."""
        self._told.pop(job, None)


def standing_of(
    job: Job, position: int, workers: Sequence[WorkerStatus], workload: Workload
) -> Standing:
    """Where a job stands: behind how many, and what the workers have in hand and at hand."""
    up = [worker for worker in workers if worker.state != "down"]
    left = {worker.worker: workload.left(worker.worker) for worker in up}
    for work in left.values():
        for each in work:
            if each.job == job.id:
                beside = tuple(other for other in work if other.job != job.id)
                hands = (Hands(beside, is_open=True),)
                return Standing(0, hands, each.share, is_base_missing=each.is_base_coming)
    coming = {each.plan.base for work in left.values() for each in work if each.is_base_coming}
    files = {lora.sha256 for lora in job.plan.loras if lora.sha256 is not None}
    return Standing(
        ahead=max(0, position - 1),
        hands=tuple(Hands(left[each.worker], _is_open(each, job)) for each in up),
        is_base_missing=job.plan.base not in coming | {worker.base for worker in up},
        are_loras_missing=not any(files <= worker.loras for worker in up),
    )


def _is_open(worker: WorkerStatus, job: Job) -> bool:
    """Whether a worker takes this job now: it is idle, or draws what the job may join."""
    base = worker.bucket[0] if worker.bucket else None
    may_join = base == job.plan.base and job.plan.count <= worker.room
    return worker.state == "idle" or (worker.state == "busy" and may_join)


def _add(to: dict[JobId, Value], job: JobId, value: Value) -> None:
    """Remember, and forget the oldest when it is too much."""
    while len(to) >= MOST_TOLD:
        del to[next(iter(to))]
    to[job] = value
