"""The one owner of the queue: feeds idle workers, follows reports, keeps leases, recovers."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine.dispatch.events import EventBus
from engine.dispatch.meter import Meter
from engine.dispatch.orders import OrderDesk
from engine.dispatch.outcomes import (
    Clock,
    Lease,
    Milestone,
    Outcomes,
    Running,
    failure_of,
    nothing,
    settle,
)
from engine.dispatch.pool import WorkerPool, WorkerStatus
from engine.dispatch.workload import Workload
from engine.errors import AtelierError, NoWorker, TryAgain, WorkerLost
from engine.messages import (
    Base,
    Beat,
    Failure,
    Finished,
    GaveUp,
    Job,
    JobId,
    Progress,
    Report,
    Sha256,
    Started,
    StepDone,
    Stopped,
    WorkerGone,
    WorkerId,
    WorkerReady,
)
from engine.storage.fair import FairRules, Holds
from engine.storage.jobs import JobStore
from engine.storage.queue import QueueStore

log = structlog.get_logger(__name__)
NOBODY = WorkerId("")


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How the queue is run."""

    lease_s: float
    max_attempts: int
    fair: FairRules
    stop_grace_s: float


class Dispatcher:
    """Moves jobs between the store and the pool. A row is written before its event."""

    def __init__(
        self,
        *,
        queue: QueueStore,
        jobs: JobStore,
        pool: WorkerPool,
        desk: OrderDesk,
        outcomes: Outcomes,
        events: EventBus,
        meter: Meter,
        workload: Workload,
        rules: QueueRules,
        clock: Clock,
        at: Milestone = nothing,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._pool = pool
        self._desk = desk
        self._outcomes = outcomes
        self._events = events
        self._meter = meter
        self._workload = workload
        self._rules = rules
        self._clock = clock
        self._at = at
        self._running = Running()
        self._wake = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._stopping = False

    # --- life -------------------------------------------------------------------------------

    async def start(self, warm: Base | None = None) -> None:
        """Recover what a former process left, then start workers and loops."""
        await self._recover()
        await self._pool.start(warm)
        loops = (self._feed(), self._listen(), self._keep_leases())
        self._loops = [asyncio.create_task(loop) for loop in loops]
        self.wake()

    async def stop(self) -> None:
        """Stop feeding, let running pictures finish within the grace period, return the rest."""
        self._stopping = True
        self.wake()
        await self._pool.stop(self._rules.stop_grace_s)
        feed, listen, leases = self._loops
        await asyncio.gather(feed, listen, return_exceptions=True)
        leases.cancel()
        await asyncio.gather(leases, return_exceptions=True)
        await settle(self._ending)
        for lease in tuple(self._running.leases.values()):
            await self._outcomes.give_back(lease.job, count_attempt=False)
        self._running.leases.clear()

    def wake(self) -> None:
        """There may be something to do: a job was admitted, a worker is free."""
        self._wake.set()

    async def cancel(self, job: JobId) -> None:
        """Pass a cancel on to the worker that draws this job."""
        lease = self._running.leases.get(job)
        if lease is None:
            if job not in self._running.ending:
                self._running.cancel_early.add(job)
            return
        lease.cancel_asked = True
        await self._pool.cancel(job)

    async def _recover(self) -> None:
        """Jobs that were running when the last process died go back, or are given up."""
        for job in await self._jobs.running():
            lease = Lease(job, worker=NOBODY, seen_at=self._clock(), cancel_asked=job.cancel_asked)
            failure = failure_of(WorkerLost(worker="", how="Atelier was restarted"))
            await self._outcomes.again(lease, failure)

    # --- queue -> workers -------------------------------------------------------------------

    async def _feed(self) -> None:
        pulse_s = min(1.0, self._rules.lease_s / 3)
        while not self._stopping:
            for status in self._pool.workers():
                await self._fill(status.worker)
            try:
                await asyncio.wait_for(self._wake.wait(), pulse_s)
            except TimeoutError:
                continue
            self._wake.clear()

    async def _fill(self, worker: WorkerId) -> None:
        """Give a worker as much as it has room for.

        Who was tried before is drawn alone: when a worker dies, nobody knows whose fault it was,
        and a job that kills it must not take the same neighbours along until they are given up.
        """
        while not self._stopping:
            status = next((each for each in self._pool.workers() if each.worker == worker), None)
            if status is None or not (status.state == "idle" or status.room):
                return
            if any(self._running.is_alone(job) for job in status.jobs):
                return
            if not await self._feed_one(status):
                return

    async def _feed_one(self, status: WorkerStatus) -> bool:
        """Claim a job for a worker and hand it over; whether there was one."""
        now = self._clock()
        holds = holds_of(status)
        try:
            until = now + timedelta(seconds=self._rules.lease_s)
            job = await self._queue.claim(status.worker, now, until, holds, self._rules.fair)
        except TryAgain as error:
            log.warning("queue.not_claimed", code=error.code)
            return False
        if job is None:
            return False
        self._at("claimed")
        lease = Lease(
            job,
            status.worker,
            seen_at=now,
            is_base_brought=status.state == "idle" and status.base != job.plan.base,
            are_loras_brought=not _files_of(job) <= status.loras,
        )
        self._running.open(lease)
        is_base_coming = lease.is_base_brought
        self._workload.begin(status.worker, job, now, is_base_coming=is_base_coming)
        if job.attempts == 1:
            self._meter.waited((now - job.asked_at).total_seconds())
        return await self._hand_over(lease)

    async def _hand_over(self, lease: Lease) -> bool:
        job = lease.job
        try:
            order = await self._desk.write(job)
            await self._pool.submit(lease.worker, order)
        except NoWorker:
            if self._let_go(job.id, job.fence):
                await self._outcomes.give_back(job, count_attempt=False)
            return False
        except AtelierError as error:
            log.warning("job.not_ordered", job=job.id, code=error.code)
            if self._let_go(job.id, job.fence):
                await self._outcomes.again(lease, failure_of(error), retry=error.retry)
            return True
        lease.is_handed_over = True
        self._at("submitted")
        log.info("job.leased", job=job.id, worker=lease.worker, fence=job.fence)
        self._events.publish(Started(job=job.id, worker=lease.worker))
        if lease.cancel_asked:
            await self._pool.cancel(job.id)
        return True

    # --- workers -> queue -------------------------------------------------------------------

    async def _listen(self) -> None:
        async for report in self._pool.reports():
            try:
                await self._take_in(report)
            except Exception:
                log.exception("report.failed", report=report.kind)

    async def _take_in(self, report: Report) -> None:
        match report:
            case WorkerReady():
                log.info("worker.ready", worker=report.worker, device=report.device)
                self.wake()
            case Beat():
                for job in report.jobs:
                    self._sign_of_life(job)
            case StepDone():
                self._step(report)
            case Finished() | Stopped() | GaveUp():
                lease = self._let_go(report.job, report.fence)
                if lease is None:
                    log.warning("report.late", job=report.job, fence=report.fence)
                else:
                    self._end(lease, report)
                self.wake()
            case WorkerGone():
                await self._gone(report)
                self.wake()

    def _let_go(self, job: JobId, fence: int) -> Lease | None:
        """A job left its worker, in whatever way; None when the report is late or unknown."""
        lease = self._running.take(job, fence)
        if lease is not None:
            lease.over_at = self._clock()
            lease.took_s = self._workload.end(lease.worker, job, lease.over_at)
        return lease

    def _sign_of_life(self, job: JobId) -> None:
        lease = self._running.leases.get(job)
        if lease is not None:
            lease.seen_at = self._clock()

    def _step(self, report: StepDone) -> None:
        lease = self._running.leases.get(report.job)
        if lease is None or lease.job.fence != report.fence:
            return
        lease.seen_at = self._clock()
        done = report.step / max(1, report.steps)
        self._workload.step(lease.worker, report.job, done, lease.seen_at)
        self._at("stepped")
        self._events.publish(
            Progress(job=report.job, step=report.step, steps=report.steps, preview=report.preview)
        )

    def _end(self, lease: Lease, report: Finished | Stopped | GaveUp) -> None:
        """Write the end beside the loop: storing pictures must not hold up other reports."""
        job = lease.job.id
        self._running.ending[job] = lease
        task = asyncio.create_task(self._write_end(lease, report))
        self._ending.add(task)
        task.add_done_callback(lambda task: self._ended(job, task))

    async def _write_end(self, lease: Lease, report: Finished | Stopped | GaveUp) -> None:
        match report:
            case Finished():
                await self._outcomes.finished(lease, report)
            case GaveUp():
                await self._outcomes.gave_up(lease, report)
            case Stopped() if lease.cancel_asked:
                await self._outcomes.cancelled(lease)
            case Stopped():
                await self._outcomes.give_back(lease.job, count_attempt=False)

    def _ended(self, job: JobId, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._running.ending.pop(job, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("job.end_not_written", exc_info=task.exception())
        self.wake()

    async def _gone(self, report: WorkerGone) -> None:
        tell = log.info if self._stopping else log.error
        tell("worker.gone", worker=report.worker, how=report.how, job=report.job)
        if report.job is None or report.fence is None:
            return
        lease = self._let_go(report.job, report.fence)
        self._workload.forget(report.worker)
        if lease is None:
            return
        if self._stopping:
            await self._outcomes.give_back(lease.job, count_attempt=False)
            return
        self._meter.failed("worker_lost")
        error = WorkerLost(worker=report.worker, how=report.how)
        await self._outcomes.again(lease, failure_of(error))

    # --- leases -----------------------------------------------------------------------------

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._rules.lease_s / 3)
            try:
                now = self._clock()  # one moment for both: what is ours is renewed before it counts
                await self._renew(now)
                await self._sweep(now)
            except TryAgain as error:
                log.warning("lease.not_kept", code=error.code)

    async def _renew(self, now: datetime) -> None:
        """Prolong what is ours.

        While the pool says that a worker draws a job, its lease lives: the pool watches for hangs
        itself, and silence may be our own, on a machine that was asleep or overloaded.
        """
        until = now + timedelta(seconds=self._rules.lease_s)
        for lease in tuple(self._running.ending.values()):
            await self._queue.renew(lease.job.id, lease.job.fence, until)
        drawing = self._drawing()
        for lease in tuple(self._running.leases.values()):
            quiet_s = (now - lease.seen_at).total_seconds()
            if quiet_s > self._rules.lease_s and lease.job.id not in drawing:
                continue
            if not await self._queue.renew(lease.job.id, lease.job.fence, until):
                log.warning("lease.lost", job=lease.job.id)
                await self._pool.cancel(lease.job.id)

    def _drawing(self) -> set[JobId]:
        """What is in a worker's hands, or on its way there."""
        leases = self._running.leases.values()
        drawn = {job for status in self._pool.workers() for job in status.jobs}
        on_their_way = {lease.job.id for lease in leases if not lease.is_handed_over}
        return {lease.job.id for lease in leases if lease.job.id in drawn} | on_their_way

    async def _sweep(self, now: datetime) -> None:
        """Leases that ran out: the worker is silent, or belonged to a process that died.

        What a worker of ours draws is no such lease: then we were too slow to prolong it.
        """
        for job in await self._jobs.expired(now):
            if job.id in self._running.ending or job.id in self._drawing():
                continue
            lease = self._let_go(job.id, job.fence) or Lease(
                job, NOBODY, seen_at=self._clock(), cancel_asked=job.cancel_asked
            )
            log.warning("lease.expired", job=job.id, worker=lease.worker)
            await self._pool.cancel(job.id)
            failure: Failure = failure_of(WorkerLost(worker=lease.worker, how="went silent"))
            await self._outcomes.again(lease, failure)
            self.wake()


def _files_of(job: Job) -> frozenset[Sha256]:
    return frozenset(lora.sha256 for lora in job.plan.loras if lora.sha256 is not None)


def holds_of(status: WorkerStatus) -> Holds:
    """What a worker has loaded, and what a job must be like to join what it draws."""
    base, width, height = status.bucket or (status.base, 0, 0)
    return Holds(
        base=base,
        loras=status.loras,
        size=(width, height) if status.bucket else None,
        room=status.room if status.state == "busy" else None,
    )
