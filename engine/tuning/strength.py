"""How strong a LoRA should be alone, from how far it moves its base: pure rules.

d is the functional displacement that `engine.workers.displacement` measures. Kinds differ in how
far they have to move a base to be seen: a light changes every pixel, a character some of them. A
target d is known for the miniature (from the figures beside its LoRAs), learned from what
moderators of this host approved on a base, or else assumed. An assumed one is a prior only: what
was good lay up to twice as far as it on other bases, so it moves a weight no more than it has to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from types import MappingProxyType
from typing import Final, Literal

from engine.messages import Displacement, LoraKind

Basis = Literal["measured", "learned", "assumed"]
PROBED: Final = (0.25, 0.5, 1.0, 1.5)
"""Weights that a LoRA is measured at."""
ASSUMED: Final = 0.34
"""Science notes 1b: where their LoRAs were at their best."""
SPREAD: Final = 2.5
"""An assumed target, times or by this, is still ordinary: nothing is corrected inside."""
LEAST_LEARNED: Final = 3
"""So many approved LoRAs of a kind make a target of their own."""
LEAST_WEIGHT, MOST_WEIGHT, STEP = 0.1, 2.0, 0.05
NOTHING: Final = 0.01
"""A prediction that moves less than this at most is as good as untouched."""
ALWAYS_ON: Final = 0.8
"""So much of the way without the trigger, and it is no trigger that it waits for."""
UNGAUGED: Final[frozenset[LoraKind]] = frozenset({"slider", "speed"})
"""A slider goes both ways, a speed LoRA goes with its steps: their weight is their maker's."""
_MINIATURE: Final[Mapping[LoraKind, float]] = MappingProxyType(
    {"character": 0.37, "object": 0.63, "style": 0.56, "lighting": 0.6, "effect": 0.5,
     "concept": 0.5}
)  # fmt: skip
MEASURED: Final[Mapping[str, Mapping[LoraKind, float]]] = MappingProxyType(
    {"miniature": _MINIATURE}
)
"""Family -> kind -> the d at which its LoRAs are read best (`docs/miniature.md`)."""


@dataclass(frozen=True, slots=True)
class Target:
    """The displacement to aim at, and where it is known from."""

    d: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class Proposal:
    """A weight, with what it was reckoned from."""

    weight: float
    at_one: float
    """d at weight 1."""
    target: Target


def is_gauged(kind: LoraKind) -> bool:
    """Whether a weight can be proposed for LoRAs of a kind."""
    return kind not in UNGAUGED


def target(family: str, kind: LoraKind, approved: Iterable[tuple[Displacement, float]]) -> Target:
    """What to aim at on a base of this family: `approved` are its LoRAs of the kind, each with the
    weight that its moderators left it at.
    """
    found = [d for each, weight in approved if (d := moved_by(each, weight)) > NOTHING]
    if len(found) >= LEAST_LEARNED:
        return Target(round(median(found), 3), "learned")
    measured = MEASURED.get(family, {}).get(kind)
    return Target(ASSUMED, "assumed") if measured is None else Target(measured, "measured")


def propose(found: Displacement, aim: Target) -> Proposal | None:
    """The weight that moves a base as far as it should be; None for a LoRA that does nothing."""
    points = _points(found)
    if not points or max(d for _, d in points) < NOTHING:
        return None
    at_one, d = moved_by(found, 1.0), aim.d
    if aim.basis == "assumed":
        d = min(max(at_one, aim.d / SPREAD), aim.d * SPREAD)
    weight = 1.0 if d == at_one else _weight_at(points, d)
    return Proposal(_stepped(weight), at_one, aim)


def moved_by(found: Displacement, weight: float) -> float:
    """D at a weight: between two measured ones on the straight line, from nothing at 0."""
    points = [(0.0, 0.0), *_points(found)]
    wanted = abs(weight)
    for (low, d_low), (high, d_high) in pairwise(points):
        if wanted <= high:
            return d_low + (d_high - d_low) * (wanted - low) / (high - low)
    return points[-1][1]


def without_trigger(found: Displacement) -> float | None:
    """How much of the way it goes without its trigger, at the weight where it goes farthest with
    it; None where there is no trigger.
    """
    woken = [(each.woken, each.bare) for each in found.moved if each.woken]
    if not woken:
        return None
    most, bare = max(woken)
    return bare / most


def _points(found: Displacement) -> list[tuple[float, float]]:
    """Weight and d, with the trigger where there is one."""
    told = ((each.weight, each.bare if each.woken is None else each.woken) for each in found.moved)
    return sorted(told)


def _weight_at(points: Sequence[tuple[float, float]], d: float) -> float:
    """The first weight at which d is reached; beyond the last one on the line through it."""
    before = (0.0, 0.0)
    for weight, moved in points:
        if moved >= d:
            return before[0] + (weight - before[0]) * (d - before[1]) / (moved - before[1])
        before = (weight, moved)
    weight, moved = max(points, key=lambda point: point[1])
    return weight * d / moved


def _stepped(weight: float) -> float:
    bounded = min(max(weight, LEAST_WEIGHT), MOST_WEIGHT)
    return round(round(bounded / STEP) * STEP, 2)
