"""Two places of different platforms become one space, and two again."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.messages import Author, Invoke, Level, Outbound, Space, Words
from bot.messages import Place as Channel
from bot.policy import Refusal, refusal
from bot.web.places import Place
from bot.wiring import Bot, build
from engine.api import HouseRules, Linked, set_at
from engine.messages import JobId, PersonId, SpaceId
from tests.fakes.engine_room import open_room
from tests.fakes.platform import FakePlatform, Pauses, inbound

GUILD = Space(id=SpaceId("fake:guild"), title="The guild", kind="guild")
CHAT = Space(id=SpaceId("fake:chat"), title="The chat", kind="chat")


class Town:
    """A bot with two places, and words to act in them."""

    def __init__(self, bot: Bot, platform: FakePlatform) -> None:
        self.bot, self.platform, self._acts = bot, platform, 0

    async def uses(
        self, space: Space, name: str, level: Level = Level.ADMIN, **options: str
    ) -> Outbound:
        self._acts += 1
        act = Invoke(name=name, options=options)
        said = inbound(act, id=f"a{self._acts}", space=space, level=level)
        await self.bot.router.receive(said)
        return self.platform.newest

    async def draws(self, space: Space, words: str, person: str) -> JobId:
        self._acts += 1
        said = inbound(Words(text=words), id=f"a{self._acts}", space=space, person=person)
        await self.bot.router.receive(said)
        job = self.platform.newest.job
        assert job is not None, self.platform.newest.text
        return job

    async def code(self, space: Space = GUILD) -> str:
        told = await self.uses(space, "settings", action="link")
        assert told.private
        found = re.search(r"code=(\w+)", told.text)
        assert found is not None
        return found[1]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_room(tmp_path, workers=0) as room:  # requests wait, so each shows its place
        platform = FakePlatform()
        yield Town(build(room.engine, {"fake": platform}, Pauses()), platform)


async def test_a_code_makes_two_places_one_and_unlinking_two_again(town: Town) -> None:
    await town.uses(CHAT, "settings", rating="suggestive")
    await town.uses(GUILD, "moderation", action="block", about="grot")
    before = await town.draws(CHAT, "a grot", "bo")
    code = await town.code()
    told = await town.uses(CHAT, "settings", action="link", code=code)
    assert "The guild" in told.text
    assert "confirm=yes" in told.text
    done = await town.uses(CHAT, "settings", action="link", code=code, confirm="yes")
    assert "one with The guild" in done.text
    card = await town.uses(CHAT, "moderation")
    assert [line.value for line in card.lines] == ["grot"]
    shown = await town.uses(GUILD, "show", id=await town.draws(CHAT, "a heart", "bo"))
    assert "a heart" in shown.text
    assert "a grot" in (await town.uses(GUILD, "show", id=before)).text
    await town.uses(CHAT, "settings", action="unlink")
    assert not (await town.uses(CHAT, "moderation")).lines
    rules = await town.bot.engine.house.rules(CHAT.id)
    assert rules.rating == "suggestive"
    assert "I know no picture" in (await town.uses(GUILD, "show", id=before)).text


async def test_a_code_works_once(town: Town) -> None:
    code = await town.code()
    other = CHAT.model_copy(update={"id": SpaceId("fake:other")})
    await town.uses(CHAT, "settings", action="link", code=code, confirm="yes")
    again = await town.uses(other, "settings", action="link", code=code, confirm="yes")
    assert "can't use" in again.text
    assert await town.bot.engine.house.main(other.id) is None


async def test_a_newer_code_voids_the_older(town: Town) -> None:
    old, new = await town.code(), await town.code()
    assert "can't use" in (await town.uses(CHAT, "settings", action="link", code=old)).text
    assert "The guild" in (await town.uses(CHAT, "settings", action="link", code=new)).text


async def test_codes_cannot_be_tried_for_ever(town: Town) -> None:
    code = await town.code()
    for _ in range(10):
        await town.uses(CHAT, "settings", action="link", code="wrong")
    told = await town.uses(CHAT, "settings", action="link", code=code, confirm="yes")
    assert "at most 10" in told.text
    assert await town.bot.engine.house.main(CHAT.id) is None


async def test_a_place_is_not_linked_with_itself_nor_by_members(town: Town) -> None:
    code = await town.code()
    assert "can't use" in (await town.uses(GUILD, "settings", action="link", code=code)).text
    told = await town.uses(CHAT, "settings", Level.MEMBER, action="link", code=code, confirm="yes")
    assert "to be an admin" in told.text


async def test_a_code_of_a_place_that_joined_is_one_of_its_main_place(town: Town) -> None:
    linking, mo = town.bot.engine.house.linking, PersonId("fake:mo")
    await town.uses(CHAT, "settings", action="link", code=await town.code(), confirm="yes")
    code = await town.code(CHAT)
    joined = await linking.join(code, Linked(SpaceId("fake:third"), "Third", "chat"), mo)
    assert joined.main.space == GUILD.id


async def test_a_place_that_others_joined_joins_none_and_hears_what_to_do(town: Town) -> None:
    other = Space(id=SpaceId("fake:other"), title="The other", kind="guild")
    await town.uses(CHAT, "settings", action="link", code=await town.code(), confirm="yes")
    code = await town.code(other)
    refused = await town.uses(GUILD, "settings", action="link", code=code, confirm="yes")
    assert "The chat joined this place" in refused.text
    again = await town.uses(CHAT, "settings", action="link", code=code, confirm="yes")
    assert "one with The guild already" in again.text
    await town.uses(GUILD, "settings", action="unlink", place="1")
    done = await town.uses(GUILD, "settings", action="link", code=code, confirm="yes")
    assert "one with The other" in done.text


async def test_the_main_side_sees_who_joined_and_puts_them_out(town: Town) -> None:
    await town.uses(CHAT, "settings", action="link", code=await town.code(), confirm="yes")
    card = await town.uses(GUILD, "settings")
    (line,) = [each for each in card.lines if each.name == "joined place 1"]
    assert line.value == "The chat; out again: /settings unlink place=1"
    there = {each.name: each.value for each in (await town.uses(CHAT, "settings")).lines}
    assert there["one with"] == "The guild"
    refused = await town.uses(CHAT, "settings", action="unlink", place="The chat")
    assert "to ask in The guild" in refused.text
    unknown = await town.uses(GUILD, "settings", action="unlink", place="nowhere")
    assert "The chat" in unknown.text
    told = await town.uses(GUILD, "settings", action="unlink", place="the chat")
    assert "The chat stands alone again" in told.text
    assert await town.bot.engine.house.main(CHAT.id) is None
    for space in (GUILD, CHAT):
        (newest, *_) = await town.bot.engine.house.log(space.id)
        assert (newest.what, newest.actor) == ("space.unlinked", "fake:ada")


async def test_channels_and_roles_are_each_places_own(town: Town) -> None:
    """Ids of one platform must lock nobody out on the other."""
    await town.uses(GUILD, "settings", channels="elsewhere", makers="artists")
    await town.uses(CHAT, "settings", action="link", code=await town.code(), confirm="yes")
    assert await town.draws(CHAT, "a heart", "bo")
    await town.uses(CHAT, "settings", channels="topic")
    shown = {line.name: line.value for line in (await town.uses(CHAT, "settings")).lines}
    assert (shown["channels"], shown["who may draw"]) == ("topic", "everyone")
    shown = {line.name: line.value for line in (await town.uses(GUILD, "settings")).lines}
    assert (shown["channels"], shown["who may draw"]) == ("elsewhere", "artists")
    rules = await town.bot.engine.house.rules(GUILD.id)
    assert refusal_of(rules.at(CHAT.id), "topic") is None
    assert refusal_of(rules.at(CHAT.id), "elsewhere") is not None
    await town.bot.engine.house.undo(GUILD.id, PersonId("fake:ada"))
    assert (await town.bot.engine.house.rules(GUILD.id)).at(CHAT.id).channels == ()


def refusal_of(rules: HouseRules, channel: str) -> Refusal | None:
    bo = Author(id=PersonId("fake:bo"), name="bo")
    return refusal("create", bo, Channel(id=channel), rules)


async def test_links_follow_places_whose_ids_change(tmp_path: Path) -> None:
    old, new, moved = SpaceId("t:old"), SpaceId("t:new"), SpaceId("d:moved")
    async with open_room(tmp_path) as room:
        house, spaces, ada = room.engine.house, room.engine.stores.spaces, PersonId("t:ada")
        main = Linked(GUILD.id, GUILD.title, GUILD.kind)
        code = await house.linking.offer(main, ada)
        await house.linking.join(code, Linked(old, "Old", "chat"), ada)
        await house.change(GUILD.id, ada, lambda held: set_at(held, old, {"channels": ("7",)}))
        assert await house.main(old) == main
        await spaces.move(old, new)
        assert await house.main(old) is None
        assert await house.main(new) == main
        assert (await house.rules(GUILD.id)).at(new).channels == ("7",)
        await spaces.move(GUILD.id, moved)
        assert await house.main(new) == Linked(moved, GUILD.title, GUILD.kind)


async def test_the_page_knows_a_linked_place_by_its_own_id(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        house, ada = room.engine.house, PersonId("web:ada")
        main = Linked(GUILD.id, GUILD.title, GUILD.kind)
        code = await house.linking.offer(main, ada)
        await house.linking.join(code, Linked(CHAT.id, CHAT.title, CHAT.kind), ada)
        place = await Place(CHAT, Level.ADMIN).linked(room.engine)
        assert (place.space.id, place.native) == (GUILD.id, CHAT.id)
        await house.linking.leave(CHAT.id, ada)
        alone = await Place(CHAT, Level.ADMIN).linked(room.engine)
        assert (alone.space, alone.native) == (CHAT, CHAT.id)
