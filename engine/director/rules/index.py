"""All the ways in which the cards of one space can be named, ready for looking up."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from engine.director.dictionary import is_ordinary, is_real
from engine.director.rules.art_words import TITLES
from engine.director.rules.text import folded_words
from engine.director.rules.vocabulary import GENERIC
from engine.messages import Card, LoraKind
from engine.registry.search import Searchable

Way = Literal["name", "alias", "trigger", "part"]
Phrase = tuple[str, ...]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VERSION = re.compile(r"v?\d+(?:\.\d+)?|xl|sd|sdxl|sd15|flux|lora|locon|final|epoch\d*|pony|il")
MANNER_KINDS = frozenset({"style", "lighting", "effect", "concept"})
MOST_COMPARED = 3_000
"""Above so many words a misspelling is looked for among those that begin alike."""
LONGEST_PHRASE = 8
"""Words of the longest name or trigger that is looked for."""


@dataclass(frozen=True, slots=True)
class Handle:
    """One phrase that names a card, and what kind of evidence it is."""

    phrase: Phrase
    card: int
    way: Way
    is_plain: bool
    """Only ordinary words: alone they may mean something else."""


def name_words(name: str) -> Phrase:
    """The words of a card's name: file-name spellings are taken apart."""
    return folded_words(_CAMEL.sub(" ", name.replace("_", " ")))


def _without_version(phrase: Phrase) -> Phrase:
    kept = tuple(word for word in phrase if not _VERSION.fullmatch(word))
    if len(kept) == 1 and len(phrase) > 1 and is_generic(kept):
        return phrase
    return kept or phrase


def is_generic(phrase: Phrase) -> bool:
    """Only ordinary or over-used words: as a trigger it never calls its LoRA alone."""
    return all(word in GENERIC or is_ordinary(word) for word in phrase)


@dataclass(frozen=True)
class Index:
    """Phrases that call a card, and tags and description words that may only hint at one."""

    cards: tuple[Card, ...]
    calls: dict[Phrase, tuple[Handle, ...]]
    """Names, aliases, specific triggers and unmistakable parts of names."""
    tags: dict[Phrase, frozenset[int]]
    """Tags, and parts of names: they count only beside a cue such as "style"."""
    described: dict[str, frozenset[int]]
    """Words of descriptions: the weakest hint."""
    generic_triggers: dict[Phrase, frozenset[int]]
    starts: dict[str, tuple[Handle, ...]] = field(default_factory=dict)
    """First word -> handles, longest first."""

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """Every word of every handle: what a misspelling is compared with."""
        found = {
            word
            for handles in self.calls.values()
            for handle in handles
            if handle.way != "part"
            for word in handle.phrase
            if len(word) >= 3 and not word.isdigit()
        }
        return tuple(sorted(found))

    def near_vocabulary(self, typed: str) -> tuple[str, ...]:
        """Words that a misspelling is compared with; of very many only likely beginnings."""
        if len(self.vocabulary) <= MOST_COMPARED:
            return self.vocabulary
        begins = dict.fromkeys((typed[:1], typed[1:2]))
        return tuple(word for first in begins for word in self._by_first.get(first, ()))

    @cached_property
    def _by_first(self) -> dict[str, tuple[str, ...]]:
        table: dict[str, list[str]] = defaultdict(list)
        for word in self.vocabulary:
            table[word[:1]].append(word)
        return {first: tuple(words) for first, words in table.items()}

    @cached_property
    def manners(self) -> dict[str, frozenset[int]]:
        """Word -> styles, lights, effects and concepts that say it of themselves."""
        table: dict[str, set[int]] = defaultdict(set)
        for place, card in enumerate(self.cards):
            if card.kind in MANNER_KINDS:
                for word in self.own_words(place):
                    if len(word) > 2 and word not in GENERIC:
                        table[word].add(place)
        return {word: frozenset(places) for word, places in table.items()}

    @cached_property
    def kinds(self) -> dict[str, LoraKind]:
        """Name -> kind."""
        return {card.name: card.kind for card in self.cards}

    @cached_property
    def subjects(self) -> frozenset[str]:
        """Names of the characters and objects."""
        return frozenset(n for n, kind in self.kinds.items() if kind in ("character", "object"))

    def warm(self) -> "Index":
        """Make ready what the first request would wait for."""
        _ = self.manners, self.vocabulary, self.phrases_with, self._by_first
        _ = self.kinds, self.subjects
        return self

    @cached_property
    def searchable(self) -> Searchable:
        """The cards made ready for searches."""
        return Searchable(self.cards)

    def own_words(self, place: int) -> frozenset[str]:
        """Every word that a card says of itself, common ones too."""
        card = self.cards[place]
        said = (card.name, *card.aliases, *card.tags, card.description[:1_000])
        return frozenset(word for text in said for word in name_words(text))

    @cached_property
    def phrases_with(self) -> dict[str, tuple[Phrase, ...]]:
        """Word -> the phrases that contain it."""
        table: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.calls:
            for word in set(phrase):
                table[word].append(phrase)
        return {word: tuple(phrases) for word, phrases in table.items()}


