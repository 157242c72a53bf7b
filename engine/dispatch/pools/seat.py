"""One device's seat in the local pool: keeps a worker process in it, whatever happens to it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from engine import wire
from engine.dispatch.pool import Bucket, WorkerState, WorkerStatus
from engine.dispatch.pools.child import Child
from engine.errors import NoWorker
from engine.messages import (
    Base,
    Beat,
    Finished,
    GaveUp,
    JobId,
    Kept,
    Message,
    Report,
    Sha256,
    StepDone,
    Stopped,
    WorkerGone,
    WorkerId,
    WorkerReady,
    WorkOrder,
)

log = structlog.get_logger(__name__)
LEAVE_S = 5.0
"""How long a worker may take to leave after being asked, before the next stronger means."""
COMPILE_S = 600.0
"""How long a step may take when a graph is made for it."""
LAST_WORDS_S = 1.0
"""How long we read on after a process ended, or wait for its end after its channel closed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a seat waits for its worker, in seconds."""

    beat_s: float
    hang_s: float
    start_timeout_s: float
    backoff_first_s: float
    backoff_max_s: float
    compiles: bool = False
    """Then a step may take as long as a compiler does."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a seat needs of its pool."""

    start: Callable[[WorkerId, str], Awaitable[Child]]
    emit: Callable[[Report], None]
    devices_found: Callable[[tuple[str, ...]], None]


