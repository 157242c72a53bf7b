"""Rows share steps without knowing of each other; they join, leave and fail alone."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.errors import BadRequest
from engine.messages import JobId, Plan, Turn, Variation
from engine.recipe import plan_of_image
from engine.workers.loop import Loop
from engine.workers.pipelines.pipeline import Pipeline, Told
from engine.workers.pipelines.unet import UnetPipeline
from engine.workers.pipelines.unet_xl import UnetXlPipeline
from engine.workers.rows import Row, encode, first_noise, rows_of, turned
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import layout, miniature, plan

CLOSE = 1e-5
MIXED = (
    ("ddim", 4, 4.0), ("euler", 3, 7.0), ("euler a", 5, 2.5), ("dpm++2m", 4, 1.0),
    ("DPM++ 2M Karras", 3, 5.0), ("unipc", 5, 4.0), ("LCM", 2, 1.0), ("Heun", 2, 3.0),
)  # fmt: skip
Forward = Callable[..., Tensor]


@torch.inference_mode()
def rows(asked: Plan, job: str = "j1", base: Pipeline | None = None) -> list[Row]:
    base = base or miniature()
    return rows_of(JobId(job), asked, base, encode(base, asked))


def a_loop(most_rows: int = 8, base: Pipeline | None = None) -> Loop:
    base = base or miniature()
    return Loop(base, Seams(base.roots), most_rows)


def to_the_end(loop: Loop) -> None:
    while loop.rows:
        loop.tick()


def alone(asked: Plan, base: Pipeline | None = None) -> Tensor:
    loop = a_loop(base=base)
    (row,) = rows(asked, base=base)
    loop.join([row])
    to_the_end(loop)
    return row.latents


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows of every forward."""
    sizes: list[int] = []
    for kind in (UnetPipeline, UnetXlPipeline):
        monkeypatch.setattr(kind, "denoise", counting(kind.denoise, sizes))
    return sizes


