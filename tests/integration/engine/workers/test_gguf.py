"""GGUF files as communities publish them: the maker's names, quantised layers, all else in full."""

from dataclasses import dataclass
from pathlib import Path

import gguf
import pytest
import torch
from diffusers.quantizers.gguf.utils import GGUFLinear, GGUFParameter
from gguf import GGMLQuantizationType as Kind
from peft import LoraConfig

from engine.bases.shelf import BaseShelf, Wanted
from engine.families import FAMILIES
from engine.formats.claim import Module
from engine.messages import Base, JobId, LoraFile
from engine.workers.loading import load
from engine.workers.loop import Loop
from engine.workers.lora import Shelf, Stacks
from engine.workers.rows import encode, rows_of
from engine.workers.seams import Seams
from engine.workers.unpacked import weight_of
from tests.integration.engine.workers.checkpoints import State, saved
from tests.integration.engine.workers.conftest import CPU, plan
from tests.integration.engine.workers.loras import lora_file
from tests.integration.engine.workers.strangers import modules_of
from tests.integration.engine.workers.test_native_bases import (
    Original,
    drawn,
    narrow,
    originals,
    shelf,
)

__all__ = ["narrow", "originals", "shelf"]
ARCHITECTURE = {"flux": "flux", "sd3": "sd3", "sd35": "sd3"}
KINDS = (Kind.Q4_0, Kind.Q4_1, Kind.Q5_0, Kind.Q5_1, Kind.Q8_0, Kind.BF16)
K_KINDS = (Kind.Q2_K, Kind.Q3_K, Kind.Q4_K, Kind.Q5_K, Kind.Q6_K)
SCALES = {
    Kind.Q2_K: (80, 82),
    Kind.Q3_K: (108,),
    Kind.Q4_K: (0, 2),
    Kind.Q5_K: (0, 2),
    Kind.Q6_K: (208,),
}
"""Where the half-precision numbers of a block begin (ggml's ggml-common.h)."""
BLOCK = 32
ENDS = ("lora_A.weight", "lora_B.weight", "lora_magnitude_vector")


def is_packed(tensor: torch.Tensor) -> bool:
    """What converters quantise: matrices of whole blocks."""
    return tensor.ndim == 2 and tensor.shape[1] % BLOCK == 0


def written(state: State, kind: Kind, file: Path, architecture: str) -> State:
    """Write a GGUF; returns the numbers that it holds."""
    writer, held = gguf.GGUFWriter(file, architecture), {}
    for name, tensor in state.items():
        numbers = tensor.float().contiguous().numpy()
        if not is_packed(tensor):
            writer.add_tensor(name, numbers)
            held[name] = tensor
            continue
        packed = gguf.quants.quantize(numbers, kind)
        writer.add_tensor(name, packed, raw_dtype=kind)
        held[name] = torch.from_numpy(gguf.quants.dequantize(packed, kind).copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held


def assert_near(found: torch.Tensor, expected: torch.Tensor) -> None:
    """The same, as far as half precision goes: diffusers unpacks blocks in it."""
    spread = float(expected.max() - expected.min())
    assert spread > 0.01, "a flat picture proves nothing"
    torch.testing.assert_close(found, expected, atol=spread / 100, rtol=0)


@dataclass(frozen=True)
class Pair:
    """A base held as GGUF, and one with the same numbers in full."""

    packed: Base
    plain: Base


async def pair(
    whole: Original, kind: Kind, shelf: BaseShelf, place: Path, layout: str = "flux"
) -> Pair:
    file = place / f"{layout}-{kind.name}.gguf"
    held = written(whole.native(), kind, file, ARCHITECTURE[layout])
    packed = await shelf.add(Wanted(file, parts=str(whole.folder)))
    assert (packed.base.family, packed.base.form) == (whole.family, "gguf")
    plain = saved(held, place / "plain.safetensors")
    expected = await shelf.add(Wanted(plain, parts=str(whole.folder), name="plain"))
    return Pair(packed.base, expected.base)


@pytest.mark.parametrize(
    ("layout", "kind"),
    [*(("flux", kind) for kind in KINDS), ("sd3", Kind.Q8_0), ("sd35", Kind.Q4_0)],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
async def test_a_published_file_draws_what_its_numbers_say(
    layout: str, kind: Kind, originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    held = await pair(originals[layout], kind, shelf, tmp_path, layout)
    assert_near(drawn(held.packed), drawn(held.plain))
    weights = load(held.packed, FAMILIES.get(held.packed.family), CPU).parts.transformer
    assert {each.dtype for each in weights.parameters()} > {torch.uint8}


@torch.inference_mode()
def with_lora(base: Base, file: LoraFile, modules: tuple[Module, ...]) -> torch.Tensor:
    """Draw one step with a LoRA."""
    pipeline = load(base, FAMILIES.get(base.family), CPU)
    loop = Loop(pipeline, seams := Seams(pipeline.roots))
    stack = Stacks(Shelf(read=lambda _file: modules), seams).get([file])
    asked = plan(base=base.name, family=base.family, steps=1, scheduler="Flow Euler")
    (row,) = rows_of(JobId("j"), asked, pipeline, encode(pipeline, asked), stack)
    loop.join([row])
    while loop.rows:
        loop.tick()
    return pipeline.decode(row.latents)


@pytest.mark.parametrize("algorithm", ["lora", "dora"])
async def test_loras_act_on_a_packed_base_as_on_a_plain_one(
    algorithm: str, originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    held = await pair(originals["flux"], Kind.Q8_0, shelf, tmp_path)
    path = "transformer.transformer_blocks.0.attn.to_q"
    down, up, lengths = (f"{path}.{end}" for end in ENDS)
    tensors = {down: torch.randn(4, 64), up: torch.randn(64, 4)}
    if algorithm == "dora":
        tensors[lengths] = 2 + torch.rand(64)
    lora = lora_file(tmp_path / "a.safetensors", tensors, 0.8)
    modules = modules_of(tensors, LoraConfig(r=4, lora_alpha=4))
    found = with_lora(held.packed, lora, modules)
    assert_near(found, with_lora(held.plain, lora, modules))
    assert (found - drawn(held.packed)).abs().max() > 0.01


@pytest.mark.parametrize("kind", K_KINDS, ids=lambda kind: kind.name)
@torch.inference_mode()
def test_a_layer_in_blocks_of_256_is_read_back(kind: Kind) -> None:
    block, size = gguf.GGML_QUANT_SIZES[kind]
    generator = torch.Generator().manual_seed(7)
    packed = torch.randint(0, 256, (16, 2 * size), generator=generator, dtype=torch.uint8)
    for start in range(0, 2 * size, size):
        for at in SCALES[kind]:
            packed[:, start + at : start + at + 2] = torch.tensor([0x51, 0x1C], dtype=torch.uint8)
    expected = torch.from_numpy(gguf.quants.dequantize(packed.numpy(), kind).copy())
    layer = GGUFLinear(2 * block, 16, bias=False, compute_dtype=torch.float32)
    layer.weight = GGUFParameter(packed, quant_type=kind)
    most = float(expected.abs().max())
    assert most > 0.1
    torch.testing.assert_close(weight_of(layer), expected, atol=2e-3 * most, rtol=0)
