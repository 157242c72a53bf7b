"""What a file format says to a header: mine, not mine, or mine but broken."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from engine.families.layers import Ranges
from engine.formats.endings import Algorithm
from engine.formats.header import Header


@dataclass(frozen=True, slots=True)
class Module:
    """One layer's low-rank pair under its canonical name: what the worker folds into the base.

    The layer's change is `alpha / rank * up[rows] @ down` (with `mid`: a Tucker core between
    them), shaped like the layer's weight.
    """

    path: str
    """Diffusers' naming behind `unet.`, `transformer.`, `text_encoder[_2|_3].`."""
    down: str
    """Tensor key of [rank, inputs] or [rank, inputs, height, width]."""
    up: str
    """Tensor key of [outputs, rank] or [outputs, rank, 1, 1]."""
    rank: int
    inputs: int
    outputs: int
    """Of this layer: fewer than `up` has rows when `rows` is given."""
    alpha: str | float | None = None
    """Tensor key of a scalar, or the value; None is the rank (a factor of one)."""
    mid: str | None = None
    kernel: tuple[int, int] | None = None
    """Height and width of the layer's kernel, when it is a convolution."""
    rows: Ranges = ()
    """Row ranges of `up`, put together in this order; empty for all. Fused native layers
    (q, k and v in one) become one module each, which share `down`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Mine. `bases` are all bases whose layers these are, by name and width; may be none."""

    format: str
    algorithm: Algorithm
    modules: tuple[Module, ...]
    """Empty when no base fits, or when the algorithm is not one of low-rank pairs."""
    layers: int
    """How many layers the file changes, by its own count."""
    bases: tuple[str, ...]
    rank: int | None = None
    """The most common rank of the file's pairs."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotMine:
    """Another format's, or no LoRA at all."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Mine, but damaged: nothing of it may be used."""

    format: str
    algorithm: Algorithm
    problems: tuple[str, ...]


Verdict = Claim | NotMine | Broken


class Format(ABC):
    """One way in which LoRA files name their tensors; a row of `engine.formats.FORMATS`."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def claim(self, header: Header) -> Verdict:
        """Look at names and shapes only; exactly one format claims a file."""
