"""Our own loop makes what the stock diffusers pipelines make, on every layout."""

import pytest
import torch
from diffusers import FlowMatchLCMScheduler
from torch import Tensor

from engine.errors import BadRequest
from engine.families.samplers import FLOW, FLOW_SHIFTED, NOISE
from engine.messages import JobId, Plan
from engine.workers.loop import Loop
from engine.workers.pipelines import PIPELINES, pipeline_class
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import Row, encode, first_noise, rows_of
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import LAYOUTS, layout, miniature, plan

CLOSE = 1e-4
pytestmark = [
    # The stock pipelines' own calls: numpy 2, and the miniature's AutoencoderTiny.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
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
    is_flow = name in ("sd3", "sd35", "flux", "chroma")
    asked = plan(scheduler="flow-euler" if is_flow else "euler", steps=3)
    if name in ("flux", "chroma"):
        assert_packed_same(pipeline, asked)
    else:
        more = {"use_resolution_binning": False, "clean_caption": False} if name == "pixart" else {}
        assert_same(pipeline, asked, **more)


def assert_packed_same(pipeline: Pipeline, asked: Plan, **more: object) -> None:
    """FLUX takes its noise packed, so the stock pipeline draws its own from the same seed."""
    (row,) = drawn(pipeline, asked)
    generator = torch.Generator().manual_seed(asked.seed)
    kept = pipeline.parts.scheduler
    pipeline.parts.scheduler = pipeline.sampler(asked.scheduler).scheduler
    try:
        with torch.inference_mode():
            expected = pipeline.parts(
                asked.prompt, width=64, height=64, num_inference_steps=asked.steps,
                guidance_scale=asked.guidance, generator=generator, output_type="pt", **more,
            ).images  # fmt: skip
    finally:
        pipeline.parts.scheduler = kept
    assert (expected.max() - expected.min()) > 0.01
    pixels = pipeline.decode(row.latents) / 2 + 0.5
    torch.testing.assert_close(pixels.clamp(0, 1), expected, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("scheduler", NOISE)
def test_every_sampler_equals_the_stock_pipeline(scheduler: str) -> None:
    # TCD's own share of fresh noise, which the stock pipeline sets to none for everybody.
    more = {"eta": 0.3} if scheduler == "TCD" else {}
    assert_same(layout("sdxl"), plan(scheduler=scheduler, steps=4), **more)


@pytest.mark.parametrize("scheduler", [name for name in FLOW if name != "Flow LCM"])
def test_every_flow_sampler_equals_the_stock_pipeline(scheduler: str) -> None:
    assert_same(layout("sd3"), plan(scheduler=scheduler, steps=4))


@torch.inference_mode()
def test_fresh_noise_of_a_flow_sampler_is_the_rows_own() -> None:
    """The stock pipelines take it from everybody: here the sampler alone is compared."""
    pipeline, asked = layout("sd3"), plan(scheduler="LCM", steps=3)
    (row,) = drawn(pipeline, asked)
    generator = torch.Generator().manual_seed(asked.seed)
    latents = first_noise(asked, pipeline.latent_shape(64, 64), generator)
    told = encode(pipeline, asked)
    assert told.negative is not None
    scheduler = FlowMatchLCMScheduler.from_config(pipeline.parts.scheduler.config)
    scheduler.set_timesteps(asked.steps)
    for time in scheduler.timesteps:
        without, with_prompt = (
            pipeline.denoise(latents, time.reshape(1), words)
            for words in (told.negative, told.positive)
        )
        guided = without + asked.guidance * (with_prompt - without)
        latents = scheduler.step(guided, time, latents, generator=generator).prev_sample
    torch.testing.assert_close(row.latents, latents, atol=CLOSE, rtol=CLOSE)


@pytest.mark.parametrize("scheduler", [name for name in FLOW_SHIFTED if name != "Flow LCM"])
def test_every_sampler_that_knows_shifts_equals_flux(scheduler: str) -> None:
    assert_packed_same(layout("flux"), plan(scheduler=scheduler, steps=4))


@pytest.mark.parametrize(("name", "scheduler"), [("sd3", "DDIM"), ("flux", "Heun")])
def test_what_a_flow_base_does_not_know_is_refused_with_what_works(
    name: str, scheduler: str
) -> None:
    with pytest.raises(BadRequest, match="Flow Euler, Flow DPM"):
        layout(name).sampler(scheduler)


def test_heun_with_its_two_forwards_a_step_equals_stock_pipeline() -> None:
    assert_same(layout("sdxl"), plan(scheduler="Heun", steps=2))


def test_chroma_negative_prompt_equals_stock_pipeline() -> None:
    asked = plan(scheduler="euler", steps=2, negative_prompt="a green square")
    assert_packed_same(layout("chroma"), asked, negative_prompt="a green square")


def test_sdxl_negative_prompt_equals_stock_pipeline() -> None:
    asked = plan(scheduler="dpm++2m", steps=3, negative_prompt="a green square")
    assert_same(layout("sdxl"), asked, negative_prompt="a green square")
