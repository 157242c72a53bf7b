"""What becomes of a leased job: stored, retried, given up, cancelled; each exactly once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from engine.dispatch.eta import Took
from engine.dispatch.events import EventBus
from engine.dispatch.foresight import Foresight
from engine.dispatch.meter import Meter
from engine.dispatch.patience import persist
from engine.errors import AtelierError, Fact, LookPoisoned, WorkerLost
from engine.messages import (
    Ended,
    Failure,
    Finished,
    GaveUp,
    Job,
    JobId,
    Picture,
    Queued,
    Result,
    Sha256,
    WorkerId,
)
from engine.registry.quarantine import Quarantine
from engine.storage.blobs import BlobStore
from engine.storage.jobs import JobStore
from engine.storage.queue import QueueStore

log = structlog.get_logger(__name__)
STORE_TRIES = 5
PNG_BEGIN: Final = b"\x89PNG\r\n\x1a\n"
PNG_END: Final = b"IEND\xaeB`\x82"
"""The last chunk with its checksum: a file that was cut off lacks it."""

Clock = Callable[[], datetime]
Milestone = Callable[[str], None]
"""Called at named points of a job's life; tests end the process there."""


@dataclass(slots=True)
class Lease:
    """A job in a worker's hands, as this process knows it."""

    job: Job
    worker: WorkerId
    seen_at: datetime
    cancel_asked: bool = False
    is_handed_over: bool = False
    """The worker has its order: from then on the pool says whether it is drawn."""
    is_base_brought: bool = False
    are_loras_brought: bool = False
    """What its worker did not hold when it was handed over."""
    over_at: datetime | None = None
    took_s: float | None = None
    """When it left the worker, and its part of the worker's time; None while unknown."""


@dataclass(slots=True)
class Running:
    """All leases of this process by job."""

    leases: dict[JobId, Lease] = field(default_factory=dict)
    ending: dict[JobId, Lease] = field(default_factory=dict)
    """Reported over, the end is being written: still ours, so still renewed."""
    cancel_early: set[JobId] = field(default_factory=set)
    """Cancelled between the claim's commit and the lease's entry here."""

    def open(self, lease: Lease) -> None:
        """A job was claimed."""
        job = lease.job.id
        lease.cancel_asked = lease.cancel_asked or job in self.cancel_early
        self.cancel_early.discard(job)
        self.leases[job] = lease

    def is_alone(self, job: JobId) -> bool:
        """Whether this job takes no company: it was tried before."""
        lease = self.leases.get(job)
        return lease is not None and lease.job.attempts > 1

    def take(self, job: JobId, fence: int) -> Lease | None:
        """End a lease; None when the report is late (an older fence) or unknown."""
        lease = self.leases.get(job)
        if lease is None or lease.job.fence != fence:
            return None
        return self.leases.pop(job)


