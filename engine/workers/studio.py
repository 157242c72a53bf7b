"""Draws orders, one at a time, and tells how it goes; a bad order never ends the process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import torch

from engine.errors import Broken, NotFinite, StackNotApplied
from engine.messages import (
    Base,
    Beat,
    Drawn,
    Finished,
    GaveUp,
    StepDone,
    Stopped,
    WorkerId,
    WorkOrder,
)
from engine.workers import failures, pictures
from engine.workers.bases import Bases, LoadedBase, free_memory
from engine.workers.desk import Desk
from engine.workers.layers import Stack
from engine.workers.loop import Loop
from engine.workers.lora import Shelf
from engine.workers.rows import Row, encode, rows_of

log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The order was cancelled, or the process told to go, between two steps."""


class Unclean(Exception):
    """After a failure the base could not be proved clean: this process must not draw again."""


class Stages:
    """Seconds by stage, for the report."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside towards `name`."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began

    @property
    def total_s(self) -> float:
        """Seconds since the order was taken up."""
        return time.monotonic() - self._began


class Studio:
    """Holds bases and LoRAs of one device and draws with them."""

    def __init__(self, worker: WorkerId, device: torch.device) -> None:
        self._worker = worker
        self._device = device
        self._shelf = Shelf()
        self._bases = Bases(device, self._shelf)
        self._holds = Beat(worker=worker)

    def beat(self) -> Beat:
        """What this worker holds; called from another thread, so it only reads one name."""
        return self._holds

    def _note_holdings(self, order: WorkOrder | None) -> None:
        self._holds = Beat(
            worker=self._worker,
            job=order.job if order else None,
            base=self._bases.newest,
            loras=self._shelf.held,
        )

    def warm(self, base: Base) -> LoadedBase | None:
        """Load a base ahead of its first order; a broken one is told by that order."""
        try:
            loaded = self._bases.get(base)
            self._note_holdings(None)
        except Exception as error:  # noqa: BLE001  # the worker loop: nothing may end it
            known = failures.understood(error, self._device)
            log.warning("base.not_warmed", base=base.name, code=known.code, facts=known.facts)
            return None
        return loaded

    def draw(self, order: WorkOrder, desk: Desk) -> None:
        """Draw an order and tell its one outcome.

        Raises `Unclean` when the process must be replaced after that.
        """
        self._note_holdings(order)
        try:
            finished = self._draw(order, desk)
        except Interrupted:
            if not desk.is_leaving:
                desk.tell(Stopped(worker=self._worker, job=order.job, fence=order.fence))
        except Exception as error:  # noqa: BLE001  # the worker loop: one bad order harms no other
            self._give_up(order, error, desk)
        else:
            desk.tell(finished)
        finally:
            self._note_holdings(None)
            desk.forget(order.job)

    def _give_up(self, order: WorkOrder, error: Exception, desk: Desk) -> None:
        known = failures.understood(error, self._device)
        trace = error if isinstance(known, Broken) else None
        log.warning("order.failed", job=order.job, code=known.code, exc_info=trace)
        gave_up = GaveUp(
            worker=self._worker,
            job=order.job,
            fence=order.fence,
            failure=failures.failure_of(known),
            retry=known.retry,
        )
        # The traceback holds the tensors of the failed step.
        error.__traceback__ = None
        lost = isinstance(known, failures.DeviceLost)
        is_clean = not lost and self._is_clean_after_failure()
        desk.tell(gave_up)
        if not is_clean:
            raise Unclean(known.code)

    def _is_clean_after_failure(self) -> bool:
        """Put everything back, free memory, and look whether a LoRA is left in any base."""
        loaded = self._bases.held
        for held in loaded:
            held.seams.clear()
        free_memory(self._device)
        return all(held.seams.is_clean() for held in loaded)

    # --- one order ------------------------------------------------------------------------

    def _draw(self, order: WorkOrder, desk: Desk) -> Finished:
        stages = Stages()
        with stages.stage("load"):
            base = self._bases.get(order.base)
            stack = base.stacks.get(order.loras)
            base.seams.activate(stack)
            base.seams.prove()
        self._note_holdings(order)
        self._check_wanted(order, desk)
        with stages.stage("encode"), torch.inference_mode():
            told = encode(base.pipeline, order.plan)
            rows = rows_of(order.job, order.plan, base.pipeline, told, stack)
        with stages.stage("denoise"):
            self._denoise(rows, base, order, desk)
        warnings = _silent_layers(base, stack)
        with stages.stage("decode"):
            pixels = [decoded(base, row) for row in rows]
        with stages.stage("write"):
            images = tuple(
                pictures.to_png(picture, row.plan)
                for picture, row in zip(pixels, rows, strict=True)
            )
        base.seams.clear()
        return Finished(
            worker=self._worker,
            job=order.job,
            fence=order.fence,
            drawn=tuple(
                Drawn(
                    index=row.index,
                    seed=row.plan.seed,
                    width=picture.shape[2],
                    height=picture.shape[1],
                )
                for picture, row in zip(pixels, rows, strict=True)
            ),
            images=images,
            seconds=stages.total_s,
            stages=stages.seconds,
            warnings=warnings,
        )

    def _denoise(self, rows: list[Row], base: LoadedBase, order: WorkOrder, desk: Desk) -> None:
        loop = Loop(base.pipeline, base.seams)
        loop.join(rows)
        first = rows[0]
        while loop.rows:
            self._check_wanted(order, desk)
            for row in loop.tick():
                if row.astray is not None:
                    raise row.astray
            desk.tell(
                StepDone(
                    worker=self._worker,
                    job=order.job,
                    fence=order.fence,
                    step=first.step,
                    steps=first.steps,
                    preview=preview(base, first, order.preview_every),
                )
            )

    def _check_wanted(self, order: WorkOrder, desk: Desk) -> None:
        if desk.is_leaving or desk.is_cancelled(order.job):
            for held in self._bases.held:
                held.seams.clear()
            raise Interrupted


@torch.inference_mode()
def preview(base: LoadedBase, row: Row, every: int) -> bytes | None:
    """The row's picture as the last step guessed it, every `every` steps; None in between."""
    if not every or row.step % every or row.is_done:
        return None
    pipeline = base.pipeline
    guess = row.sampler.guess(row.latents)
    pixels = pipeline.decode(pictures.small_latents(guess, pipeline.pixels_per_latent))[0]
    return pictures.to_preview(pixels.nan_to_num())


@torch.inference_mode()
def decoded(base: LoadedBase, row: Row) -> torch.Tensor:
    """Pixels (3, height, width) of a finished row.

    Half precision can overflow in the autoencoder of a sound picture, so a row that is no
    picture is decoded once more in float32; `NotFinite` when that does not help.
    """
    pixels = base.pipeline.decode(row.latents)[0]
    if not bool(torch.isfinite(pixels).all()) and base.pipeline.can_be_more_precise:
        pixels = base.pipeline.decode(row.latents, precise=True)[0]
    if not bool(torch.isfinite(pixels).all()):
        raise NotFinite(job=row.job, step=row.step, where="picture")
    return pixels


def _silent_layers(base: LoadedBase, stack: Stack) -> tuple[str, ...]:
    """Layers of the stack that no forward ran: a warning for some, `StackNotApplied` for all."""
    silent = base.seams.silent()
    if not silent:
        return ()
    if len(silent) == len(stack.pairs):
        raise StackNotApplied(
            name="the stack",
            expected=len(stack.pairs),
            applied=0,
            missing=tuple(sorted(silent)[:3]),
        )
    return (f"{len(silent)} of {len(stack.pairs)} layers of the stack were never run",)
