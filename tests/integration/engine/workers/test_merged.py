"""The merged lane: the same pictures, and the base untouched to the last bit afterwards."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.messages import JobId
from engine.workers import merged as merging
from engine.workers.loop import Loop
from engine.workers.lora import Stacks
from engine.workers.merged import LaneCosts, is_merged_cheaper
from engine.workers.rows import Row
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import layout, plan
from tests.integration.engine.workers.strangers import Maker
from tests.integration.engine.workers.test_oracle import CLOSE, apart, row_of

pytestmark = pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning")


def forwards(loop: Loop, row: Row, *, lane: bool | None) -> Tensor:
    """Draw a row; `lane` pins it to merged or not, None leaves the choice."""
    loop.join([row])
    first = True
    while loop.rows:
        if lane is not None:
            for bucket in loop._buckets.values():
                bucket.costs = LaneCosts(1.0, 0.0, 1e-9) if lane else LaneCosts(1.0, 1.0, 1.0)
        loop.tick()
        if lane and not first and loop.rows:
            assert loop._seams.merged
        first = False
    return row.latents


@pytest.mark.parametrize("name", ["sd1", "flux"])
def test_every_algorithm_draws_the_same_merged_and_leaves_the_base_as_it_was(
    name: str, tmp_path: Path
) -> None:
    pipeline = layout(name)
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    seams = Seams(pipeline.roots)
    stacks = Stacks(maker.shelf(strangers), seams)
    before = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}
    asked = plan(steps=3, scheduler="Euler" if name == "sd1" else "Flow Euler")
    for each in strangers:
        stack = stacks.get(each.files)
        rows = [row_of(n, asked, pipeline, seams, stack) for n in range(2)]
        beside = forwards(Loop(pipeline, seams), rows[0], lane=False)
        merged = forwards(Loop(pipeline, seams), rows[1], lane=bool(stack.layers))
        assert apart(merged, beside) <= CLOSE, each.name
    seams.clear()
    assert seams.is_clean()
    after = pipeline.denoiser.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())


def test_half_precision_comes_back_to_the_bit_after_many_changes(tmp_path: Path) -> None:
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    pipeline.denoiser.to(torch.bfloat16)
    try:
        seams = Seams(pipeline.roots)
        stacks = Stacks(maker.shelf(strangers), seams)
        before = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}
        for number in range(50):
            files = [
                file.model_copy(update={"weight": 0.1 * number - 2})
                for file in strangers[number % 6].files
            ]
            seams.merge(stacks.get(files))
            assert not seams.is_clean()
        seams.clear()
        after = pipeline.denoiser.state_dict()
        assert all(torch.equal(value, after[key]) for key, value in before.items())
    finally:
        pipeline.denoiser.to(torch.float32)
        layout.cache_clear()


def test_a_stranger_that_joins_takes_the_weights_back(tmp_path: Path) -> None:
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    seams = Seams(pipeline.roots)
    stacks = Stacks(maker.shelf(strangers), seams)
    asked = plan(steps=4, scheduler="Euler")
    one, other = stacks.get(strangers[0].files), stacks.get(strangers[3].files)
    alone = [row_of(n, asked, pipeline, seams, stack) for n, stack in enumerate((one, other))]
    expected = [forwards(Loop(pipeline, seams), row, lane=False) for row in alone]
    loop = Loop(pipeline, seams)
    first, late = (row_of(n, asked, pipeline, seams, stack) for n, stack in enumerate((one, other)))
    loop.join([first])
    loop.tick()
    for bucket in loop._buckets.values():
        bucket.costs = LaneCosts(1.0, 0.0, 1e-9)
    loop.tick()
    assert seams.merged.key == one.key
    loop.join([late])
    while loop.rows:
        loop.tick()
    assert apart(first.latents, expected[0]) <= CLOSE
    assert apart(late.latents, expected[1]) <= CLOSE
    assert JobId("1") == late.job


@pytest.mark.parametrize(
    ("costs", "row_steps", "cheaper"),
    [
        (LaneCosts(), 100, False),
        (LaneCosts(beside_s=1.0), 4, False),
        (LaneCosts(beside_s=1.0), 6, True),
        (LaneCosts(beside_s=1.0, merged_s=0.9, merge_s=2.0), 19, False),
        (LaneCosts(beside_s=1.0, merged_s=0.9, merge_s=2.0), 21, True),
        (LaneCosts(beside_s=1.0, merged_s=1.1, merge_s=0.1), 1000, False),
    ],
)
def test_the_lane_follows_from_what_was_measured(
    costs: LaneCosts, row_steps: int, cheaper: bool
) -> None:
    assert is_merged_cheaper(costs, row_steps, merge_s=1.0) == cheaper


def test_another_stack_is_written_over_the_last_one_from_the_pristine_copy(tmp_path: Path) -> None:
    """Layers that only the last one changed come back, others are written once, none added to."""
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    seams, fresh = Seams(pipeline.roots), Seams(pipeline.roots)
    stacks = Stacks(maker.shelf(strangers), seams)
    wide, narrow = stacks.get(strangers[3].files), stacks.get(strangers[4].files)
    assert wide.layers.keys() - narrow.layers.keys()
    fresh.merge(narrow)
    expected = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}
    fresh.clear()
    seams.merge(wide)
    seams.merge(narrow)
    found = pipeline.denoiser.state_dict()
    assert all(torch.equal(value, found[key]) for key, value in expected.items())
    seams.clear()


def test_a_write_that_broke_off_is_not_taken_for_a_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    seams = Seams(pipeline.roots)
    stack = Stacks(maker.shelf(strangers), seams).get(strangers[0].files)
    before = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}
    written, write = 0, merging.write

    def full(*given: Tensor) -> None:
        nonlocal written
        written += 1
        if written == 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "write", full)
    with pytest.raises(torch.OutOfMemoryError):
        seams.merge(stack)
    assert not seams.merged
    assert not seams.is_clean()
    seams.clear()
    after = pipeline.denoiser.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    seams.merge(stack)
    assert seams.merged.key == stack.key
    seams.clear()
