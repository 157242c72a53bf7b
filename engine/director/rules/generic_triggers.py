"""Triggers of ordinary words: worth a question where several looks share one, never a choice."""

from collections.abc import Iterable

from engine.director.rules.index import Index
from engine.director.rules.mentions import MOST_ASKED, Doubt, Found
from engine.director.rules.text import Script
from engine.director.rules.vocabulary import LOOK_NOUNS, QUALITY


def generic_called(script: Script, index: Index, found: Found) -> tuple[Doubt, ...]:
    """Generic triggers that several looks share, or used with a cue: worth a question, no more."""
    words = tuple(token.folded for token in script.tokens)
    called = {mention.card for mention in found.mentions}
    doubts = []
    for phrase, places in index.generic_triggers.items():
        if not called.isdisjoint(places):
            continue
        shared = len(places) > 1 and len(phrase) > 1 and not QUALITY.issuperset(phrase)
        for first in _places_of(phrase, words):
            last = first + len(phrase) - 1
            if shared or (words[last + 1 : last + 2] and words[last + 1] in LOOK_NOUNS):
                said = script.text[script.tokens[first].start : script.tokens[last].end]
                doubts.append(Doubt(said, tuple(sorted(places))[:MOST_ASKED], first, last))
                break
    return tuple(doubts)


def _places_of(phrase: tuple[str, ...], words: tuple[str, ...]) -> Iterable[int]:
    if phrase[0] not in words:
        return
    for first in range(len(words) - len(phrase) + 1):
        if words[first : first + len(phrase)] == phrase:
            yield first
