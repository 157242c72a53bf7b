"""What people said of a look's strength, as a small factor on its weight: pure and bounded.

Each opinion moves by one small step, a person by at most `FARTHEST`, a whole place by less, and
only when at least two people agree. What was asked for in a number is never touched. Measured
strengths (the rest of tuning) fill the same port: `Nudges`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from engine.messages import Owner, PersonId, Verdict

STEPS: Final[Mapping[Verdict, float]] = {
    "too_strong": -0.08,
    "too_weak": 0.08,
    "overdone": -0.05,
    "not_alike": 0.05,
}
"""One opinion's step; praise and complaint in general say nothing about strength."""
FARTHEST: Final = 0.24
"""A person's opinions move a weight by at most this part of it."""
FARTHEST_FOR_ALL: Final = 0.12
LEAST_PEOPLE: Final = 2
REMEMBERED: Final = timedelta(days=90)
MOST_COUNTED: Final = 8
"""Newest opinions of one person on one look that count."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person said of a look in one picture."""

    person: PersonId
    look: str
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Nudge:
    """A factor on a look's own weight, and why."""

    factor: float
    why: str


class Nudges(Protocol):
    """Where factors on weights come from: what people said now, measured strengths later."""

    async def of(self, owner: Owner, looks: tuple[str, ...]) -> Mapping[str, Nudge]:
        """The nudges of these looks for this person in this space; none where nothing was said."""
        ...


def nudges(opinions: Iterable[Opinion], person: PersonId, now: datetime) -> dict[str, Nudge]:
    """Nudges by look for one person: their own opinions, then what the others here agree on.

    The result does not depend on the order of the opinions.
    """
    said: dict[str, dict[PersonId, list[Opinion]]] = defaultdict(lambda: defaultdict(list))
    for opinion in opinions:
        if opinion.verdict in STEPS and opinion.at > now - REMEMBERED:
            said[opinion.look][opinion.person].append(opinion)
    found = {}
    for look, by_person in said.items():
        own = _moved(by_person.get(person, ()))
        others = [_moved(theirs) for whose, theirs in by_person.items() if whose != person]
        nudge = _nudge(own, _agreed(others))
        if nudge is not None:
            found[look] = nudge
    return found


def _moved(opinions: Iterable[Opinion]) -> float:
    """How far one person's newest opinions move a weight."""
    newest = sorted(opinions, key=lambda each: each.at)[-MOST_COUNTED:]
    total = sum(STEPS[each.verdict] for each in newest)
    return max(-FARTHEST, min(FARTHEST, total))


def _agreed(moves: list[float]) -> float:
    """How far a place as a whole moves it: nothing unless most of several people agree."""
    if len(moves) < LEAST_PEOPLE:
        return 0.0
    middle = sorted(moves)[len(moves) // 2] if moves else 0.0
    same = sum(1 for move in moves if move * middle > 0)
    if same * 2 <= len(moves):
        return 0.0
    return max(-FARTHEST_FOR_ALL, min(FARTHEST_FOR_ALL, middle))


def _nudge(own: float, all_others: float) -> Nudge | None:
    """A person's own opinion goes before that of the place."""
    moved, whose = (own, "you") if own else (all_others, "people here")
    if abs(moved) < 1e-9:
        return None
    how = "too strong" if moved < 0 else "too weak"
    return Nudge(round(1 + moved, 3), f"{whose} found it {how} before")
