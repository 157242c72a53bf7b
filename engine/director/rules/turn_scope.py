"""What short turns are measured by: the newest picture, and words that say nothing of one."""

from collections.abc import Iterable

from engine.director.reader import Room
from engine.director.rules import turn_words as known
from engine.director.rules.index import Index
from engine.director.rules.mentions import find
from engine.director.rules.text import Script, folded_words
from engine.messages import JobId


def last_job(room: Room) -> JobId | None:
    """The newest job of the conversation."""
    return next((turn.job for turn in reversed(room.turns) if turn.job is not None), None)


def closed(words: Iterable[str], *allowed: Iterable[str]) -> bool:
    """Whether every word is among those that say nothing about a picture."""
    room = known.FILLER.union(*allowed)
    return all(word in room for word in words)


def drawn_words(room: Room) -> frozenset[str]:
    """Words of the newest picture: "cancel the boat", "is my boat ready"."""
    for turn in reversed(room.turns):
        if turn.plan is not None:
            return frozenset(folded_words(turn.plan.words)[:200])
    return frozenset()


def names_look(text: str, index: Index) -> bool:
    """Whether the words call a look, or several."""
    found = find(Script(text), index)
    return bool(found.mentions or found.doubts)
