"""Finding looks by words: `/looks`, searches in conversation, and names close to a misspelt one."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from engine.messages import Card

NEAR_ENOUGH = 70.0
"""Least likeness (0 to 100) of a name offered instead of an unknown one."""
_LEAST_SCORE = 30.0
_NEAR_BEST = 0.7
_WORD = re.compile(r"[^\W_]+")
_NAME, _WHOLE_NAME, _TAG, _KIND, _TOLD, _FUZZY = 60.0, 100.0, 45.0, 40.0, 30.0, 40.0


def rank(query: str, cards: Iterable[Card]) -> tuple[Card, ...]:
    """Cards that answer a query, best first; all of them by name for an empty query.

    Every word of the query counts: in the name or an alias most, then tags, kind, description.
    """
    return Searchable(cards).rank(query)


class Searchable:
    """Cards made ready for many searches: word -> which cards hold it, and where."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._cards = tuple(cards)
        self._wholes: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._held: dict[str, dict[int, float]] = defaultdict(dict)
        self._kinds: dict[str, set[int]] = defaultdict(set)
        self._alike: dict[str, set[str]] = defaultdict(set)
        for place, card in enumerate(self._cards):
            self._take(place, card)

    def rank(self, query: str) -> tuple[Card, ...]:
        """See `rank`."""
        wanted = _words(query)
        if not wanted:
            return tuple(sorted(self._cards, key=lambda card: card.name.casefold()))
        scores: dict[int, float] = defaultdict(float)
        for word in wanted:
            for place, points in self._answers(word).items():
                scores[place] += points / len(wanted)
        scores |= dict.fromkeys(self._wholes.get(wanted, ()), _WHOLE_NAME)
        # Where no look answers to every word, those that answer to one of them are shown.
        least = min(_LEAST_SCORE, _NEAR_BEST * max(scores.values(), default=0.0))
        kept = [(score, self._cards[place]) for place, score in scores.items() if score >= least]
        kept.sort(key=lambda pair: (-pair[0], pair[1].name.casefold()))
        return tuple(card for _, card in kept)

    def _take(self, place: int, card: Card) -> None:
        names = [_words(name) for name in (card.name, *card.aliases)]
        hints = [*card.tags, *(trigger.word for trigger in card.triggers)]
        fields = (
            (_TOLD, _words(card.description)),
            (_TAG, [word for hint in hints for word in _words(hint)]),
            (_NAME, [word for name in names for word in name]),
        )
        self._kinds[card.kind].add(place)
        for name in names:
            self._wholes[name].add(place)
        for points, words in fields:
            for word in words:
                self._held[word][place] = points
                if points > _TOLD:
                    self._alike[word[:1]].add(word)

    def _answers(self, word: str) -> dict[int, float]:
        """Cards that one word of a query means, with points for where it stands."""
        stem = word.removesuffix("s") if len(word) > 3 else word
        found = dict.fromkeys(self._kinds.get(stem, ()), _KIND)
        for spelling in (word, stem):
            for place, points in self._held.get(spelling, {}).items():
                found[place] = max(points, found.get(place, 0.0))
        if len(word) > 3:
            near = process.extract(
                word, self._alike.get(word[:1], ()), scorer=fuzz.ratio, score_cutoff=80, limit=None
            )
            for known, _, _ in near:
                for place in self._held[known]:
                    found.setdefault(place, _FUZZY)
        return found


def near_names(name: str, cards: Iterable[Card], most: int = 3) -> tuple[str, ...]:
    """Names of cards that look like a name that is not there, closest first."""
    names = [card.name for card in cards]
    found = process.extract(
        name[:100].casefold(),
        [known.casefold() for known in names],
        scorer=fuzz.WRatio,
        score_cutoff=NEAR_ENOUGH,
        limit=most,
    )
    return tuple(names[place] for _, _, place in found)


def _words(text: str) -> tuple[str, ...]:
    plain = text[:1_000].casefold()
    if not plain.isascii():
        spread = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in spread if not unicodedata.combining(char))
    return tuple(_WORD.findall(plain.replace("colour", "color")))
