"""What goes wrong in a community's daily life, on Telegram: docs/platforms.md lists it all."""

import pickle
import struct
import time

import pytest

from engine.messages import PersonId, SpaceId
from tests.emulators.telegram.people import ADA, BEN, Person, Room, group, let_in, private
from tests.emulators.telegram.server import USERNAME, Call, Refused
from tests.integration.bot.telegram.conftest import Scene
from tests.integration.bot.telegram.test_conversation import drawn, photos
from tests.integration.bot.telegram.test_losses import waiting_job

PEOPLE = 40


async def test_forty_people_at_once_are_all_answered_and_three_bad_pictures_harm_nobody(
    scene: Scene,
) -> None:
    bad = {3: "a star that will crash", 11: "a star too large", 27: "freeze a star"}
    rooms = [private(scene.server, Person(2000 + number)) for number in range(PEOPLE)]
    # As with a base of the host's own: a place that is new begins without the miniature's looks.
    scene.platform.hearing._welcomed |= {SpaceId(f"telegram:{room.number}") for room in rooms}
    for number, room in enumerate(rooms):
        person = Person(room.number)
        await room.say(person, f"/create {bad.get(number, 'a red circle')}")

    def is_told(number: int, room: Room) -> bool:
        if number in bad:
            return "It cost you nothing" in scene.server.text(room.number)
        return len(photos(scene, room.number)) == 1

    await scene.server.until(
        lambda: all(is_told(number, room) for number, room in enumerate(rooms)), 120
    )
    assert {len(scene.server.seen(room.number)) for room in rooms} == {1}


async def test_a_look_that_is_retired_while_its_picture_waits_is_told_with_a_way_on(
    scene: Scene,
) -> None:
    await scene.ada.say(ADA, "/create wait for a circle")
    held = await waiting_job(scene, 0)
    await scene.ada.say(ADA, "/create a star in neon")
    await scene.until(lambda: scene.says.count("cancel") == 2)
    space, mod = SpaceId(f"telegram:{ADA.number}"), PersonId("telegram:1")
    cards = await scene.room.engine.stores.entries.cards(space)
    (neon,) = [card.entry for card in cards if card.name == "Neon"]
    assert neon is not None
    await scene.room.engine.registry.vetting.retire(space, neon, mod, "gone")
    scene.room.pool.release(held)
    await scene.until_says("without Neon")
    assert "It cost you nothing" in scene.says
    await scene.ada.press(ADA, "without Neon")
    await drawn(scene, 2)
    assert scene.room.pool.orders[-1].loras == ()


async def test_a_storm_of_waits_in_a_group_holds_up_no_other_chat_and_no_picture(
    scene: Scene,
) -> None:
    """Telegram wants the group left alone for 50 seconds, twice, while three pictures come."""
    room = group(scene.server)
    let_in(room, ADA)
    left = [50, 50]

    def strict(call: Call) -> Refused | None:
        if call.given.get("chat_id") != room.number or not left:
            return None
        return Refused(429, "Too Many Requests", retry_after=left.pop())

    for number in range(3):
        await room.say(ADA, f"/create@{USERNAME} wait for circle {number}")
    await scene.until(lambda: scene.server.text(room.number).count("cancel") == 3)
    scene.server.faults.append(strict)
    for number in range(3):
        job = await waiting_job(scene, number)
        for step in range(2, 6):
            scene.room.pool.step(job, step)
        scene.room.pool.release(job)
    await scene.ada.say(ADA, "/create a star")
    await drawn(scene)
    await drawn(scene, 3, room.number)
    assert len(scene.server.seen(room.number)) == 3
    assert not left


async def test_a_press_is_answered_at_once_and_its_picture_comes_days_later(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create wait for a circle")
    scene.room.pool.release(await waiting_job(scene, 0))
    await drawn(scene)
    await scene.ada.press(ADA, "again")
    await scene.until(lambda: len(scene.server.called("answerCallbackQuery")) == 1)
    job = await waiting_job(scene, 1)
    await scene.until_says("cancel")
    scene.server.clock = lambda: time.time() + 60 * 3600
    scene.room.pool.release(job)
    await drawn(scene, 2)
    assert len(scene.server.seen(ADA.number)) == 2


async def test_another_person_who_presses_gets_a_picture_of_their_own_and_cannot_cancel(
    scene: Scene,
) -> None:
    room = group(scene.server)
    for person in (ADA, BEN):
        let_in(room, person)
    await room.say(ADA, f"/create@{USERNAME} wait for a circle")
    first = await waiting_job(scene, 0)
    await scene.until_says("cancel", room.number)
    await room.press(BEN, "cancel")
    await scene.until(lambda: len(scene.server.seen(room.number)) == 2)
    scene.room.pool.release(first)
    await drawn(scene, 1, room.number)
    await room.press(BEN, "again", photos(scene, room.number)[0])
    second = await waiting_job(scene, 1)
    found = await scene.room.engine.stores.jobs.get(second)
    assert found is not None
    assert found.owner.person == f"telegram:{BEN.number}"
    scene.room.pool.release(second)
    await drawn(scene, 2, room.number)


async def test_a_connection_that_breaks_in_the_middle_of_a_job_loses_nothing(
    scene: Scene,
) -> None:
    """Telegram forgets to answer polls, then is ill; what was said meanwhile is heard later."""
    await scene.ada.say(ADA, "/create wait for a circle")
    job = await waiting_job(scene, 0)
    scene.server.refuse("getUpdates", Refused(502, "Bad Gateway"))
    await scene.ada.say(ADA, "/create a star")
    scene.room.pool.release(job)
    await drawn(scene, 2)


async def test_an_admin_who_is_none_any_more_may_less_within_minutes(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA, "creator")
    await room.say(ADA, f"/settings@{USERNAME} rating=suggestive")
    await scene.until_says("suggestive", room.number)
    let_in(room, ADA)
    scene.time.now += 600
    await room.say(ADA, f"/settings@{USERNAME} rating=general")
    await scene.until_says("to be an admin", room.number)
    rules = await scene.room.engine.house.rules(SpaceId(f"telegram:{room.number}"))
    assert rules.rating == "suggestive"


class Evil:
    """Runs something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1/0",)


PICKLED = pickle.dumps(Evil())
LYING = struct.pack("<Q", 4 << 30) + b"{}"


@pytest.mark.parametrize("data", [PICKLED, LYING], ids=["pickle", "header of 4 GiB"])
async def test_a_hostile_file_is_refused_with_words(scene: Scene, data: bytes) -> None:
    command = {"type": "bot_command", "offset": 0, "length": 5}
    file = scene.ada.document(data, "a.safetensors")
    await scene.ada.say(ADA, caption="/lora add", caption_entities=[command], **file)
    await scene.until_says("I can't take")
    cards = await scene.room.engine.stores.entries.cards(SpaceId(f"telegram:{ADA.number}"))
    assert "a" not in {card.name for card in cards}
