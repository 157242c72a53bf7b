"""A space's cards as a real community might keep them, and a reader over them."""

from collections.abc import Callable

import pytest

from engine.director.reader import Room, Turn
from engine.director.rules import RulesReader
from engine.messages import Base, Card, Reading, Trigger

Read = Callable[..., Reading]


def words(*triggers: str) -> tuple[Trigger, ...]:
    return tuple(Trigger(word=word) for word in triggers)


CARDS: tuple[Card, ...] = (
    Card(
        name="Zib",
        kind="character",
        family="miniature",
        triggers=words("zibz creature"),
        tags=("mascot", "alien"),
        description="Our round teal visitor with one great eye",
    ),
    Card(
        name="Mira",
        kind="character",
        family="miniature",
        triggers=words("mirav girl"),
        tags=("girl", "plum hair"),
    ),
    Card(
        name="Captain Brass",
        aliases=("the captain of the Gull",),
        kind="character",
        family="miniature",
        triggers=words("cptbrs"),
        tags=("pirate", "robot"),
    ),
    Card(name="Rose", kind="character", family="miniature", triggers=words("rsq woman")),
    Card(
        name="Neon",
        aliases=("neon glow",),
        kind="style",
        family="miniature",
        triggers=words("nuvo neon"),
        tags=("glow", "cyberpunk"),
        weight=1.0,
    ),
    Card(
        name="Linocut",
        kind="style",
        family="miniature",
        triggers=words("lnct print"),
        tags=("print", "woodcut"),
        description="bold carved strokes in two plates",
    ),
    Card(
        name="Mosaic",
        aliases=("tiles",),
        kind="style",
        family="miniature",
        tags=("grid", "stone", "night"),
    ),
    Card(
        name="Golden Hour",
        kind="lighting",
        family="miniature",
        triggers=words("gldnhr light"),
        tags=("sunset", "warm light"),
    ),
    Card(
        name="Moon Lantern",
        kind="object",
        family="miniature",
        triggers=words("mnlntrn lantern"),
        tags=("lantern",),
    ),
    Card(
        name="Film Grain",
        kind="effect",
        family="sdxl",
        triggers=words("film grain"),
        tags=("analog",),
        weight=0.6,
    ),
    Card(
        name="Ink Wash",
        kind="style",
        family="sdxl",
        triggers=words("inkwsh"),
        tags=("ink", "sumi-e"),
        weight=0.8,
    ),
    Card(
        name="flat_anime_v2",
        kind="style",
        family="sdxl",
        triggers=words("digital illustration"),
        tags=("anime", "flat colors"),
    ),
    Card(
        name="Ghostly Anime",
        kind="style",
        family="sdxl",
        triggers=words("digital illustration", "ghstnm"),
        tags=("anime", "pale"),
    ),
    Card(
        name="Watercolour Dreams",
        aliases=("watercolor",),
        kind="style",
        family="sdxl",
        triggers=words("wtrclr style"),
        tags=("watercolor", "soft"),
    ),
    Card(name="Beautiful Faces", kind="concept", family="sdxl", triggers=words("beautiful")),
    Card(name="Detail Slider", kind="slider", family="sdxl"),
)
BASES: tuple[Base, ...] = (
    Base(name="miniature", family="miniature", folder="miniature"),
    Base(name="sdxl-house", family="sdxl", folder="sdxl"),
)


@pytest.fixture
def cards() -> tuple[Card, ...]:
    return CARDS


@pytest.fixture
def bases() -> tuple[Base, ...]:
    return BASES


@pytest.fixture
def read() -> Read:
    """Read words in a room with these cards, after these turns."""
    reader = RulesReader()

    def now(said: str, *turns: Turn, cards: tuple[Card, ...] = CARDS) -> Reading:
        return reader.read_now(said, Room(cards=cards, bases=BASES, turns=turns))

    return now
