"""With static slots shapes survive every change of LoRAs, as compiled code and CUDA graphs need."""

from pathlib import Path

import pytest
import torch

from engine.workers.loop import Loop
from engine.workers.lora import Stacks
from engine.workers.seams import Seams
from engine.workers.slots import LayerSlots
from tests.integration.engine.workers.conftest import layout, plan
from tests.integration.engine.workers.strangers import Maker
from tests.integration.engine.workers.test_oracle import CLOSE, apart, row_of

pytestmark = pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning")


def addresses(seams: Seams) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Where each layer's slots lie, and their shape: what a graph has recorded."""
    return {
        f"{path} {name}": (part.data_ptr(), tuple(part.shape))
        for path, seam in seams._seams.items()
        if seam.slots is not None
        for name, part in parts_of(seam.slots).items()
    }


def parts_of(slots: LayerSlots) -> dict[str, torch.Tensor]:
    """All tensors of a layer's slots by name."""
    found = {name: getattr(slots, name) for name in ("down", "up", "gain", "shift", "inner")}
    for sides, kron in slots.krons.items():
        found |= {f"left {sides}": kron.left, f"right {sides}": kron.right}
    return {name: part for name, part in found.items() if part is not None}


def test_slots_stay_where_they_are_when_loras_change(tmp_path: Path) -> None:
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    moving, fixed = Seams(pipeline.roots), Seams(pipeline.roots, is_static=True)
    stacks = Stacks(maker.shelf(strangers), moving)
    loras = [stacks.get(strangers[number].files) for number in (0, 5, 3, 6, 1, 4)]
    warm = loras[:3] + loras[4:]
    fixed.arrange(warm[:4], [2] * 4, "batch")
    fixed.arrange(warm[1:], [2] * 4, "batch")
    fixed.arrange([loras[0]] * 4, [2] * 4, "batch")
    before = addresses(fixed)
    assert before
    for turn in range(6):
        fixed.arrange([loras[(turn + n) % 6] for n in range(4)], [2] * 4, "batch")
        assert addresses(fixed) == before
    fixed.clear()


@torch.inference_mode()
def test_static_slots_draw_the_same(tmp_path: Path) -> None:
    pipeline = layout("sd1")
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    moving, fixed = Seams(pipeline.roots), Seams(pipeline.roots, is_static=True)
    stacks = Stacks(maker.shelf(strangers), moving)
    asked = [plan(seed=number, steps=2, scheduler="Euler") for number in range(8)]
    drawn = []
    for seams in (moving, fixed):
        loop = Loop(pipeline, seams)
        rows = [
            row_of(number, own, pipeline, seams, stacks.get(each.files))
            for number, (own, each) in enumerate(zip(asked, strangers, strict=True))
        ]
        loop.join(rows)
        while loop.rows:
            loop.tick()
        seams.clear()
        drawn.append([row.latents for row in rows])
    for one, other in zip(*drawn, strict=True):
        assert apart(one, other) <= CLOSE
