"""Our low-rank pairs do what diffusers with PEFT does, and prove that they do."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine.errors import BadLoraFile, BlobCorrupt, LookPoisoned, StackNotApplied
from engine.messages import JobId, LoraFile, Plan
from engine.workers.layers import NO_STACK, Stack
from engine.workers.loop import Loop
from engine.workers.lora import Shelf, Stacks
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import encode, rows_of
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import layout, miniature, plan
from tests.integration.engine.workers.loras import (
    TEXT_LAYERS,
    UNET_LAYERS,
    lora_file,
    modules_by_suffix,
    peft_tensors,
)

CLOSE = 1e-5
pytestmark = [
    # The oracle's own: diffusers with numpy 2, and PEFT with several LoRAs at once.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning"),
]
MakeLora = Callable[..., LoraFile]


def tensors_for(pipeline: Pipeline, rank: int, seed: int) -> dict[str, Tensor]:
    name = pipeline.denoiser_name
    layers = UNET_LAYERS if name == "unet" else UNET_LAYERS[:4]
    tensors = peft_tensors(copy.deepcopy(pipeline.denoiser), name, layers, rank, seed)
    text = copy.deepcopy(pipeline.parts.text_encoder)
    return tensors | peft_tensors(text, "text_encoder", TEXT_LAYERS, rank, seed + 1)


@pytest.fixture
def make_lora(tmp_path: Path) -> MakeLora:
    def make(name: str = "one", *, weight: float = 1.0, rank: int = 4, seed: int = 1) -> LoraFile:
        tensors = tensors_for(miniature(), rank, seed)
        return lora_file(tmp_path / f"{name}.safetensors", tensors, weight)

    return make


@pytest.fixture
def seams() -> Seams:
    return Seams(miniature().roots)


@torch.inference_mode()
def latents_with(pipeline: Pipeline, seams: Seams, stack: Stack, asked: Plan) -> Tensor:
    """The last latents of a plan with a stack, text encoders included; the base clean after."""
    seams.activate(stack)
    loop = Loop(pipeline, seams)
    told = encode(pipeline, asked)
    (row,) = rows_of(JobId("j"), asked, pipeline, told, stack)
    loop.join([row])
    while loop.rows:
        loop.tick()
    seams.clear()
    return row.latents


@torch.inference_mode()
def latents_of_diffusers(parts: Any, files: list[LoraFile], asked: Plan) -> Tensor:
    """The same by diffusers' own loader and PEFT, on a copy of the pipeline."""
    for file in files:
        parts.load_lora_weights(file.path, adapter_name=file.name)
    parts.set_adapters([f.name for f in files], [f.weight for f in files])
    latents: Tensor = parts(
        asked.prompt, width=asked.width, height=asked.height, num_inference_steps=asked.steps,
        guidance_scale=asked.guidance, output_type="latent",
        generator=torch.Generator().manual_seed(asked.seed),
    ).images  # fmt: skip
    return latents


def copied(pipeline: Pipeline) -> Any:
    parts = {
        name: copy.deepcopy(part) if isinstance(part, nn.Module) else part
        for name, part in pipeline.parts.components.items()
    }
    extra = {"requires_safety_checker": False} if "safety_checker" in parts else {}
    made = type(pipeline.parts)(**parts, **extra)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.mark.parametrize("weights", [(1.0,), (0.8, -0.4, 1.3)], ids=["one", "stack of three"])
def test_stack_equals_diffusers_with_peft(
    make_lora: MakeLora, seams: Seams, weights: tuple[float, ...]
) -> None:
    pipeline, asked = miniature(), plan(steps=3)
    files = [
        make_lora(f"lora{index}", weight=weight, rank=4 + index, seed=index)
        for index, weight in enumerate(weights)
    ]
    ours = latents_with(pipeline, seams, Stacks(Shelf(), seams).get(files), asked)
    theirs = latents_of_diffusers(copied(pipeline), files, asked)
    bare = latents_with(pipeline, seams, NO_STACK, asked)
    assert (ours - bare).abs().max() > 0.02, "a LoRA without effect proves nothing"
    torch.testing.assert_close(ours, theirs, atol=CLOSE, rtol=CLOSE)


