"""Bases in memory: loaded by diffusers from their folders, the least recently used one dropped."""

import contextlib
import gc
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from engine.errors import BaseBroken
from engine.families import FAMILIES
from engine.families.facts import Family
from engine.messages import Base
from engine.workers.layers import Seams
from engine.workers.lora import Shelf, Stacks
from engine.workers.pipelines import pipeline_class
from engine.workers.pipelines.pipeline import Pipeline

QUIET = (
    # transformers and diffusers on newer versions of each other and of torch
    r".*torch_dtype.*deprecated.*",
    r".*requires torchvision.*",
    # AutoencoderTiny: the pipeline needs the entry that the class calls unused
    r".*block_out_channels.*",
    # diffusers' schedulers on older configurations
    r".*steps_offset.*",
    r".*clip_sample.*",
    r".*is not compatible with.*",
)
"""Start of warnings that loading a sound base may cause."""


@dataclass(frozen=True, eq=False)
class LoadedBase:
    """A base in memory, with the seams that LoRAs go through."""

    base: Base
    pipeline: Pipeline
    seams: Seams
    stacks: Stacks


class Bases:
    """Keeps `room` bases; loading another drops the one that was used longest ago."""

    def __init__(self, device: torch.device, shelf: Shelf, room: int = 1) -> None:
        self._device = device
        self._shelf = shelf
        self._room = room
        self._loaded: OrderedDict[tuple[str, int, str], LoadedBase] = OrderedDict()

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
        key = (base.name, base.version, base.folder)
        if key not in self._loaded:
            check_folder(base)
            while len(self._loaded) >= self._room:
                self._loaded.popitem(last=False)
            free_memory(self._device)
            pipeline = load(base, FAMILIES.get(base.family), self._device)
            seams = Seams(pipeline.roots)
            self._loaded[key] = LoadedBase(base, pipeline, seams, Stacks(self._shelf, seams))
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def drop_all(self) -> None:
        """Forget every base: the next order loads afresh."""
        self._loaded.clear()
        free_memory(self._device)


def precision(device: torch.device) -> torch.dtype:
    """Float32 on the CPU; the half precision that the GPU knows best."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def free_memory(device: torch.device) -> None:
    """Give back what torch keeps for later."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def check_folder(base: Base) -> None:
    """Raise `BaseBroken` when there is no base at all, before anything is dropped for it."""
    if not (Path(base.folder) / "model_index.json").is_file():
        raise BaseBroken(base=base.name, problem="no model_index.json in its folder")


def load(base: Base, family: Family, device: torch.device) -> Pipeline:
    """Read a base from its folder: local safetensors only, no code from the folder.

    Raises `BaseBroken` when files are missing or damaged.
    """
    check_folder(base)
    dtype = precision(device)
    kind: Any = getattr(diffusers, family.diffusers_class)
    # A checker would blacken pictures behind the back of the space's own rules.
    without = {"safety_checker": None, "requires_safety_checker": False}
    if "safety_checker" not in kind.__init__.__annotations__:
        without = {}
    try:
        with quiet():
            parts = kind.from_pretrained(
                Path(base.folder),
                dtype=dtype,
                local_files_only=True,
                use_safetensors=True,
                **without,
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        # RuntimeError is also how torch says "out of memory", which is no damage.
        if "out of memory" in str(error):
            raise
        first_line = str(error).strip().split("\n", 1)[0][:300]
        problem = f"{type(error).__name__}: {first_line}"
        raise BaseBroken(base=base.name, problem=problem) from error
    parts.set_progress_bar_config(disable=True)
    return pipeline_class(family.pipeline)(parts.to(device), device, dtype)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """While inside, loading prints no bars and no warnings of the known harmless kinds."""
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with warnings.catch_warnings():
        for message in QUIET:
            warnings.filterwarnings("ignore", message=message)
        yield
