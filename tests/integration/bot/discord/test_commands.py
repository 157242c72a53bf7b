"""Slash commands, half words, context menus: what Discord offers and what they lead to."""

import pytest

from bot.commands import COMMANDS
from engine import wiring
from engine.messages import SpaceId
from tests.emulators.discord.people import is_private
from tests.emulators.discord.world import ALL_RIGHTS
from tests.fakes.engine import png
from tests.integration.bot.discord.conftest import House, bot_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


def sent(house: House) -> int:
    return sum(method == "PUT" for method, _, _ in house.world.asked)


async def test_a_picture_is_asked_for_posted_and_drawn_again(house: House) -> None:
    told = await house.ada.uses("create", house.channel, words="a red circle")
    first = await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert (told.answer, told.is_private) == (5, False)
    assert house.world.data_of(first.pictures[0]).startswith(b"\x89PNG")
    assert {"again", "vary", "edit", "why this?", "delete"} <= set(first.labels)

    pressed = await house.ada.presses(first, "again")
    await house.world.until(
        lambda: len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 2
    )
    assert pressed.answer == 6


async def test_every_command_is_offered_everywhere_and_to_both_kinds_of_installation(
    house: House,
) -> None:
    known = {each["name"]: each for each in house.world.commands}
    assert {*COMMANDS, "Use as reference", "What made this?"} == set(known)
    assert all(each["contexts"] == [0, 1, 2] for each in known.values())
    assert all(each["integration_types"] == [0, 1] for each in known.values())
    words = known["create"]["options"][0]
    assert (words["name"], words["required"], words["max_length"]) == ("words", True, 2000)
    steps = next(each for each in known["create"]["options"] if each["name"] == "steps")
    assert (steps["type"], steps["min_value"], steps["max_value"]) == (4, 1, 150)
    assert {each["name"] for each in known["lora"]["options"]} >= {"action", "file"}


async def test_commands_are_sent_only_when_they_changed(house: House) -> None:
    asked = sent(house)
    async with bot_on(house.discord, house.room):
        assert sent(house) == asked
    house.world.commands.pop()
    async with bot_on(house.discord, house.room):
        assert sent(house) == asked + 1
    house.world.commands.clear()
    house.world.refuse("GET", "/commands$", 404)
    async with bot_on(house.discord, house.room):
        assert len(house.world.commands) > 5


async def test_half_a_word_is_completed(house: House) -> None:
    await wiring.furnish_demo(house.room.engine, SpaceId(f"discord:{house.guild.id}"))
    assert await house.ada.types("looks", "query", "neo", house.channel) == ["Neon · style"]


async def test_at_most_25_suggestions_and_none_rather_than_late(house: House) -> None:
    assert len(await house.ada.types("create", "base", "", house.channel)) == 1
    assert await house.ada.types("cancel", "id", "zzz", house.channel) == []


async def test_a_wrong_option_is_told_with_its_cure_and_to_the_person_alone(house: House) -> None:
    told = await house.ada.uses("create", house.channel, words="a star", size="huge")
    answer = await house.ada.sees(house.channel, "like 64x64")
    assert is_private(answer)
    assert not told.is_private
    assert [each for each in house.world.by_bot(house.channel) if each.seen_by is None] == []


async def test_commands_that_are_nobody_elses_business_answer_privately(house: House) -> None:
    told = await house.ada.uses("help", house.channel)
    answer = await house.ada.sees(house.channel, "/create")
    assert told.is_private
    assert is_private(answer)


async def test_an_answer_to_one_person_can_be_shown_to_all(house: House) -> None:
    await house.ada.uses("looks", house.channel)
    answer = await house.ada.sees(house.channel, "Neon")
    assert is_private(answer)
    await house.ada.presses(answer, "post to channel")
    bob = house.discord.person("Bob")
    shown = await bob.sees(house.channel, "Neon")
    assert shown.text == answer.text


