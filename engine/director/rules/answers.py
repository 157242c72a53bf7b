"""Answers to our own question: "the second one", "Neon", "neither"."""

import re
from dataclasses import dataclass

from engine.director.reader import Room
from engine.director.rules.index import Index, name_words
from engine.director.rules.mentions import find
from engine.director.rules.text import Script, folded_words
from engine.director.rules.vocabulary import GENERIC

_FIRST = re.compile(r"(?:the\s+)?(?:first|1st|1|former)(?:\s+(?:one|look))?", re.IGNORECASE)
_SECOND = re.compile(r"(?:the\s+)?(?:second|2nd|2)(?:\s+(?:one|look))?", re.IGNORECASE)
_LAST = re.compile(r"(?:the\s+)?(?:last|latter|third|3rd|3)(?:\s+(?:one|look))?", re.IGNORECASE)
_NONE = re.compile(
    r"(?:neither|none|no|nope|without|no\s+look|nothing)(?:\s+(?:of\s+(?:them|those|these)"
    r"|thanks))?",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:yes|yep|yeah|sure|ok(?:ay)?|do\s+it|use\s+it)", re.IGNORECASE)
_ASKED = re.compile(r"(?:could be|could mean the look) (?P<names>.+?)\. (?:Which|Shall)[^?]*\?$")
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """The words that the question was about, and the look chosen; None when none was wanted."""

    words: str
    chosen: str | None


def read_answer(plain: str, room: Room, index: Index) -> Answer | None:
    """The answer to the last turn's question; None when there was none, or this is none."""
    last = room.turns[-1] if room.turns else None
    asked = _ASKED.search(last.reply) if last is not None and last.job is None else None
    said = plain.strip(" ,.!?")
    if last is None or asked is None or len(said.split()) > MOST_WORDS:
        return None
    offered = re.split(r", | or ", asked["names"])
    if _NONE.fullmatch(said):
        return Answer(last.words, None)
    chosen = _by_place(said, offered) or _by_name(said, offered, index)
    return None if chosen is None else Answer(last.words, chosen)


def _by_place(said: str, offered: list[str]) -> str | None:
    if len(offered) == 1:
        return offered[0] if _YES.fullmatch(said) else None
    if _FIRST.fullmatch(said):
        return offered[0]
    if _SECOND.fullmatch(said):
        return offered[1]
    return offered[-1] if _LAST.fullmatch(said) else None


def _by_name(said: str, offered: list[str], index: Index) -> str | None:
    words = set(folded_words(said))
    found = [name for name in find(Script(said), index).names(index.cards) if name in offered]
    if not found:
        found = [name for name in offered if words & set(name_words(name))]
    if not found:
        cards = enumerate(index.cards)
        own = {card.name: index.own_words(place) for place, card in cards if card.name in offered}
        found = [name for name in offered if words & (own.get(name, frozenset()) - GENERIC)]
    if not found:
        found = [name for name in offered if said.casefold() in name.casefold().split()]
    return found[0] if len(found) == 1 else None
