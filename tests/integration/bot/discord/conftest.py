"""A whole bot, driven by the real discord.py, on an emulated Discord; one for each test."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.discord.adapter import DiscordPlatform
from bot.discord.alone import platform_alone
from tests.emulators.discord.emulator import Emulator, emulated
from tests.emulators.discord.people import Person
from tests.emulators.discord.world import TOKEN, Guild, World
from tests.fakes.engine_room import Room, open_room


@dataclass
class House:
    """Everything that a test touches."""

    discord: Emulator
    room: Room
    platform: DiscordPlatform
    guild: Guild
    channel: int
    ada: Person

    @property
    def world(self) -> World:
        """What Discord knows."""
        return self.discord.world


@asynccontextmanager
async def bot_on(discord: Emulator, room: Room) -> AsyncIterator[DiscordPlatform]:
    """The bot, connected."""
    platform = platform_alone(discord.settings(), room.engine)
    before = discord.gateway.identified
    running = asyncio.create_task(platform.client.start(TOKEN))
    await platform.listening()
    await discord.is_connected(before)
    try:
        yield platform
    finally:
        await platform.client.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@dataclass
class Town:
    """What the tests of a module share: starting a bot for each would take most of their time."""

    discord: Emulator
    room: Room
    platform: DiscordPlatform


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    async with emulated() as discord, open_room(folder) as room, bot_on(discord, room) as platform:
        # Our own work counts, not what a busy machine does besides: three seconds are short there.
        discord.world.clock = time.process_time
        yield Town(discord, room, platform)


@pytest_asyncio.fixture(loop_scope="module")
async def house(town: Town) -> AsyncIterator[House]:
    """A server of its own, and somebody who was never here before."""
    world = town.discord.world
    guild = world.guild()
    world.dispatch("GUILD_CREATE", town.discord.gateway.guild_payload(guild))
    channel = int(guild.channels[0]["id"])
    yield House(town.discord, town.room, town.platform, guild, channel, town.discord.person())
    await town.platform.hearing.settled()
    for order in town.room.pool.orders:
        town.room.pool.release(order.job)
    assert not world.findings, "\n".join(dict.fromkeys(world.findings))
    assert not any(each.times for each in world.refusals)