class Seat:
    """A worker's identity over all its processes: the orders it holds, how often it died."""

    def __init__(
        self,
        worker: WorkerId,
        device: str,
        patience: Patience,
        around: Surroundings,
        warm: Base | None = None,
        most_rows: int = 1,
    ) -> None:
        self.worker = worker
        self._device = device
        self._patience = patience
        self._around = around
        self._warm = warm
        self._child: Child | None = None
        self._state: WorkerState = "starting"
        self._most_rows = most_rows
        self._orders: dict[JobId, WorkOrder] = {}
        self._free = asyncio.Event()
        self._free.set()
        self._stopping = asyncio.Event()
        self._base: str | None = None
        self._loras: frozenset[Sha256] = frozenset()
        self._kept: tuple[Kept, ...] = ()
        self._restarts = 0
        self._why_down = ""
        self._did_work = False
        self._heard_s = 0.0
        self._moved_s = 0.0

    def status(self) -> WorkerStatus:
        """The worker as it is now."""
        return WorkerStatus(
            worker=self.worker,
            state=self._state,
            device="" if self._device == "auto" else self._device,
            base=self._base,
            loras=self._loras,
            jobs=tuple(self._orders),
            room=self._room,
            bucket=self._bucket,
            restarts=self._restarts,
            why_down=self._why_down,
            kept=self._kept,
        )

    @property
    def _room(self) -> int:
        if self._state not in ("idle", "busy") or self._stopping.is_set():
            return 0
        return max(0, self._most_rows - sum(order.plan.count for order in self._orders.values()))

    @property
    def _bucket(self) -> Bucket | None:
        newest = next(reversed(self._orders.values()), None)
        return None if newest is None else (newest.base.name, newest.plan.width, newest.plan.height)

    def holds(self, job: JobId) -> bool:
        """Whether this worker is drawing the job."""
        return job in self._orders

    async def run(self) -> None:
        """One process after another, with growing pauses, until `stop`."""
        pause_s = self._patience.backoff_first_s
        while not self._stopping.is_set():
            self._did_work = False
            how = await self._one_life()
            self._mourn(how)
            if self._did_work:
                pause_s = self._patience.backoff_first_s
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)
            pause_s = min(2 * pause_s, self._patience.backoff_max_s)
            self._restarts += 0 if self._stopping.is_set() else 1

    async def submit(self, order: WorkOrder) -> None:
        """Hand over an order; raises `NoWorker` without room. From here it has one outcome."""
        fits = self._state == "idle" or order.plan.count <= self._room
        if not fits or self._child is None or self._stopping.is_set():
            raise NoWorker(why=f"{self.worker} is {self._state}")
        if not self._orders:
            self._moved_s = time.monotonic()
        self._orders[order.job] = order
        self._state = "busy"
        self._free.clear()
        await self._send(wire.DrawOrder(order=order))

    async def cancel(self, job: JobId) -> None:
        """Ask the worker to stop this job at the next step."""
        await self._send(wire.CancelOrder(job=job))

    async def stop(self, grace_s: float) -> None:
        """Let a running order end within `grace_s`; ask, then terminate; `run` then kills."""
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._free.wait(), grace_s)
        child = self._child
        if child is None:
            return
        if self._state == "idle":
            await self._send(wire.Shutdown())
            if await child.exited_within(LEAVE_S):
                return
        child.terminate()
        if not await child.exited_within(LEAVE_S):
            child.kill()

    # --- one process ----------------------------------------------------------------------

    async def _one_life(self) -> str:
        """Start a process, follow it to its end, and say how it ended."""
        self._state = "starting"
        self._heard_s = time.monotonic()
        try:
            self._child = child = await self._around.start(self.worker, self._device)
        except OSError as error:
            return f"can't be started: {error.strerror}"
        if self._stopping.is_set():
            child.kill()
        tasks = (
            asyncio.create_task(self._listen(child)),
            asyncio.create_task(self._watch()),
            asyncio.create_task(child.exited()),
        )
        listening, watching, exiting = tasks
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                why = watching.result()
            elif exiting.done():
                await asyncio.wait({listening}, timeout=LAST_WORDS_S)
                why = ""
            else:
                why = listening.result()
                if not why:
                    await asyncio.wait({exiting}, timeout=LAST_WORDS_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._child = None
            ending = await asyncio.shield(child.close())
        return "stopped" if self._stopping.is_set() else (why or ending)

    async def _listen(self, child: Child) -> str:
        """Read until the channel closes; what was wrong with it, or nothing."""
        while True:
            try:
                message = await child.read()
            except wire.BrokenFrame as error:
                return f"spoke garbage: {error.facts['problem']}"
            if message is None:
                return ""
            if not await self._take(message):
                return f"spoke garbage: an unexpected {message.kind} message"

    async def _watch(self) -> str:
        """Come back only when the worker must be ended: why."""
        patience = self._patience
        round_s = min(patience.beat_s, patience.hang_s / 4)
        asleep_s = time.monotonic()
        while True:
            await asyncio.sleep(round_s)
            now_s = time.monotonic()
            if now_s - asleep_s > round_s + patience.hang_s / 2:
                # We were away ourselves (a suspended or overloaded machine): its reports are
                # still unread, so its silence proves nothing.
                self._heard_s = self._moved_s = now_s
            asleep_s = now_s
            if self._state == "starting":
                if now_s - self._heard_s > patience.start_timeout_s:
                    return f"not ready after {patience.start_timeout_s:g} s"
            elif now_s - self._heard_s > patience.hang_s:
                log.warning("worker.silent", worker=self.worker, silent_s=now_s - self._heard_s)
                return "hung"
            elif self._orders and now_s - self._moved_s > self._step_patience_s():
                log.warning("worker.stuck", worker=self.worker, jobs=tuple(self._orders))
                return "hung"

    def _step_patience_s(self) -> float:
        """Until it holds an order's base it may be loading, which takes longer than a step."""
        patience = self._patience
        longest = max(patience.hang_s, COMPILE_S) if patience.compiles else patience.hang_s
        if all(order.base.name == self._base for order in self._orders.values()):
            return longest
        return max(longest, patience.start_timeout_s)

    async def _take(self, message: wire.FromWorker) -> bool:
        """Act on one message; False when a worker may not send it."""
        if isinstance(message, wire.DevicesFound):
            self._device = message.devices[0]
            self._around.devices_found(message.devices)
            return True
        if isinstance(message, WorkerGone) or message.worker != self.worker:
            return False
        self._heard_s = time.monotonic()
        if isinstance(message, WorkerReady):
            await self._welcome(message)
        elif isinstance(message, Beat):
            if message.base != self._base:
                self._moved_s = self._heard_s
            self._base, self._loras = message.base, frozenset(message.loras)
            self._kept = message.kept
        elif (order := self._orders.get(message.job)) is None or message.fence != order.fence:
            log.warning("worker.stray_report", worker=self.worker, kind=message.kind)
            return True
        elif isinstance(message, StepDone):
            self._moved_s = self._heard_s
        else:
            self._let_go(message)
        self._around.emit(message)
        return True

    async def _welcome(self, ready: WorkerReady) -> None:
        self._device = ready.device
        if self._state == "starting":
            self._state = "idle"
        self._why_down = ""
        if self._warm is not None:
            await self._send(wire.Warm(base=self._warm))

    def _let_go(self, outcome: Finished | Stopped | GaveUp) -> None:
        del self._orders[outcome.job]
        self._did_work = True
        self._moved_s = self._heard_s
        if not self._orders:
            self._state = "idle"
            self._free.set()

    def _mourn(self, how: str) -> None:
        """Tell, once for each of its orders, that the process is gone and they are free."""
        orders, self._orders = tuple(self._orders.values()), {}
        self._state = "down"
        self._why_down = how
        self._base, self._loras, self._kept = None, frozenset(), ()
        log.info("worker.gone", worker=self.worker, how=how, jobs=[order.job for order in orders])
        for order in orders:
            self._around.emit(
                WorkerGone(worker=self.worker, how=how, job=order.job, fence=order.fence)
            )
        if not orders:
            self._around.emit(WorkerGone(worker=self.worker, how=how))
        self._free.set()

    async def _send(self, message: Message) -> None:
        if self._child is None:
            return
        try:
            await self._child.send(message)
        except (ConnectionError, RuntimeError) as error:
            # Its end is noticed by `_listen`, which frees the order.
            log.info("worker.unreachable", worker=self.worker, error=str(error))
