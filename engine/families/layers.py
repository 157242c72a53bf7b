"""Layers of a base as plain data: what a LoRA may touch, how wide it is, what others call it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Ranges = tuple[tuple[int, int], ...]
"""Half-open row ranges `(start, end)`, in the order in which they are put together."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer, or a convolution when it has a kernel ([frames,] height, width)."""

    inputs: int
    outputs: int
    kernel: tuple[int, ...] | None = None

    @property
    def is_conv(self) -> bool:
        """Whether its weight has a kernel in the base."""
        return self.kernel is not None


Layers = Mapping[str, Layer]
"""Path in diffusers' naming, relative to its part -> layer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One layer inside a native layer that holds several, and where its rows are in there."""

    path: str
    rows: Ranges = ()
    """Rows of the native layer's output that make this one; empty for all of them."""


@dataclass(frozen=True, slots=True)
class NativeLayer:
    """A layer under the name of the base's own code, with the diffusers layers it holds."""

    layer: Layer
    pieces: tuple[Piece, ...]


class Architecture(Protocol):
    """A network described by its block counts and widths."""

    def layers(self) -> dict[str, Layer]:
        """Every linear and convolution layer, by its path in diffusers' naming."""
        ...

    def native(self) -> dict[str, NativeLayer]:
        """The same layers under the names of the base's own code; empty where there is none."""
        ...


def stacked(layers: Layers, paths: tuple[str, ...]) -> NativeLayer:
    """A native layer that holds these layers one below the other (fused projections)."""
    pieces = []
    row = 0
    for path in paths:
        end = row + layers[path].outputs
        pieces.append(Piece(path, ((row, end),)))
        row = end
    return NativeLayer(Layer(layers[paths[0]].inputs, row), tuple(pieces))


def halves_swapped(layers: Layers, path: str) -> NativeLayer:
    """A native layer whose two halves stand the other way round in diffusers (shift, scale)."""
    layer = layers[path]
    half = layer.outputs // 2
    return NativeLayer(layer, (Piece(path, ((half, layer.outputs), (0, half))),))


def renamed(layers: Layers, names: Mapping[str, str]) -> Iterator[tuple[str, NativeLayer]]:
    """Native layers that differ by name only; names of layers that are not there are left out."""
    for native, path in names.items():
        if path in layers:
            yield native, NativeLayer(layers[path], (Piece(path),))
