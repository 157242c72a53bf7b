"""Our own loop makes what the stock diffusers pipelines make, on every layout."""

import pytest
import torch
from torch import Tensor

from engine.messages import JobId, Plan
from engine.workers.layers import Seams
from engine.workers.loop import Loop
from engine.workers.pipelines import PIPELINES, pipeline_class
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import Row, encode, first_noise, rows_of
from tests.integration.engine.workers.conftest import LAYOUTS, layout, miniature, plan

CLOSE = 1e-4
pytestmark = [
    # The stock pipelines' own calls: numpy 2, and the miniature's AutoencoderTiny.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@torch.inference_mode()
def drawn(pipeline: Pipeline, asked: Plan) -> list[Row]:
    """All rows of a plan, to the end."""
    loop = Loop(pipeline, Seams(pipeline.roots))
    rows = rows_of(JobId("j"), asked, pipeline, encode(pipeline, asked))
    loop.join(rows)
    while loop.rows:
        loop.tick()
    return rows


@torch.inference_mode()
def stock(pipeline: Pipeline, asked: Plan, output: str, **more: object) -> Tensor:
    """The stock pipeline's answer for the same seed; its scheduler is put back after."""
    generator = torch.Generator().manual_seed(asked.seed)
    shape = pipeline.latent_shape(asked.width, asked.height)
    noise = first_noise(asked, shape, generator)
    kept = pipeline.parts.scheduler
    pipeline.parts.scheduler = pipeline.sampler(asked.scheduler).scheduler
    try:
        answer = pipeline.parts(
            asked.prompt, width=asked.width, height=asked.height,
            num_inference_steps=asked.steps, guidance_scale=asked.guidance,
            latents=noise, generator=generator, output_type=output, **more,
        )  # fmt: skip
    finally:
        pipeline.parts.scheduler = kept
    images: Tensor = answer.images
    return images


def assert_same(pipeline: Pipeline, asked: Plan, **more: object) -> None:
    (row,) = drawn(pipeline, asked)
    pixels = pipeline.decode(row.latents) / 2 + 0.5
    expected = stock(pipeline, asked, "pt", **more)
    assert (expected.max() - expected.min()) > 0.01, "a flat picture proves nothing"
    torch.testing.assert_close(pixels.clamp(0, 1), expected, atol=CLOSE, rtol=0)


def test_every_row_is_a_pipeline() -> None:
    assert all(pipeline_class(name) for name in PIPELINES)


@pytest.mark.parametrize(
    "scheduler",
    ["ddim", "euler", "euler a", "dpm++2m", "DPM++ 2M Karras", "unipc", "LCM"],
)
def test_miniature_equals_stock_pipeline_with_every_scheduler(scheduler: str) -> None:
    assert_same(miniature(), plan(scheduler=scheduler))


def test_negative_prompt_equals_stock_pipeline() -> None:
    asked = plan(negative_prompt="a green square")
    assert_same(miniature(), asked, negative_prompt="a green square")
    with_negative, without = drawn(miniature(), asked)[0], drawn(miniature(), plan())[0]
    assert not torch.allclose(with_negative.latents, without.latents)


def test_without_guidance_one_row_and_equal_to_stock() -> None:
    asked = plan(guidance=1.0)
    assert encode(miniature(), asked).negative is None
    assert_same(miniature(), asked)


def test_other_sizes_equal_stock_pipeline() -> None:
    assert_same(miniature(), plan(width=96, height=64, steps=2))


@pytest.mark.parametrize("name", LAYOUTS)
def test_other_layouts_equal_stock_pipeline(name: str) -> None:
    pipeline = layout(name)
    scheduler = "euler" if name == "sdxl" else "flow-euler"
    asked = plan(scheduler=scheduler, steps=3)
    if name == "flux":
        assert_flux_same(pipeline, asked)
    else:
        assert_same(pipeline, asked)


def assert_flux_same(pipeline: Pipeline, asked: Plan) -> None:
    """FLUX takes its noise packed, so the stock pipeline draws its own from the same seed."""
    (row,) = drawn(pipeline, asked)
    generator = torch.Generator().manual_seed(asked.seed)
    with torch.inference_mode():
        expected = pipeline.parts(
            asked.prompt, width=64, height=64, num_inference_steps=asked.steps,
            guidance_scale=asked.guidance, generator=generator, output_type="pt",
        ).images  # fmt: skip
    assert (expected.max() - expected.min()) > 0.01
    pixels = pipeline.decode(row.latents) / 2 + 0.5
    torch.testing.assert_close(pixels.clamp(0, 1), expected, atol=CLOSE, rtol=0)


def test_heun_with_its_two_forwards_a_step_equals_stock_pipeline() -> None:
    assert_same(layout("sdxl"), plan(scheduler="Heun", steps=2))


def test_sdxl_negative_prompt_equals_stock_pipeline() -> None:
    asked = plan(scheduler="dpm++2m", steps=3, negative_prompt="a green square")
    assert_same(layout("sdxl"), asked, negative_prompt="a green square")
