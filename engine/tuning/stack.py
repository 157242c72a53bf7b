"""How the LoRAs of one stack share the room that a base gives them.

The law is the plain fallback of the science notes: displacements of several LoRAs add in
quadrature, so a stack that spends the budget of one LoRA at its own weight w0 satisfies
`sum (w_i / w0_i)^2 = 1`. Shares of that budget go by importance I: the subject leads, styles and
lights follow ("one lead, others low" brought a character back that equal weights had lost).

The budget fills all vessels to one level L, where `sum min(d_i, L * I_i) = 1`: one that was asked
for needs no more than its own d = (asked / w0)^2, a free one takes what it gets. A free LoRA's
weight is then `w0 * sqrt(L * I)`, which for equal importance is `w0 / sqrt(n)`. Each vessel that
leaves makes the sum smaller, so the level never falls: no weight does when another LoRA leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt

from engine.messages import LoraKind

IMPORTANCE: dict[LoraKind, float] = {
    "character": 4.0,
    "object": 3.0,
    "concept": 1.5,
    "style": 1.0,
    "lighting": 0.8,
    "effect": 0.6,
}
"""Shares of the budget by kind; the subject keeps about 0.8 of its weight among three."""
BESIDE_THE_STACK: frozenset[LoraKind] = frozenset({"speed", "slider"})
"""Bound to step counts, or tiny by nature: they keep their weight and take nothing from others."""
LEAST_SHARE = 0.3
"""Below about this part of its own weight a LoRA is not seen in a stack (science notes 1c)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A LoRA of a stack: its own weight alone, and the weight a person asked for, if any."""

    name: str
    kind: LoraKind
    alone: float
    asked: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The weight given, and why it is not the LoRA's own (empty when it is)."""

    weight: float
    why: str = ""


def balance(members: Iterable[Member]) -> dict[str, Share]:
    """Weights of a stack by name; names must differ.

    A LoRA alone keeps its own weight. What a person asked for is given as asked; when it is less
    than the share it would have had, the rest goes to the others, never the other way round.
    The result doesn't depend on the order, adding a LoRA never strengthens another, and one that
    leaves never weakens another.
    """
    stack = tuple(members)
    sharing = [member for member in stack if member.kind not in BESIDE_THE_STACK]
    level = _level(sharing)
    return {member.name: _share(member, len(sharing), level) for member in stack}


def _level(sharing: Sequence[Member]) -> float:
    """How much of the budget goes to each unit of importance among those who take their share."""
    full = sorted((_need(member), IMPORTANCE[member.kind]) for member in sharing)
    full.sort(key=lambda vessel: vessel[0] / vessel[1])
    for first, (need, importance) in enumerate(full):
        left = 1.0 - fsum(need for need, _ in full[:first])
        level = left / fsum(importance for _, importance in full[first:])
        if need >= level * importance:
            return level
    return inf


def _need(member: Member) -> float:
    """What a LoRA can take of the budget: what was asked for, or anything."""
    if member.asked is None:
        return inf
    return (member.asked / member.alone) ** 2 if member.alone else 1.0


def _share(member: Member, size: int, level: float) -> Share:
    if member.asked is not None:
        return Share(member.asked, "as you asked")
    if size < 2 or member.kind in BESIDE_THE_STACK:
        return Share(member.alone)
    part = min(max(sqrt(IMPORTANCE[member.kind] * level), LEAST_SHARE), 1.0)
    weight = round(member.alone * part, 2)
    role = "leads" if member.kind in ("character", "object") else "follows"
    return Share(weight, f"{role} in a stack of {size}: {weight:g} instead of {member.alone:g}")
