"""Workers as child processes of this machine, one per device."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

import structlog

from engine.dispatch.pool import WorkerStatus
from engine.dispatch.pools.child import WORKER_COMMAND, Child
from engine.dispatch.pools.seat import Patience, Seat, Surroundings
from engine.errors import NoWorker
from engine.messages import Base, Beat, JobId, Report, StepDone, WorkerId, WorkOrder

log = structlog.get_logger(__name__)
BACKLOG = 1000
"""Unread reports beyond which beats and steps are dropped; outcomes never are."""


class WorkerValues(Protocol):
    """The `workers` section of the settings, as far as this pool reads it."""

    @property
    def devices(self) -> tuple[str, ...]:
        """`auto`, or names such as `cuda:0`, `mps`, `cpu`."""
        ...

    @property
    def threads(self) -> int:
        """CPU threads of one worker; 0 leaves it to torch."""
        ...

    @property
    def most_rows(self) -> int:
        """Pictures that a worker draws at once."""
        ...

    @property
    def compile(self) -> bool:
        """Whether workers compile the denoisers of their bases."""
        ...

    @property
    def beat_s(self) -> float: ...
    @property
    def hang_s(self) -> float: ...
    @property
    def start_timeout_s(self) -> float: ...
    @property
    def backoff_first_s(self) -> float: ...
    @property
    def backoff_max_s(self) -> float: ...


OnWorkerLine = Callable[[WorkerId, str], None]


def log_line(worker: WorkerId, line: str) -> None:
    """What a worker prints goes to the log; it may quote a prompt, so only at debug level."""
    log.debug("worker.printed", worker=worker, line=line)


class LocalPool:
    """The embedded `WorkerPool`. `command` starts one worker; tests give it a double."""

    def __init__(
        self,
        values: WorkerValues,
        *,
        command: Sequence[str] = WORKER_COMMAND,
        on_line: OnWorkerLine = log_line,
    ) -> None:
        self._values = values
        self._command = tuple(command)
        self._on_line = on_line
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._seats: dict[WorkerId, Seat] = {}
        self._running: dict[WorkerId, asyncio.Task[None]] = {}
        self._warm: Base | None = None
        self._stopped = False

    async def start(self, warm: Base | None = None) -> None:
        """Start a worker per device; `auto` starts one, which tells what else there is."""
        self._warm = warm
        for device in self._values.devices:
            self._add(device)

    async def stop(self, grace_s: float) -> None:
        """See the port. Safe to call twice."""
        if self._stopped:
            return
        self._stopped = True
        await asyncio.gather(*(seat.stop(grace_s) for seat in self._seats.values()))
        await asyncio.gather(*self._running.values())
        self._reports.put_nowait(None)

    def workers(self) -> tuple[WorkerStatus, ...]:
        """Every worker as it is now."""
        return tuple(seat.status() for seat in self._seats.values())

    async def submit(self, worker: WorkerId, order: WorkOrder) -> None:
        """Hand an order to a worker with room; raises `NoWorker`."""
        seat = self._seats.get(worker)
        if seat is None:
            raise NoWorker(why=f"there is no {worker}")
        await seat.submit(order)

    async def cancel(self, job: JobId) -> None:
        """Ask whoever draws this job to stop at the next step."""
        for seat in self._seats.values():
            if seat.holds(job):
                await seat.cancel(job)

    async def reports(self) -> AsyncIterator[Report]:
        """All reports, until `stop`."""
        while (report := await self._reports.get()) is not None:
            yield report
        self._reports.put_nowait(None)

    def _add(self, device: str) -> None:
        worker = WorkerId(f"local-{len(self._seats)}")
        patience = Patience(
            beat_s=self._values.beat_s,
            hang_s=self._values.hang_s,
            start_timeout_s=self._values.start_timeout_s,
            backoff_first_s=self._values.backoff_first_s,
            backoff_max_s=self._values.backoff_max_s,
            compiles=self._values.compile,
        )
        around = Surroundings(self._start_child, self._emit, self._add_missing)
        seat = Seat(worker, device, patience, around, self._warm, self._values.most_rows)
        self._seats[worker] = seat
        self._running[worker] = asyncio.create_task(seat.run(), name=f"seat {worker}")

    def _add_missing(self, devices: tuple[str, ...]) -> None:
        """The first worker found these; it keeps the first, the others get one each."""
        if not self._stopped and self._values.devices == ("auto",) and len(self._seats) == 1:
            for device in devices[1:]:
                self._add(device)

    async def _start_child(self, worker: WorkerId, device: str) -> Child:
        arguments = (
            "--worker", worker,
            "--device", device,
            "--beat-s", str(self._values.beat_s),
            "--threads", str(self._values.threads),
            "--most-rows", str(self._values.most_rows),
            "--parent", str(os.getpid()),
            *(["--compile"] if self._values.compile else []),
        )  # fmt: skip
        return await Child.start(self._command, arguments, lambda line: self._on_line(worker, line))

    def _emit(self, report: Report) -> None:
        droppable = isinstance(report, Beat | StepDone)
        if droppable and self._reports.qsize() > BACKLOG:
            return
        self._reports.put_nowait(report)
