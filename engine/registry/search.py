"""Finding looks by words: `/looks`, searches in conversation, and names close to a misspelt one."""

import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from engine.messages import Card

NEAR_ENOUGH = 70.0
"""Least likeness (0 to 100) of a name offered instead of an unknown one."""
_LEAST_SCORE = 30.0
_NAME, _WHOLE_NAME, _TAG, _KIND, _TOLD, _FUZZY = 60.0, 100.0, 45.0, 40.0, 30.0, 40.0


def rank(query: str, cards: Iterable[Card]) -> tuple[Card, ...]:
    """Cards that answer a query, best first; all of them by name for an empty query.

    Every word of the query counts: in the name or an alias most, then tags, kind, description.
    """
    shelf = tuple(cards)
    wanted = _words(query)
    if not wanted:
        return tuple(sorted(shelf, key=lambda card: card.name.casefold()))
    scored = [(_score(query, wanted, card), card) for card in shelf]
    kept = [(score, card) for score, card in scored if score >= _LEAST_SCORE]
    kept.sort(key=lambda pair: (-pair[0], pair[1].name.casefold()))
    return tuple(card for _, card in kept)


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


def _score(query: str, wanted: tuple[str, ...], card: Card) -> float:
    """Mean over the query's words of the best field that holds each."""
    names = [card.name, *card.aliases]
    if any(_words(name) == wanted for name in names):
        return _WHOLE_NAME
    name_words = {word for name in names for word in _words(name)}
    tag_words = {word for tag in card.tags for word in _words(tag)}
    tag_words |= {word for trigger in card.triggers for word in _words(trigger.word)}
    told = set(_words(card.description))
    total = sum(_best(word, name_words, tag_words, told, card.kind) for word in wanted)
    return total / len(wanted)


def _best(word: str, names: set[str], tags: set[str], told: set[str], kind: str) -> float:
    stem = word.removesuffix("s") if len(word) > 3 else word
    either = {word, stem}
    if either & names:
        return _NAME
    if either & tags:
        return _TAG
    if stem == kind:
        return _KIND
    if either & told:
        return _TOLD
    alike = (known for known in names | tags if known[:1] == word[:1])
    if len(word) > 3 and any(fuzz.ratio(word, known) >= 80 for known in alike):
        return _FUZZY
    return 0.0


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text[:1_000].casefold()).replace("colour", "color")
    kept = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return tuple("".join(kept).split())
