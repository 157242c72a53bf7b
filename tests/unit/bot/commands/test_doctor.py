"""`/doctor` in chat."""

from bot.messages import Level
from tests.unit.bot.conftest import Ada


async def test_admins_see_how_all_is(ada: Ada) -> None:
    card = await ada.uses("doctor", level=Level.ADMIN)
    told = {line.name: line.value for line in card.lines}
    assert card.private
    assert "in memory" in told["database"]
    assert told["waiting"] == "0"
    assert told["bases"] == "miniature"


async def test_members_are_told_who_may(ada: Ada) -> None:
    assert "to be an admin" in (await ada.uses("doctor")).text
