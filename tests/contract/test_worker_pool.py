"""What every worker pool promises, held by the fake and by local child processes alike."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from engine.dispatch.pool import WorkerPool
from engine.dispatch.pools.local import LocalPool
from engine.errors import NoWorker
from engine.messages import (
    Base,
    Beat,
    Finished,
    GaveUp,
    JobId,
    Plan,
    Report,
    StepDone,
    Stopped,
    WorkerGone,
    WorkerId,
    WorkerReady,
    WorkOrder,
)
from tests.fakes.pool import FakePool

DOUBLE = (sys.executable, "-m", "tests.fakes.worker")
BASE = Base(name="mini", family="miniature", folder="/nowhere")
Kind = TypeVar("Kind", bound=Report)
Outcome = Finished | Stopped | GaveUp | WorkerGone


@dataclass(frozen=True)
class Values:
    devices: tuple[str, ...] = ("cpu",)
    threads: int = 1
    most_rows: int = 4
    compile: bool = False
    beat_s: float = 0.05
    hang_s: float = 60.0
    start_timeout_s: float = 30.0
    backoff_first_s: float = 0.01
    backoff_max_s: float = 0.05


def order(prompt: str = "a red circle", job: str = "j1", fence: int = 1) -> WorkOrder:
    plan = Plan(
        base="mini", family="miniature", prompt=prompt, width=8, height=8, steps=3, guidance=4.0,
        scheduler="DDIM", seed=5, count=2,
    )  # fmt: skip
    return WorkOrder(job=JobId(job), fence=fence, plan=plan, base=BASE)


class Ear:
    """Reads a pool's reports in their order."""

    def __init__(self, pool: WorkerPool) -> None:
        self._reports = pool.reports()
        self.heard: list[Report] = []

    async def until(self, kind: type[Kind]) -> Kind:
        """The next report of this kind."""
        async with asyncio.timeout(120):
            async for report in self._reports:
                self.heard.append(report)
                if isinstance(report, kind):
                    return report
        raise AssertionError(f"no {kind.__name__} came: {self.heard}")

    async def to_the_end(self) -> list[Report]:
        """All reports, after `stop`."""
        async with asyncio.timeout(120):
            self.heard += [report async for report in self._reports]
        return self.heard

    def outcomes(self) -> list[Outcome]:
        return [
            report
            for report in self.heard
            if isinstance(report, Outcome) and report.job is not None
        ]


HANGS = ("freeze", "stall")


def fake(_: Values) -> WorkerPool:
    return FakePool(most_rows=4)


def local(values: Values) -> WorkerPool:
    return LocalPool(values, command=DOUBLE)


@pytest.fixture(params=[fake, local], ids=["fake", "local"])
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[WorkerPool]:
    """A pool; only where a worker hangs is it soon taken for one that does."""
    build: Callable[[Values], WorkerPool] = request.param
    is_to_hang = request.node.callspec.params.get("words") in HANGS
    pool = build(Values(hang_s=1.0) if is_to_hang else Values())
    yield pool
    await pool.stop(0)


async def ready(pool: WorkerPool, warm: Base | None = None) -> tuple[Ear, WorkerId]:
    ear = Ear(pool)
    await pool.start(warm)
    return ear, (await ear.until(WorkerReady)).worker


async def test_order_ends_finished_with_every_image_and_progress_in_order(
    pool: WorkerPool,
) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order())
    finished = await ear.until(Finished)
    assert (finished.job, finished.fence) == ("j1", 1)
    assert [drawn.seed for drawn in finished.drawn] == [5, 6]
    assert len(finished.images) == 2
    assert [r.step for r in ear.heard if isinstance(r, StepDone)] == [1, 2, 3]


