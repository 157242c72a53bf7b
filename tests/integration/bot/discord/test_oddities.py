"""What other servers than ours do, and the documents allow: fields left out, answers lost."""

import asyncio

import pytest

from bot.discord.adapter import DiscordPlatform
from bot.errors import BadSettings
from bot.messages import Inbound
from tests.emulators.discord.emulator import emulated
from tests.emulators.discord.people import is_private
from tests.fakes.engine import FakeEngine
from tests.fakes.page import leave_bare
from tests.integration.bot.discord.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLBACK, ORIGINAL = "/callback$", "/messages/@original$"


@pytest.mark.parametrize("untold", ["channel", "member", "guild_locale", "guild"])
async def test_an_interaction_may_lack_what_is_optional(house: House, untold: str) -> None:
    house.ada.untold = (untold,)
    await house.ada.uses("queue", house.channel)
    assert is_private(await house.ada.sees(house.channel, "nothing in the queue"))


async def test_a_private_command_without_its_channel_is_drawn_there(house: House) -> None:
    ben = house.discord.person("Ben")
    ben.untold = ("channel",)
    direct = house.world.direct_of(ben.id)
    await ben.uses("create", direct, words="a red circle")
    await ben.sees(direct, "a red circle", pictures=1)


async def test_an_event_that_can_not_be_read_costs_no_more_than_itself(house: House) -> None:
    before = house.discord.gateway.identified
    house.world.dispatch("ENTITLEMENT_CREATE", {"id": "1"})
    house.world.dispatch("MESSAGE_UPDATE", {"id": "1", "channel_id": str(house.channel)})
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")
    assert house.discord.gateway.identified == before


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_acknowledgement_is_tried_again(house: House, is_late: bool) -> None:
    """Whether it was the request that got lost, or the answer to it."""
    house.world.cut("POST", CALLBACK, is_late=is_late)
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")
    assert len(house.world.by_bot(house.channel, house.ada.id)) == 1


async def test_a_wait_is_obeyed_whoever_asks_for_it(house: House) -> None:
    """Discord's documents show no `Via` header, without which the library does not wait."""
    house.world.refuse("POST", CALLBACK, 429, Retry_After="0.1", Via="")
    house.world.refuse("PATCH", ORIGINAL, 429, Retry_After="0.1", Via="")
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")


async def test_an_answer_in_words_survives_a_lost_connection(house: House) -> None:
    house.world.cut("PATCH", ORIGINAL)
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")


async def test_an_answer_to_words_survives_a_lost_connection(house: House) -> None:
    house.world.cut("POST", f"/channels/{house.channel}/messages$")
    house.ada.says(house.channel, "@bot /queue")
    await house.ada.sees(house.channel, "nothing in the queue")


@pytest.mark.parametrize(
    ("code", "cure"), [(4004, "ATELIER_DISCORD_TOKEN"), (4011, "SHARDS"), (4014, "intent")]
)
async def test_a_call_that_is_ended_for_good_says_why(code: int, cure: str) -> None:
    async with emulated() as emulator:
        address = f"http://127.0.0.1:{emulator.port}/api/v10/"
        settings = emulator.settings(discord_api_base=address)
        platform = DiscordPlatform(settings, FakeEngine(), leave_bare)
        running = asyncio.create_task(platform.run(nobody))
        await emulator.is_connected()
        for session in emulator.gateway.sessions.values():
            assert session.line is not None
            await session.line.socket.close(code=code)
        with pytest.raises(BadSettings, match=cure):
            await asyncio.wait_for(running, 60)


async def nobody(inbound: Inbound) -> None:
    """Hears nothing."""
