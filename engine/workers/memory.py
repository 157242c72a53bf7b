"""The memory guard: what a picture takes is reckoned before it joins, and what fails is made small.

Reckoning is `engine.families.footprint`'s; here it meets the device. A picture that could not fit
even alone is refused before any work; rows that fit together set how many go through at once;
when the device is full all the same, the step loop halves the batch, and decoding goes on in tiles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
import torch

from engine.errors import OutOfMemory
from engine.families.facts import Family
from engine.families.footprint import CONTEXT_BYTES, SPARE, Fit, needs, rows_within
from engine.messages import Plan
from engine.workers import devices

log = structlog.get_logger(__name__)
DOUBT = 1.5
"""Reckoning may be wrong by this much before it refuses a picture outright."""


class PictureTooLarge(OutOfMemory):
    """It could not fit even alone: trying again is of no use. Facts as of `OutOfMemory`."""

    code = "out_of_memory"
    retry = False


@dataclass(frozen=True, slots=True)
class Guard:
    """What one base may take of its device; `memory_bytes` None is a CPU, which asks nobody."""

    family: Family
    fit: Fit
    device: torch.device
    memory_bytes: int | None = None

    @classmethod
    def of(cls, family: Family, fit: Fit, device: torch.device) -> "Guard":
        """The guard of a base on a device of this machine."""
        return cls(family, fit, device, devices.memory_bytes(device))

    @property
    def most_rows(self) -> int:
        """Rows of the family's own size that go through one forward."""
        return self.fit.rows

    def check(self, plan: Plan) -> None:
        """Raise `PictureTooLarge` when not even one picture of this size could fit."""
        if self.memory_bytes is None:
            return
        # Decoding falls back to tiles by itself, so it stops nobody.
        tiled = replace(self.fit, tiles_vae=True)
        wanted = needs(self.family, tiled, width=plan.width, height=plan.height)
        if wanted - CONTEXT_BYTES > self.memory_bytes * DOUBT:
            raise PictureTooLarge(device=str(self.device), wanted_bytes=wanted)

    def rows_for(self, plan: Plan, stack_bytes: int = 0) -> int:
        """How many rows like this plan's go through at once; one is tried whatever we reckon."""
        room = None if self.memory_bytes is None else int(self.memory_bytes * SPARE)
        return rows_within(
            self.family,
            self.fit,
            room,
            width=plan.width,
            height=plan.height,
            stack_bytes=stack_bytes,
        )


def decoded(vae: Any, latents: torch.Tensor, free: Callable[[], None]) -> torch.Tensor:
    """The autoencoder's picture; one that finds no room is made in tiles, from then on all are."""
    try:
        pixels: torch.Tensor = vae.decode(latents, return_dict=False)[0]
    except torch.OutOfMemoryError as error:
        if getattr(vae, "use_tiling", True):
            raise
        log.warning("vae.tiled", shape=tuple(latents.shape))
        # The traceback holds the tensors of the failed try.
        error.__traceback__ = None
        vae.enable_tiling()
        free()
        pixels = vae.decode(latents, return_dict=False)[0]
    return pixels
