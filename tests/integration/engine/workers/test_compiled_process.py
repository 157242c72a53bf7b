"""The setting `compile` through a whole worker process: torch's own compiler, LoRAs that change."""

import hashlib
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import engine
from engine.dispatch.pools import seat
from engine.messages import Finished, JobId, LoraFile, Sha256, WorkerReady, WorkOrder
from engine.workers.studio import Studio
from tests.integration.engine.workers.conftest import CPU, MINIATURE, order
from tests.integration.engine.workers.test_studio import finished as drawn
from tests.integration.engine.workers.test_worker_process import ME, Running, Values

LORAS = Path(engine.__file__).parent / "miniature" / "loras"
LONG_S = 1500.0
"""A compiler on a busy machine takes its time."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2 * LONG_S),
    pytest.mark.skipif("ATELIER_LONG_RUN" not in os.environ, reason="minutes of compiling"),
]
Picture = np.ndarray[tuple[int, ...], np.dtype[np.int16]]


class Drawing:
    """A compiling worker process that draws one picture after the other."""

    def __init__(self) -> None:
        self.running = Running(Values(compile=True), patience_s=LONG_S)

    async def __aenter__(self) -> "Drawing":
        await self.running.pool.start(MINIATURE)
        await self.running.until(WorkerReady)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.running.pool.stop(0)

    async def draws(self, asked: WorkOrder) -> Picture:
        """The pixels of its picture."""
        await self.running.pool.submit(ME, asked)
        return pixels(await self.running.until(Finished))

    def told(self, event: str) -> list[dict[str, object]]:
        """Lines of the worker's log with this event."""
        lines = [json.loads(line) for line in self.running.lines if line.startswith("{")]
        return [line for line in lines if line["event"] == event]


def wanted(*loras: tuple[str, float]) -> WorkOrder:
    """A picture with some of the miniature's own LoRAs at these weights."""
    files = tuple(named(name, weight) for name, weight in loras)
    job = JobId("-".join(f"{name}{weight:g}" for name, weight in loras) or "none")
    more = {"job": job, "loras": files, "preview_every": 0}
    return order(steps=2).model_copy(update=more)


def named(name: str, weight: float) -> LoraFile:
    file = LORAS / f"{name}.safetensors"
    sha256 = Sha256(hashlib.sha256(file.read_bytes()).hexdigest())
    return LoraFile(name=name, sha256=sha256, path=str(file), weight=weight)


def pixels(finished: Finished) -> Picture:
    return np.asarray(Image.open(io.BytesIO(finished.images[0])), np.int16)


WISHES = (
    wanted(("linocut", 1.0), ("zib", 0.7)), wanted(("zib", 1.0)), wanted(("zib", 0.4)), wanted(),
    wanted(("linocut", 0.8)), wanted(("neon", 1.0), ("mira", 0.5)),
)  # fmt: skip
"""The first touches every layer that the others do."""


@pytest.fixture
def expected() -> list[Picture]:
    """What a worker makes of them that compiles nothing."""
    studio = Studio(ME, CPU)
    return [pixels(drawn(studio, wish)) for wish in WISHES]


async def test_a_compiling_worker_draws_the_same_and_changes_of_loras_compile_nothing(
    monkeypatch: pytest.MonkeyPatch, expected: list[Picture]
) -> None:
    monkeypatch.setattr(seat, "COMPILE_S", LONG_S)
    async with Drawing() as compiling:
        graphs = 0
        for wish, picture in zip(WISHES, expected, strict=True):
            assert np.abs(await compiling.draws(wish) - picture).max() <= 1, wish.job
            graphs = graphs or len(compiling.told("compile.done"))
        assert graphs >= 1
        assert len(compiling.told("compile.done")) == graphs, "a change of LoRAs was compiled"
        assert compiling.told("compile.failed") == []


async def test_without_a_compiler_a_worker_says_so_once_and_draws_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: list[Picture]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # nothing that was compiled earlier helps
    monkeypatch.setenv("PATH", str(tmp_path))
    async with Drawing() as failing:
        for wish, picture in zip(WISHES[:2], expected, strict=False):
            assert np.array_equal(await failing.draws(wish), picture)
        (told,) = failing.told("compile.failed")
        assert told["now"] == "uncompiled"
        assert "compiler" in str(told["problem"]).lower()
        assert failing.told("compile.done") == []
