"""The port behind which workers live, wherever they run."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.messages import Base, JobId, Kept, Report, Sha256, WorkerId, WorkOrder

Bucket = tuple[str, int, int]
"""Base and size: pictures of one bucket share the steps of a worker."""
WorkerState = Literal["starting", "idle", "busy", "down"]


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What the pool knows of one worker; `loras` are the files it holds ready."""

    worker: WorkerId
    state: WorkerState
    device: str = ""
    base: str | None = None
    loras: frozenset[Sha256] = frozenset()
    jobs: tuple[JobId, ...] = ()
    """What it draws now, in the order of arrival."""
    room: int = 0
    """Pictures that it would draw beside those."""
    bucket: Bucket | None = None
    """What its newest order can share steps with."""
    restarts: int = 0
    why_down: str = ""
    kept: tuple[Kept, ...] = ()
    """What its stores of LoRAs did since it was started."""


class WorkerPool(Protocol):
    """Starts workers, hands them orders and passes on what they report.

    Promises, held by `tests/contract/test_worker_pool.py` for every implementation:
    an accepted order leads to exactly one of Finished, Stopped, GaveUp or WorkerGone with its
    job and fence; a worker that dies or hangs frees all its orders and is replaced with growing
    pauses; reports of one worker keep their order; `stop` leaves no process behind.
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
        """Hand an order to a worker that has room; raises `NoWorker` when it has none any more.

        An order of more pictures than there is room for is taken by an idle worker only.
        """
        ...

    async def cancel(self, job: JobId) -> None:
        """Ask the worker that draws this job to stop it at the next step; no-op if none does."""
        ...

    def reports(self) -> AsyncIterator[Report]:
        """All reports of all workers, for one reader; ends after `stop`."""
        ...
