"""Draws orders, several at once, and tells how it goes; a bad order ends neither others nor us."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Literal

import structlog
import torch

from engine.errors import AtelierError, Broken, NotFinite, StackNotApplied
from engine.messages import (
    Base,
    Beat,
    Finished,
    GaveUp,
    Kept,
    LoraFile,
    Stopped,
    WorkerId,
    WorkOrder,
)
from engine.workers import failures, pictures, poison
from engine.workers.bases import Bases, LoadedBase, free_memory
from engine.workers.commission import Commission
from engine.workers.desk import Desk
from engine.workers.displacement import measure
from engine.workers.finishing import Finisher, Piece
from engine.workers.loop import MOST_ROWS, Loop
from engine.workers.lora import Shelf
from engine.workers.rows import Row, rows_of
from engine.workers.store import Counts

log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The order was cancelled, or the process told to go, in the middle of a measurement."""


class Unclean(Exception):
    """After a failure the base could not be proved clean: this process must not draw again."""


class Studio:
    """Holds bases and LoRAs of one device and draws with them.

    Orders for the base at hand join the rows that are being drawn, between two steps; an order
    for another base waits until those are done, and so does whatever came after it.
    """

    def __init__(
        self,
        worker: WorkerId,
        device: torch.device,
        most_rows: int = MOST_ROWS,
        *,
        compiles: bool = False,
    ) -> None:
        self._worker = worker
        self._device = device
        self._most_rows = most_rows
        self._shelf = Shelf(is_pinned=device.type == "cuda")
        self._bases = Bases(device, self._shelf, is_used=self._is_used, compiles=compiles)
        self._waiting: deque[Commission] = deque()
        self._drawing: list[Commission] = []
        self._base: LoadedBase | None = None
        self._loop: Loop | None = None
        self._finisher = Finisher(device, self._finish)
        self._decoding = threading.Lock()
        self._fetching = ThreadPoolExecutor(1, "fetch")
        self._holds = Beat(worker=worker)

    def beat(self) -> Beat:
        """What this worker holds; called from another thread, so it only reads one name."""
        return self._holds

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to draw."""
        return not self._waiting and not self._drawing

    def _is_used(self, loaded: LoadedBase) -> bool:
        return loaded is self._base and bool(self._drawing)

    def _note_holdings(self) -> None:
        self._holds = Beat(
            worker=self._worker,
            jobs=tuple(each.order.job for each in (*self._drawing, *self._waiting)),
            base=self._bases.newest,
            loras=self._shelf.held,
            kept=(
                _kept("host", self._shelf.counts),
                _kept("device", sum((held.stacks.counts for held in self._bases.held), Counts())),
            ),
        )

    def warm(self, base: Base) -> LoadedBase | None:
        """Load a base ahead of its first order; a broken one is told by that order."""
        if self._drawing:
            return None
        try:
            self._put_by(base)
            loaded = self._bases.get(base)
            self._note_holdings()
        except Exception as error:  # noqa: BLE001  # the worker loop: nothing may end it
            known = failures.understood(error, self._device)
            log.warning("base.not_warmed", base=base.name, code=known.code, facts=known.facts)
            return None
        return loaded

    def draw(self, order: WorkOrder, desk: Desk) -> None:
        """Draw an order, and whatever else was taken, to the end.

        Raises `Unclean` when the process must be replaced after that.
        """
        self.take(order)
        while not self.is_idle:
            self.advance(desk)

    def take(self, order: WorkOrder) -> None:
        """Accept an order: exactly one outcome will be told. Its files are fetched meanwhile."""
        self._waiting.append(Commission(order))
        if not self.is_idle and self._drawing:
            self._fetching.submit(self._fetch, order.loras)
        self._note_holdings()

    def advance(self, desk: Desk) -> None:
        """Let orders in, make one step, finish a picture; raises `Unclean`."""
        self._drop_unwanted(desk)
        self._admit(desk)
        if self._loop is not None and self._loop.rows:
            self._step(self._loop, desk)
        is_urgent = self._loop is None or not self._loop.rows
        for piece in self._finisher.done(is_urgent=is_urgent):
            self._put_down(piece, desk)
        if not self._drawing and self._base is not None:
            self._base.seams.clear()

    def _fetch(self, files: tuple[LoraFile, ...]) -> None:
        """Read files ahead; what is wrong with one is told by its order."""
        for file in files:
            try:
                self._shelf.get(file)
            except AtelierError as error:
                log.info("lora.not_fetched", sha256=file.sha256, code=error.code)

    # --- orders come ----------------------------------------------------------------------

    def _admit(self, desk: Desk) -> None:
        """One order a step while others draw, so that they wait for one prompt at most."""
        while self._waiting and self._has_room(self._waiting[0].order):
            commission = self._waiting.popleft()
            was_busy = bool(self._drawing)
            self._drawing.append(commission)
            with self._guarding(commission, desk):
                self._begin(commission, desk)
            if was_busy:
                return

    def _has_room(self, order: WorkOrder) -> bool:
        if not self._drawing:
            return True
        if order.plan.probe is not None:
            return False
        if self._base is None or self._base.base != order.base:
            return False
        rows = 0 if self._loop is None else len(self._loop.rows)
        stacks = self._base.stack_bytes(order.loras, order.plan.count)
        most = min(self._most_rows, self._base.guard.rows_for(order.plan, stacks))
        return rows + order.plan.count <= most

    def _begin(self, commission: Commission, desk: Desk) -> None:
        order = commission.order
        with commission.stages.stage("load"):
            self._put_by(order.base)
            base = self._bases.get(order.base)
            base.guard.check(order.plan)
            if base is not self._base or self._loop is None:
                self._base = base
                most = min(self._most_rows, base.guard.most_rows)
                self._loop = Loop(base.pipeline, base.seams, most, compiled=base.compiled)
            commission.stack = base.stacks.get(order.loras)
        self._note_holdings()
        if order.plan.probe is not None:
            self._measure(commission, base, desk)
            return
        with commission.stages.stage("encode"), torch.inference_mode():
            phrase = base.phrases.get(order.plan, commission.stack)
            commission.silent |= phrase.silent
            commission.notes = phrase.told.notes
            commission.rows = rows_of(
                order.job, order.plan, base.pipeline, phrase.told, commission.stack
            )
        self._loop.join(commission.rows)

    def _put_by(self, wanted: Base) -> None:
        """Hold no other base than the wanted one: what is held here can't make room for it."""
        if self._base is not None and self._base.base != wanted:
            self._base = self._loop = None

    def _measure(self, commission: Commission, base: LoadedBase, desk: Desk) -> None:
        """How far the order's LoRA moves its base, instead of pictures; nobody draws meanwhile."""
        order = commission.order

        def check() -> None:
            if desk.is_leaving or desk.is_cancelled(order.job):
                base.seams.clear()
                raise Interrupted

        with commission.stages.stage("denoise"):
            found = measure(base, order, check)
        told = Finished(
            worker=self._worker,
            job=order.job,
            fence=order.fence,
            drawn=(),
            images=(),
            seconds=commission.stages.total_s,
            stages=commission.stages.seconds,
            displacement=found,
        )
        self._let_go(commission, desk)
        desk.tell(told)

    # --- steps ----------------------------------------------------------------------------

    def _step(self, loop: Loop, desk: Desk) -> None:
        stages = [each.stages for each in self._drawing if not each.is_through]
        began = Commission.now_s()
        try:
            left = loop.tick()
        except Exception as error:  # noqa: BLE001  # the worker loop: the device is lost
            for each in tuple(self._drawing):
                self._give_up(each, error, desk)
            return
        for seconds in stages:
            seconds.add("denoise", Commission.now_s() - began)
        for row in left:
            commission = self._of(row)
            if commission is None:
                continue
            if row.astray is not None:
                self._give_up(commission, row.astray, desk)
                continue
            commission.silent |= loop.silent(commission.stack)
            self._finisher.put(commission, row)
        for commission in self._drawing:
            if commission.rows and commission.rows[0].step != commission.told_step:
                shown = self._preview(commission)
                desk.tell(commission.step_done(self._worker, shown))

    def _of(self, row: Row) -> Commission | None:
        return next((each for each in self._drawing if row in each.rows), None)

    def _preview(self, commission: Commission) -> bytes | None:
        if self._base is None:
            return None
        with self._decoding:
            return preview(self._base, commission.rows[0], commission.order.preview_every)

    # --- pictures -------------------------------------------------------------------------

    def _finish(self, commission: Commission, row: Row) -> Piece:
        """Decode and write one row, perhaps in another thread."""
        if self._base is None:
            return Piece(commission, row, error=NotFinite(job=row.job, where="picture"))
        try:
            with commission.stages.stage("decode"), self._decoding:
                pixels = decoded(self._base, row)
            with commission.stages.stage("write"):
                png = pictures.to_png(pixels, row.plan)
        except Exception as error:  # noqa: BLE001  # the worker loop: told by its order
            return Piece(commission, row, error=error)
        return Piece(commission, row, pixels, png)

    def _put_down(self, piece: Piece, desk: Desk) -> None:
        commission = piece.commission
        if commission not in self._drawing:
            return
        with self._guarding(commission, desk):
            if piece.error is not None or piece.pixels is None:
                raise piece.error or NotFinite(job=piece.row.job, where="picture")
            commission.keep(piece.row, piece.pixels, piece.png)
            if commission.is_finished:
                warnings = (*commission.notes, *silent_layers(commission))
                self._let_go(commission, desk)
                desk.tell(commission.finished(self._worker, warnings))

    # --- orders end -----------------------------------------------------------------------

    def _drop_unwanted(self, desk: Desk) -> None:
        """Cancelled orders stop at this step; when the process leaves all do, and tell nothing."""
        for commission in (*self._drawing, *self._waiting):
            order = commission.order
            is_through = bool(commission.rows) and commission.is_through
            if desk.is_leaving:
                self._let_go(commission, desk)
            elif desk.is_cancelled(order.job) and not is_through:
                self._let_go(commission, desk)
                desk.tell(Stopped(worker=self._worker, job=order.job, fence=order.fence))

    def _let_go(self, commission: Commission, desk: Desk) -> None:
        job = commission.order.job
        if commission in self._drawing:
            self._drawing.remove(commission)
        else:
            self._waiting.remove(commission)
        if self._loop is not None:
            self._loop.leave(job)
        desk.forget(job)
        self._note_holdings()

    @contextmanager
    def _guarding(self, commission: Commission, desk: Desk) -> Iterator[None]:
        """What goes wrong inside is this order's outcome and nobody else's."""
        try:
            yield
        except Interrupted:
            self._drop_unwanted(desk)
        except Exception as error:  # noqa: BLE001  # the worker loop: one bad order harms no other
            self._give_up(commission, error, desk)

    def _give_up(self, commission: Commission, error: Exception, desk: Desk) -> None:
        if commission not in self._drawing:
            return
        order = commission.order
        known = self._blamed(failures.understood(error, self._device), order)
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
        self._let_go(commission, desk)
        lost = isinstance(known, failures.DeviceLost)
        is_clean = not lost and self._is_clean_after_failure()
        desk.tell(gave_up)
        if not is_clean:
            raise Unclean(known.code)

    def _blamed(self, known: AtelierError, order: WorkOrder) -> AtelierError:
        """The LoRA that broke the numbers, where one did it alone."""
        if self._base is None or self._base.base != order.base:
            return known
        return poison.blamed(known, order, self._base)

    def _is_clean_after_failure(self) -> bool:
        """Put everything back, free memory, and look whether a LoRA is left in any base.

        Rows that go on get their stacks again at their next step.
        """
        loaded = self._bases.held
        for held in loaded:
            held.seams.clear()
        free_memory(self._device)
        return all(held.seams.is_clean() for held in loaded)


def _kept(store: Literal["host", "device"], counts: Counts) -> Kept:
    return Kept(
        store=store,
        hits=counts.hits,
        misses=counts.misses,
        dropped=counts.dropped,
        held_bytes=counts.held_bytes,
    )


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


def silent_layers(commission: Commission) -> tuple[str, ...]:
    """Layers of the stack that no forward ran: a warning for some, `StackNotApplied` for all."""
    silent, stack = commission.silent, commission.stack
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
