"""Links in both databases: no ring however two places join, and looks that come along."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.errors import AtelierError, BadRequest, CannotLink
from engine.messages import Card, EntryId, PersonId, Sha256, SpaceId, Trigger
from engine.storage.audit import AuditStore
from engine.storage.bringing import Along
from engine.storage.database import Database
from engine.storage.entries import EntryState, EntryStore, FileFacts, NewEntry
from engine.storage.links import Joining, Linked, LinkStore
from tests.fakes.jobs import NOON

ADA = PersonId("fake:ada")
GUILD = Linked(SpaceId("d:guild"), "The guild", "guild")
CHAT = Linked(SpaceId("t:chat"), "The chat", "chat")


class Shelf:
    """Entries and links of one process."""

    def __init__(self, database: Database) -> None:
        self.entries = EntryStore(database)
        self.links = LinkStore(database, self.entries)
        self.audit = AuditStore(database)

    async def offers(self, place: Linked) -> str:
        code = f"code of {place.space}"
        await self.links.offer(code, place, NOON.replace(year=NOON.year + 1))
        return code

    async def joins(self, place: Linked, code: str, *, brings: bool = False) -> Joining:
        return await self.links.join(code, place, ADA, NOON, brings=brings)

    async def has(
        self, place: Linked, name: str, letter: str, state: EntryState = "approved"
    ) -> EntryId:
        card = Card(
            name=name, kind="style", family="sdxl", triggers=(Trigger(word="glow"),),
            weight=0.7, rating="suggestive",
        )  # fmt: skip
        file = FileFacts(Sha256(letter * 64), 10, "kohya", "lora", "sdxl")
        new = NewEntry(
            card, file, state, licence="CC0", consent="Bo agreed", answers={"person": "yes"}
        )
        return await self.entries.add(place.space, new, ADA, NOON)


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
async def other(url: str) -> AsyncIterator[Shelf]:
    """The same in another process."""
    database = await Database.open(url, busy_timeout_s=30)
    yield Shelf(database)
    await database.close()


@pytest.mark.parametrize("is_chat_first", [True, False])
async def test_two_places_that_join_each_other_at_once_make_one_link(
    shelf: Shelf, other: Shelf, is_chat_first: bool
) -> None:
    of_guild, of_chat = await shelf.offers(GUILD), await shelf.offers(CHAT)
    # Both are connected: from here on they take turns statement by statement.
    assert await shelf.links.joined(GUILD.space) == await other.links.joined(CHAT.space) == ()
    acts = [shelf.joins(CHAT, of_guild), other.joins(GUILD, of_chat)]
    ends = await asyncio.gather(*acts[:: 1 if is_chat_first else -1], return_exceptions=True)
    assert [type(end) for end in ends if isinstance(end, AtelierError)] == [BadRequest]
    mains = [await shelf.links.main(each.space) for each in (GUILD, CHAT)]
    assert len([main for main in mains if main]) == 1


async def test_a_code_that_is_offered_too_late_joins_nothing(shelf: Shelf) -> None:
    """The place joined another between the question and the code."""
    await shelf.joins(CHAT, await shelf.offers(GUILD))
    late = await shelf.offers(CHAT)
    with pytest.raises(BadRequest):
        await shelf.joins(GUILD, late)


async def test_only_a_place_that_stands_alone_joins(shelf: Shelf) -> None:
    third = Linked(SpaceId("d:third"), "Third", "guild")
    await shelf.joins(CHAT, await shelf.offers(GUILD))
    code = await shelf.offers(third)
    with pytest.raises(CannotLink) as refused:
        await shelf.joins(GUILD, code)
    assert refused.value.facts == {"why": "joined", "names": ("The chat",)}
    with pytest.raises(CannotLink) as refused:
        await shelf.joins(CHAT, code)
    assert refused.value.facts == {"why": "linked", "names": ("The guild",)}
    assert await shelf.links.leave(CHAT.space, ADA, NOON, third.space) is None
    assert await shelf.links.leave(CHAT.space, ADA, NOON, GUILD.space) == 0
    assert (await shelf.joins(GUILD, code)).main == third


async def test_looks_come_along_with_what_was_decided_of_them(shelf: Shelf) -> None:
    await shelf.has(GUILD, "Neon", "a")
    known = await shelf.has(CHAT, "Neon too", "a")
    other = await shelf.has(CHAT, "neon", "b")
    fresh = await shelf.has(CHAT, "Zib", "c")
    await shelf.has(CHAT, "Waits", "d", "pending")
    await shelf.has(GUILD, "Bad", "e", "rejected")
    turned = await shelf.has(CHAT, "Good", "e")
    code = await shelf.offers(GUILD)
    fates = (
        Along(turned, "Good", "rejected", "Good"),
        Along(other, "neon", "comes", "neon (The chat)"),
        Along(known, "Neon too", "known", "Neon too"),
        Along(fresh, "Zib", "comes", "Zib"),
    )
    assert (await shelf.links.offered(code, CHAT, NOON)).looks == fates
    assert [card.name for card in await shelf.entries.cards(GUILD.space)] == ["Neon"]

    assert (await shelf.joins(CHAT, code, brings=True)).looks == fates
    cards = await shelf.entries.cards(GUILD.space)
    assert [card.name for card in cards] == ["Neon", "neon (The chat)", "Zib"]
    came = await shelf.entries.by_name(GUILD.space, "Zib")
    assert came is not None
    was = await shelf.entries.get(fresh)
    assert was is not None
    assert came.card == was.card.model_copy(update={"entry": came.id})
    told = (came.state, came.licence, came.consent, came.answers, came.added_by)
    assert told == ("approved", "CC0", "Bo agreed", {"person": "yes"}, ADA)
    assert await shelf.links.origin(GUILD.space, came.id) == fresh
    assert await shelf.links.copy(GUILD.space, fresh) == came.id
    (place,) = await shelf.links.joined(GUILD.space)
    assert (place.title, place.looks) == ("The chat", 2)
    lines = [line.what for line in await shelf.audit.read(GUILD.space, 3)]
    assert lines == ["space.linked", "entry.brought", "entry.brought"]


async def test_what_came_along_leaves_with_its_place(shelf: Shelf) -> None:
    fresh = await shelf.has(CHAT, "Zib", "c")
    await shelf.joins(CHAT, await shelf.offers(GUILD), brings=True)
    assert await shelf.links.leave(CHAT.space, ADA, NOON) == 1
    assert await shelf.entries.cards(GUILD.space) == ()
    assert [card.entry for card in await shelf.entries.cards(CHAT.space)] == [fresh]
    await shelf.joins(CHAT, await shelf.offers(GUILD), brings=True)
    assert [card.name for card in await shelf.entries.cards(GUILD.space)] == ["Zib"]


async def test_without_bringing_both_registries_stay_as_they_were(shelf: Shelf) -> None:
    await shelf.has(CHAT, "Zib", "c")
    assert (await shelf.joins(CHAT, await shelf.offers(GUILD))).looks == ()
    assert await shelf.entries.cards(GUILD.space) == ()
    assert len(await shelf.entries.cards(CHAT.space)) == 1
