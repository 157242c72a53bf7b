"""The ladder of privilege."""

import pytest

from bot import permissions
from bot.command import Command, command
from bot.messages import Author, Level, Outbound
from bot.options import Options
from engine.errors import NotAllowed
from engine.messages import PersonId


async def nothing(*_: object) -> Outbound:
    return Outbound()


VET: Command = command(
    name="vet", summary="Vet", options=Options, handle=nothing, examples=(), level=Level.MODERATOR
)


def who(level: Level) -> Author:
    return Author(id=PersonId("fake:ada"), name="Ada", level=level)


@pytest.mark.parametrize("level", [Level.MODERATOR, Level.ADMIN, Level.HOST])
def test_a_level_includes_those_below(level: Level) -> None:
    permissions.check(who(level), VET)


def test_too_low_a_level_is_told_what_would_be_enough() -> None:
    with pytest.raises(NotAllowed) as caught:
        permissions.check(who(Level.MEMBER), VET)
    assert caught.value.facts == {"what": "use /vet", "needs": "to be a moderator"}


def test_help_lists_only_what_a_person_may_use() -> None:
    assert permissions.usable(who(Level.MEMBER), (VET,)) == ()
    assert permissions.usable(who(Level.ADMIN), (VET,)) == (VET,)
