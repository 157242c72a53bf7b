"""LoRA files as the worker uses them: checked, read once, kept while room lasts, stacked."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from engine.errors import BadLoraFile, BlobCorrupt, NotFinite, StackNotApplied
from engine.formats.claim import Module
from engine.formats.header import read_header
from engine.formats.identify import FOLDED, identity_of
from engine.messages import LoraFile, Sha256
from engine.workers.layers import (
    NO_STACK,
    TOLD_MISSING,
    Pair,
    Seams,
    Stack,
    StackKey,
    find_layer,
    fitted,
    joined,
    shape_problem,
)

KEPT_BYTES = 1 << 30
KEPT_STACKS = 4
ReadLayers = Callable[[LoraFile], Sequence[Module]]


@dataclass(frozen=True, eq=False)
class Lora:
    """A file's low-rank pairs by canonical layer path, alpha folded into `up`, on the CPU."""

    pairs: dict[str, Pair]
    size_bytes: int


def layers_of(file: LoraFile) -> tuple[Module, ...]:
    """The layers that a file changes, by its header alone.

    Raises `BadLoraFile` for what is no LoRA or damaged, `StackNotApplied` when the file has
    layers that no base has: applying the rest would be a different LoRA.
    """
    identity = identity_of(read_header(Path(file.path)), file.name)
    if not identity.modules or identity.algorithm not in FOLDED:
        raise BadLoraFile(file=file.name, verdict=identity.verdict, problems=identity.problems)
    found = len({module.down for module in identity.modules})
    if found < identity.layers:
        raise StackNotApplied(
            name=file.name, expected=identity.layers, applied=found, missing=identity.problems[:1]
        )
    return identity.modules


class Shelf:
    """Files by hash, least recently used ones dropped when `kept_bytes` is exceeded."""

    def __init__(self, kept_bytes: int = KEPT_BYTES, read: ReadLayers = layers_of) -> None:
        self._kept_bytes = kept_bytes
        self._read = read
        self._loras: OrderedDict[Sha256, Lora] = OrderedDict()

    @property
    def held(self) -> tuple[Sha256, ...]:
        """Hashes of the files in memory."""
        return tuple(self._loras)

    def get(self, file: LoraFile) -> Lora:
        """The file's pairs.

        Raises `BlobCorrupt` when the bytes are not those of the hash, `BadLoraFile` when they
        are not a LoRA we can use, `NotFinite` when they hold NaN or infinity.
        """
        if file.sha256 not in self._loras:
            self._loras[file.sha256] = self._load(file)
            self._make_room(file.sha256)
        self._loras.move_to_end(file.sha256)
        return self._loras[file.sha256]

    def _load(self, file: LoraFile) -> Lora:
        try:
            modules = self._read(file)
            data = Path(file.path).read_bytes()
        except OSError as error:
            raise BlobCorrupt(sha256=file.sha256, problem=error.strerror) from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise BlobCorrupt(sha256=file.sha256)
        try:
            tensors = safetensors.torch.load(data)
        except safetensors.SafetensorError as error:
            raise BadLoraFile(file=file.name, verdict="reject", problems=(str(error),)) from error
        pairs = {module.path: _pair(file.name, module, tensors) for module in modules}
        size = sum(pair.down.nbytes + pair.up.nbytes for pair in pairs.values())
        return Lora(pairs, size)

    def _make_room(self, newest: Sha256) -> None:
        used = sum(lora.size_bytes for lora in self._loras.values())
        for sha256 in list(self._loras):
            if used <= self._kept_bytes or sha256 == newest:
                return
            used -= self._loras.pop(sha256).size_bytes


def _pair(name: str, module: Module, tensors: dict[str, Tensor]) -> Pair:
    """The layer's pair with alpha / rank in `up`: that is what trainers mean by alpha."""
    down, up = tensors[module.down].float(), tensors[module.up].float()
    if module.mid is not None:
        # A Tucker core between 1x1 kernels: down becomes a kernel of the layer's own size.
        core = tensors[module.mid].float()
        down = torch.einsum("rskl,siab->rikl", core, down)
    if module.rows:
        up = torch.cat([up[start:end] for start, end in module.rows])
    up = up * (_alpha(module, tensors) / module.rank)
    if not (torch.isfinite(down).all() and torch.isfinite(up).all()):
        raise NotFinite(step=0, where=f"LoRA {name}, {module.path}")
    return Pair(down, up)


def _alpha(module: Module, tensors: dict[str, Tensor]) -> float:
    if module.alpha is None:
        return float(module.rank)
    return float(tensors[module.alpha]) if isinstance(module.alpha, str) else module.alpha


class Stacks:
    """Builds stacks for one base; the last few stay ready, so switching back costs nothing."""

    def __init__(self, shelf: Shelf, seams: Seams) -> None:
        self._shelf = shelf
        self._seams = seams
        self._ready: OrderedDict[StackKey, Stack] = OrderedDict()

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

    def _build(self, key: StackKey, files: Sequence[LoraFile]) -> Stack:
        gathered: dict[str, list[tuple[Tensor, Tensor]]] = {}
        for file in files:
            lora = self._shelf.get(file)
            self._check(file.name, lora)
            for path, pair in lora.pairs.items():
                gathered.setdefault(path, []).append((pair.down, pair.up * file.weight))
        pairs: dict[str, Pair] = {}
        for path, factors in gathered.items():
            layer = find_layer(self._seams.roots, path)
            if layer is not None:
                fit = [(fitted(layer, down), fitted(layer, up)) for down, up in factors]
                pairs[path] = joined(layer, fit)
        return Stack(key, pairs)

    def _check(self, name: str, lora: Lora) -> None:
        """Every module of the file must meet a layer of its shape."""
        missing: list[str] = []
        for path, pair in lora.pairs.items():
            layer = find_layer(self._seams.roots, path)
            if layer is None:
                missing.append(f"{path}: no such layer")
            elif problem := shape_problem(layer, fitted(layer, pair.down), fitted(layer, pair.up)):
                missing.append(f"{path}: {problem}")
        expected = len(lora.pairs)
        if missing or not expected:
            raise StackNotApplied(
                name=name,
                expected=expected,
                applied=expected - len(missing),
                missing=tuple(missing[:TOLD_MISSING]),
            )
