"""How the LoRAs of one stack share the room that a base gives them.

The law is the plain fallback of the science notes: displacements of several LoRAs add in
quadrature, so a stack that spends the budget of one LoRA at its own weight w0 satisfies
`sum (w_i / w0_i)^2 = 1`. Shares of that budget go by importance: the subject leads, styles and
lights follow ("one lead, others low" brought a character back that equal weights had lost).
For equal importance this is `w0 / sqrt(n)`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, sqrt

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
    The result doesn't depend on the order, and adding a LoRA never strengthens another.
    """
    stack = tuple(members)
    sharing = [member for member in stack if member.kind not in BESIDE_THE_STACK]
    whole = fsum(IMPORTANCE[member.kind] for member in sharing)
    asked_for = fsum(
        min(_part(member) ** 2, IMPORTANCE[member.kind] / whole)
        for member in sharing
        if member.asked is not None
    )
    free = [member for member in sharing if member.asked is None]
    per_importance = _divide(1.0 - asked_for, fsum(IMPORTANCE[member.kind] for member in free))
    return {member.name: _share(member, len(sharing), per_importance) for member in stack}


def _part(member: Member) -> float:
    """What a person asked for, as a part of the LoRA's own weight."""
    if member.asked is None:
        return 1.0
    return abs(_divide(member.asked, member.alone))


def _divide(value: float, by: float) -> float:
    return value / by if by else 1.0


def _share(member: Member, size: int, per_importance: float) -> Share:
    if member.asked is not None:
        return Share(member.asked, "as you asked")
    if size < 2 or member.kind in BESIDE_THE_STACK:
        return Share(member.alone)
    part = sqrt(max(IMPORTANCE[member.kind] * per_importance, 0.0))
    part = min(max(part, LEAST_SHARE), 1.0)
    weight = round(member.alone * part, 2)
    role = "leads" if member.kind in ("character", "object") else "follows"
    return Share(weight, f"{role} in a stack of {size}: {weight:g} instead of {member.alone:g}")