async def test_a_sign_in_link_cannot_be_shown_to_all(house: House) -> None:
    await house.ada.uses("web", house.channel)
    answer = await house.ada.sees(house.channel, "web page")
    assert is_private(answer)
    assert "post to channel" not in answer.labels


async def test_the_export_is_a_private_file_that_nobody_can_post(house: House) -> None:
    await house.ada.uses("me", house.channel, what="export")
    answer = await house.ada.sees(house.channel, "Everything I keep")
    assert is_private(answer)
    assert "post to channel" not in answer.labels


async def test_what_made_this_tells_of_our_own_picture(house: House) -> None:
    await house.ada.uses("create", house.channel, words="a red circle")
    picture = await house.ada.sees(house.channel, "a red circle", pictures=1)
    bob = house.discord.person("Bob")
    await bob.points("What made this?", picture, house.channel)
    answer = await bob.sees(house.channel, "prompt as drawn")
    assert is_private(answer)


async def test_what_made_this_says_so_of_a_stranger(house: House) -> None:
    upload = house.world.upload(house.channel, "cat.png", png())
    message = house.ada.says(house.channel, "my cat", upload, is_told=False)
    await house.ada.points("What made this?", message, house.channel)
    assert is_private(await house.ada.sees(house.channel, "no recipe in"))


async def test_use_as_reference_asks_for_words_and_draws(house: House) -> None:
    upload = house.world.upload(house.channel, "cat.png", png())
    message = house.ada.says(house.channel, "my cat", upload, is_told=False)
    told = await house.ada.points("Use as reference", message, house.channel)
    await house.ada.sends(told, words="a red circle")
    seen = await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert not is_private(seen)


async def test_a_lora_can_be_uploaded_in_a_form(house: House) -> None:
    house.ada.may = ALL_RIGHTS
    told = await house.ada.uses("lora", house.channel, action="add")
    upload = house.world.upload(house.channel, "broken.safetensors", b"not a lora at all")
    await house.ada.sends(told, {"file": upload}, name="Broken")
    assert is_private(await house.ada.sees(house.channel, "Got broken.safetensors"))


async def test_a_lora_can_come_with_the_command(house: House) -> None:
    house.ada.may = ALL_RIGHTS
    file = ("broken.safetensors", b"not a lora at all")
    await house.ada.uses("lora", house.channel, action="add", file=file)
    assert is_private(await house.ada.sees(house.channel, "Got broken.safetensors"))


async def test_members_may_not_vet(house: House) -> None:
    await house.ada.uses("lora", house.channel, action="review")
    assert is_private(await house.ada.sees(house.channel, "a moderator"))


@pytest.mark.parametrize(("bits", "may"), [(1 << 13, True), (1 << 5, True), (1 << 11, False)])
async def test_rights_come_from_discord(house: House, bits: int, may: bool) -> None:
    house.ada.may = str(bits)
    await house.ada.uses("lora", house.channel, action="review")
    words = "Nothing waits" if may else "a moderator"
    assert is_private(await house.ada.sees(house.channel, words))


async def test_a_room_without_looks_gets_those_of_the_installation(
    house: House,
) -> None:
    await house.ada.uses("looks", house.channel)
    assert "Neon" in (await house.ada.sees(house.channel, "Neon")).text


async def test_menus_are_explained_in_every_language(house: House) -> None:
    known = {each["name"]: each for each in house.world.commands}
    told = known["create"]["description_localizations"]
    assert set(told) == {"de", "es-ES", "es-419", "fr", "ja", "pt-BR"}
    assert told["de"] == "Ein Bild aus einer Beschreibung machen"
    size = next(each for each in known["create"]["options"] if each["name"] == "size")
    assert size["description_localizations"]["ja"] == "幅と高さ"
    what = known["me"]["options"][0]
    names = {each["value"]: each["name_localizations"] for each in what["choices"]}
    assert names["export"]["fr"] == "exporter"
    assert known["Use as reference"]["name_localizations"]["de"] == "Als Vorlage nehmen"