def counting(denoise: Forward, sizes: list[int]) -> Forward:
    def counted(base: UnetPipeline, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        sizes.append(len(latents))
        return denoise(base, latents, timesteps, told)

    return counted


def test_rows_of_different_jobs_draw_the_same_alone_and_together(forwards: list[int]) -> None:
    plans = [
        plan(scheduler=name, steps=steps, guidance=guidance, seed=index, prompt=f"{index} circles")
        for index, (name, steps, guidance) in enumerate(MIXED)
    ]
    base = layout("sdxl")
    expected = [alone(asked, base) for asked in plans]
    forwards.clear()
    loop = a_loop(base=base)
    together = [rows(asked, str(index), base)[0] for index, asked in enumerate(plans)]
    loop.join(together)
    to_the_end(loop)
    assert max(forwards) == 8 + 6, "guided rows take two places, the two others one"
    for row, latents in zip(together, expected, strict=True):
        assert (row.latents - latents).abs().max() <= CLOSE * latents.abs().max(), row.plan


def test_row_that_joins_late_draws_the_same() -> None:
    first, late = plan(seed=1, steps=5), plan(seed=2, steps=4, scheduler="unipc")
    loop = a_loop()
    loop.join(early := rows(first, "a"))
    loop.tick()
    loop.join(later := rows(late, "b"))
    to_the_end(loop)
    torch.testing.assert_close(early[0].latents, alone(first), atol=CLOSE, rtol=CLOSE)
    torch.testing.assert_close(later[0].latents, alone(late), atol=CLOSE, rtol=CLOSE)


def test_job_that_leaves_does_not_touch_the_others() -> None:
    stays = plan(seed=1)
    loop = a_loop()
    loop.join(kept := rows(stays, "a"))
    loop.join(rows(plan(seed=2), "b"))
    loop.tick()
    loop.leave(JobId("b"))
    assert [row.job for row in loop.rows] == ["a"]
    to_the_end(loop)
    torch.testing.assert_close(kept[0].latents, alone(stays), atol=CLOSE, rtol=CLOSE)


def test_finished_rows_are_returned_when_they_are_done() -> None:
    loop = a_loop()
    loop.join(rows(plan(steps=1), "short"))
    loop.join(rows(plan(steps=2), "long"))
    assert [row.job for row in loop.tick()] == ["short"]
    assert [row.job for row in loop.tick()] == ["long"]
    assert loop.tick() == []


def test_images_of_a_plan_share_the_batch_and_have_seeds_in_a_row(forwards: list[int]) -> None:
    loop = a_loop()
    loop.join(images := rows(plan(count=3, steps=2, seed=40)))
    to_the_end(loop)
    assert forwards == [6, 6]
    torch.testing.assert_close(
        images[2].latents, alone(plan(steps=2, seed=42)), atol=CLOSE, rtol=CLOSE
    )


def test_large_orders_go_in_several_forwards(forwards: list[int]) -> None:
    loop = a_loop(most_rows=2)
    loop.join(rows(plan(count=3, steps=1)))
    to_the_end(loop)
    assert forwards == [4, 2]


def test_other_sizes_never_share_a_forward(forwards: list[int]) -> None:
    loop = a_loop()
    loop.join(rows(plan(steps=1)))
    loop.join(rows(plan(steps=1, width=96)))
    to_the_end(loop)
    assert forwards == [2, 2]


def test_row_that_goes_astray_leaves_and_its_neighbour_draws_on() -> None:
    well = plan(seed=1)
    loop = a_loop()
    loop.join(kept := rows(well, "well"))
    loop.join(sick := rows(plan(seed=2), "sick"))
    loop.tick()
    sick[0].latents = sick[0].latents * float("nan")
    left: list[Row] = []
    while not left:
        left = loop.tick()
    assert [row.job for row in left if row.astray] == ["sick"]
    assert left[0].astray is None or left[0].astray.facts["where"] == "latents"
    to_the_end(loop)
    torch.testing.assert_close(kept[0].latents, alone(well), atol=CLOSE, rtol=CLOSE)


def test_unknown_scheduler_is_refused_with_those_that_work() -> None:
    with pytest.raises(BadRequest) as caught:
        rows(plan(scheduler="magic"))
    assert "UniPC" in str(caught.value.facts["valid"])


def test_scheduler_that_cannot_start_from_pure_noise_is_refused_on_such_a_base() -> None:
    with pytest.raises(BadRequest) as caught:
        rows(plan(scheduler="Heun"))
    assert "Heun" not in str(caught.value.facts["valid"])


def test_steps_that_a_scheduler_cannot_make_are_refused() -> None:
    with pytest.raises(BadRequest) as caught:
        rows(plan(scheduler="LCM", steps=90))
    assert caught.value.facts["name"] == "steps"


# --- noise --------------------------------------------------------------------------------


def noise(asked: Plan) -> Tensor:
    shape = miniature().latent_shape(asked.width, asked.height)
    return first_noise(asked, shape, torch.Generator().manual_seed(asked.seed))


def test_variation_turns_the_noise_from_one_seed_to_the_other() -> None:
    here, there = noise(plan(seed=1)), noise(plan(seed=2))

    def between(strength: float) -> Tensor:
        return noise(plan(seed=1, variation=Variation(seed=2, strength=strength)))

    torch.testing.assert_close(between(0), here)
    torch.testing.assert_close(between(1), there)
    near = between(0.1)
    assert 0 < (near - here).norm() < (near - there).norm()
    torch.testing.assert_close(near.norm(), here.norm(), rtol=0.05, atol=0)


def test_a_variation_of_a_variation_starts_from_it() -> None:
    once = Variation(seed=9, strength=0.25, keeps_seed=True)
    again = Variation(seed=30, strength=0.25, before=(Turn(seed=9, strength=0.25),))
    chosen, from_it = noise(plan(seed=5, variation=once)), noise(plan(seed=5, variation=again))

    towards = torch.randn(chosen.shape, generator=torch.Generator().manual_seed(30))
    torch.testing.assert_close(from_it, turned(chosen, towards, 0.25))


def test_turning_noise_towards_itself_changes_nothing() -> None:
    same = torch.randn(16, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(turned(same, same, 0.3), same)


def test_each_image_has_its_own_plan_that_makes_exactly_it() -> None:
    asked = plan(seed=2**63 - 1, count=2, variation=Variation(seed=9, strength=0.5))
    second = plan_of_image(asked, 1)
    assert (second.seed, second.count) == (0, 1)
    assert second.variation == Variation(seed=10, strength=0.5)
    torch.testing.assert_close(noise(second), noise(plan_of_image(second, 0)))


def test_variations_of_one_seed_are_near_it_and_differ_from_one_another() -> None:
    apart = Variation(seed=9, strength=0.25, keeps_seed=True)
    asked = plan(seed=5, count=3, variation=apart)
    here = noise(plan(seed=5))
    turned_ones = [noise(plan_of_image(asked, index)) for index in range(3)]

    near = [torch.cosine_similarity(here.flatten(), each.flatten(), dim=0) for each in turned_ones]
    assert all(value > 0.8 for value in near)
    assert not torch.equal(turned_ones[0], turned_ones[1])
    assert not torch.equal(turned_ones[1], turned_ones[2])
