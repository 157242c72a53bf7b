"""Chance joins, leaves, changes weights, breaks numbers and cancels: the base and others hold."""

import os
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from torch import Tensor

from engine.messages import JobId, Plan
from engine.workers.loop import Loop
from engine.workers.lora import Stacks
from engine.workers.merged import LaneCosts
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import Row
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import layout, plan
from tests.integration.engine.workers.strangers import Maker, Stranger
from tests.integration.engine.workers.test_oracle import CLOSE, apart, row_of

EXAMPLES = int(os.environ.get("ATELIER_LONG_RUN", "0")) // 50 or 3
"""Fifty changes each: ATELIER_LONG_RUN=10000 makes ten thousand."""
WEIGHTS = (-0.7, 0.4, 1.0)
SCHEDULERS = ("Euler", "DDIM", "UniPC", "Euler a", "DPM++ 2M Karras")


@cache
def base() -> Pipeline:
    """A base of this file's own: other tests of this process leave adapters in the shared one."""
    return layout.__wrapped__("sd1")


@cache
def room() -> tuple[Seams, Stacks, list[Stranger], dict[str, Tensor]]:
    """One base for all examples: what they leave behind would be found."""
    pipeline = base()
    maker = Maker(pipeline, Path(mkdtemp()))
    strangers = maker.all()
    before = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}
    seams = Seams(pipeline.roots)
    return seams, Stacks(maker.shelf(strangers), seams), strangers, before


@cache
def another_room() -> tuple[Pipeline, Seams]:
    """The same base again, where nothing else ever happens."""
    pipeline = layout.__wrapped__("sd1")
    return pipeline, Seams(pipeline.roots)


@cache
def alone(number: int, weight: float, asked: Plan) -> Tensor:
    """The latents that a row gets by itself."""
    pipeline, seams = another_room()
    _, stacks, strangers, _ = room()
    files = [f.model_copy(update={"weight": weight}) for f in strangers[number].files]
    row = row_of(0, asked, pipeline, seams, stacks.get(files))
    loop = Loop(pipeline, seams)
    loop.join([row])
    while loop.rows:
        loop.tick()
    return row.latents


class Crowd(RuleBasedStateMachine):
    """Everything that may happen to a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.seams, self.stacks, self.strangers, self.before = room()
        self.loop = Loop(base(), self.seams)
        self.plans: dict[JobId, tuple[int, float, Plan]] = {}
        self.sick: set[JobId] = set()
        self.joined = 0

    @rule(
        who=st.integers(0, 7), weight=st.sampled_from(WEIGHTS), seed=st.integers(0, 2),
        scheduler=st.sampled_from(SCHEDULERS), guidance=st.sampled_from([1.0, 4.0]),
    )  # fmt: skip
    def join(self, who: int, weight: float, seed: int, scheduler: str, guidance: float) -> None:
        asked = plan(seed=seed, scheduler=scheduler, guidance=guidance, steps=3)
        files = [f.model_copy(update={"weight": weight}) for f in self.strangers[who].files]
        job = JobId(str(self.joined))
        self.joined += 1
        row = row_of(int(job), asked, base(), self.seams, self.stacks.get(files))
        self.loop.join([row])
        self.plans[job] = (who, weight, asked)

    @precondition(lambda self: self.loop.rows)
    @rule()
    def step(self) -> None:
        for row in self.loop.tick():
            self._left(row)

    @precondition(lambda self: self.loop.rows)
    @rule(which=st.integers(0, 100))
    def cancel(self, which: int) -> None:
        row = self.loop.rows[which % len(self.loop.rows)]
        self.loop.leave(row.job)

    @precondition(lambda self: self.loop.rows)
    @rule(which=st.integers(0, 100))
    def poison(self, which: int) -> None:
        row = self.loop.rows[which % len(self.loop.rows)]
        row.latents = row.latents * float("nan")
        self.sick.add(row.job)

    @precondition(lambda self: self.loop.rows)
    @rule()
    def prefer_merging(self) -> None:
        for bucket in self.loop._buckets.values():
            bucket.costs = LaneCosts(1.0, 0.0, 1e-9)

    @invariant()
    def slots_are_bounded(self) -> None:
        assert self.seams.slot_bytes <= 64 << 20

    def _left(self, row: Row) -> None:
        if row.job in self.sick:
            assert row.astray is not None
            return
        assert row.astray is None
        who, weight, asked = self.plans[row.job]
        assert apart(row.latents, alone(who, weight, asked)) <= CLOSE

    def teardown(self) -> None:
        for _ in range(100):
            if not self.loop.rows:
                break
            for row in self.loop.tick():
                self._left(row)
        assert not self.loop.rows, "a row is stuck"
        self.seams.clear()
        assert self.seams.is_clean()
        after = base().denoiser.state_dict()
        assert all(torch.equal(value, after[key]) for key, value in self.before.items())


TestCrowd = pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning")(
    Crowd.TestCase
)
TestCrowd.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=50, deadline=None, derandomize=EXAMPLES == 3,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
