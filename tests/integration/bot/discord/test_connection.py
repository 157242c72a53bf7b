"""The connection: lost, resumed, refused, in shards; and a process beside us."""

import asyncio
from pathlib import Path

import discord
import pytest
from pydantic import SecretStr

from bot.discord import build_client
from bot.discord.adapter import DiscordPlatform
from bot.discord.client import Listening, ManyConnections
from bot.discord.doctor import examine, invite_link
from bot.errors import BadSettings
from bot.messages import Attachment, Inbound
from bot.port import CannotPost
from engine.messages import PersonId
from tests.emulators.discord.emulator import Emulator, emulated
from tests.emulators.discord.people import is_private
from tests.emulators.discord.world import APP, TOKEN
from tests.fakes.engine import FakeEngine
from tests.fakes.engine_room import open_room, until
from tests.fakes.page import leave_bare
from tests.integration.bot.discord.conftest import House, bot_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits five seconds between two logins at the gateway, as Discord wants it."""

    async def at_once(*_: object, **__: object) -> None:
        """No wait."""

    monkeypatch.setattr(Listening, "before_identify_hook", at_once)


@pytest.mark.parametrize("how", ["ask_to_reconnect", "drop"])
async def test_a_lost_connection_is_resumed_in_the_middle_of_a_job(house: House, how: str) -> None:
    gateway = house.discord.gateway
    before, drawn = gateway.resumed, len(house.room.pool.orders)
    await house.ada.uses("create", house.channel, words="wait for a circle")
    shown = await house.ada.sees(house.channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > drawn)
    await getattr(gateway, how)()
    missed = await house.ada.uses("queue", house.channel)
    await house.world.until(lambda: gateway.resumed > before)
    assert is_private(await house.ada.sees(house.channel, "Your queue"))
    assert missed.answer == 5
    house.room.pool.release(house.room.pool.orders[-1].job)
    seen = await house.ada.sees(house.channel, "wait for", pictures=1)
    assert seen.id == shown.id


async def test_an_invalid_session_begins_anew(house: House) -> None:
    gateway = house.discord.gateway
    before = gateway.identified
    await gateway.invalidate()
    await house.world.until(lambda: gateway.identified > before)
    await house.ada.uses("queue", house.channel)
    assert is_private(await house.ada.sees(house.channel, "nothing in the queue"))


async def test_an_invalid_session_in_the_middle_of_a_job_loses_nothing(house: House) -> None:
    gateway = house.discord.gateway
    before, drawn = gateway.identified, len(house.room.pool.orders)
    await house.ada.uses("create", house.channel, words="wait for a circle")
    shown = await house.ada.sees(house.channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > drawn)
    await gateway.invalidate()
    house.room.pool.release(house.room.pool.orders[-1].job)
    seen = await house.ada.sees(house.channel, "wait for", pictures=1)
    await house.world.until(lambda: gateway.identified > before)
    assert seen.id == shown.id
    assert len(house.world.by_bot(house.channel)) == 1
    assert len(house.room.pool.orders) == drawn + 1


async def test_a_wrong_token_is_told_with_its_cure() -> None:
    async with emulated() as emulator:
        settings = emulator.settings(discord_token=SecretStr("wrong"))
        platform = DiscordPlatform(settings, FakeEngine(), leave_bare)
        with pytest.raises(BadSettings, match="discord_token"):
            await platform.run(nobody)
        finding = await examine(settings)
        assert finding.verdict == "bad"
        assert "wrong" not in finding.detail


async def test_a_token_that_is_taken_back_ends_it_with_the_cure() -> None:
    async with emulated() as emulator:
        platform = DiscordPlatform(emulator.settings(), FakeEngine(), leave_bare)
        running = asyncio.create_task(platform.run(nobody))
        await emulator.is_connected()
        for session in emulator.gateway.sessions.values():
            assert session.line is not None
            await session.line.socket.close(code=4004, message=b"Authentication failed.")
        with pytest.raises(BadSettings, match="discord_token"):
            await asyncio.wait_for(running, 60)


async def test_the_doctor_says_how_to_invite() -> None:
    async with emulated() as emulator:
        finding = await examine(emulator.settings())
    assert finding.verdict == "ok"
    assert invite_link(APP) in finding.detail
    assert "permissions=274878024704" in finding.detail
    assert emulator.gateway.identified == 0


async def test_the_doctor_without_network_still_knows_the_link() -> None:
    async with emulated() as emulator:
        settings = emulator.settings()
    finding = await examine(settings)
    assert finding.verdict == "warn"
    assert invite_link(APP) in finding.detail


async def test_several_connections_share_the_servers(tmp_path: Path) -> None:
    async with emulated() as emulator, open_room(tmp_path) as room:
        guild = emulator.world.guild()
        client = build_client(emulator.settings(discord={"shards": 0}), room.engine)
        assert isinstance(client, ManyConnections)
        running = asyncio.create_task(client.start(TOKEN))
        await emulator.world.until(lambda: len(emulator.gateway.shards) == 2)
        assert sorted(emulator.gateway.shards) == [(0, 2), (1, 2)]
        ada, channel = emulator.person(), int(guild.channels[0]["id"])
        await ada.uses("create", channel, words="a red circle")
        await ada.sees(channel, "a red circle", pictures=1)
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_client_is_built_without_a_login() -> None:
    client = build_client(Emulator.settings(UNREACHED), FakeEngine())
    assert isinstance(client, discord.Client)
    assert not client.intents.message_content
    assert not client.intents.members


async def test_two_bots_with_one_token_answer_once(house: House) -> None:
    """Both hear everything; whoever acknowledges second lets it be."""
    async with bot_on(house.discord, house.room) as second:
        both = (house.platform, second)
        heard = [heard_by(each, house) for each in both]
        orders = house.room.pool.orders
        before, tried = len(orders), acknowledgements(house)

        await house.ada.uses("create", house.channel, words="wait for a circle")
        await house.world.until(lambda: acknowledgements(house) == tried + 2)
        await house.ada.sees(house.channel, labels=("cancel",))
        await until(lambda: len(orders) == before + 1)
        house.room.pool.release(orders[-1].job)
        await house.ada.sees(house.channel, orders[-1].job, pictures=1)

        house.ada.says(house.channel, "@bot wait for a star")
        await house.world.until(lambda: all(any_words(each) for each in heard))
        for each in both:
            await each.hearing.settled()
        await until(lambda: len(orders) == before + 2)
        house.room.pool.release(orders[-1].job)
        await house.ada.sees(house.channel, orders[-1].job, pictures=1)

        assert len(house.world.by_bot(house.channel)) == 2
        assert len(orders) == before + 2
        assert sum(len(each) for each in heard) == 3, "one command, and the words twice"


def heard_by(platform: DiscordPlatform, house: House) -> list[Inbound]:
    """What the router behind a bot is given from now on, once it is through with it."""
    heard: list[Inbound] = []
    receive = platform.hearing.receive
    assert receive is not None

    async def listen(inbound: Inbound) -> None:
        heard.append(inbound)
        await receive(inbound)
        house.world.changed()

    platform.hearing.receive = listen
    return heard


def any_words(heard: list[Inbound]) -> bool:
    return any(each.act.kind == "words" for each in heard)


def acknowledgements(house: House) -> int:
    return sum(path.endswith("/callback") for _, path, _ in house.world.asked)


async def test_files_come_in_pieces_and_stop_at_the_cap(house: House) -> None:
    upload = house.world.upload(house.channel, "big.bin", b"x" * 300_000)

    async def fetched(most: int, size: int = 0) -> bytes:
        file = Attachment(name="big.bin", size_bytes=size, handle=upload["url"])
        pieces = [piece async for piece in house.platform.fetch(file, most)]
        assert all(len(piece) <= 1 << 16 for piece in pieces)
        return b"".join(pieces)

    assert len(await fetched(300_000)) == 300_000
    for most, size in ((299_999, 0), (10, 300_000)):
        with pytest.raises(CannotPost) as refused:
            await fetched(most, size)
        assert refused.value.final


@pytest.mark.parametrize("link", ["file:///etc/passwd", "nowhere", "http://127.0.0.1:1/x"])
async def test_files_come_from_discord_alone(link: str) -> None:
    platform = DiscordPlatform(
        Emulator.settings(UNREACHED, discord_api_base=""), FakeEngine(), leave_bare
    )
    with pytest.raises(CannotPost) as refused:
        async for _ in platform.fetch(Attachment(name="x", size_bytes=1, handle=link), 10):
            pass
    assert refused.value.final


async def test_a_private_conversation_can_be_opened_with_people_alone(house: House) -> None:
    direct = house.platform.direct
    assert await direct(PersonId(f"discord:{house.ada.id}")) is not None
    assert await direct(PersonId("discord:123")) is None
    assert await direct(PersonId("telegram:5")) is None


async def nobody(inbound: Inbound) -> None:
    """Hears nothing."""


class _Unreached:
    port = 9


UNREACHED: Emulator = _Unreached()  # type: ignore[assignment]  # only its port is read
