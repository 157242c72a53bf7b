"""A worker pool inside the test's own process: no child, no torch, no waiting.

The words of the prompt tell it how to act, as in `tests/fakes/worker.py`: `crash`, `killed`,
`freeze`, `stall` and `garbage` lose the worker; `no room`, `too large` and (with a LoRA) `rotten`
give up; `wait` draws until `release()` or `cancel()`; anything else is drawn at once.
"""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

from engine.dispatch.pool import Bucket, WorkerState, WorkerStatus
from engine.errors import NoWorker
from engine.messages import (
    Base,
    Beat,
    Displacement,
    Drawn,
    Failure,
    Finished,
    GaveUp,
    JobId,
    Moved,
    Probe,
    Report,
    StepDone,
    Stopped,
    WorkerGone,
    WorkerId,
    WorkerReady,
    WorkOrder,
)

LOSSES = {
    "crash": "exit code 3",
    "killed": "signal SIGKILL",
    "freeze": "hung",
    "stall": "hung",
    "garbage": "spoke garbage: announces 4294967295 bytes",
}


def tiny_png(width: int, height: int, seed: int) -> bytes:
    """A real PNG in one grey, different for every seed."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([seed % 256]) * width) * height
    parts = (
        chunk(b"IHDR", header),
        chunk(b"tEXt", b"seed\0" + str(seed).encode()),
        chunk(b"IDAT", zlib.compress(rows)),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _failure(order: WorkOrder, *, is_blind: bool) -> Failure | None:
    """What the words of the prompt make the worker give up with."""
    if any(words in order.plan.prompt for words in ("no room", "too large")) or (
        order.plan.probe and is_blind
    ):
        return Failure(code="out_of_memory", facts={"device": "cpu"})
    if "rotten" in order.plan.prompt and order.loras:
        facts = {"name": order.loras[0].name, "where": "unet.mid_block"}
        return Failure(code="look_poisoned", facts=facts)
    return None


def _measured(hand: "FakeWorker", order: WorkOrder, probe: Probe) -> Finished:
    """A LoRA that moves its base as far at 1 as a style should."""
    is_woken = len(probe.prompts) > 1
    moved = tuple(
        Moved(weight=weight, bare=0.56 * weight, woken=0.56 * weight if is_woken else None)
        for weight in probe.weights
    )
    return Finished(
        worker=hand.name, job=order.job, fence=order.fence, drawn=(), images=(), seconds=0.0,
        displacement=Displacement(moved=moved),
    )  # fmt: skip


class FakeWorker:
    """One worker of the fake pool."""

    def __init__(self, name: WorkerId) -> None:
        self.name = name
        self.state: WorkerState = "starting"
        self.orders: dict[JobId, WorkOrder] = {}
        self.base: str | None = None
        self.restarts = 0
        self.why_down = ""


class FakePool:
    """`WorkerPool` for tests; `orders` keeps everything that was submitted."""

    def __init__(self, workers: int = 1, most_rows: int = 1) -> None:
        self._most_rows = most_rows
        self._workers = {
            (name := WorkerId(f"fake-{index}")): FakeWorker(name) for index in range(workers)
        }
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._warm: Base | None = None
        self._ended = asyncio.Event()
        self._stopped = False
        self.orders: list[WorkOrder] = []
        self.cannot_measure = False

    async def start(self, warm: Base | None = None) -> None:
        self._warm = warm
        for worker in self._workers.values():
            self._welcome(worker)

    async def stop(self, grace_s: float) -> None:
        if self._stopped:
            return
        self._stopped = True
        while any(worker.orders for worker in self._workers.values()):
            self._ended.clear()
            try:
                await asyncio.wait_for(self._ended.wait(), grace_s)
            except TimeoutError:
                break
        for worker in self._workers.values():
            self._lose(worker, "stopped")
        self._reports.put_nowait(None)

    def workers(self) -> tuple[WorkerStatus, ...]:
        return tuple(
            WorkerStatus(
                worker=worker.name,
                state=worker.state,
                device="cpu",
                base=worker.base,
                jobs=tuple(worker.orders),
                room=self._room(worker),
                bucket=_bucket(worker),
                restarts=worker.restarts,
                why_down=worker.why_down,
            )
            for worker in self._workers.values()
        )

    async def submit(self, worker: WorkerId, order: WorkOrder) -> None:
        hand = self._workers.get(worker)
        fits = hand and (hand.state == "idle" or order.plan.count <= self._room(hand))
        if hand is None or not fits or self._stopped:
            raise NoWorker(why=f"{worker} is {hand.state if hand else 'unknown'}")
        hand.orders[order.job] = order
        hand.state, hand.base = "busy", order.base.name
        self.orders.append(order)
        self._step(hand, order, 1)
        words = order.plan.prompt
        loss = next((how for word, how in LOSSES.items() if word in words), None)
        if loss is not None:
            self._lose(hand, loss)
            self._welcome(hand)
        elif "wait" not in words:
            self._finish(hand, order)

    async def cancel(self, job: JobId) -> None:
        for hand in self._workers.values():
            if order := hand.orders.get(job):
                stopped = Stopped(worker=hand.name, job=job, fence=order.fence)
                self._let_go(hand, stopped)

    async def reports(self) -> AsyncIterator[Report]:
        while (report := await self._reports.get()) is not None:
            yield report
        self._reports.put_nowait(None)

    # --- for tests ------------------------------------------------------------------------

    def release(self, job: JobId) -> None:
        """Let a waiting order finish."""
        for hand in self._workers.values():
            if order := hand.orders.get(job):
                self._finish(hand, order)

    def step(self, job: JobId, step: int) -> None:
        """Let a waiting order go on to a step."""
        for hand in self._workers.values():
            if order := hand.orders.get(job):
                self._step(hand, order, step)

    def lose(self, worker: WorkerId, how: str = "signal SIGKILL") -> None:
        """Kill a worker now; it comes back at once."""
        self._lose(self._workers[worker], how)
        self._welcome(self._workers[worker])

    def report(self, report: Report) -> None:
        """Slip in any report, such as a late one with an old fence."""
        self._reports.put_nowait(report)

    # --- inside ---------------------------------------------------------------------------

    def _welcome(self, hand: FakeWorker) -> None:
        if hand.state == "down":
            hand.restarts += 1
        hand.state, hand.why_down = "idle", ""
        self.report(WorkerReady(worker=hand.name, device="cpu"))
        if self._warm is not None:
            hand.base = self._warm.name
            self.report(Beat(worker=hand.name, base=hand.base))

    def _step(self, hand: FakeWorker, order: WorkOrder, step: int) -> None:
        self.report(
            StepDone(
                worker=hand.name, job=order.job, fence=order.fence, step=step,
                steps=order.plan.steps,
            )
        )  # fmt: skip

    def _finish(self, hand: FakeWorker, order: WorkOrder) -> None:
        plan = order.plan
        for step in range(2, plan.steps + 1):
            self._step(hand, order, step)
        failure = _failure(order, is_blind=self.cannot_measure)
        if failure is not None:
            gave_up = GaveUp(
                worker=hand.name,
                job=order.job,
                fence=order.fence,
                failure=failure,
                retry=failure.code == "out_of_memory",
            )
            self._let_go(hand, gave_up)
            return
        if plan.probe is not None:
            self._let_go(hand, _measured(hand, order, plan.probe))
            return
        seeds = [plan.seed + index for index in range(plan.count)]
        finished = Finished(
            worker=hand.name,
            job=order.job,
            fence=order.fence,
            drawn=tuple(
                Drawn(index=index, seed=seed, width=plan.width, height=plan.height)
                for index, seed in enumerate(seeds)
            ),
            images=tuple(tiny_png(plan.width, plan.height, seed) for seed in seeds),
            seconds=0.0,
        )
        self._let_go(hand, finished)

    def _let_go(self, hand: FakeWorker, outcome: Finished | Stopped | GaveUp) -> None:
        del hand.orders[outcome.job]
        if not hand.orders:
            hand.state = "idle"
        self.report(outcome)
        self._ended.set()

    def _lose(self, hand: FakeWorker, how: str) -> None:
        orders, hand.orders = tuple(hand.orders.values()), {}
        hand.state, hand.why_down, hand.base = "down", how, None
        for order in orders:
            self.report(WorkerGone(worker=hand.name, how=how, job=order.job, fence=order.fence))
        if not orders:
            self.report(WorkerGone(worker=hand.name, how=how))
        self._ended.set()

    def _room(self, hand: FakeWorker) -> int:
        if hand.state not in ("idle", "busy") or self._stopped:
            return 0
        return max(0, self._most_rows - sum(order.plan.count for order in hand.orders.values()))


def _bucket(hand: FakeWorker) -> Bucket | None:
    newest = next(reversed(hand.orders.values()), None)
    return None if newest is None else (newest.base.name, newest.plan.width, newest.plan.height)
