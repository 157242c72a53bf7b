"""The step loop: rows of any jobs advance together, one step a tick, and come and go between."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from engine.errors import NotFinite
from engine.messages import JobId
from engine.workers.layers import Seams
from engine.workers.pipelines.pipeline import Pipeline, Told
from engine.workers.rows import Row

MOST_ROWS = 8
"""Rows of one forward; guidance doubles them."""
CHECK_EVERY = 4
"""Steps between two looks for NaN, each of which waits for the device."""


class Loop:
    """Rows being drawn on one base."""

    def __init__(self, pipeline: Pipeline, seams: Seams, most_rows: int = MOST_ROWS) -> None:
        self._pipeline = pipeline
        self._seams = seams
        self._most_rows = most_rows
        self._rows: list[Row] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        """Rows that still have steps to go."""
        return tuple(self._rows)

    def join(self, rows: Iterable[Row]) -> None:
        """Take rows in, from the next tick on."""
        self._rows.extend(rows)

    def leave(self, job: JobId) -> None:
        """Drop a job's rows."""
        self._rows = [row for row in self._rows if row.job != job]

    @torch.inference_mode()
    def tick(self) -> list[Row]:
        """Advance every row by one step; returns the rows that left, done or `astray`.

        A row whose latents are no numbers any more harms no other: they share operations, not
        values.
        """
        for batch in self._batches():
            self._advance(batch)
        for row in self._rows:
            if row.is_done or row.step % CHECK_EVERY == 0:
                check_finite(row)
        left = [row for row in self._rows if row.is_done or row.astray]
        self._rows = [row for row in self._rows if not (row.is_done or row.astray)]
        return left

    def _batches(self) -> Iterator[list[Row]]:
        """Rows that can share a forward, in the order of their arrival."""
        buckets: dict[object, list[Row]] = {}
        for row in self._rows:
            buckets.setdefault(row.bucket, []).append(row)
        for rows in buckets.values():
            for start in range(0, len(rows), self._most_rows):
                yield rows[start : start + self._most_rows]

    def _advance(self, rows: list[Row]) -> None:
        self._seams.activate(rows[0].stack)
        predicted = self._predict(rows)
        for row, prediction in zip(rows, predicted, strict=True):
            row.latents = row.sampler.step(prediction, row.step, row.latents, row.generator)
            row.step += 1

    def _predict(self, rows: list[Row]) -> list[Tensor]:
        """One forward for all; a guided row takes two places in it, others one."""
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
