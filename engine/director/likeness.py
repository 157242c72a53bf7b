"""Searches by meaning, where an embedder is at hand: it orders what the words found, no more.

Nothing here chooses a look for a picture: a plan is the same with and without it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from math import sqrt
from typing import Final, Protocol

import structlog

from engine.errors import NoAnswer
from engine.messages import Card

log = structlog.get_logger(__name__)
Vector = tuple[float, ...]
MOST_KEPT: Final = 20_000
"""Vectors of looks that are kept."""
MOST_COMPARED: Final = 2_000
"""Looks of a space that are compared when the words find none."""
WAITED_S: Final = 2.0
NEAR: Final = 0.45
"""From this likeness (-1 to 1) on a look that no word found is shown."""
MOST_NEAR: Final = 8
TOLD_CHARS: Final = 400


class Embedder(Protocol):
    """Turns texts into vectors whose angle says how alike they are."""

    async def vectors(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
        """One for each text; raises `NoAnswer` for whatever goes wrong."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class Likeness:
    """Orders search results by meaning; without an answer in time they stay as they are."""

    def __init__(self, embedder: Embedder, waited_s: float = WAITED_S) -> None:
        self._embedder, self._waited_s = embedder, waited_s
        self._kept: OrderedDict[str, Vector] = OrderedDict()

    async def sharpened(
        self, query: str, found: Sequence[Card], everything: Sequence[Card]
    ) -> tuple[Card, ...]:
        """What the words found, likest first; when they found none, what is near in meaning."""
        compared = tuple(found or everything)[:MOST_COMPARED]
        if not query.strip() or not compared:
            return tuple(found)
        try:
            async with asyncio.timeout(self._waited_s):
                likes = await self._likes(query, compared)
        except (NoAnswer, TimeoutError) as error:
            log.warning("likeness.left_out", why=type(error).__name__)
            return tuple(found)
        if found:
            return (*blended(compared, likes), *found[MOST_COMPARED:])
        return near(compared, likes)

    async def close(self) -> None:
        """Give back what the embedder holds."""
        await self._embedder.close()

    async def _likes(self, query: str, cards: tuple[Card, ...]) -> tuple[float, ...]:
        told = [_told(card) for card in cards]
        missing = tuple(dict.fromkeys(text for text in told if text not in self._kept))
        asked, *fresh = await self._embedder.vectors((query[:TOLD_CHARS], *missing))
        self._kept.update(zip(missing, fresh, strict=True))
        likes = tuple(likeness(asked, self._kept[text]) for text in told)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return likes


def blended(cards: Sequence[Card], likes: Sequence[float]) -> tuple[Card, ...]:
    """The place that the words gave and, a little more, the meaning; equals keep their order."""
    last = max(1, len(cards) - 1)
    points = [0.4 * (1 - at / last) + 0.6 * like for at, like in enumerate(likes)]
    order = sorted(range(len(cards)), key=lambda at: (-round(points[at], 6), at))
    return tuple(cards[at] for at in order)


def near(cards: Sequence[Card], likes: Sequence[float]) -> tuple[Card, ...]:
    """The few that are really alike, likest first."""
    order = sorted(range(len(cards)), key=lambda at: (-likes[at], at))
    return tuple(cards[at] for at in order[:MOST_NEAR] if likes[at] >= NEAR)


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of their angle; 0 for an empty vector."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    length = sqrt(sum(a * a for a in one) * sum(b * b for b in other))
    return dot / length if length else 0.0


def _told(card: Card) -> str:
    told = ", ".join((card.name, card.kind, *card.tags[:20], card.description))
    return told[:TOLD_CHARS]
