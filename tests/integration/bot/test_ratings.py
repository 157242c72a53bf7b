"""A look rated above what a place shows is not met there by anybody: listed, sought, suggested."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.linked import ratings_shown
from bot.menu import suggest
from bot.messages import Invoke, Level, Outbound, Place, Words
from bot.wiring import Bot, build
from engine import wiring
from engine.api import CardEdit
from engine.messages import Owner
from tests.fakes.engine_room import Room, open_room
from tests.fakes.platform import SPACE, FakePlatform, inbound

LINES = ("/looks", "/looks neon", "/lora list", "/lora list neon", "/lora info zeon")
SAID = ("what looks do you have?", "any neon looks?", "what is neno?", "what is Zeon")
GENERAL, ADULT = Place(id="1"), Place(id="2", is_age_restricted=True)


@dataclass
class Hall:
    """A bot on a real engine with the looks of the demo, of which Neon is rated mature."""

    room: Room
    bot: Bot
    platform: FakePlatform
    acts: int = 0

    async def hears(
        self, said: str, place: Place = GENERAL, level: Level = Level.MEMBER
    ) -> Outbound:
        self.acts += 1
        name, _, rest = said[1:].partition(" ")
        act: Words | Invoke = Words(text=said)
        if said.startswith("/"):
            act = Invoke(name=name, options=COMMANDS.get(name).parse(rest))
        await self.bot.router.receive(inbound(act, id=f"act-{self.acts}", level=level, place=place))
        return self.platform.newest

    async def suggested(self, typed: str, place: Place) -> list[str]:
        engine = self.room.engine
        owner = Owner(space=SPACE.id, person=inbound(Words(text="x")).author.id)
        shown = await ratings_shown(engine, owner, SPACE.id, place)
        return [each.value for each in await suggest(engine, owner, shown, "looks", typed)]


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    platform = FakePlatform()
    async with open_room(tmp_path) as room:
        await wiring.furnish_demo(room.engine, SPACE.id)
        vetting, moderator = room.engine.registry.vetting, inbound(Words(text="x")).author.id
        entry = await vetting.named(SPACE.id, "Neon")
        await vetting.edit(SPACE.id, entry.id, moderator, CardEdit(rating="mature"))
        bot = build(room.engine, {"fake": platform})
        await bot.delivery.start()
        yield Hall(room, bot, platform)
        await bot.delivery.stop()


def tells_of_neon(shown: Outbound) -> bool:
    """By its name as a look is called; what was typed may be repeated."""
    return "Neon" in json.dumps(shown.model_dump(mode="json", exclude={"images"}))


@pytest.mark.parametrize("said", [*LINES, *SAID])
async def test_a_general_place_never_tells_of_it(hall: Hall, said: str) -> None:
    assert not tells_of_neon(await hall.hears(said))


@pytest.mark.parametrize("said", ["/looks", "/lora list", "/lora info neon", "any neon looks?"])
async def test_a_place_for_adults_does(hall: Hall, said: str) -> None:
    assert tells_of_neon(await hall.hears(said, ADULT))


async def test_its_card_is_not_there_by_its_exact_name(hall: Hall) -> None:
    answer = await hall.hears("/lora info neon")
    assert not answer.lines
    assert "trigger" not in answer.text
    assert (await hall.hears("/lora info zib")).title == "Zib"


async def test_who_vets_looks_finds_it_in_the_list_and_by_name(hall: Hall) -> None:
    listed = await hall.hears("/lora list", level=Level.MODERATOR)
    assert "Neon" in [line.name for line in listed.lines]
    assert (await hall.hears("/lora info neon", level=Level.MODERATOR)).title == "Neon"


@pytest.mark.parametrize("typed", ["", "ne", "neon"])
async def test_it_is_suggested_only_where_it_may_be_seen(hall: Hall, typed: str) -> None:
    assert "Neon" not in await hall.suggested(typed, GENERAL)
    assert "Neon" in await hall.suggested(typed, ADULT)