def build(cards: Iterable[Card]) -> Index:
    """The index of one space's cards; pure, linear in the number of cards."""
    shelf = tuple(cards)
    calls: dict[Phrase, list[Handle]] = defaultdict(list)
    tags: dict[Phrase, set[int]] = defaultdict(set)
    described: dict[str, set[int]] = defaultdict(set)
    generic: dict[Phrase, set[int]] = defaultdict(set)
    for place, card in enumerate(shelf):
        for handle in _handles(place, card):
            _add(calls, handle)
        for trigger in card.triggers:
            phrase = folded_words(trigger.word)[:LONGEST_PHRASE]
            if phrase and is_generic(phrase):
                generic[phrase].add(place)
        for phrase in _hints(card):
            tags[phrase].add(place)
        for word in folded_words(card.description[:1_000]):
            if len(word) > 2 and word not in GENERIC:
                described[word].add(place)
    frozen = {phrase: tuple(handles) for phrase, handles in calls.items()}
    whole = Index(
        cards=shelf,
        calls=frozen,
        tags={phrase: frozenset(places) for phrase, places in tags.items()},
        described={word: frozenset(places) for word, places in described.items()},
        generic_triggers={phrase: frozenset(places) for phrase, places in generic.items()},
        starts=_starts(frozen),
    )
    return whole.warm()


def _handles(place: int, card: Card) -> Iterable[Handle]:
    for way, name in (("name", card.name), *(("alias", alias) for alias in card.aliases[:50])):
        whole = name_words(name)[:LONGEST_PHRASE]
        if not whole:
            continue
        spellings = {whole, _without_version(whole), folded_words(name)[:LONGEST_PHRASE]}
        spellings |= set(_short_forms(whole))
        if len(whole) == 2 and card.kind in ("style", "lighting", "effect"):
            spellings.add((whole[1], whole[0]))
        joined: dict[Phrase, Phrase] = {
            ("".join(phrase),): phrase for phrase in spellings if len(phrase) > 1
        }
        spellings |= joined.keys()
        for phrase in spellings:
            letters = "".join(phrase)
            if len(letters) > 1 and not letters.isdigit():
                plain = _is_plain(joined.get(phrase, phrase), card.kind)
                yield Handle(phrase, place, "name" if way == "name" else "alias", plain)
        yield from _parts(place, card, _without_version(whole))
    for trigger in card.triggers[:50]:
        phrase = folded_words(trigger.word)[:LONGEST_PHRASE]
        if phrase and not is_generic(phrase):
            yield Handle(phrase, place, "trigger", False)


def _is_plain(phrase: Phrase, kind: LoraKind) -> bool:
    """Ordinary words; of a manner proper names as well: "graham cracker", "paris cafe"."""
    if len(phrase) < 2 or kind not in MANNER_KINDS or not is_ordinary(phrase[-1]):
        return is_generic(phrase)
    return all(word in GENERIC or is_real(word) for word in phrase)


def _short_forms(whole: Phrase) -> Iterable[Phrase]:
    """Short forms: "capt brass" for "Captain Brass"."""
    for at, word in enumerate(whole if len(whole) > 1 else ()):
        for short in TITLES.get(word, ()):
            yield (*whole[:at], short, *whole[at + 1 :])


def _parts(place: int, card: Card, whole: Phrase) -> Iterable[Handle]:
    """Words of a longer name that are no ordinary words: "Mira" of "Mira Voss"."""
    if len(whole) > 1:
        for word in whole:
            if card.kind != "character":
                continue
            known = is_ordinary(word)
            if len(word) > 2 and word not in GENERIC and not known:
                yield Handle((word,), place, "part", False)


def _hints(card: Card) -> Iterable[Phrase]:
    for tag in card.tags[:100]:
        phrase = folded_words(tag)[:LONGEST_PHRASE]
        if phrase and not GENERIC.issuperset(phrase):
            yield phrase
    whole = _without_version(name_words(card.name))
    for word in whole:
        if len(word) > 2 and word not in GENERIC:
            yield (word,)


def _add(calls: dict[Phrase, list[Handle]], handle: Handle) -> None:
    """Keep the strongest evidence only: a name outranks a trigger, a trigger a part."""
    rank = {"name": 0, "alias": 0, "trigger": 1, "part": 2}
    known = calls[handle.phrase]
    best = min((rank[other.way] for other in known), default=9)
    if rank[handle.way] < best:
        known[:] = [handle]
    elif rank[handle.way] == best and all(other.card != handle.card for other in known):
        known.append(handle)


def _starts(calls: dict[Phrase, tuple[Handle, ...]]) -> dict[str, tuple[Handle, ...]]:
    starts: dict[str, list[Handle]] = defaultdict(list)
    for handles in calls.values():
        for handle in handles:
            starts[handle.phrase[0]].append(handle)
    return {
        word: tuple(sorted(handles, key=lambda handle: -len(handle.phrase)))
        for word, handles in starts.items()
    }
