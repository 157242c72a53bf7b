"""A picture is the same by plain diffusers with PEFT, alone here, and among seven strangers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.messages import JobId, Plan
from engine.workers.layers import NO_STACK, Stack
from engine.workers.loop import Loop
from engine.workers.lora import Stacks
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import Row, encode, first_noise, rows_of
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import LAYOUTS, layout, plan
from tests.integration.engine.workers.strangers import Maker, Stranger

CLOSE = 1e-4
"""Of the latents' size, in single precision."""
NOISE = ("Euler", "DDIM", "DPM++ 2M Karras", "UniPC", "Euler a", "LCM", "Heun", "DPM++ 2M")
pytestmark = [
    # The stock pipelines' own calls: numpy 2, and PEFT with several LoRAs at once.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning"),
]


def plans(name: str) -> list[Plan]:
    """Eight plans that share a bucket: another sampler, length, guidance and seed each."""
    is_flow = name in ("sd3", "flux")
    return [
        plan(
            prompt=f"{number} red circles",
            scheduler="Flow Euler" if is_flow else scheduler,
            steps=3 + number % 3,
            guidance=1.0 if number == 5 else 3.0 + number / 2,
            seed=100 + number,
        )
        for number, scheduler in enumerate(NOISE)
    ]


@torch.inference_mode()
def oracle(stranger: Stranger, pipeline: Pipeline, asked: Plan) -> Tensor:
    """The stock pipeline's latents, with the stack by PEFT."""
    parts = stranger.parts
    kept, parts.scheduler = parts.scheduler, pipeline.sampler(asked.scheduler).scheduler
    generator = torch.Generator().manual_seed(asked.seed)
    more = {}
    if LAYOUTS["flux"] != pipeline_name(pipeline):
        shape = pipeline.latent_shape(asked.width, asked.height)
        more["latents"] = first_noise(asked, shape, generator)
    latents: Tensor = parts(
        asked.prompt, width=asked.width, height=asked.height, num_inference_steps=asked.steps,
        guidance_scale=asked.guidance, generator=generator, output_type="latent", **more,
    ).images  # fmt: skip
    parts.scheduler = kept
    if not more:
        scale = pipeline.pixels_per_latent
        latents = parts._unpack_latents(latents, asked.height, asked.width, scale)
    return latents


def pipeline_name(pipeline: Pipeline) -> str:
    return "flux" if type(pipeline).__name__ == "FluxPipeline" else ""


@torch.inference_mode()
def row_of(number: int, asked: Plan, pipeline: Pipeline, seams: Seams, stack: Stack) -> Row:
    with seams.speaking(stack):
        told = encode(pipeline, asked)
    (row,) = rows_of(JobId(str(number)), asked, pipeline, told, stack)
    return row


def draw(pipeline: Pipeline, seams: Seams, row: Row) -> None:
    loop = Loop(pipeline, seams)
    loop.join([row])
    while loop.rows:
        loop.tick()


def staggered(loop: Loop, rows: list[Row]) -> Iterator[int]:
    """Ticks until all are through; another row joins before every one. Yields rows a tick."""
    waiting = list(rows)
    while waiting or loop.rows:
        if waiting:
            loop.join([waiting.pop(0)])
        yield len(loop.rows)
        loop.tick()


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


# The others differ by their parts alone, and by encoders that these strangers do not touch.
@pytest.mark.parametrize("name", ["sd1", "sdxl", "sd3", "flux"])
def test_alone_among_strangers_and_by_peft_the_picture_is_the_same(
    name: str, tmp_path: Path
) -> None:
    pipeline = layout(name)
    maker = Maker(pipeline, tmp_path)
    strangers = maker.all()
    seams = Seams(pipeline.roots)
    stacks = Stacks(maker.shelf(strangers), seams)
    asked = plans(name)
    before = {key: value.clone() for key, value in pipeline.denoiser.state_dict().items()}

    expected = [oracle(each, pipeline, own) for each, own in zip(strangers, asked, strict=True)]
    alone, together = [], []
    for number, (each, own) in enumerate(zip(strangers, asked, strict=True)):
        stack = stacks.get(each.files)
        alone.append(row_of(number, own, pipeline, seams, stack))
        together.append(row_of(number, own, pipeline, seams, stack))
    crowds = list(staggered(Loop(pipeline, seams), together))

    assert max(crowds) >= 4, "they never met"
    bare = [row_of(n, own, pipeline, seams, NO_STACK) for n, own in enumerate(asked)]
    for row in (*alone, *bare):
        draw(pipeline, seams, row)
    for each, theirs, one, many, without in zip(
        strangers, expected, alone, together, bare, strict=True
    ):
        acts = apart(one.latents, without.latents)
        assert acts > 50 * CLOSE or not each.files, f"{each.name} without effect"
        assert apart(one.latents, theirs) <= CLOSE, f"{each.name} alone"
        assert apart(many.latents, theirs) <= CLOSE, f"{each.name} among strangers"
    seams.clear()
    assert seams.is_clean()
    after = pipeline.denoiser.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