async def test_worker_takes_orders_while_it_has_room_and_is_then_idle_again(
    pool: WorkerPool,
) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order("wait"))
    await pool.submit(worker, order("wait", job="j2", fence=5))
    (busy,) = pool.workers()
    assert (busy.state, busy.jobs, busy.room) == ("busy", ("j1", "j2"), 0)
    assert busy.bucket == ("mini", 8, 8)
    with pytest.raises(NoWorker):
        await pool.submit(worker, order(job="j3"))
    await pool.cancel(JobId("j2"))
    stopped = await ear.until(Stopped)
    assert (stopped.job, stopped.fence) == ("j2", 5)
    assert [(w.state, w.jobs, w.room) for w in pool.workers()] == [("busy", ("j1",), 2)]
    await pool.submit(worker, order(job="j3"))
    assert (await ear.until(Finished)).job == "j3"
    await pool.cancel(JobId("j1"))
    await ear.until(Stopped)
    assert [(w.state, w.room) for w in pool.workers()] == [("idle", 4)]
    await pool.submit(worker, order(job="j4"))
    assert (await ear.until(Finished)).job == "j4"


async def test_lost_worker_frees_each_of_its_orders_once(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order("wait", fence=3))
    await pool.submit(worker, order("killed", job="j2", fence=4))
    await ear.until(WorkerReady)
    gone = [outcome for outcome in ear.outcomes() if isinstance(outcome, WorkerGone)]
    assert [(one.job, one.fence) for one in gone] == [("j1", 3), ("j2", 4)]


async def test_unknown_worker_is_refused(pool: WorkerPool) -> None:
    await ready(pool)
    with pytest.raises(NoWorker):
        await pool.submit(WorkerId("nobody"), order())


async def test_cancelled_order_ends_stopped(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order("wait", fence=7))
    await pool.cancel(JobId("another"))
    await pool.cancel(JobId("j1"))
    stopped = await ear.until(Stopped)
    assert (stopped.job, stopped.fence) == ("j1", 7)
    assert ear.outcomes() == [stopped]


async def test_failure_is_told_and_the_worker_goes_on(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order("no room"))
    gave_up = await ear.until(GaveUp)
    assert (gave_up.failure.code, gave_up.retry) == ("out_of_memory", True)
    await pool.submit(worker, order(job="j2"))
    assert (await ear.until(Finished)).job == "j2"


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("crash", "exit code 3"),
        ("killed", "signal SIGKILL"),
        ("freeze", "hung"),
        ("stall", "hung"),
        ("garbage", "spoke garbage"),
    ],
)
async def test_lost_worker_frees_its_order_once_and_is_replaced(
    pool: WorkerPool, words: str, how: str
) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order(words, fence=3))
    gone = await ear.until(WorkerGone)
    assert (gone.job, gone.fence) == ("j1", 3)
    assert gone.how.startswith(how)
    again = await ear.until(WorkerReady)
    await pool.submit(again.worker, order(job="j2", fence=4))
    await ear.until(Finished)
    assert [(outcome.job, outcome.fence) for outcome in ear.outcomes()] == [("j1", 3), ("j2", 4)]
    assert [w.restarts for w in pool.workers()] == [1]


async def test_warm_base_is_held_before_the_first_order(pool: WorkerPool) -> None:
    ear, _worker = await ready(pool, warm=BASE)
    while (await ear.until(Beat)).base is None:
        continue
    assert [w.base for w in pool.workers()] == ["mini"]


async def test_stop_without_work_ends_the_reports(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.stop(1)
    await ear.to_the_end()
    assert ear.outcomes() == []
    with pytest.raises(NoWorker):
        await pool.submit(worker, order())


async def test_stop_lets_a_running_order_finish(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order())
    await pool.stop(20)
    await ear.to_the_end()
    assert [type(outcome) for outcome in ear.outcomes()] == [Finished]


async def test_stop_frees_an_order_that_outlasts_the_grace(pool: WorkerPool) -> None:
    ear, worker = await ready(pool)
    await pool.submit(worker, order("wait", fence=9))
    await pool.stop(0.05)
    await ear.to_the_end()
    assert [(type(o), o.job, o.fence) for o in ear.outcomes()] == [(WorkerGone, "j1", 9)]
    assert [w.state for w in pool.workers()] == ["down"]
