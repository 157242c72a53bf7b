"""The port behind which workers live, wherever they run."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.messages import Base, JobId, Report, Sha256, WorkerId, WorkOrder

WorkerState = Literal["starting", "idle", "busy", "down"]


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What the pool knows of one worker; `loras` are the files it holds ready."""

    worker: WorkerId
    state: WorkerState
    device: str = ""
    base: str | None = None
    loras: frozenset[Sha256] = frozenset()
    job: JobId | None = None
    restarts: int = 0
    why_down: str = ""


class WorkerPool(Protocol):
    """Starts workers, hands them orders and passes on what they report.

    Promises, held by `tests/contract/test_worker_pool.py` for every implementation:
    an accepted order leads to exactly one of Finished, Stopped, GaveUp or WorkerGone with its
    job and fence; a worker that dies or hangs is replaced with growing pauses; reports of one
    worker keep their order; `stop` leaves no process behind.
    """

    async def start(self, warm: Base | None = None) -> None:
        """Start every worker and return at once; `WorkerReady` reports follow.

        `warm` is a base to load before the first order.
        """
        ...

    async def stop(self, grace_s: float) -> None:
        """Let running orders finish for `grace_s` seconds, then end every worker."""
        ...

    def workers(self) -> tuple[WorkerStatus, ...]:
        """Every worker as it is now."""
        ...

    async def submit(self, worker: WorkerId, order: WorkOrder) -> None:
        """Hand an order to an idle worker; raises `NoWorker` when it is not idle any more."""
        ...

    async def cancel(self, job: JobId) -> None:
        """Ask the worker that draws this job to stop at the next step; no-op if none does."""
        ...

    def reports(self) -> AsyncIterator[Report]:
        """All reports of all workers, for one reader; ends after `stop`."""
        ...
