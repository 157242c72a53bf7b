"""`/settings` as admins type it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

import pytest

from bot.messages import Inbound, Invoke, Level, Outbound
from engine.choices import HouseRules, Quota
from engine.messages import SpaceId
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import SPACE, FakePlatform, inbound

Do = Callable[[Inbound], Awaitable[Outbound]]


class Ada(Protocol):
    async def uses(
        self, name: str, /, person: str = "ada", level: Level = Level.MEMBER, **options: str
    ) -> Outbound: ...

    async def says(self, text: str, person: str = "ada") -> Outbound: ...


def told(card: Outbound) -> dict[str, str]:
    return {line.name: line.value for line in card.lines}


async def rules(engine: FakeEngine) -> HouseRules:
    return await engine.house.rules(SpaceId(SPACE.id))


async def test_members_may_not_even_look(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.uses("settings", rating="mature")
    assert "to be an admin" in answer.text
    assert await rules(engine) == HouseRules()


async def test_a_change_is_shown_and_undone(ada: Ada, engine: FakeEngine) -> None:
    card = await ada.uses("settings", level=Level.ADMIN, rating="suggestive", keep_days="30")
    assert told(card)["strongest rating"] == "suggestive"
    assert told(card)["kept for"] == "30 days"
    assert card.private
    card = await ada.uses("settings", level=Level.ADMIN, action="undo")
    assert told(card)["strongest rating"] == "general"
    assert await rules(engine) == HouseRules()


@pytest.mark.parametrize(
    ("option", "typed", "works"),
    [
        ("base", "nowhere", "miniature"),
        ("look", "Zibb", "/looks"),
        ("language", "klingon", "de"),
        ("keep_days", "soon", "forever"),
        ("keep_days", "0", "1 to 3650 days"),
        ("reports_to", "there", "here"),
        ("rating", "wild", "suggestive"),
    ],
)
async def test_what_cannot_be_names_what_works(
    ada: Ada, engine: FakeEngine, option: str, typed: str, works: str
) -> None:
    answer = await ada.uses("settings", level=Level.ADMIN, **{option: typed})
    assert works in answer.text
    assert await rules(engine) == HouseRules()


async def test_names_are_found_as_people_type_them(ada: Ada, engine: FakeEngine) -> None:
    await ada.uses(
        "settings", level=Level.ADMIN, look="zib", base="MINIATURE", language="Deutsch",
        channels="<#123> 456", moderators="<@&77>", reports_to="here",
    )  # fmt: skip
    assert await rules(engine) == HouseRules(
        look="Zib", base="miniature", language="de", channels=("123", "456"),
        moderators=("77",), reports_to=f"fake {SPACE.id}/channel",
    )  # fmt: skip


async def test_a_role_gets_a_share_and_loses_it(ada: Ada, engine: FakeEngine) -> None:
    await ada.uses("settings", level=Level.ADMIN, per_day="5")
    await ada.uses("settings", level=Level.ADMIN, per_day="50", for_role="<@&9>")
    kept = (await rules(engine)).quotas
    assert kept == (Quota(per_day=5), Quota(role="9", per_day=50))
    await ada.uses("settings", level=Level.ADMIN, for_role="everyone")
    assert (await rules(engine)).quotas == (Quota(role="9", per_day=50),)


async def test_mature_outside_is_refused_where_channels_carry_an_age_flag(
    ada: Ada, platform: FakePlatform, engine: FakeEngine
) -> None:
    platform.capabilities = replace(platform.capabilities, has_age_flags=True)
    answer = await ada.uses("settings", level=Level.ADMIN, rating="mature")
    assert "restricted_rating" in answer.text
    assert await rules(engine) == HouseRules()


async def test_a_chosen_role_makes_an_admin(ada: Ada, engine: FakeEngine, do: Do) -> None:
    await ada.uses("settings", level=Level.ADMIN, admins="crew")
    act = inbound(Invoke(name="settings"), id="x1", person="bob", roles=("crew",))
    card = await do(act)
    assert told(card)["admins, too"] == "crew"


async def test_another_channel_is_refused_with_the_way_out(ada: Ada, engine: FakeEngine) -> None:
    await ada.uses("settings", level=Level.ADMIN, channels="elsewhere")
    answer = await ada.says("Zib in neon")
    assert answer.job is None
    assert "direct conversation" in answer.text
