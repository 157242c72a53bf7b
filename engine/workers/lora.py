"""LoRA files as the worker uses them: checked, read once, kept while room lasts, stacked."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import safetensors
import structlog
import torch
from torch import Tensor, nn

from engine.errors import BadLoraFile, BlobCorrupt, LookPoisoned, StackNotApplied
from engine.formats.claim import Module
from engine.formats.header import read_header
from engine.formats.identify import FOLDED, identity_of
from engine.messages import LoraFile, Sha256
from engine.workers.folding import Pair, Product, folded
from engine.workers.layers import (
    NO_STACK,
    TOLD_MISSING,
    Share,
    Stack,
    StackKey,
    is_text,
    placed,
    summed,
    weighted,
)
from engine.workers.seams import Seams
from engine.workers.store import Counts, Store
from engine.workers.turning import TURNED, Turn, turn_of
from engine.workers.unpacked import UNREADABLE, Unreadable

log = structlog.get_logger(__name__)
KEPT_BYTES = 1 << 30
PLACED_BYTES = 2 << 30
"""Of LoRAs on a device, beside the base."""
KEPT_STACKS = 16
Change = Pair | Product | Turn
ReadLayers = Callable[[LoraFile], Sequence[Module]]


@dataclass(frozen=True, eq=False)
class Lora:
    """A file's pairs by canonical layer path, alpha folded into `up`, on the CPU."""

    pairs: dict[str, Change]
    size_bytes: int


def layers_of(file: LoraFile) -> tuple[Module, ...]:
    """The layers that a file changes, by its header alone.

    Raises `BadLoraFile` for what is no LoRA or damaged, `StackNotApplied` when the file has
    layers that no base has: applying the rest would be a different LoRA.
    """
    identity = identity_of(read_header(Path(file.path)), file.name)
    if not identity.modules or identity.algorithm not in FOLDED:
        raise BadLoraFile(file=file.name, verdict=identity.verdict, problems=identity.problems)
    found = len({module.down or module.parts for module in identity.modules})
    expected = identity.layers - identity.asides
    if found < expected:
        raise StackNotApplied(
            name=file.name, expected=expected, applied=found, missing=identity.problems[:1]
        )
    return identity.modules


class Shelf:
    """Files by hash, least recently used ones dropped when `kept_bytes` is exceeded.

    Threads may share it: what is on its way is fetched while others draw. With `is_pinned` pairs
    lie in memory that a GPU copies from without waiting.
    """

    def __init__(
        self,
        kept_bytes: int = KEPT_BYTES,
        read: ReadLayers = layers_of,
        *,
        is_pinned: bool = False,
    ) -> None:
        self._read = read
        self._is_pinned = is_pinned
        self._loras: Store[Sha256, Lora] = Store(kept_bytes, lambda lora: lora.size_bytes)

    @property
    def held(self) -> tuple[Sha256, ...]:
        """Hashes of the files in memory."""
        return self._loras.held

    @property
    def counts(self) -> Counts:
        """How often a file was here already."""
        return self._loras.counts

    def get(self, file: LoraFile) -> Lora:
        """The file's pairs.

        Raises `BlobCorrupt` when the bytes are not those of the hash, `BadLoraFile` when they
        are not a LoRA we can use, `LookPoisoned` when they hold NaN or infinity.
        """
        return self._loras.get(file.sha256, lambda: self._load(file))

    def size_bytes(self, file: LoraFile) -> int:
        """What its numbers take in single precision: as read, else as its file says."""
        held = self._loras.peek(file.sha256)
        if held is not None:
            return held.size_bytes
        try:
            return Path(file.path).stat().st_size
        except OSError:  # told by whoever reads it
            return 0

    def _load(self, file: LoraFile) -> Lora:
        try:
            modules = self._read(file)
            with Path(file.path).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise BlobCorrupt(sha256=file.sha256, problem=error.strerror) from error
        if found != file.sha256:
            raise BlobCorrupt(sha256=file.sha256)
        try:
            with safetensors.safe_open(file.path, framework="pt") as mapped:
                tensors = Mapped(mapped)
                pairs = {module.path: self._pair(file.name, module, tensors) for module in modules}
        except safetensors.SafetensorError as error:
            raise BadLoraFile(file=file.name, verdict="reject", problems=(str(error),)) from error
        size = sum(part.nbytes for pair in pairs.values() for part in pair.numbers)
        errors = [pair.error for pair in pairs.values() if pair.error]
        if errors:
            told = {"layers": len(errors), "worst_error": max(errors)}
            log.info("lora.reduced", sha256=file.sha256, **told)
        return Lora(pairs, size)

    def _pair(self, name: str, module: Module, tensors: Mapping[str, Tensor]) -> Change:
        return _pair(name, module, tensors).copied(self._keep)

    def _keep(self, part: Tensor) -> Tensor:
        """Out of the mapped file, which may be gone by the time that it is used."""
        return part.pin_memory() if self._is_pinned else part.clone()