def test_text_encoder_part_alone_changes_the_words_as_peft_does(
    tmp_path: Path, seams: Seams
) -> None:
    pipeline, asked = miniature(), plan(steps=2)
    text = copy.deepcopy(pipeline.parts.text_encoder)
    tensors = peft_tensors(text, "text_encoder", TEXT_LAYERS, 4, 5)
    file = lora_file(tmp_path / "text.safetensors", tensors, 1.0)
    stack = Stacks(Shelf(), seams).get([file])
    ours = latents_with(pipeline, seams, stack, asked)
    assert not torch.allclose(ours, latents_with(pipeline, seams, NO_STACK, asked), atol=1e-3)
    theirs = latents_of_diffusers(copied(pipeline), [file], asked)
    torch.testing.assert_close(ours, theirs, atol=CLOSE, rtol=CLOSE)


@pytest.mark.parametrize("name", ["sdxl", "flux"])
def test_other_layouts_equal_diffusers_with_peft(tmp_path: Path, name: str) -> None:
    pipeline = layout(name)
    asked = plan(steps=2, scheduler="euler" if name == "sdxl" else "flow-euler")
    denoiser = copy.deepcopy(pipeline.denoiser)
    layers = ["to_q", "to_v", "proj_out"]
    tensors = peft_tensors(denoiser, pipeline.denoiser_name, layers, 4, 2)
    file = lora_file(tmp_path / "xl.safetensors", tensors, 0.9)
    seams = Seams(pipeline.roots)
    shelf = Shelf(read=lambda _file: modules_by_suffix(tensors))
    ours = latents_with(pipeline, seams, Stacks(shelf, seams).get([file]), asked)
    bare = latents_with(pipeline, seams, NO_STACK, asked)
    theirs = latents_of_diffusers(copied(pipeline), [file], asked)
    if name == "flux":
        theirs = pipeline.parts._unpack_latents(theirs, 64, 64, pipeline.pixels_per_latent)
    assert (ours - bare).abs().max() > 0.02
    torch.testing.assert_close(ours, theirs, atol=CLOSE, rtol=CLOSE)


def test_base_is_bit_equal_after_many_stacks(make_lora: MakeLora, seams: Seams) -> None:
    before = {key: value.clone() for key, value in miniature().denoiser.state_dict().items()}
    stacks = Stacks(Shelf(), seams)
    for weight in (0.5, 2.0, -1.0):
        file = make_lora(weight=weight)
        latents_with(miniature(), seams, stacks.get([file]), plan(steps=1))
    after = miniature().denoiser.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert seams.is_clean()


