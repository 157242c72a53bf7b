"""What a file format says to a header: mine (perhaps with damage), or not mine."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.families.layers import Ranges
from engine.formats.endings import Algorithm
from engine.formats.header import Header


@dataclass(frozen=True, slots=True)
class Module:
    """One layer's change under its canonical name: what the worker folds into the base.

    For the algorithm `lora` it is `alpha / rank * up[rows] @ down` (with `mid`: a Tucker core
    between them), shaped like the layer's weight; for the others `parts` names their tensors.
    """

    path: str
    """Diffusers' naming behind `unet.`, `transformer.`, `text_encoder[_2|_3|_4].`."""
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
    kernel: tuple[int, ...] | None = None
    """The layer's kernel, height and width last, when it is a convolution."""
    rows: Ranges = ()
    """Row ranges of `up`, put together in this order; empty for all. Fused native layers
    (q, k and v in one) become one module each, which share `down`."""
    algorithm: Algorithm = "lora"
    parts: tuple[tuple[str, str], ...] = ()
    """Of an algorithm that is not one pair: part -> tensor key."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Mine. `bases` are all bases whose layers these are, by name and width; may be none."""

    format: str
    algorithm: Algorithm
    layers: int
    """How many layers the file changes, by its own count."""
    bases: tuple[str, ...]
    asides: int = 0
    """How many of these are norms and biases alone."""
    rank: int | None = None
    """The most common rank of the file's layers."""
    alphas: tuple[str | float | None, ...] = ()
    """The alpha of each layer: a scalar's tensor key, a value, or None where the file is silent."""
    problems: tuple[str, ...] = ()
    """What somebody should know before it is used."""
    refusals: tuple[str, ...] = ()
    """Mine but broken: why nothing of it may be used."""
    partial: frozenset[str] = frozenset()
    """Bases of which so little is there that another one's files look the same."""
    traits: frozenset[str] = field(default_factory=frozenset)
    """What its layers prove about the variant: `guidance`, `picture-input`, `control`."""
    build: Callable[[], tuple[Module, ...]] = tuple
    """Makes the canonical modules; none when no base fits, or when something is refused."""

    @property
    def modules(self) -> tuple[Module, ...]:
        """The canonical modules, made anew each time."""
        return self.build()


@dataclass(frozen=True, slots=True)
class NotMine:
    """Another format's, or no LoRA at all."""

    why: str


Verdict = Claim | NotMine


class Format(ABC):
    """One way in which LoRA files name their tensors; a row of `engine.formats.FORMATS`."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def claim(self, header: Header) -> Verdict:
        """Look at names and shapes only; exactly one format claims a file."""
