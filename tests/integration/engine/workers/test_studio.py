"""One order after another: what is told, what a cancel does, and that failures end nothing."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine import wire
from engine.errors import OutOfMemory
from engine.messages import (
    Base,
    Beat,
    Finished,
    GaveUp,
    JobId,
    LoraFile,
    Message,
    Sha256,
    StepDone,
    Stopped,
    WorkerId,
    WorkOrder,
)
from engine.recipe import plan_of_image, read_recipe
from engine.workers import failures
from engine.workers.desk import Desk
from engine.workers.pipelines.unet import UnetPipeline
from engine.workers.studio import Studio, Unclean
from tests.integration.engine.workers.conftest import CPU, MINIATURE, order
from tests.integration.engine.workers.loras import lora_file

ME = WorkerId("w1")
PATH = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"


class Quiet(wire.Channel):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)


class TestDesk(Desk):
    """A desk whose outgoing messages are kept, and which may be cancelled at a step."""

    __test__ = False

    def __init__(self) -> None:
        self.channel = Quiet()
        super().__init__(self.channel, lambda: Beat(worker=ME), 60)
        self.cancel_at: int | None = None
        self.close_at: int | None = None

    def tell(self, message: Message) -> None:
        super().tell(message)
        if isinstance(message, StepDone) and message.step == self.cancel_at:
            self._sort(wire.CancelOrder(job=message.job))
        if isinstance(message, StepDone) and message.step == self.close_at:
            self.close()

    @property
    def steps(self) -> list[StepDone]:
        return [message for message in self.channel.sent if isinstance(message, StepDone)]

    @property
    def outcomes(self) -> list[Message]:
        return [message for message in self.channel.sent if not isinstance(message, StepDone)]


@pytest.fixture(scope="module")
def studio() -> Studio:
    made = Studio(ME, CPU)
    made.warm(MINIATURE)
    return made


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk()


def outcome(studio: Studio, asked: WorkOrder) -> Message:
    desk = TestDesk()
    studio.draw(asked, desk)
    (only,) = desk.outcomes
    return only


def finished(studio: Studio, asked: WorkOrder) -> Finished:
    told = outcome(studio, asked)
    assert isinstance(told, Finished), told
    return told


def gave_up(studio: Studio, asked: WorkOrder) -> GaveUp:
    told = outcome(studio, asked)
    assert isinstance(told, GaveUp), told
    return told


def pixels(png: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(io.BytesIO(png)))


# --- what goes well -----------------------------------------------------------------------


def test_order_ends_with_whole_pictures_that_carry_their_recipe(studio: Studio) -> None:
    asked = order(count=2, seed=30)
    told = finished(studio, asked)
    assert [(d.index, d.seed, d.width, d.height) for d in told.drawn] == [
        (0, 30, 64, 64),
        (1, 31, 64, 64),
    ]
    assert pixels(told.images[0]).shape == (64, 64, 3)
    assert read_recipe(told.images[1]) == plan_of_image(asked.plan, 1)
    assert set(told.stages) == {"load", "encode", "denoise", "decode", "write"}
    assert sum(told.stages.values()) <= told.seconds


def test_recipe_of_a_picture_makes_the_same_picture_again(studio: Studio) -> None:
    second = finished(studio, order(count=2)).images[1]
    recipe = read_recipe(second)
    assert recipe is not None
    again = finished(studio, order(**recipe.model_dump()))
    difference = pixels(again.images[0]).astype(int) - pixels(second)
    assert abs(difference).max() <= 1


def test_every_step_is_told_and_previews_come_every_few(studio: Studio, desk: TestDesk) -> None:
    studio.draw(order(steps=6).model_copy(update={"preview_every": 2}), desk)
    assert [(s.step, s.steps) for s in desk.steps] == [(n, 6) for n in range(1, 7)]
    assert [s.step for s in desk.steps if s.preview] == [2, 4]
    preview = next(s.preview for s in desk.steps if s.preview)
    assert pixels(preview).shape == (64, 64, 3)


def test_no_previews_when_none_are_wanted(studio: Studio, desk: TestDesk) -> None:
    studio.draw(order().model_copy(update={"preview_every": 0}), desk)
    assert not any(step.preview for step in desk.steps)


def test_late_preview_already_shows_the_picture(studio: Studio, desk: TestDesk) -> None:
    asked = order(steps=9, scheduler="dpm++2m").model_copy(update={"preview_every": 8})
    studio.draw(asked, desk)
    final = next(m for m in desk.outcomes if isinstance(m, Finished)).images[0]
    preview = next(s.preview for s in desk.steps if s.preview)
    assert preview is not None
    assert np.corrcoef(pixels(preview).ravel(), pixels(final).ravel())[0, 1] > 0.8


def test_beat_says_what_is_held(studio: Studio, tmp_path: Path) -> None:
    file = small_lora(tmp_path)
    finished(studio, with_loras(file))
    assert studio.beat().base == "miniature"
    assert file.sha256 in studio.beat().loras
    finished(studio, with_loras(file.model_copy(update={"weight": 0.31})))
    host, device = studio.beat().kept
    assert (host.store, host.hits, host.misses) == ("host", 0, 1)
    assert (device.store, device.hits, device.misses) == ("device", 1, 1)
    assert host.held_bytes > 0
    assert device.held_bytes > 0


# --- stopping -----------------------------------------------------------------------------


def test_cancel_stops_at_the_next_step(studio: Studio, desk: TestDesk) -> None:
    desk.cancel_at = 2
    studio.draw(order(steps=8), desk)
    assert len(desk.steps) == 2
    assert desk.outcomes == [Stopped(worker=ME, job=JobId("j1"), fence=1)]


def test_late_cancel_does_not_hit_the_next_try(studio: Studio, desk: TestDesk) -> None:
    desk.cancel_at = 4
    studio.draw(order(steps=4), desk)
    desk.cancel_at = None
    studio.draw(order(steps=4), desk)
    assert [type(told) for told in desk.outcomes] == [Finished, Finished]


def test_leaving_stops_at_the_next_step_and_tells_nothing(studio: Studio, desk: TestDesk) -> None:
    desk.close_at = 2
    studio.draw(order(steps=8), desk)
    assert len(desk.steps) == 2
    assert desk.outcomes == []


# --- what goes wrong ----------------------------------------------------------------------


def small_lora(folder: Path) -> LoraFile:
    generator = torch.Generator().manual_seed(3)
    tensors = {
        f"{PATH}.lora_A.weight": torch.randn(2, 128, generator=generator),
        f"{PATH}.lora_B.weight": torch.randn(128, 2, generator=generator),
    }
    return lora_file(folder / "small.safetensors", tensors, 1.0)


def with_loras(*files: LoraFile, **changes: object) -> WorkOrder:
    return order(**changes).model_copy(update={"loras": files})


@pytest.fixture
def broken_forward(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | float], None]:
    """From now on every forward raises this, or returns this number everywhere."""

    def set_to(what: BaseException | float) -> None:
        def broken(_self: object, latents: Tensor, *_rest: object) -> Tensor:
            if isinstance(what, BaseException):
                raise what
            return torch.full_like(latents, what)

        monkeypatch.setattr(UnetPipeline, "denoise", broken)

    return set_to


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_out_of_memory_is_worth_another_try_and_the_next_order_draws(
    studio: Studio,
    broken_forward: Callable[[BaseException | float], None],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    tmp_path: Path,
) -> None:
    broken_forward(error)
    told = gave_up(studio, with_loras(small_lora(tmp_path)))
    assert (told.failure.code, told.retry) == ("out_of_memory", True)
    assert told.failure.facts == {"device": "cpu"}
    monkeypatch.undo()
    finished(studio, order())


def test_nan_in_the_latents_fails_this_order_only(
    studio: Studio,
    broken_forward: Callable[[BaseException | float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken_forward(float("nan"))
    told = gave_up(studio, order())
    assert (told.failure.code, told.retry) == ("not_finite", False)
    assert told.failure.facts["where"] == "latents"
    monkeypatch.undo()
    finished(studio, order())


def half_nan(monkeypatch: pytest.MonkeyPatch, *, helps: bool) -> list[bool]:
    """Decoding overflows, unless asked to be precise and `helps`; returns the calls."""
    calls: list[bool] = []
    decode = UnetPipeline.decode

    def overflowing(self: UnetPipeline, latents: Tensor, *, precise: bool = False) -> Tensor:
        calls.append(precise)
        pixels = decode(self, latents)
        return pixels if precise and helps else pixels * float("nan")

    monkeypatch.setattr(UnetPipeline, "decode", overflowing)
    monkeypatch.setattr(UnetPipeline, "can_be_more_precise", True)
    return calls


def test_picture_that_overflows_is_decoded_once_more_in_full_precision(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = half_nan(monkeypatch, helps=True)
    finished(studio, order(steps=2))
    assert calls == [False, True]


def test_picture_that_stays_nan_is_given_up(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_nan(monkeypatch, helps=False)
    told = gave_up(studio, order(steps=2))
    assert (told.failure.code, told.failure.facts["where"]) == ("not_finite", "picture")


def test_missing_and_damaged_bases_are_told_by_name(studio: Studio, tmp_path: Path) -> None:
    nowhere = Base(name="gone", family="miniature", folder=str(tmp_path / "nowhere"))
    told = gave_up(studio, order().model_copy(update={"base": nowhere}))
    assert (told.failure.code, told.failure.facts["base"]) == ("base_broken", "gone")
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    damaged = Base(name="half", family="miniature", folder=str(tmp_path))
    told = gave_up(studio, order().model_copy(update={"base": damaged}))
    assert (told.failure.code, told.failure.facts["base"]) == ("base_broken", "half")
    finished(studio, order())


def test_bad_lora_fails_its_order_and_leaves_no_trace(studio: Studio, tmp_path: Path) -> None:
    before = finished(studio, order()).images[0]
    unfit = {
        f"{PATH}.lora_A.weight": torch.ones(2, 640),
        f"{PATH}.lora_B.weight": torch.ones(640, 2),
    }
    file = lora_file(tmp_path / "unfit.safetensors", unfit, 1.0)
    told = gave_up(studio, with_loras(file))
    assert told.failure.code in ("bad_lora_file", "stack_not_applied")
    wrong = file.model_copy(update={"sha256": Sha256("0" * 64)})
    good = small_lora(tmp_path)
    told = gave_up(studio, with_loras(good, wrong))
    assert told.failure.code in ("bad_lora_file", "blob_corrupt")
    after = finished(studio, order()).images[0]
    assert (pixels(before) == pixels(after)).all()


def test_a_lora_without_numbers_is_named(studio: Studio, tmp_path: Path) -> None:
    before = finished(studio, order()).images[0]
    bad = {
        f"{PATH}.lora_A.weight": torch.full((2, 128), float("inf")),
        f"{PATH}.lora_B.weight": torch.ones(128, 2),
    }
    file = lora_file(tmp_path / "rotten.safetensors", bad, 1.0)
    told = gave_up(studio, with_loras(small_lora(tmp_path), file))
    assert (told.failure.code, told.retry) == ("look_poisoned", False)
    assert told.failure.facts["name"] == "rotten"
    after = finished(studio, order()).images[0]
    assert (pixels(before) == pixels(after)).all()


def test_a_lora_whose_output_is_no_number_is_told_from_its_neighbour(
    studio: Studio, tmp_path: Path
) -> None:
    path = PATH.replace("to_q", "to_v")
    huge = {
        f"{path}.lora_A.weight": torch.full((2, 128), 3e38),
        f"{path}.lora_B.weight": torch.full((128, 2), 3e38),
    }
    file = lora_file(tmp_path / "huge.safetensors", huge, 1.0)
    told = gave_up(studio, with_loras(small_lora(tmp_path), file))
    assert (told.failure.code, told.failure.facts["name"]) == ("look_poisoned", "huge")
    assert told.failure.facts["where"] == "its output"
    finished(studio, with_loras(small_lora(tmp_path)))


def test_lora_changes_the_picture_and_is_gone_with_the_order(
    studio: Studio, tmp_path: Path
) -> None:
    before = finished(studio, order()).images[0]
    changed = finished(studio, with_loras(small_lora(tmp_path))).images[0]
    after = finished(studio, order()).images[0]
    assert (pixels(before) != pixels(changed)).any()
    assert (pixels(before) == pixels(after)).all()


def test_unforeseen_error_is_given_up_without_quoting_anything(
    studio: Studio, broken_forward: Callable[[BaseException | float], None]
) -> None:
    broken_forward(ZeroDivisionError("a secret prompt"))
    told = gave_up(studio, order())
    assert (told.failure.code, told.retry) == ("drawing_broke", False)
    assert "ZeroDivisionError" in told.failure.facts["problem"]
    assert "secret" not in told.model_dump_json()


def test_lost_device_is_told_and_then_the_process_must_go(
    studio: Studio,
    broken_forward: Callable[[BaseException | float], None],
    desk: TestDesk,
) -> None:
    broken_forward(RuntimeError("CUDA error: an illegal memory access was encountered"))
    with pytest.raises(Unclean):
        studio.draw(order(), desk)
    (told,) = desk.outcomes
    assert isinstance(told, GaveUp)
    assert (told.failure.code, told.retry) == ("device_lost", True)


def test_base_that_cannot_be_proved_clean_ends_the_process(
    studio: Studio,
    broken_forward: Callable[[BaseException | float], None],
    monkeypatch: pytest.MonkeyPatch,
    desk: TestDesk,
) -> None:
    broken_forward(ValueError("wrong"))
    monkeypatch.setattr("engine.workers.seams.Seams.is_clean", lambda _self: False)
    with pytest.raises(Unclean):
        studio.draw(order(), desk)
    assert [type(told) for told in desk.outcomes] == [GaveUp]


def test_warming_a_broken_base_ends_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.warm(Base(name="gone", family="miniature", folder=str(tmp_path)))
    finished(studio, order())


def test_unknown_scheduler_is_the_persons_to_mend(studio: Studio) -> None:
    told = gave_up(studio, order(scheduler="magic"))
    assert (told.failure.code, told.retry) == ("bad_request", False)


def test_known_errors_keep_their_code_and_facts() -> None:
    known = failures.understood(OutOfMemory(device="cuda:0", wanted_bytes=7), CPU)
    assert failures.failure_of(known).facts == {"device": "cuda:0", "wanted_bytes": "7"}
