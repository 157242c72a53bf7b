"""On a real card: parts that come and go, and every kind of numbers, draw the same picture.

`ATELIER_GPU_TESTS_ON=cpu python -m pytest tests/gpu` tries the tests themselves where no card is.
"""

import os
from pathlib import Path
from typing import Any

import accelerate
import diffusers
import pytest
import torch

from engine.families import FAMILIES
from engine.families.footprint import Fit, Numbers, Offload, needs
from engine.messages import Base, JobId, LoraFile
from engine.workers import devices
from engine.workers.loading import load
from engine.workers.loop import Loop
from engine.workers.lora import Shelf, Stacks
from engine.workers.miniature.random_bases import build
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import encode, rows_of
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import plan
from tests.integration.engine.workers.loras import lora_file, modules_by_suffix

DEVICE = torch.device(os.environ.get("ATELIER_GPU_TESTS_ON", "cuda"))
needs_a_card = pytest.mark.skipif(DEVICE.type != "cuda", reason="tells nothing without a card")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        DEVICE.type == "cuda" and not torch.cuda.is_available(), reason="needs a CUDA device"
    ),
]
PATH = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
TENSORS = {f"{PATH}.lora_A.weight": torch.ones(2, 64), f"{PATH}.lora_B.weight": torch.ones(64, 2)}


@pytest.fixture
def base(tmp_path: Path) -> Base:
    build("sdxl", 3).save_pretrained(tmp_path / "base")
    return Base(name="b", family="sdxl", folder=str(tmp_path / "base"))


@pytest.fixture
def layers_that_leave_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a dry run: diffusers calls a CPU `cpu:0`, which accelerate then takes for another."""
    if DEVICE.type == "cpu":
        monkeypatch.setattr(
            diffusers.DiffusionPipeline, "enable_sequential_cpu_offload", leave_the_cpu
        )


def leave_the_cpu(parts: Any, **_asked: object) -> None:
    for part in parts.components.values():
        if isinstance(part, torch.nn.Module):
            accelerate.cpu_offload(part, DEVICE, offload_buffers=bool(part._parameters))


@torch.inference_mode()
def drawn(pipeline: Pipeline, *files: LoraFile) -> torch.Tensor:
    seams = Seams(pipeline.roots)
    stack = Stacks(Shelf(read=lambda _file: modules_by_suffix(TENSORS)), seams).get(files)
    asked = plan(family="sdxl", scheduler="Euler", steps=3)
    loop = Loop(pipeline, seams)
    (row,) = rows_of(JobId("j"), asked, pipeline, encode(pipeline, asked), stack)
    loop.join([row])
    while loop.rows:
        loop.tick()
    return pipeline.decode(row.latents).cpu()


@pytest.mark.usefixtures("layers_that_leave_a_cpu")
@pytest.mark.parametrize("numbers", ["fp32", "bf16", "fp16", "fp8"])
@pytest.mark.parametrize("offload", ["none", "model", "sequential"])
def test_a_small_card_draws_the_same(
    base: Base, offload: Offload, numbers: Numbers, tmp_path: Path
) -> None:
    """As a card of 8, 12 or 24 GB holds a base, with a LoRA."""
    if (offload, numbers) == ("sequential", "fp8"):
        pytest.skip("no fit asks for it: eight bits are what spares layers their travels")
    file = lora_file(tmp_path / "a.safetensors", TENSORS, 0.5)
    family = FAMILIES.get("sdxl")
    expected = drawn(load(base, family, DEVICE, Fit("fp32")), file)
    found = drawn(load(base, family, DEVICE, Fit(numbers, offload, tiles_vae=True)), file)
    assert torch.isfinite(found).all()
    worst = {"fp32": 1e-3, "bf16": 0.1, "fp16": 0.03, "fp8": 0.3}[numbers]
    assert float((found.float() - expected).abs().mean()) < worst * float(expected.std())


@needs_a_card
def test_a_card_is_told_with_its_memory() -> None:
    memory = devices.memory_bytes(DEVICE)
    assert memory is not None
    fit = devices.fit_of(Base(name="b", family="sdxl", folder=""), FAMILIES.get("sdxl"), DEVICE)
    assert needs(FAMILIES.get("sdxl"), fit, width=1024, height=1024) == fit.needs_bytes
