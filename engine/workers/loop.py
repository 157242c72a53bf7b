"""The step loop: rows of any jobs advance together, one step a tick, and come and go between."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import structlog
import torch
from torch import Tensor

from engine.errors import AtelierError, Broken, NotFinite, OutOfMemory
from engine.messages import JobId
from engine.workers import failures
from engine.workers.bases import free_memory
from engine.workers.compiled import Compiled, filled
from engine.workers.layers import NO_STACK, Stack, StackKey
from engine.workers.merged import LaneCosts, is_merged_cheaper
from engine.workers.pipelines.pipeline import Pipeline, Told
from engine.workers.rows import BucketKey, Row
from engine.workers.seams import Seams

log = structlog.get_logger(__name__)
MOST_ROWS = 8
"""Rows of one forward; guidance doubles them."""
CHECK_EVERY = 4
"""Steps between two looks for NaN, each of which waits for the device."""
KEPT_BUCKETS = 64
KEPT_STACKS = 256
MEMORY = 0.3
"""Weight of the newest measurement of what a row's step costs."""


@dataclass
class Bucket:
    """What is known of rows that can share a forward."""

    most_rows: int
    """In one forward: halved for good when the memory does not hold them."""
    row_s: float = 0.0
    """Seconds that a step of one row takes here, as measured."""
    costs: LaneCosts = field(default_factory=LaneCosts)
    credit_s: float = 0.0
    """Seconds that each row of it may still use before the others' turn."""
    rows: list[Row] = field(default_factory=list)


