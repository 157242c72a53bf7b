"""Bases in memory: the least recently used one is dropped for another, never one in use."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from engine.families import FAMILIES
from engine.families.facts import Family
from engine.families.footprint import SPARE, Fit
from engine.messages import Base, LoraFile
from engine.workers import devices
from engine.workers.compiled import Compiled
from engine.workers.failures import free_memory as free_memory
from engine.workers.loading import check_files
from engine.workers.loading import load as load
from engine.workers.lora import Shelf, Stacks
from engine.workers.memory import Guard
from engine.workers.phrases import Phrasebook
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.seams import Seams

BaseKey = tuple[str, int, str, str, str]
Load = Callable[[Base, Family, torch.device, Fit], Pipeline]


@dataclass(frozen=True, eq=False)
class LoadedBase:
    """A base in memory, with the seams that LoRAs go through."""

    base: Base
    pipeline: Pipeline
    seams: Seams
    stacks: Stacks
    guard: Guard
    """What it may take of the device."""
    compiled: Compiled | None = None
    """Where its denoiser is compiled."""

    def stack_bytes(self, files: Sequence[LoraFile], rows: int) -> int:
        """What stacks take of the device once so many more rows with these files join."""
        wanted = self.stacks.wanted_bytes(files)
        return self.stacks.counts.held_bytes + self.seams.slot_bytes + wanted * (1 + rows)

    @cached_property
    def phrases(self) -> Phrasebook:
        """Prompts that were encoded lately."""
        return Phrasebook(self.pipeline, self.seams)


class Bases:
    """Keeps as many bases as the budget allows, or `room` of them where no bytes are known.

    With a budget (a GPU's memory) a base is dropped when the next one would not fit beside it,
    the one that was used longest ago first. What is being drawn with is never dropped.
    """

    def __init__(
        self,
        device: torch.device,
        shelf: Shelf,
        room: int = 1,
        budget_bytes: int | None = None,
        load: Load = load,
        is_used: Callable[[LoadedBase], bool] = lambda _loaded: False,
        *,
        compiles: bool = False,
    ) -> None:
        self._device = device
        self._shelf = shelf
        self._room = room
        memory = devices.memory_bytes(device)
        self._budget_bytes = budget_bytes or (int(memory * SPARE) if memory else None)
        self._load = load
        self._is_used = is_used
        self._compiles = compiles
        self._loaded: OrderedDict[BaseKey, LoadedBase] = OrderedDict()

    @property
    def newest(self) -> str | None:
        """The name of the base that was used last."""
        return next((loaded.base.name for loaded in reversed(self._loaded.values())), None)

    @property
    def held(self) -> tuple[LoadedBase, ...]:
        """All bases in memory."""
        return tuple(self._loaded.values())

    def get(self, base: Base) -> LoadedBase:
        """The base, loaded now when it is not held; raises `BaseBroken`."""
        key = _key(base)
        if key not in self._loaded:
            check_files(base)
            family = FAMILIES.get(base.family)
            fit = devices.fit_of(base, family, self._device)
            self._make_room(fit.needs_bytes)
            free_memory(self._device)
            pipeline = self._load(base, family, self._device, fit)
            # Layers that come and go are moved by hooks that no graph can hold.
            compiles = self._compiles and fit.offload == "none"
            seams = Seams(pipeline.roots, is_static=compiles)
            stacks = Stacks(self._shelf, seams)
            guard = Guard.of(family, fit, self._device)
            compiled = Compiled(pipeline.denoiser) if compiles else None
            self._loaded[key] = LoadedBase(base, pipeline, seams, stacks, guard, compiled)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def drop_all(self) -> None:
        """Forget every base: the next order loads afresh."""
        self._loaded.clear()
        free_memory(self._device)

    def _make_room(self, wanted_bytes: int) -> None:
        """Drop what was used longest ago until the next base fits, or all that is left is busy."""
        for key in list(self._loaded):
            if self._fits(wanted_bytes):
                return
            if not self._is_used(self._loaded[key]):
                del self._loaded[key]

    def _fits(self, wanted_bytes: int) -> bool:
        if self._budget_bytes is None:
            return len(self._loaded) < self._room
        held = sum(each.guard.fit.needs_bytes for each in self._loaded.values())
        return held + wanted_bytes <= self._budget_bytes


def _key(base: Base) -> BaseKey:
    return base.name, base.version, base.folder, base.file, base.dtype
