"""A worker pool inside the test's own process: no child, no torch, no waiting.

The words of the prompt tell it how to act, as in `tests/fakes/worker.py`: `crash`, `killed`,
`freeze`, `stall` and `garbage` lose the worker, `no room` gives up, `wait` draws until
`release()` or `cancel()`; anything else is drawn at once.
"""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

from engine.dispatch.pool import WorkerState, WorkerStatus
from engine.errors import NoWorker
from engine.messages import (
    Base,
    Beat,
    Drawn,
    Failure,
    Finished,
    GaveUp,
    JobId,
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


class FakeWorker:
    """One worker of the fake pool."""

    def __init__(self, name: WorkerId) -> None:
        self.name = name
        self.state: WorkerState = "starting"
        self.order: WorkOrder | None = None
        self.base: str | None = None
        self.restarts = 0
        self.why_down = ""


class FakePool:
    """`WorkerPool` for tests; `orders` keeps everything that was submitted."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = {
            (name := WorkerId(f"fake-{index}")): FakeWorker(name) for index in range(workers)
        }
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._warm: Base | None = None
        self._ended = asyncio.Event()
        self._stopped = False
        self.orders: list[WorkOrder] = []

    async def start(self, warm: Base | None = None) -> None:
        self._warm = warm
        for worker in self._workers.values():
            self._welcome(worker)

    async def stop(self, grace_s: float) -> None:
        if self._stopped:
            return
        self._stopped = True
        while any(worker.order for worker in self._workers.values()):
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
                job=worker.order.job if worker.order else None,
                restarts=worker.restarts,
                why_down=worker.why_down,
            )
            for worker in self._workers.values()
        )

    async def submit(self, worker: WorkerId, order: WorkOrder) -> None:
        hand = self._workers.get(worker)
        if hand is None or hand.state != "idle" or self._stopped:
            raise NoWorker(why=f"{worker} is {hand.state if hand else 'unknown'}")
        hand.order, hand.state, hand.base = order, "busy", order.base.name
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
            if hand.order and hand.order.job == job:
                order = hand.order
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
            if hand.order and hand.order.job == job:
                self._finish(hand, hand.order)

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
        if "no room" in plan.prompt:
            failure = Failure(code="out_of_memory", facts={"device": "cpu"})
            gave_up = GaveUp(
                worker=hand.name, job=order.job, fence=order.fence, failure=failure, retry=True
            )
            self._let_go(hand, gave_up)
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
        hand.order, hand.state = None, "idle"
        self.report(outcome)
        self._ended.set()

    def _lose(self, hand: FakeWorker, how: str) -> None:
        order, hand.order = hand.order, None
        hand.state, hand.why_down, hand.base = "down", how, None
        self.report(
            WorkerGone(
                worker=hand.name,
                how=how,
                job=order.job if order else None,
                fence=order.fence if order else None,
            )
        )
        self._ended.set()
