"""Whether the person's own words bear out what a language model proposes: pure rules.

A language model may be wrong, weak, or talked into something by what strangers wrote into the
cards. What costs or chooses something is taken only with evidence in the words of this person.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

from engine.director.dictionary import is_real
from engine.director.rules.index import is_generic, name_words
from engine.director.rules.text import folded_words
from engine.director.rules.turn_words import CANCEL, DELETE, FILLER
from engine.messages import Base, Card


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


Call = Literal["calls", "doubtful", "unfounded"]
ENOUGH: Final = 0.5
"""Least part of a prompt's words that must be the person's, now or earlier in the talk."""
PREFIX: Final = 5
"""Words that begin alike in so many letters are forms of one: "paint", "painted"."""
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_SUBJECTS: Final = frozenset({"character", "object"})
_MEASURES: Final = _set(
    """
    hint touch bit little lot slight slightly subtle subtly light lightly soft softly gentle gently
    mild faint weak weaker low lower less half quarter strong stronger strongly strength heavy
    heavily intense full max maximum double twice more much very high higher too way barely weight
    leicht schwach stark etwas halb mehr weniger leger fort peu moitie plus moins poco mitad fuerte
    mas menos leve metade forte mais"""
)
"""Words that speak of how strong a look shall be."""
_ENDINGS: Final = tuple(
    CANCEL
    | DELETE
    | _set(
        """
        off away rid gone undo unpost hide clear kick losch weg entfern brich storniere supprime
        efface enleve arrete annule borra elimina quita cancela apaga exclui remova pare"""
    )
)
"""How words begin without one of which nothing is taken back or deleted."""
_WIDE_ENDINGS: Final = ("\u524a\u9664", "\u6d88", "\u4e2d\u6b62", "\u505c\u6b62", "\u3084\u3081")
"""The same where no spaces stand between words."""


def call_of(evidence: str, card: Card, words: str) -> Call:
    """Whether these words call this look: its names, triggers, tags, or enough of what it is.

    Evidence that the person didn't type founds nothing: a description can't call itself. Words in
    a language that this house doesn't know may mean the look; one is asked.
    """
    said = folded_words(evidence)
    if not said or not _holds(folded_words(words), said):
        return "unfounded"
    if said in {name_words(name) for name in (card.name, *card.aliases)}:
        return "calls"
    triggers = {folded_words(trigger.word) for trigger in card.triggers}
    if said in triggers and is_generic(said):
        return "doubtful"
    telling = [word for word in said if word not in FILLER]
    if _shared(telling, (card.name, *card.aliases, *(trigger.word for trigger in card.triggers))):
        return "calls"
    tagged = _shared(telling, card.tags)
    described = tagged + _shared(telling, (card.description[:200],))
    if described > 1 or (tagged and card.kind not in _SUBJECTS):
        return "calls"
    if described or any(not (word.isascii() and is_real(word)) for word in telling):
        return "doubtful"
    return "unfounded"


def is_strength_said(strength: float, words: str) -> bool:
    """Whether the words hold this number, as such or in percent, or speak of strength at all."""
    if not _MEASURES.isdisjoint(folded_words(words)):
        return True
    return is_number_said(strength, words) or is_number_said(strength * 100, words)


def is_number_said(number: float, words: str) -> bool:
    """Whether the words hold a number, whatever its sign."""
    return any(abs(float(each) - abs(number)) < 1e-3 for each in _NUMBER.findall(words))


def is_drawn_from(prompt: str, sources: Iterable[str]) -> bool:
    """Whether enough of a prompt's words were said: it shall show what people asked for."""
    telling = [word for word in folded_words(prompt) if word not in FILLER]
    if not telling:
        return True
    text = " ".join(sources).casefold()
    known = set(folded_words(text))
    letters = set(text)
    held = sum(_is_known(word, known, letters) for word in telling)
    return held >= ENOUGH * len(telling)


def borne_out(parts: str, sources: Iterable[str]) -> str:
    """Of a list with commas what was said: nobody's picture loses what nobody mentioned."""
    told = tuple(sources)
    return ", ".join(
        part.strip() for part in parts.split(",") if part.strip() and is_drawn_from(part, told)
    )


def takes_back(words: str) -> bool:
    """Whether anything in the words speaks of ending, undoing or deleting."""
    if any(word in words for word in _WIDE_ENDINGS):
        return True
    return any(word.startswith(_ENDINGS) for word in folded_words(words))


def is_base(named: str, bases: tuple[Base, ...]) -> bool:
    """Whether a base or family of this name is here."""
    wanted = named.strip().casefold()
    return any(wanted in (base.name.casefold(), base.family.casefold()) for base in bases)


def _holds(typed: tuple[str, ...], said: tuple[str, ...]) -> bool:
    size = len(said)
    return any(typed[at : at + size] == said for at in range(len(typed) - size + 1))


def _shared(telling: list[str], texts: tuple[str, ...]) -> int:
    known = {word for word in folded_words(" ".join(texts)) if word not in FILLER}
    return sum(_is_known(word, known, set()) for word in set(telling))


def _is_known(word: str, known: set[str], letters: set[str]) -> bool:
    """The word itself, a form of it, or (without spaces between words) all of its letters."""
    if word in known:
        return True
    if word.isascii():
        stem = word[:PREFIX]
        return len(stem) == PREFIX and any(each.startswith(stem) for each in known)
    return bool(letters) and letters.issuperset(word)
