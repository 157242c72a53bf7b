"""The real worker in a real process behind the local pool, with the miniature."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

import pytest
from PIL import Image

from engine.dispatch.pools.local import LocalPool
from engine.messages import (
    Beat,
    Finished,
    GaveUp,
    JobId,
    Report,
    StepDone,
    Stopped,
    WorkerGone,
    WorkerId,
    WorkerReady,
)
from engine.recipe import read_recipe
from tests.integration.engine.workers.conftest import MINIATURE, order

ME = WorkerId("local-0")
Kind = TypeVar("Kind", bound=Report)


@dataclass(frozen=True)
class Values:
    devices: tuple[str, ...] = ("auto",)
    threads: int = 1
    most_rows: int = 4
    compile: bool = False
    beat_s: float = 0.2
    hang_s: float = 60.0
    start_timeout_s: float = 120.0
    backoff_first_s: float = 0.1
    backoff_max_s: float = 1.0


class Running:
    """A started pool and everything its one worker printed and reported."""

    def __init__(self, values: Values | None = None, patience_s: float = 120.0) -> None:
        self.lines: list[str] = []
        self._patience_s = patience_s
        self.pool = LocalPool(
            values or Values(), on_line=lambda _worker, line: self.lines.append(line)
        )
        self.heard: list[Report] = []
        self._reports = self.pool.reports()

    async def until(self, kind: type[Kind]) -> Kind:
        async with asyncio.timeout(self._patience_s):
            async for report in self._reports:
                self.heard.append(report)
                if isinstance(report, kind):
                    return report
        raise AssertionError(f"no {kind.__name__}; the worker printed {self.lines[-5:]}")


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    made = Running()
    await made.pool.start(MINIATURE)
    await made.until(WorkerReady)
    yield made
    await made.pool.stop(0)


async def test_a_life_of_a_worker(running: Running) -> None:
    """One process, since its start takes seconds: draw, cancel, fail, draw again, die, leave."""
    pool = running.pool
    asked = order(steps=6, count=2, seed=9)
    await pool.submit(ME, asked)
    finished = await running.until(Finished)
    assert [drawn.seed for drawn in finished.drawn] == [9, 10]
    assert Image.open(io.BytesIO(finished.images[1])).size == (64, 64)
    recipe = read_recipe(finished.images[0])
    assert recipe is not None
    assert recipe.prompt == asked.plan.prompt
    steps = [report for report in running.heard if isinstance(report, StepDone)]
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [bool(step.preview) for step in steps] == [False, False, False, True, False, False]

    long = order(steps=100).model_copy(update={"job": JobId("long")})
    await pool.submit(ME, long)
    await running.until(StepDone)
    await pool.cancel(JobId("long"))
    assert (await running.until(Stopped)).job == "long"

    bad = order(scheduler="magic").model_copy(update={"job": JobId("bad")})
    await pool.submit(ME, bad)
    assert (await running.until(GaveUp)).failure.code == "bad_request"

    while (await running.until(Beat)).base != "miniature":
        continue
    await pool.submit(ME, long.model_copy(update={"job": JobId("last"), "fence": 4}))
    await running.until(StepDone)
    await pool.stop(0)
    gone = await running.until(WorkerGone)
    assert (gone.job, gone.fence) == ("last", 4)
    assert not any("Traceback" in line for line in running.lines)
