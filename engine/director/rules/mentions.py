"""Finding a space's looks in the words: exact names first, then misspellings, then cued tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.director.rules import spelling
from engine.director.rules.cues import cued_at, is_ordinary_use
from engine.director.rules.index import Handle, Index
from engine.director.rules.text import Script
from engine.director.rules.vocabulary import STYLE_NOUNS
from engine.messages import Card

How = Literal["name", "trigger", "typo", "part", "tag"]
_MOST_TOLD = 3
"""Cards that may share a description's word for it to mean anything."""
MOST_ASKED = 5
"""Looks named in one question."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A card that the words call; token and character positions of the calling words."""

    card: int
    how: How
    first: int
    last: int
    start: int
    end: int
    meant: tuple[str, ...] = ()
    """The right spelling, when it was mended."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words that several cards answer to: the person is asked, nothing is guessed."""

    said: str
    cards: tuple[int, ...]
    first: int
    last: int
    is_word: bool = True
    """One word for several looks; else several looks joined by "or"."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the words call, in the order of the words."""

    mentions: tuple[Mention, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def names(self, cards: tuple[Card, ...]) -> tuple[str, ...]:
        """Names of the called cards, each once, in order."""
        return tuple(dict.fromkeys(cards[mention.card].name for mention in self.mentions))


def find(script: Script, index: Index) -> Found:
    """Looks called by a text. Each word is used once; work is bounded by words x longest phrase."""
    search = _Search(script, index)
    search.exact()
    search.misspelt()
    search.cued_tags()
    return search.found()


class _Search:
    """One pass over one text; `used` marks words that already call something."""

    def __init__(self, script: Script, index: Index) -> None:
        self.script, self.index = script, index
        self.words = tuple(token.folded for token in script.tokens)
        self.used = bytearray(len(self.words))
        self.mentions: list[Mention] = []
        self.doubts: list[Doubt] = []

    def found(self) -> Found:
        called = {mention.card for mention in self.mentions}
        doubts = [doubt for doubt in self.doubts if called.isdisjoint(doubt.cards)]
        mentions = sorted(self.mentions, key=lambda mention: mention.first)
        return Found(tuple(mentions), tuple(sorted(doubts, key=lambda doubt: doubt.first)))

    def exact(self) -> None:
        for first in range(len(self.words)):
            for size, handles in self._exact_at(first):
                if self._is_free(first, size) and self._claim(first, size, handles):
                    break

    def _exact_at(self, first: int) -> Iterable[tuple[int, tuple[Handle, ...]]]:
        word = self.words[first]
        sizes = dict.fromkeys(len(h.phrase) for h in self.index.starts.get(word, ()))
        for size in sizes:
            if first + size > len(self.words):
                continue
            handles = self.index.calls.get(self.words[first : first + size])
            if handles:
                yield size, handles
        if first + 1 < len(self.words):
            joined = word + self.words[first + 1]
            handles = self.index.calls.get((joined,)) if len(joined) > 5 else None
            if handles:
                yield 2, handles
        if len(word) > 3 and word.endswith("s"):
            handles = self.index.calls.get((word[:-1],), ())
            handles = tuple(h for h in handles if not h.is_plain)
            if handles:
                yield 1, handles

    def misspelt(self) -> None:
        budget = spelling.MOST_WORDS
        for first in range(len(self.words)):
            if budget <= 0:
                return
            if self.used[first] or not spelling.may_be_wrong(self.words[first]):
                continue
            budget -= 1
            near = spelling.near(first, self.words, self.index)
            near = [fix for fix in near if self._is_free(fix.first, fix.size)]
            if near:
                best = min(fix.edits for fix in near)
                longest = max(fix.size for fix in near if fix.edits == best)
                chosen = [f for f in near if f.edits == best and f.size == longest]
                self._claim(
                    chosen[0].first,
                    longest,
                    tuple(fix.handle for fix in chosen),
                    typo=True,
                )

    def cued_tags(self) -> None:
        for first in range(len(self.words)):
            for size in (3, 2, 1):
                phrase = self.words[first : first + size]
                if len(phrase) < size or not self._is_free(first, size):
                    continue
                places = self._hinted(phrase, first, size)
                if places:
                    self._settle(first, size, sorted(places), "tag")
                    break

    def _hinted(self, phrase: tuple[str, ...], first: int, size: int) -> frozenset[int]:
        """Cards that a tag, or else a description word, may mean here; empty without a cue."""
        tagged = self.index.tags.get(phrase, frozenset())
        told = self.index.described.get(phrase[0], frozenset()) if size == 1 else frozenset()
        if not tagged and not told:
            return frozenset()
        last = first + size - 1
        cued = frozenset(place for place in tagged or told if self._is_cued(first, last, place))
        return cued if tagged or len(told) <= _MOST_TOLD else frozenset()

    def _is_cued(self, first: int, last: int, place: int) -> bool:
        return cued_at(self.script, self.words, first, last, self.index.cards[place].kind)

    def _is_free(self, first: int, size: int) -> bool:
        if any(self.used[first : first + size]):
            return False
        tokens = self.script.tokens[first : first + size]
        if not self.script.is_free(tokens[0].start, tokens[-1].end):
            return False
        between = self.script.text[tokens[0].start : tokens[-1].end]
        return size == 1 or not any(mark in between for mark in ",;.!?\n")

    def _claim(
        self, first: int, size: int, handles: tuple[Handle, ...], *, typo: bool = False
    ) -> bool:
        """Take these words for the cards of the handles, unless they are meant as plain words."""
        last = first + size - 1
        cards = self.index.cards
        wanted = tuple(
            handle
            for handle in handles
            if not (handle.is_plain and not typo)
            or not is_ordinary_use(self.script, self.words, first, last, cards[handle.card])
        )
        if not wanted:
            return False
        way = wanted[0].way
        how: How = "typo" if typo else "name" if way in ("name", "alias") else way  # type: ignore[assignment]
        meant = wanted[0].phrase if typo else ()
        self._settle(first, size, [handle.card for handle in wanted], how, meant)
        return True

    def _settle(
        self, first: int, size: int, cards: list[int], how: How, meant: tuple[str, ...] = ()
    ) -> None:
        last = first + size - 1
        self.used[first : first + size] = b"\x01" * size
        start, end = self.script.tokens[first].start, self.script.tokens[last].end
        cards = list(dict.fromkeys(cards))
        if len(cards) == 1:
            self.mentions.append(Mention(cards[0], how, first, last, start, end, meant))
        else:
            said = self.script.text[start:end]
            self.doubts.append(Doubt(said, tuple(cards[:MOST_ASKED]), first, last))


def generic_called(script: Script, index: Index, found: Found) -> tuple[Doubt, ...]:
    """Generic triggers used with a cue: worth a question, never enough to choose."""
    words = tuple(token.folded for token in script.tokens)
    called = {mention.card for mention in found.mentions}
    doubts = []
    for phrase, places in index.generic_triggers.items():
        if not called.isdisjoint(places):
            continue
        for first in _places_of(phrase, words):
            last = first + len(phrase) - 1
            if words[last + 1 : last + 2] and words[last + 1] in STYLE_NOUNS:
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
