"""Several orders in one worker: they share steps, and one that ends harms no other."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine import wire
from engine.messages import Finished, GaveUp, JobId, LoraFile, Message, StepDone, Stopped, WorkOrder
from engine.workers.pipelines.pipeline import Told
from engine.workers.pipelines.unet import UnetPipeline
from engine.workers.studio import Studio
from tests.integration.engine.workers.conftest import CPU, MINIATURE, order
from tests.integration.engine.workers.loras import lora_file
from tests.integration.engine.workers.test_studio import ME, PATH, TestDesk, pixels

Forward = Callable[..., Tensor]


@pytest.fixture(scope="module")
def studio() -> Studio:
    made = Studio(ME, CPU)
    made.warm(MINIATURE)
    return made


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk()


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Places of every forward."""
    seen: list[int] = []
    denoise: Forward = UnetPipeline.denoise

    def counted(base: UnetPipeline, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        seen.append(len(latents))
        return denoise(base, latents, timesteps, told)

    monkeypatch.setattr(UnetPipeline, "denoise", counted)
    return seen


def named(job: str, *files: LoraFile, **changes: object) -> WorkOrder:
    return order(**changes).model_copy(update={"job": JobId(job), "loras": files})


def a_lora(folder: Path, seed: int) -> LoraFile:
    generator = torch.Generator().manual_seed(seed)
    tensors = {
        f"{PATH}.lora_A.weight": torch.randn(2 + seed, 128, generator=generator),
        f"{PATH}.lora_B.weight": torch.randn(128, 2 + seed, generator=generator),
    }
    return lora_file(folder / f"lora{seed}.safetensors", tensors, 0.8)


def drawn(studio: Studio, desk: TestDesk, *orders: WorkOrder) -> dict[JobId, Message]:
    """All outcomes by job."""
    for asked in orders:
        studio.take(asked)
    while not studio.is_idle:
        studio.advance(desk)
    told: dict[JobId, Message] = {}
    for message in desk.outcomes:
        assert isinstance(message, Finished | GaveUp | Stopped)
        assert message.job not in told, "two outcomes"
        told[message.job] = message
    return told


def image(message: Message) -> "Tensor":
    assert isinstance(message, Finished), message
    return torch.from_numpy(pixels(message.images[0]).astype(int))


def test_strangers_share_steps_and_get_the_pictures_they_get_alone(
    studio: Studio, sizes: list[int], tmp_path: Path
) -> None:
    orders = [
        named("a", a_lora(tmp_path, 1), seed=1, steps=3),
        named("b", a_lora(tmp_path, 2), a_lora(tmp_path, 3), seed=2, steps=4, scheduler="unipc"),
        named("c", seed=3, steps=4, prompt="two green squares"),
    ]
    alone = {each.job: drawn(studio, TestDesk(), each)[each.job] for each in orders}
    sizes.clear()
    together = drawn(studio, TestDesk(), *orders)
    assert max(sizes) == 6
    for job, message in together.items():
        assert (image(message) - image(alone[job])).abs().max() <= 1, job
    assert studio.beat().jobs == ()


def test_an_order_joins_between_two_steps_of_another(
    studio: Studio, desk: TestDesk, sizes: list[int]
) -> None:
    studio.take(named("early", steps=4))
    studio.advance(desk)
    studio.take(named("late", steps=2))
    told = drawn(studio, desk)
    assert set(told) == {"early", "late"}
    assert sizes == [2, 4, 4, 2]
    assert [s.step for s in desk.steps if s.job == "late"] == [1, 2]


def test_cancel_stops_one_and_the_other_draws_on(studio: Studio, desk: TestDesk) -> None:
    studio.take(named("kept", steps=4, seed=5))
    studio.take(named("unwanted", steps=4))
    studio.advance(desk)
    studio.advance(desk)
    desk._sort(wire.CancelOrder(job=JobId("unwanted")))
    told = drawn(studio, desk)
    assert isinstance(told[JobId("unwanted")], Stopped)
    alone = drawn(studio, TestDesk(), named("kept", steps=4, seed=5))
    assert (image(told[JobId("kept")]) - image(alone[JobId("kept")])).abs().max() <= 1


def test_cancel_reaches_an_order_that_still_waits(studio: Studio, desk: TestDesk) -> None:
    orders = [named(f"j{n}", count=4, steps=2) for n in range(3)]
    for each in orders:
        studio.take(each)
    desk._sort(wire.CancelOrder(job=JobId("j2")))
    told = drawn(studio, desk)
    assert isinstance(told[JobId("j2")], Stopped)
    assert not any(step.job == "j2" for step in desk.steps)


def test_no_more_rows_than_the_worker_draws_at_once(studio: Studio, sizes: list[int]) -> None:
    drawn(studio, TestDesk(), *(named(f"j{n}", count=4, steps=2, guidance=1.0) for n in range(3)))
    assert max(sizes) == 8


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Every forward with more than so many places, or with this guidance's row, raises."""

    def poison(error: Exception) -> None:
        denoise: Forward = UnetPipeline.denoise

        def broken(base: UnetPipeline, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
            if isinstance(error, torch.OutOfMemoryError):
                if len(latents) > 2:
                    raise error
            elif bool((latents.abs() > 1e5).any()):
                raise error
            return denoise(base, latents, timesteps, told)

        monkeypatch.setattr(UnetPipeline, "denoise", broken)

    return poison


def test_memory_for_one_draws_all_one_by_one(
    studio: Studio, poisoned: Callable[[Exception], None]
) -> None:
    poisoned(torch.OutOfMemoryError("CUDA out of memory"))
    told = drawn(studio, TestDesk(), *(named(f"j{n}", steps=2) for n in range(4)))
    assert all(isinstance(message, Finished) for message in told.values())


def test_the_row_that_breaks_a_forward_is_found_and_the_others_go_on(
    studio: Studio, desk: TestDesk, poisoned: Callable[[Exception], None]
) -> None:
    poisoned(ValueError("secret words"))
    for number in range(3):
        studio.take(named(f"j{number}", steps=4, seed=number))
    studio.advance(desk)
    studio.advance(desk)
    studio.advance(desk)
    sick = studio._drawing[1].rows[0]
    sick.latents = sick.latents + 1e6
    told = drawn(studio, desk)
    kinds = {job: type(message).__name__ for job, message in told.items()}
    assert kinds == {"j0": "Finished", "j1": "GaveUp", "j2": "Finished"}


def test_a_bad_file_fails_its_order_while_others_draw(
    studio: Studio, desk: TestDesk, tmp_path: Path
) -> None:
    bad = a_lora(tmp_path, 4).model_copy(update={"sha256": "0" * 64})
    told = drawn(studio, desk, named("good", steps=3), named("bad", bad), named("fine", steps=3))
    kinds = {job: type(message).__name__ for job, message in told.items()}
    assert kinds == {"good": "Finished", "bad": "GaveUp", "fine": "Finished"}


def test_prompts_are_encoded_once_for_the_same_words(studio: Studio) -> None:
    before = studio._bases.get(MINIATURE).phrases.counts
    drawn(studio, TestDesk(), *(named(f"j{n}", prompt="one new circle", steps=1) for n in range(3)))
    after = studio._bases.get(MINIATURE).phrases.counts
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


def test_steps_are_told_for_each_order(studio: Studio, desk: TestDesk) -> None:
    drawn(studio, desk, named("a", steps=2), named("b", steps=2))
    steps = [(s.job, s.step) for s in desk.steps]
    assert sorted(steps) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    assert all(isinstance(step, StepDone) for step in desk.steps)
