"""What goes wrong in a community's daily life, on Discord: docs/platforms.md lists it all."""

import pickle
import struct
from collections import Counter

import pytest

from engine.messages import PersonId, SpaceId
from tests.emulators.discord.people import Person
from tests.emulators.discord.world import ALL_RIGHTS, Message
from tests.fakes.engine_room import until
from tests.integration.bot.discord.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
PEOPLE = 40


def pictured(house: House, channel: int) -> list[Message]:
    return [each for each in house.world.by_bot(channel) if each.pictures]


async def drawing(house: House) -> Message:
    """Ada waits for a circle that is being drawn."""
    before = len(house.room.pool.orders)
    await house.ada.uses("create", house.channel, words="wait for a circle")
    shown = await house.ada.sees(house.channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > before)
    return shown


async def test_forty_people_at_once_are_all_answered_and_three_bad_pictures_harm_nobody(
    house: House,
) -> None:
    """The emulator takes no acknowledgement after three seconds, as Discord does."""
    people = [house.discord.person(f"Person {number}") for number in range(PEOPLE)]
    bad = {3: "a star that will crash", 11: "a star too large", 27: "freeze a star"}
    told = [
        await person.uses("create", house.channel, words=bad.get(number, "a red circle"))
        for number, person in enumerate(people)
    ]
    every = house.world.by_bot

    def is_over() -> bool:
        sorry = ["It cost you nothing" in each.text for each in every(house.channel)]
        is_drawn = len(pictured(house, house.channel)) == PEOPLE - len(bad)
        return is_drawn and sum(sorry) == len(bad)

    await house.world.until(is_over, patience_s=120)
    assert Counter(each.answer for each in told) == {5: PEOPLE}
    assert len(house.world.by_bot(house.channel)) == PEOPLE


async def test_a_look_that_is_retired_while_its_picture_waits_is_told_with_a_way_on(
    house: House,
) -> None:
    await drawing(house)
    held = house.room.pool.orders[-1].job
    bob = house.discord.person("Bob")
    await bob.uses("create", house.channel, words="a star in neon")
    every = house.world.by_bot
    await house.world.until(
        lambda: [each.labels for each in every(house.channel)] == [["cancel"], ["cancel"]]
    )
    space, mod = SpaceId(f"discord:{house.guild.id}"), PersonId("discord:1")
    cards = await house.room.engine.stores.entries.cards(space)
    (neon,) = [card.entry for card in cards if card.name == "Neon"]
    assert neon is not None
    await house.room.engine.registry.vetting.retire(space, neon, mod, "gone")
    house.room.pool.release(held)
    told = await bob.sees(house.channel, "in neon", labels=("without Neon",))
    assert "It cost you nothing" in told.text
    await bob.presses(told, "without Neon")
    await bob.sees(house.channel, "without Neon", pictures=1)
    assert house.room.pool.orders[-1].loras == ()


async def test_words_that_arrive_in_the_wrong_order_and_edits_of_them(house: House) -> None:
    """Each is answered once; an edit of what was said is no new wish."""
    first = house.ada.says(house.channel, "@bot a red circle", is_told=False)
    second = house.ada.says(house.channel, "@bot a blue star", is_told=False)
    for each in (second, first, second):
        house.ada.tell(each)
    edited = {**first.payload, "content": first.payload["content"].replace("red", "green")}
    house.world.dispatch("MESSAGE_UPDATE", {**edited, "guild_id": str(house.guild.id)})
    await house.world.until(lambda: len(pictured(house, house.channel)) == 2)
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")
    texts = "\n".join(each.text for each in pictured(house, house.channel))
    assert "a red circle" in texts
    assert "a blue star" in texts
    assert len(pictured(house, house.channel)) == 2


@pytest.mark.parametrize("ahead_s", [3600.0, -3600.0])
async def test_a_clock_that_is_wrong_costs_no_picture(
    house: House, monkeypatch: pytest.MonkeyPatch, ahead_s: float
) -> None:
    """It jumps while we draw, and Discord's token dies when Discord says so."""
    shown = await drawing(house)
    right = house.platform.postman._now
    monkeypatch.setattr(house.platform.postman, "_now", lambda: right() + ahead_s)
    house.world.skip(16 * 60)
    job = house.room.pool.orders[-1].job
    house.room.pool.release(job)
    assert (await house.ada.sees(house.channel, job, pictures=1)).id == shown.id


class Evil:
    """Runs something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1/0",)


PICKLED = pickle.dumps(Evil())
LYING = struct.pack("<Q", 4 << 30) + b"{}"


@pytest.mark.parametrize("data", [PICKLED, LYING], ids=["pickle", "header of 4 GiB"])
async def test_a_hostile_file_is_refused_with_words(house: House, data: bytes) -> None:
    house.ada.may = ALL_RIGHTS
    await house.ada.uses("lora", house.channel, action="add", file=("a.safetensors", data))
    await refused(house, house.ada, "a.safetensors")
    cards = await house.room.engine.stores.entries.cards(SpaceId(f"discord:{house.guild.id}"))
    assert "a" not in {card.name for card in cards}


async def refused(house: House, person: Person, name: str) -> None:
    """Told where it was brought, or to the person alone."""
    places = (house.channel, house.world.direct_of(person.id))

    def found() -> Message | None:
        every = [each for place in places for each in house.world.by_bot(place, person.id)]
        return next(
            (each for each in every if name in each.text and "I can't take" in each.text), None
        )

    assert await house.world.until(found)
