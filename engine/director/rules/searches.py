"""Which looks a question searches for: those of the kind and for the base that its words name."""

from engine.director.rules.index import Index
from engine.messages import Base, Reading
from engine.registry.sought import MOST, find, read_search, widened

MOST_FAMILIES_FROM = 2_000
"""Cards whose families are known by name in a question."""


def searched(plain: str, query: str, index: Index, bases: tuple[Base, ...]) -> Reading:
    """What a question searches for, and what that finds; `query` is it without the asking."""
    asked = read_search(plain, query, bases=bases, cards=index.cards[:MOST_FAMILIES_FROM])
    search = widened(asked, index.searchable)
    names = tuple(card.name for card in find(search, index.searchable)[:MOST])
    said = " ".join(query.split())[:80]
    reply = "" if names or not said else f"I found no look for \u201c{said}\u201d."
    return Reading(intent=search, results=names, reply=reply)
