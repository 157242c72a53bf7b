"""Places of a visitor, and addresses of answers."""

import pytest

from bot.messages import Level
from bot.web.places import Address, channels, places, slug
from engine.api import Visitor
from engine.messages import PersonId, SpaceId

ADA = PersonId("discord:1")


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Studio", "studio"), ("Über uns & mehr", "uber-uns-mehr"), ("  ", "place"), ("東京", "東京")],
)
def test_a_title_becomes_an_id(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_a_visitor_sees_the_channels_their_guild_and_their_dm() -> None:
    visitor = Visitor(ADA, "Ada", 0, (("discord:9", "The guild", 2),))
    seen = places(visitor, channels(("Studio",)))
    assert [(place.space.id, place.level) for place in seen] == [
        ("web:studio", Level.MEMBER),
        ("discord:9", Level.ADMIN),
        ("web:dm:discord:1", Level.MEMBER),
    ]


def test_the_host_is_host_everywhere() -> None:
    visitor = Visitor(ADA, "Ada", 3, (("discord:9", "The guild", 1),))
    assert {place.level for place in places(visitor, channels(("Studio",)))} == {Level.HOST}


def test_an_address_is_read_back_whatever_the_name_holds() -> None:
    address = Address(SpaceId("web:studio"), ADA, "A\nB")
    assert Address.read(address.written()) == address
    with pytest.raises(ValueError):
        Address.read("nowhere")
