"""Which places a visitor sees on the page, and what level they hold in each."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.linked import linked
from bot.messages import Attachment as Attached
from bot.messages import Author, Inbound, Invoke, Level, Press, Space, Words
from bot.messages import Place as Spot
from bot.permissions import NEEDS
from bot.policy import ratings
from engine.api import Engine, Visitor
from engine.errors import NotAllowed
from engine.messages import EVERY_RATING, PersonId, Rating, SpaceId

NAME = "web"
DM_TITLE = "Atelier"
MOST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A space as a visitor sees it."""

    space: Space
    level: Level
    home: Space | None = None
    """The place itself, where `space` is another that it is linked with."""

    @property
    def native(self) -> SpaceId:
        """The id by which the page knows the place, linked or not."""
        return (self.home or self.space).id

    async def linked(self, engine: Engine) -> "Place":
        """The same place, in the space that it uses."""
        space = await linked(engine, self.space)
        return self if space == self.space else replace(self, space=space, home=self.space)

    async def ratings(self, engine: Engine) -> frozenset[Rating]:
        """Ratings of looks that its visitor may see here; who vets them sees all."""
        if self.level >= Level.MODERATOR:
            return EVERY_RATING
        return ratings(Spot(), await engine.house.rules(self.space.id))

    def require(self, level: Level, what: str) -> None:
        """Raises `NotAllowed` for an act that needs more than its visitor holds here now."""
        if self.level < level:
            raise NotAllowed(what=what, needs=NEEDS[level].say())

    def told(self) -> dict[str, str]:
        """As the page gets it."""
        return {
            "id": self.space.id,
            "title": self.space.title,
            "kind": self.space.kind,
            "level": self.level.name.lower(),
        }


def channels(titles: Iterable[str]) -> tuple[Space, ...]:
    """The places of the settings: titles for people, ids made from them."""
    return tuple(
        Space(id=SpaceId(f"{NAME}:{slug(title)}"), title=title, kind="guild") for title in titles
    )


def slug(title: str) -> str:
    """A title as a part of an id: letters, digits and hyphens."""
    flat = unicodedata.normalize("NFKD", title).casefold()
    kept = re.sub(r"[^\w]+", "-", "".join(c for c in flat if not unicodedata.combining(c)))
    return kept.strip("-")[:MOST_SLUG] or "place"


def dm(person: PersonId) -> Space:
    """The visitor's own talk with the bot."""
    return Space(id=SpaceId(f"{NAME}:dm:{person}"), title=DM_TITLE, kind="dm")


def places(visitor: Visitor, common: tuple[Space, ...]) -> tuple[Place, ...]:
    """The common channels, the places that the visitor came from, the DM last."""
    level = Level(visitor.level)
    seen = {space.id: Place(space, level) for space in common}
    for space_id, title, held in visitor.spaces:
        space = Space(id=SpaceId(space_id), title=title, kind="guild")
        seen[space.id] = Place(space, max(level, Level(held)))
    own = dm(visitor.person)
    return (*seen.values(), Place(own, level))


def inbound(
    visitor: Visitor,
    place: Place,
    act: Words | Invoke | Press,
    act_id: str,
    attachments: tuple[Attached, ...] = (),
    locale: str = "",
) -> Inbound:
    """An act of a visitor in a place, with everything around it."""
    author = Author(id=visitor.person, name=visitor.name, level=place.level, locale=locale)
    return Inbound(
        id=f"{visitor.person}:{act_id}",
        platform=NAME,
        author=author,
        space=place.space,
        home=place.home,
        conversation=f"{place.native}:{visitor.person}",
        address=Address(place.native, visitor.person, visitor.name).written(),
        act=act,
        place=Spot(kind="direct" if place.native == dm(visitor.person).id else "channel"),
        attachments=attachments,
    )


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes: the place, and the person whose act it answers."""

    space: SpaceId
    person: PersonId
    name: str

    def written(self) -> str:
        """As a platform's address; the name comes last, since it may hold anything."""
        return f"{self.space}\n{self.person}\n{self.name}"

    @classmethod
    def read(cls, address: str) -> "Address":
        """Take a written one apart; raises `ValueError` for anything else."""
        space, person, name = address.split("\n", 2)
        return cls(SpaceId(space), PersonId(person), name)