class Mapped(Mapping[str, Tensor]):
    """The tensors of a file that is mapped into memory, each read when it is looked at."""

    def __init__(self, opened: safetensors.safe_open) -> None:
        self._opened = opened
        self._keys: list[str] = opened.keys()  # type: ignore[no-untyped-call]

    def __getitem__(self, key: str) -> Tensor:
        """The tensor; its bytes are still the file's."""
        found: Tensor = self._opened.get_tensor(key)  # type: ignore[no-untyped-call]
        return found

    def __iter__(self) -> Iterator[str]:
        """All keys."""
        return iter(self._keys)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._keys)


def _pair(name: str, module: Module, tensors: Mapping[str, Tensor]) -> Change:
    """The layer's pair; numbers that are none end the file here, with the layer's name."""
    is_turned = module.algorithm in TURNED
    pair = turn_of(module, tensors) if is_turned else folded(module, tensors)
    for part in pair.numbers:
        if not torch.isfinite(part).all():
            raise LookPoisoned(name=name, where=module.path)
    return pair


@dataclass(frozen=True, eq=False)
class Placed:
    """A file's shares at weight one, settled on a base's layers and on its device."""

    shares: dict[str, Share]
    size_bytes: int


class Stacks:
    """Builds stacks for one base.

    Files that were used lately lie settled on the device, so another weight only rescales them;
    the last few stacks stay ready, so that switching back costs nothing.
    """

    def __init__(self, shelf: Shelf, seams: Seams, kept_bytes: int = PLACED_BYTES) -> None:
        self._shelf = shelf
        self._seams = seams
        self._placed: Store[Sha256, Placed] = Store(kept_bytes, lambda placed: placed.size_bytes)
        self._ready: OrderedDict[StackKey, Stack] = OrderedDict()

    @property
    def counts(self) -> Counts:
        """How often a file was on the device already."""
        return self._placed.counts

    def get(self, files: Sequence[LoraFile]) -> Stack:
        """The stack of these files; raises `StackNotApplied` unless every module found its layer.

        The order of equal files does not matter to the picture, only to the key.
        """
        key = tuple((file.sha256, file.weight) for file in files)
        if not key:
            return NO_STACK
        if key not in self._ready:
            self._ready[key] = self._build(key, files)
            if len(self._ready) > KEPT_STACKS:
                self._ready.popitem(last=False)
        self._ready.move_to_end(key)
        return self._ready[key]

    def wanted_bytes(self, files: Sequence[LoraFile]) -> int:
        """What a stack of these files takes on the device, nearly where none lies there yet."""
        placed = [self._placed.peek(file.sha256) for file in files]
        return sum(
            self._shelf.size_bytes(file) if found is None else found.size_bytes
            for file, found in zip(files, placed, strict=True)
        )

    def forget(self) -> None:
        """Give the device's memory back."""
        self._ready.clear()
        self._placed.clear()

    def _build(self, key: StackKey, files: Sequence[LoraFile]) -> Stack:
        gathered: dict[str, list[Share]] = {}
        says = []
        for file in files:
            placed = self._placed.get(file.sha256, partial(self._place, file))
            for path, share in weighted(placed.shares, file.weight).items():
                gathered.setdefault(path, []).append(share)
            if any(map(is_text, placed.shares)):
                says.append((file.sha256, file.weight))
        return Stack(key, {path: summed(own) for path, own in gathered.items()}, tuple(says))

    def _place(self, file: LoraFile) -> Placed:
        lora = self._shelf.get(file)
        layers = self._layers_for(file.name, lora)
        try:
            shares = {path: _share(layers[path], pair) for path, pair in lora.pairs.items()}
        except Unreadable as error:
            raise StackNotApplied(
                name=file.name, expected=len(layers), applied=0, missing=(UNREADABLE,)
            ) from error
        return Placed(shares, sum(share.size_bytes for share in shares.values()))

    def _layers_for(self, name: str, lora: Lora) -> dict[str, nn.Linear | nn.Conv2d]:
        """Every module of the file must meet a layer of its shape."""
        missing: list[str] = []
        found: dict[str, nn.Linear | nn.Conv2d] = {}
        for path, pair in lora.pairs.items():
            layer = self._seams.layer(path)
            if layer is None:
                missing.append(f"{path}: no such layer")
                continue
            found[path] = layer
            if problem := pair.problem_on(layer):
                missing.append(f"{path}: {problem}")
        expected = len(lora.pairs)
        if missing or not expected:
            raise StackNotApplied(
                name=name,
                expected=expected,
                applied=expected - len(missing),
                missing=tuple(missing[:TOLD_MISSING]),
            )
        return found


def _share(layer: nn.Linear | nn.Conv2d, change: Change) -> Share:
    """What one file adds to a layer's output at weight one, where the layer is run."""
    return placed(layer, change.share_on(layer))
