"""Buttons that open a form."""

import pytest

from engine.messages import PersonId
from tests.emulators.discord.people import is_private
from tests.emulators.discord.world import Message
from tests.integration.bot.discord.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def picture(house: House, words: str = "a red circle") -> Message:
    await house.ada.uses("create", house.channel, words=words)
    return await house.ada.sees(house.channel, words, pictures=1)


async def test_a_plan_is_edited_in_a_form_and_drawn(house: House) -> None:
    told = await house.ada.presses(await picture(house), "edit")
    await house.world.until(lambda: told.modal)
    assert told.modal is not None
    assert len(told.modal["components"]) <= 5
    await house.ada.sends(told, prompt="a green star", settings="seed = 7\nsteps = 5")
    seen = await house.ada.sees(house.channel, "seed 7", pictures=1)
    assert not is_private(seen)


async def test_a_wrong_line_of_a_form_is_told_to_the_person_alone(house: House) -> None:
    told = await house.ada.presses(await picture(house), "edit")
    await house.ada.sends(told, settings="steps = many")
    assert is_private(await house.ada.sees(house.channel, "I can't use"))


async def test_a_form_whose_job_is_gone_says_so(house: House) -> None:
    shown = await picture(house)
    await house.room.engine.forget(PersonId(f"discord:{house.ada.id}"))
    told = await house.ada.presses(shown, "edit")
    assert is_private(await house.ada.sees(house.channel, "That button belongs"))
    assert told.answer == 6


async def test_a_form_sent_after_a_restart_works(house: House) -> None:
    """Nothing about an open form is kept here: its id says what it is about."""
    told = await house.ada.presses(await picture(house), "edit")
    await house.world.until(lambda: told.modal)
    house.platform.client._connection._view_store._modals.clear()
    await house.ada.sends(told, settings="seed = 11")
    assert len((await house.ada.sees(house.channel, "seed 11", pictures=1)).pictures) == 1


async def test_a_reference_pointed_at_before_a_restart_is_read_again(house: House) -> None:
    shown = await picture(house)
    told = await house.ada.points("Use as reference", shown, house.channel)
    await house.world.until(lambda: told.modal)
    house.platform.hearing._pictures.clear()
    await house.ada.sends(told, words="a green star")
    await house.ada.sees(house.channel, "a green star", pictures=1)
    assert ("GET", f"/channels/{house.channel}/messages/{shown.id}", None) in house.world.asked
