"""Bases come and go within a budget, pictures that find no room are made in tiles or refused."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from engine.families import FAMILIES
from engine.families.facts import Family
from engine.families.footprint import GIB, Fit, fit_for
from engine.messages import Base
from engine.workers.bases import Bases
from engine.workers.layers import NO_STACK
from engine.workers.lora import Shelf
from engine.workers.memory import Guard, PictureTooLarge
from engine.workers.pipelines.pipeline import Pipeline
from tests.integration.engine.workers.conftest import CPU, MINIATURE, layout, miniature, plan
from tests.integration.engine.workers.loras import lora_file

NEED = fit_for(FAMILIES.get("miniature"), None).needs_bytes


@dataclass
class Loads:
    """Loads nothing, and remembers what was asked for."""

    names: list[str] = field(default_factory=list)

    def __call__(self, base: Base, family: Family, device: torch.device, fit: Fit) -> Pipeline:
        self.names.append(base.name)
        return miniature()


def base(name: str, **changes: object) -> Base:
    return MINIATURE.model_copy(update={"name": name, **changes})


def bases(budget_bytes: int | None, room: int = 1) -> tuple[Bases, Loads]:
    loads = Loads()
    return Bases(CPU, Shelf(), room, budget_bytes, loads), loads


def names(kept: Bases) -> list[str]:
    return [held.base.name for held in kept.held]


def test_bases_share_a_device_as_long_as_they_fit() -> None:
    kept, loads = bases(2 * NEED)
    for name in ("a", "b", "a"):
        kept.get(base(name))
    assert loads.names == ["a", "b"]
    assert kept.newest == "a"


def test_the_one_that_was_used_longest_ago_goes() -> None:
    kept, _ = bases(2 * NEED)
    for name in ("a", "b", "a", "c"):
        kept.get(base(name))
    assert names(kept) == ["a", "c"]


def test_one_in_use_never_goes() -> None:
    used = {"a"}
    kept = Bases(
        CPU, Shelf(), 1, 2 * NEED, Loads(), is_used=lambda loaded: loaded.base.name in used
    )
    for name in ("a", "b", "c"):
        kept.get(base(name))
    assert names(kept) == ["a", "c"]
    used.clear()
    kept.get(base("d"))
    assert names(kept) == ["c", "d"]


def test_without_known_memory_one_base_is_kept() -> None:
    kept, _ = bases(None)
    kept.get(base("a"))
    kept.get(base("b"))
    assert names(kept) == ["b"]


def test_another_version_or_other_numbers_are_another_base() -> None:
    kept, loads = bases(9 * NEED)
    for changes in ({}, {"version": 2}, {"dtype": "fp32"}, {}):
        kept.get(base("a", **changes))
    assert len(loads.names) == 3


def guard(gib: float, family: str = "sdxl") -> Guard:
    facts = FAMILIES.get(family)
    memory = int(gib * GIB)
    return Guard(facts, fit_for(facts, memory), CPU, memory)


def test_large_pictures_go_through_one_at_a_time() -> None:
    small = plan(width=512, height=512)
    large = plan(width=1536, height=1536)
    assert guard(12).rows_for(small) > guard(12).rows_for(large) >= 1
    assert guard(12).rows_for(small, stack_bytes=4 * GIB) < guard(12).rows_for(small)


def test_what_stacks_take_is_reckoned_before_and_after_they_are_read(tmp_path: Path) -> None:
    kept, _ = bases(2 * NEED)
    loaded = kept.get(base("a"))
    path = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    tensors = {f"{path}.lora_A.weight": torch.ones(4, 128), f"{path}.lora_B.weight":
               torch.ones(128, 4)}  # fmt: skip
    file = lora_file(tmp_path / "a.safetensors", tensors, 1.0)
    on_disk = Path(file.path).stat().st_size
    assert loaded.stack_bytes([], 3) == 0
    assert loaded.stack_bytes([file], 3) == 4 * on_disk
    stack = loaded.stacks.get([file])
    placed = 4 * 2 * 4 * 128
    assert loaded.stack_bytes([], 3) == placed
    assert loaded.stack_bytes([file], 1) == 3 * placed
    loaded.seams.arrange([stack, NO_STACK], [1, 1])
    loaded.seams.arrange([stack, loaded.stacks.get([file, file])], [1, 1])
    assert loaded.stack_bytes([], 0) > placed + 2 * placed, "and the slots of the batch"
    loaded.seams.forget()
    gone = file.model_copy(update={"path": str(tmp_path / "gone"), "sha256": "0" * 64})
    assert loaded.stack_bytes([gone], 1) == placed, "its own order tells what is wrong with it"


def test_what_could_not_fit_even_alone_is_refused_before_any_work() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        guard(1).check(plan(width=1536, height=1536))
    assert int(str(refused.value.facts["wanted_bytes"])) > GIB
    assert not refused.value.retry
    assert refused.value.code == "out_of_memory"


def test_a_cpu_asks_nobody() -> None:
    facts = FAMILIES.get("sdxl")
    huge = plan(width=4096, height=4096)
    free = Guard.of(facts, fit_for(facts, None), CPU)
    free.check(huge)
    assert free.rows_for(huge) == 8


def test_a_picture_that_finds_no_room_is_decoded_in_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipeline = layout("sdxl")
    vae = pipeline.parts.vae
    latents = torch.randn(1, 4, 8, 8)
    expected = pipeline.decode(latents)
    decode, tries = vae.decode, []

    def full(*given: object, **more: object) -> object:
        tries.append(vae.use_tiling)
        if not vae.use_tiling:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return decode(*given, **more)

    monkeypatch.setattr(vae, "decode", full)
    try:
        torch.testing.assert_close(pipeline.decode(latents), expected)
        assert tries == [False, True]
        pipeline.decode(latents)
        assert tries == [False, True, True]
    finally:
        vae.disable_tiling()


def test_tiles_that_find_no_room_either_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    vae = layout("sdxl").parts.vae

    def full(*_given: object, **_more: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(vae, "decode", full)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            layout("sdxl").decode(torch.randn(1, 4, 8, 8))
    finally:
        vae.disable_tiling()
