"""Finding a space's looks in the words: exact names first, then misspellings, then cued tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.director.dictionary import foreign, is_ordinary
from engine.director.rules import spelling
from engine.director.rules.cues import (
    cued_at,
    is_one_of_a_kind,
    is_ordinary_use,
    is_other_thing,
)
from engine.director.rules.index import LONGEST_PHRASE, Handle, Index
from engine.director.rules.name_words import THINGS_BEFORE
from engine.director.rules.text import Script
from engine.director.rules.thing_uses import may_be_a_look
from engine.director.rules.vocabulary import (
    DETERMINERS,
    GENERIC,
    MEDIUM_NOUNS,
    STYLE_NOUNS,
)
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
    search.described()
    search.cued_tags()
    return search.found()


class _Search:
    """One pass over one text; `used` marks words that already call something."""

    def __init__(self, script: Script, index: Index) -> None:
        self.script, self.index = script, index
        self.words = tuple(token.folded for token in script.tokens)
        self.used = bytearray(len(self.words))
        self.plain = bytearray(len(self.words))
        """Marks words of a name that are meant as plain words: they describe no look either."""
        self.mentions: list[Mention] = []
        self.doubts: list[Doubt] = []

    def found(self) -> Found:
        called = {mention.card for mention in self.mentions}
        doubts = [doubt for doubt in self.doubts if called.isdisjoint(doubt.cards)]
        mentions = sorted(self.mentions, key=lambda mention: mention.first)
        return Found(tuple(mentions), tuple(sorted(doubts, key=lambda doubt: doubt.first)))

    def exact(self) -> None:
        """Names of several words first: what stands beside them is no part of them."""
        for least, most in ((2, LONGEST_PHRASE), (1, 1)):
            for first in range(len(self.words)):
                for size, handles in self._exact_at(first):
                    fits = least <= size <= most and self._is_free(first, size)
                    if fits and self._claim(first, size, handles):
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
            if handles and not self._is_two_things(first):
                yield 2, handles
        if len(word) > 3 and word.endswith("s"):
            handles = self.index.calls.get((word[:-1],), ())
            handles = tuple(h for h in handles if not h.is_plain)
            if handles:
                yield 1, handles

    def _is_two_things(self, first: int) -> bool:
        """Two ordinary words that only look like a name written apart: "a fish eye soup"."""
        before = self.words[first - 1] if first else ""
        after = self.words[first + 2] if first + 2 < len(self.words) else ""
        goes_on = bool(after) and after not in STYLE_NOUNS | MEDIUM_NOUNS | _LENS | _PHRASE_ENDS
        return before in DETERMINERS and goes_on

    def misspelt(self) -> None:
        budget = spelling.MOST_WORDS
        is_foreign = any(word in foreign() and not is_ordinary(word) for word in self.words)
        for first in range(len(self.words)):
            if budget <= 0:
                return
            if self.used[first] or self.plain[first] or not self._may_be_misspelt(first):
                continue
            budget -= 1
            near = spelling.near(first, self.words, self.index)
            near = [fix for fix in near if self._is_free(fix.first, fix.size)]
            if is_foreign:
                near = [fix for fix in near if fix.size > 1 or not fix.handle.is_plain]
            if not spelling.may_be_wrong(self.words[first]):
                near = [fix for fix in near if self._is_in_company(fix, first)]
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

    def _may_be_misspelt(self, first: int) -> bool:
        """No real word; or one that is called by what a card is: "grub the goblin"."""
        word = self.words[first]
        if spelling.may_be_wrong(word):
            return True
        if self._is_beside_a_name(first):
            return True
        what = self.words[first + 2 : first + 3]
        if len(word) < 4 or self.words[first + 1 : first + 2] != ("the",) or not what:
            return False
        near = spelling.near(first, self.words, self.index)
        return any(what[0] in self.index.own_words(fix.handle.card) for fix in near)

    def _is_in_company(self, fix: spelling.Fix, first: int) -> bool:
        """A real word is misspelt only within a longer name, and its own plural never is."""
        meant = fix.handle.phrase[first - fix.first] if fix.size > 1 else ""
        is_called = self.words[first + 1 : first + 2] == ("the",)
        return is_called or (fix.size > 1 and self.words[first] not in (meant + "s", meant + "es"))

    def _is_beside_a_name(self, first: int) -> bool:
        """Beside an unmistakable word of a character's name: "baron fog" for Baron Fogg."""
        for place in (first - 1, first + 1):
            word = self.words[place] if 0 <= place < len(self.words) else ""
            if len(word) < 4 or word in GENERIC or len(self.words[first]) < 3:
                continue
            for phrase in self.index.phrases_with.get(word, ()):
                kinds = {self.index.cards[h.card].kind for h in self.index.calls[phrase]}
                if len(phrase) > 1 and kinds == {"character"}:
                    return True
        return False

    def cued_tags(self) -> None:
        for first in range(len(self.words)):
            for size in (3, 2, 1):
                phrase = self.words[first : first + size]
                if len(phrase) < size or not self._is_free(first, size):
                    continue
                if size == 1 and self.plain[first] and not is_ordinary(self.words[first]):
                    continue
                places = self._hinted(phrase, first, size)
                if places:
                    self._settle(first, size, sorted(places), "tag")
                    break

    def described(self) -> None:
        """Looks called by how they describe themselves: "torn scan lines and colour splits"."""
        first = 0
        while first < len(self.words):
            last, places, content = self._described_run(first)
            if content >= 2 and self._is_meant_as_manner(first, last, content, places):
                self._settle(first, last - first + 1, sorted(places), "tag")
                first = last
            first += 1

    def _described_run(self, first: int) -> tuple[int, frozenset[int], int]:
        """The longest run of words from here that one and the same card says of itself."""
        places = self._manners_at(first)
        last, said = first, {self.words[first]}
        for place in range(first + 1, min(len(self.words), first + 10)):
            gap = self.script.text[
                self.script.tokens[place - 1].end : self.script.tokens[place].start
            ]
            if not places or gap.strip(" -"):
                break
            if self.words[place] in _JOINING or self.words[place] in GENERIC:
                continue
            both = places & self._manners_at(place)
            if not both:
                break
            places, last = both, place
            said.add(self.words[place])
        return last, places, len(said) if places else 0

    def _manners_at(self, place: int) -> frozenset[int]:
        token = self.script.tokens[place]
        spoken_for = self.used[place] or self.plain[place]
        if spoken_for or not self.script.is_free(token.start, token.end):
            return frozenset()
        return self.index.manners.get(self.words[place], frozenset())

    def _is_meant_as_manner(
        self, first: int, last: int, content: int, places: frozenset[int]
    ) -> bool:
        """Three of its words, or two with a cue; one of them must be rare among the looks."""
        words = self.words
        rare = min(
            len(self.index.manners[word])
            for word in words[first : last + 1]
            if word in self.index.manners
        )
        if rare > _MOST_TOLD or len(places) > _MOST_TOLD:
            return False
        after = words[last + 1] if last + 1 < len(words) else ""
        before = words[max(0, first - 2) : first]
        cued = after in STYLE_NOUNS | MEDIUM_NOUNS or any(word in _MANNER_CUES for word in before)
        return content >= 3 or cued

    def _hinted(self, phrase: tuple[str, ...], first: int, size: int) -> frozenset[int]:
        """Cards that a tag, or else a description word, may mean here; empty without a cue."""
        tagged = self.index.tags.get(phrase, frozenset())
        told = self.index.described.get(phrase[0], frozenset()) if size == 1 else frozenset()
        if not tagged and not told:
            return frozenset()
        if not tagged and len(told) > _MOST_TOLD:
            return frozenset()
        kinds = {self.index.cards[place].kind for place in tagged or told}
        last = first + size - 1
        cued = {kind for kind in kinds if cued_at(self.script, self.words, first, last, kind)}
        cards = self.index.cards
        return frozenset(place for place in tagged or told if cards[place].kind in cued)

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
        wanted = tuple(
            handle
            for handle in handles
            if typo or not self._is_meant_otherwise(handle, first, last)
        )
        if not wanted:
            self.plain[first : first + size] = b"\x01" * size
            self._doubt(first, last, handles)
            return False
        way = wanted[0].way
        how: How = "typo" if typo else "name" if way in ("name", "alias") else way  # type: ignore[assignment]
        meant = wanted[0].phrase if typo else ()
        self._settle(first, size, [handle.card for handle in wanted], how, meant)
        return True

    def _doubt(self, first: int, last: int, handles: tuple[Handle, ...]) -> None:
        """Ask about a thing that could be a look as well: "a knight in a fever dream"."""
        cards = [handle.card for handle in handles]
        for place in cards:
            if not may_be_a_look(self.script, self.words, first, last, self.index.cards[place]):
                return
        start, end = self.script.tokens[first].start, self.script.tokens[last].end
        said = self.script.text[start:end]
        self.doubts.append(Doubt(said, tuple(cards[:MOST_ASKED]), first, last))

    def _is_meant_otherwise(self, handle: Handle, first: int, last: int) -> bool:
        card = self.index.cards[handle.card]
        if card.kind == "character" and self._is_one_of_several(first, last):
            return False
        if is_one_of_a_kind(self.words, first, card):
            return True
        if handle.is_plain:
            return is_ordinary_use(self.script, self._words_beside(last), first, last, card)
        return is_other_thing(self.script, self.words, first, last, card, handle.way)

    def _is_one_of_several(self, first: int, last: int) -> bool:
        """Beside somebody who is named, joined to them: "Kaze, Orla and bolt"."""
        characters = {
            place
            for mention in self.mentions
            if self.index.cards[mention.card].kind == "character"
            for place in (mention.first, mention.last)
        }
        if first >= 2 and self.words[first - 1] in _JOINS_NAMES and first - 2 in characters:
            return True
        follows = self.words[last + 1 : last + 3]
        if len(follows) < 2 or follows[0] not in _JOINS_NAMES:
            return False
        return last + 2 in characters or self._is_bare_pair(first, follows)

    def _is_bare_pair(self, first: int, follows: tuple[str, ...]) -> bool:
        """Two names of ordinary words, neither with an article: "a heist with rook and wren"."""
        before = self.words[first - 1] if first else ""
        handles = self.index.calls.get(follows[1:], ())
        is_named = any(self.index.cards[handle.card].kind == "character" for handle in handles)
        return is_named and follows[0] == "and" and before not in DETERMINERS | THINGS_BEFORE

    def _words_beside(self, last: int) -> tuple[str, ...]:
        """The words, without a look's name of several words right behind: it is no noun of this."""
        if any(m.first == last + 1 and m.last > m.first for m in self.mentions):
            return (*self.words[: last + 1], "", *self.words[last + 2 :])
        return self.words

    def _settle(
        self, first: int, size: int, cards: list[int], how: How, meant: tuple[str, ...] = ()
    ) -> None:
        last = first + size - 1
        self.used[first : first + size] = b"\x01" * size
        start, end = self.script.tokens[first].start, self.script.tokens[last].end
        cards = self._told_apart(list(dict.fromkeys(cards)), first, last)
        if len(cards) == 1:
            self.mentions.append(Mention(cards[0], how, first, last, start, end, meant))
        else:
            said = self.script.text[start:end]
            self.doubts.append(Doubt(said, tuple(cards[:MOST_ASKED]), first, last))

    def _told_apart(self, cards: list[int], first: int, last: int) -> list[int]:
        """Of several looks the one whose own words stand beside: "that pale anime look"."""
        if len(cards) < 2 or "or" in self.words[max(0, first - 2) : first]:
            return cards
        beside = {
            word
            for word in (*self._run_before(first), *self._run_after(last))
            if word not in STYLE_NOUNS
        }
        beside |= {_stem(word) for word in beside}
        points = {card: len(beside & self.index.own_words(card)) for card in cards}
        best = max(points.values())
        leading = [card for card in cards if points[card] == best]
        return leading if best and len(leading) == 1 else cards

    def _run_before(self, first: int) -> Iterable[str]:
        """Up to three words before that belong to the same phrase."""
        for place in range(first - 1, max(-1, first - 4), -1):
            gap = self.script.text[
                self.script.tokens[place].end : self.script.tokens[place + 1].start
            ]
            if gap.strip(" -") or self.words[place] in _PHRASE_ENDS:
                return
            yield self.words[place]

    def _run_after(self, last: int) -> Iterable[str]:
        for place in range(last + 1, min(len(self.words), last + 3)):
            gap = self.script.text[
                self.script.tokens[place - 1].end : self.script.tokens[place].start
            ]
            if gap.strip(" -") or self.words[place] in _PHRASE_ENDS:
                return
            yield self.words[place]


def _stem(word: str) -> str:
    """Splashy is splash."""
    for ending in ("ly", "ish", "ed", "y"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


_JOINS_NAMES = frozenset(
    {"and", "with", "plus", "vs", "versus", "x", "und", "mit", "et", "avec", "y", "con"}
)
_JOINING = frozenset({"a", "an", "the", "of", "and", "with", "in", "on", "from", "very"})
_MANNER_CUES = frozenset({"in", "like", "as", "style", "look"})
_LENS = frozenset({"lens", "view", "perspective"})
_PHRASE_ENDS = frozenset(
    {"of", "in", "on", "at", "with", "and", "or", "for", "by", "the", "a", "an", "to", "from"}
    | {"over", "under", "near"}
)
