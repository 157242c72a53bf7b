"""An order in a worker's hands: how far it is, what it became, and the seconds it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor

from engine.messages import Drawn, Finished, StepDone, WorkerId, WorkOrder
from engine.workers.layers import NO_STACK, Stack
from engine.workers.rows import Row


class Stages:
    """Seconds by stage, for the report."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside towards `name`."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(name, time.monotonic() - began)

    def add(self, name: str, seconds: float) -> None:
        """Count seconds towards `name`."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @property
    def total_s(self) -> float:
        """Seconds since the order was taken up."""
        return time.monotonic() - self._began


@dataclass(eq=False)
class Commission:
    """One order from the first look at it to its outcome."""

    order: WorkOrder
    stages: Stages = field(default_factory=Stages)
    stack: Stack = NO_STACK
    rows: list[Row] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Layers of its stack that no forward ran."""
    notes: tuple[str, ...] = ()
    """What people should know of how their words were taken."""
    images: dict[int, bytes] = field(default_factory=dict)
    """Finished PNG files by image."""
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    told_step: int = 0

    @staticmethod
    def now_s() -> float:
        """The clock that stages are counted by."""
        return time.monotonic()

    @property
    def is_through(self) -> bool:
        """Whether every image made its last step."""
        return all(row.is_done for row in self.rows)

    @property
    def is_finished(self) -> bool:
        """Whether every image is a file."""
        return bool(self.rows) and len(self.images) == len(self.rows)

    def keep(self, row: Row, pixels: Tensor, png: bytes) -> None:
        """One image is done."""
        self.images[row.index] = png
        self.sizes[row.index] = (pixels.shape[2], pixels.shape[1])

    def step_done(self, worker: WorkerId, preview: bytes | None) -> StepDone:
        """How far it is, by its first image."""
        first = self.rows[0]
        self.told_step = first.step
        return StepDone(
            worker=worker,
            job=self.order.job,
            fence=self.order.fence,
            step=first.step,
            steps=first.steps,
            preview=preview,
        )

    def finished(self, worker: WorkerId, warnings: tuple[str, ...]) -> Finished:
        """The report of all its images."""
        return Finished(
            worker=worker,
            job=self.order.job,
            fence=self.order.fence,
            drawn=tuple(
                Drawn(
                    index=row.index,
                    seed=row.plan.seed,
                    width=self.sizes[row.index][0],
                    height=self.sizes[row.index][1],
                )
                for row in self.rows
            ),
            images=tuple(self.images[row.index] for row in self.rows),
            seconds=self.stages.total_s,
            stages=self.stages.seconds,
            warnings=warnings,
        )