class Loop:
    """Rows being drawn on one base.

    Buckets take turns by deficit round robin: every row earns the same seconds, so a large
    picture, whose steps are long, does not hold up small ones.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        seams: Seams,
        most_rows: int = MOST_ROWS,
        clock: Callable[[], float] = time.perf_counter,
        compiled: Compiled | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._compiled = compiled
        self._seams = seams
        self._most_rows = most_rows
        self._clock = clock
        self._rows: list[Row] = []
        self._silent: dict[StackKey, frozenset[str]] = {}
        self._buckets: dict[BucketKey, Bucket] = {}

    @property
    def rows(self) -> tuple[Row, ...]:
        """Rows that still have steps to go."""
        return tuple(self._rows)

    def silent(self, stack: Stack) -> frozenset[str]:
        """Layers of a stack that its first step did not run."""
        return self._silent.get(stack.key, frozenset())

    def join(self, rows: Iterable[Row]) -> None:
        """Take rows in, from the next tick on."""
        self._rows.extend(rows)

    def leave(self, job: JobId) -> None:
        """Drop a job's rows."""
        self._drop([row for row in self._rows if row.job == job])

    @torch.inference_mode()
    def tick(self) -> list[Row]:
        """Advance rows by one step; returns those that left, done or `astray`.

        A row that fails harms no other: they share operations, not values. When a forward fails
        its rows are tried in halves, so that the one to blame is found and the others go on.
        """
        moved: list[Row] = []
        for bucket in self._due():
            for start in range(0, len(bucket.rows), bucket.most_rows):
                rows = bucket.rows[start : start + bucket.most_rows]
                self._advance(bucket, rows, start)
                moved += rows
        for row in moved:
            if not row.astray and (row.is_done or row.step % CHECK_EVERY == 0):
                check_finite(row)
        left = [row for row in moved if row.is_done or row.astray]
        self._drop(left)
        return left

    def _drop(self, gone: Iterable[Row]) -> None:
        """Take rows out; the last one moves into the gap, so that few slots change."""
        for row in gone:
            place = self._rows.index(row)
            last = self._rows.pop()
            if last is not row:
                self._rows[place] = last

    def _due(self) -> Iterator[Bucket]:
        """The buckets whose turn it is, with their rows."""
        for bucket in self._buckets.values():
            bucket.rows = []
        for row in self._rows:
            known = self._buckets.setdefault(row.bucket, Bucket(self._most_rows))
            known.rows.append(row)
        if len(self._buckets) > KEPT_BUCKETS:
            self._buckets = {key: one for key, one in self._buckets.items() if one.rows}
        active = [bucket for bucket in self._buckets.values() if bucket.rows]
        quantum_s = min((bucket.row_s for bucket in active), default=0.0)
        for bucket in active:
            bucket.credit_s += quantum_s
            if bucket.credit_s >= bucket.row_s or len(active) == 1:
                bucket.credit_s = max(0.0, bucket.credit_s - bucket.row_s)
                yield bucket

    def _advance(self, bucket: Bucket, rows: list[Row], start: int) -> None:
        began, graphs = self._clock(), self._graphs
        try:
            empty = self._empty_places(rows, bucket.most_rows)
            is_merged = self._choose_lane(bucket, rows, start, empty)
            began = self._clock()
            predicted = self._predict(rows, sum(empty))
        except Exception as error:  # noqa: BLE001  # the worker loop: one bad row harms no other
            self._blame(bucket, rows, start, error)
            return
        for row, prediction in zip(rows, predicted, strict=True):
            self._move(row, prediction)
        if self._graphs != graphs:
            # It was compiled meanwhile: its seconds tell nothing of the next step's.
            self._listen(rows)
            return
        row_s = (self._clock() - began) / len(rows)
        bucket.row_s += (row_s - bucket.row_s) * (MEMORY if bucket.row_s else 1.0)
        if is_merged:
            bucket.costs = bucket.costs.learned(merged_s=row_s)
        elif any(row.stack for row in rows):
            bucket.costs = bucket.costs.learned(beside_s=row_s)
            self._listen(rows)

    def _listen(self, rows: list[Row]) -> None:
        """Note which layers the first step of a stack ran: the merged lane can't tell."""
        if len(self._silent) > KEPT_STACKS:
            self._silent.clear()
        for row in rows:
            if row.stack and row.stack.key not in self._silent:
                layers = self._seams.silent(row.stack) & row.stack.layers.keys()
                self._silent[row.stack.key] = frozenset(layers)

    @property
    def _graphs(self) -> int:
        return 0 if self._compiled is None else self._compiled.graphs

    def _empty_places(self, rows: list[Row], most_rows: int) -> list[int]:
        """Places of empty rows beside these: compiled code wants few different numbers of rows."""
        if self._compiled is None or not self._compiled.is_on:
            return []
        places = [row.places for row in rows]
        if len(set(places)) == 1:
            return [places[0]] * (filled(len(rows), most_rows) - len(rows))
        return [1] * (filled(sum(places), 2 * most_rows) - sum(places))

    def _choose_lane(self, bucket: Bucket, rows: list[Row], start: int, empty: list[int]) -> bool:
        """Whether merged: all have one stack that ran before, and their steps repay the writing."""
        stack = rows[0].stack
        is_alone = len(self._rows) == len(rows) and all(r.stack.key == stack.key for r in rows)
        if stack and is_alone and stack.key in self._silent and self._seams.may_merge(stack):
            if self._seams.merged.key == stack.key:
                return True
            steps = sum(row.steps - row.step for row in rows)
            if is_merged_cheaper(bucket.costs, steps, self._seams.guessed_merge_s(stack)):
                began = self._clock()
                self._seams.merge(stack)
                # Copying back takes about as long as writing.
                bucket.costs = bucket.costs.learned(merge_s=2 * (self._clock() - began))
                return True
        name = (rows[0].bucket, start)
        stacks = [row.stack for row in rows] + [NO_STACK] * len(empty)
        if self._seams.arrange(stacks, [row.places for row in rows] + empty, name):
            self._seams.prove()
        return False

    def _move(self, row: Row, prediction: Tensor) -> None:
        try:
            row.latents = row.sampler.step(prediction, row.step, row.latents, row.generator)
        except Exception as error:  # noqa: BLE001  # the worker loop: one bad row harms no other
            row.astray = self._understood(row, error)
        row.step += 1

    def _understood(self, row: Row, error: Exception) -> AtelierError:
        known = failures.understood(error, self._pipeline.device)
        if isinstance(known, failures.DeviceLost):
            raise error
        if isinstance(known, Broken):
            log.warning("row.failed", job=row.job, code=known.code, exc_info=error)
        # The traceback holds the tensors of the failed step.
        error.__traceback__ = None
        return known

    def _blame(self, bucket: Bucket, rows: list[Row], start: int, error: Exception) -> None:
        """A forward failed and moved no row: try halves, until one row is to blame."""
        self._seams.forget()
        if len(rows) == 1:
            rows[0].astray = self._understood(rows[0], error)
            return
        known = failures.understood(error, self._pipeline.device)
        if isinstance(known, failures.DeviceLost):
            raise error
        middle = len(rows) // 2
        if isinstance(known, OutOfMemory):
            bucket.most_rows = max(1, min(bucket.most_rows, middle))
            log.warning("batch.halved", rows=len(rows), now=bucket.most_rows)
            free_memory(self._pipeline.device)
        error.__traceback__ = None
        self._advance(bucket, rows[:middle], start)
        self._advance(bucket, rows[middle:], start + middle)

    def _predict(self, rows: list[Row], empty: int = 0) -> list[Tensor]:
        """One forward for all; a guided row takes two places in it, others one.

        `empty` places more are filled with the last one's and let go.
        """
        latents: list[Tensor] = []
        timesteps: list[Tensor] = []
        told: list[Told] = []
        for row in rows:
            scaled = row.sampler.scaled(row.latents, row.step)
            for words in (row.told.negative, row.told.positive):
                if words is not None:
                    latents.append(scaled)
                    timesteps.append(row.sampler.timesteps[row.step].reshape(1).float())
                    told.append(words)
        latents += latents[-1:] * empty
        timesteps += timesteps[-1:] * empty
        told += told[-1:] * empty
        predicted = self._pipeline.denoise(
            torch.cat(latents).to(self._pipeline.dtype), torch.cat(timesteps), _together(told)
        )
        return list(_guided(rows, predicted.float()))


def _together(told: list[Told]) -> Told:
    return {name: torch.cat([words[name] for words in told]) for name in told[0]}


def _guided(rows: list[Row], predicted: Tensor) -> Iterator[Tensor]:
    """Each row's prediction: away from the negative prompt by its own guidance."""
    at = 0
    for row in rows:
        if row.told.negative is None:
            yield predicted[at : at + 1]
            at += 1
        else:
            without, with_prompt = predicted[at : at + 1], predicted[at + 1 : at + 2]
            yield without + row.plan.guidance * (with_prompt - without)
            at += 2


def check_finite(row: Row) -> None:
    """Mark a row `astray` when its latents hold NaN or infinity."""
    if not bool(torch.isfinite(row.latents).all()):
        row.astray = NotFinite(job=row.job, step=row.step, where="latents")