class Outcomes:
    """Writes the end of a lease to the store, then tells everyone."""

    def __init__(
        self,
        *,
        queue: QueueStore,
        jobs: JobStore,
        blobs: BlobStore,
        events: EventBus,
        foresight: Foresight,
        meter: Meter,
        clock: Clock,
        most_attempts: int,
        blob_cap_bytes: int,
        at: Milestone,
        quarantine: Quarantine | None = None,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._blobs = blobs
        self._events = events
        self._foresight = foresight
        self._meter = meter
        self._clock = clock
        self._most_attempts = most_attempts
        self._blob_cap_bytes = blob_cap_bytes
        self._at = at
        self._quarantine = quarantine

    async def finished(self, lease: Lease, report: Finished) -> None:
        """Store the pictures, then the result, then tell."""
        job = lease.job
        self._at("drawn")
        if lease.cancel_asked:
            await self.cancelled(lease)
            return
        problem = garbage_in(report, is_probe=job.plan.probe is not None)
        if problem is not None:
            self._meter.failed(WorkerLost.code)
            await self.again(lease, failure_of(WorkerLost(worker=report.worker, how=problem)))
            return
        try:
            pictures = await self._store(report)
        except AtelierError as error:
            log.exception("job.not_stored", job=job.id, code=error.code)
            await self.failed(job, failure_of(error))
            return
        self._at("stored")
        result = Result(
            pictures=pictures,
            seconds=report.seconds,
            warnings=report.warnings,
            displacement=report.displacement,
        )
        fresh = await persist(
            "finish", lambda: self._queue.finish(job.id, job.fence, result, self._clock())
        )
        self._at("finished")
        if not fresh:
            log.warning("job.late_result", job=job.id, fence=job.fence)
            return
        self._foresight.drawn(job, took(lease, report), lease.over_at or self._clock())
        self._meter.drawn(len(pictures))
        for stage, seconds in report.stages.items():
            self._meter.stage(stage, seconds)
        self._events.publish(Ended(job=job.id, state="done"))

    async def gave_up(self, lease: Lease, report: GaveUp) -> None:
        """A worker could not draw it: again, or an apology."""
        self._meter.failed(report.failure.code)
        quarantine = self._quarantine
        if report.failure.code == LookPoisoned.code and quarantine is not None:
            await persist("quarantine", lambda: quarantine.take_out(lease.job, report.failure))
        await self.again(lease, report.failure, retry=report.retry)

    async def again(self, lease: Lease, failure: Failure, *, retry: bool = True) -> None:
        """Back into the queue at the old place, unless cancelled or tried too often."""
        job = lease.job
        if lease.cancel_asked:
            await self.cancelled(lease)
        elif retry and job.attempts < self._most_attempts:
            log.warning("job.retried", job=job.id, code=failure.code, attempt=job.attempts)
            await self.give_back(job, count_attempt=True)
        else:
            await self.failed(job, failure)

    async def give_back(self, job: Job, *, count_attempt: bool) -> None:
        """Return a lease to the queue; `count_attempt` False when it was not the job's fault."""
        self._foresight.drop(job.id)
        fresh = await persist(
            "give_back",
            lambda: self._queue.give_back(
                job.id, job.fence, self._clock(), count_attempt=count_attempt
            ),
        )
        if not fresh:
            return
        now_is = await persist("get", lambda: self._jobs.get(job.id))
        if now_is is not None and now_is.state == "cancelled":
            self._events.publish(Ended(job=job.id, state="cancelled"))
            return
        place = await persist("position", lambda: self._jobs.position(job.id))
        self._events.publish(Queued(job=job.id, position=place, attempt=job.attempts))

    async def failed(self, job: Job, failure: Failure) -> None:
        """End a job with a failure that people will be told."""
        self._foresight.drop(job.id)
        log.error("job.failed", job=job.id, code=failure.code)
        fresh = await persist(
            "fail", lambda: self._queue.fail(job.id, job.fence, failure, self._clock())
        )
        if fresh:
            self._events.publish(Ended(job=job.id, state="failed"))

    async def cancelled(self, lease: Lease) -> None:
        """End a job because its owner said so."""
        job = lease.job
        self._foresight.drop(job.id)
        fresh = await persist(
            "cancelled", lambda: self._queue.cancelled(job.id, job.fence, self._clock())
        )
        if fresh:
            self._events.publish(Ended(job=job.id, state="cancelled"))

    async def _store(self, report: Finished) -> tuple[Picture, ...]:
        pictures: list[Picture] = []
        for drawn, png in zip(report.drawn, report.images, strict=True):
            sha256 = await persist("store", partial(self._put, png), STORE_TRIES)
            pictures.append(
                Picture(
                    sha256=sha256,
                    index=drawn.index,
                    seed=drawn.seed,
                    width=drawn.width,
                    height=drawn.height,
                    size_bytes=len(png),
                )
            )
        return tuple(pictures)

    async def _put(self, png: bytes) -> Sha256:
        blob = await self._blobs.put(png, self._blob_cap_bytes)
        return blob.sha256


def took(lease: Lease, report: Finished) -> Took:
    """What a job took of its worker; bringing a base is not counted in its lease's seconds."""
    loading_s = report.stages.get("load", 0.0)
    if lease.took_s is None:
        drawing_s = report.seconds - loading_s
    else:
        drawing_s = lease.took_s - (0.0 if lease.is_base_brought else loading_s)
    return Took(drawing_s, loading_s, lease.is_base_brought, lease.are_loras_brought)


def garbage_in(report: Finished, *, is_probe: bool = False) -> str | None:
    """Why this can't be the outcome of an order, in a few words; None when it can."""
    if is_probe:
        return None if report.displacement and not report.images else "measured nothing"
    if not report.images or len(report.images) != len(report.drawn):
        return f"sent {len(report.images)} pictures and told of {len(report.drawn)}"
    for image in report.images:
        if not (image.startswith(PNG_BEGIN) and image.endswith(PNG_END)):
            return "sent a picture that is no whole PNG file"
    return None


def failure_of(error: AtelierError) -> Failure:
    """An error as a stored failure."""
    facts = {name: _told(fact) for name, fact in error.facts.items()}
    return Failure(code=error.code, facts=facts)


def _told(fact: Fact) -> str:
    return ", ".join(fact) if isinstance(fact, tuple) else str(fact)


def nothing(_name: str) -> None:
    """The milestone of real life."""


async def settle(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for tasks that finish work already paid for."""
    while tasks:
        await asyncio.gather(*tuple(tasks), return_exceptions=True)