class Counted(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own base
    """Counts operations that do work; views are free."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:  # fmt: skip
        self.count += not func.is_view
        return func(*args, **(kwargs or {}))


@torch.inference_mode()
def operations(pipeline: Pipeline, seams: Seams, stacks: list[Stack]) -> tuple[int, int]:
    """Operations of a forward of rows with these stacks, and the layers that they change."""
    told = encode(pipeline, plan(guidance=1.0)).positive
    rows = len(stacks)
    latents = torch.zeros(rows, *pipeline.latent_shape(64, 64)[1:])
    seams.arrange(stacks, [1] * rows)
    with Counted() as counted:
        pipeline.denoise(
            latents, torch.full((rows,), 500.0),
            {name: value.expand(rows, *value.shape[1:]) for name, value in told.items()},
        )  # fmt: skip
    seams.clear()
    return counted.count, len({path for stack in stacks for path in stack.layers})


def test_operations_do_not_grow_with_the_number_of_loras(make_lora: MakeLora, seams: Seams) -> None:
    """Alone or among strangers: at most two a layer more than the bare base, for one or eight."""
    stacks = Stacks(Shelf(), seams)
    files = [make_lora(f"l{index}", seed=index, rank=2 + index) for index in range(8)]
    bare, _ = operations(miniature(), seams, [NO_STACK] * 4)
    one, layers = operations(miniature(), seams, [stacks.get(files[:1])] * 4)
    eight, _ = operations(miniature(), seams, [stacks.get(files)] * 4)
    some, _ = operations(
        miniature(), seams,
        [NO_STACK, stacks.get(files[:1]), stacks.get(files[1:4]), stacks.get(files)],
    )  # fmt: skip
    assert bare < one == eight == some <= bare + 2 * layers


def test_order_of_files_in_a_stack_does_not_matter(make_lora: MakeLora, seams: Seams) -> None:
    files = [make_lora("a", seed=1), make_lora("b", seed=2, weight=0.5)]
    stacks = Stacks(Shelf(), seams)
    asked = plan(steps=2)
    forth = latents_with(miniature(), seams, stacks.get(files), asked)
    back = latents_with(miniature(), seams, stacks.get(files[::-1]), asked)
    torch.testing.assert_close(forth, back, atol=CLOSE, rtol=CLOSE)


# --- what must be refused -----------------------------------------------------------------


def test_layer_that_the_base_lacks_is_named(tmp_path: Path, seams: Seams) -> None:
    tensors = tensors_for(miniature(), 4, 1)
    gone = "unet.mid_block.attentions.7.proj_in"
    tensors[f"{gone}.lora_A.weight"] = torch.zeros(4, 8)
    tensors[f"{gone}.lora_B.weight"] = torch.zeros(8, 4)
    file = lora_file(tmp_path / "wide.safetensors", tensors, 1.0)
    stacks = Stacks(Shelf(read=lambda _file: modules_by_suffix(tensors)), seams)
    with pytest.raises(StackNotApplied) as caught:
        stacks.get([file])
    layers = len(tensors) // 2
    assert caught.value.facts["name"] == "wide"
    assert (caught.value.facts["expected"], caught.value.facts["applied"]) == (layers, layers - 1)
    assert caught.value.facts["missing"] == (f"{gone}: no such layer",)


def test_unknown_layer_is_refused_by_the_header_alone(tmp_path: Path, seams: Seams) -> None:
    tensors = tensors_for(miniature(), 4, 1)
    tensors["unet.mid_block.attentions.7.proj_in.lora_A.weight"] = torch.zeros(4, 8)
    tensors["unet.mid_block.attentions.7.proj_in.lora_B.weight"] = torch.zeros(8, 4)
    file = lora_file(tmp_path / "wide.safetensors", tensors, 1.0)
    with pytest.raises(StackNotApplied):
        Stacks(Shelf(), seams).get([file])


def test_wrong_width_is_named(tmp_path: Path, seams: Seams) -> None:
    path = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    tensors = {
        f"{path}.lora_A.weight": torch.ones(4, 640),
        f"{path}.lora_B.weight": torch.ones(640, 4),
    }
    file = lora_file(tmp_path / "xl.safetensors", tensors, 1.0)
    stacks = Stacks(Shelf(read=lambda _file: modules_by_suffix(tensors)), seams)
    with pytest.raises(StackNotApplied, match="640"):
        stacks.get([file])


def test_changed_bytes_are_refused(make_lora: MakeLora, seams: Seams) -> None:
    file = make_lora()
    data = bytearray(Path(file.path).read_bytes())
    data[-1] ^= 1
    Path(file.path).write_bytes(data)
    with pytest.raises(BlobCorrupt):
        Stacks(Shelf(), seams).get([file])


def test_missing_file_is_refused(make_lora: MakeLora, seams: Seams) -> None:
    file = make_lora()
    Path(file.path).unlink()
    with pytest.raises(BlobCorrupt):
        Stacks(Shelf(), seams).get([file])


def test_what_is_no_lora_is_refused(tmp_path: Path, seams: Seams) -> None:
    file = lora_file(tmp_path / "vae.safetensors", {"decoder.conv.weight": torch.ones(3)}, 1.0)
    with pytest.raises(BadLoraFile):
        Stacks(Shelf(), seams).get([file])


def test_nan_in_a_file_is_refused(tmp_path: Path, seams: Seams) -> None:
    tensors = tensors_for(miniature(), 4, 1)
    next(iter(tensors.values()))[0] = float("nan")
    file = lora_file(tmp_path / "nan.safetensors", tensors, 1.0)
    with pytest.raises(LookPoisoned):
        Stacks(Shelf(), seams).get([file])


def test_shelf_keeps_the_most_recently_used_files_within_its_bytes(make_lora: MakeLora) -> None:
    files = [make_lora(f"l{index}", seed=index) for index in range(3)]
    one = Shelf().get(files[0]).size_bytes
    shelf = Shelf(kept_bytes=2 * one)
    for file in (files[0], files[1], files[0], files[2]):
        shelf.get(file)
    assert shelf.held == (files[0].sha256, files[2].sha256)
