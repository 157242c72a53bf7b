"""One bot on all platforms at once, as `atelier run` has it; a scenario is tried on each."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.console.adapter import ConsolePlatform
from bot.discord.adapter import DiscordPlatform
from bot.messages import TERMINAL, Level
from bot.metrics import Metrics
from bot.platforms import PLATFORMS
from bot.port import Capabilities, House, Platform
from bot.settings import HttpSettings, Settings, WebSettings
from bot.telegram.adapter import Rooms, TelegramPlatform, Tempo
from bot.web.adapter import WebPlatform
from bot.wiring import build, serving
from engine import wiring
from engine.messages import Job, JobId, SpaceId
from tests.acceptance.everywhere.on_discord import DiscordStage
from tests.acceptance.everywhere.on_telegram import TelegramStage
from tests.acceptance.everywhere.on_the_console import ConsoleStage, Keyboard, Paper
from tests.acceptance.everywhere.on_the_page import PageStage
from tests.acceptance.everywhere.person import News, Person, Place, Stage
from tests.emulators.discord.emulator import Emulator, emulated
from tests.emulators.telegram.quick_time import QuickTime
from tests.emulators.telegram.server import TelegramServer
from tests.fakes.engine_room import Room, open_room

ROOMS = tuple(f"Room {number}" for number in range(1, 61))
PATIENCE_S = 60


@dataclass
class Town:
    """The bot, and where people meet it."""

    room: Room
    platforms: dict[str, Platform]
    stages: dict[str, Stage]

    async def begun(self, words: str) -> JobId:
        """Wait until a worker draws something with these words."""
        events = self.room.engine.events()
        async with asyncio.timeout(PATIENCE_S):
            while not (found := self._drawn_now(words)):
                await anext(events)
        return found

    def _drawn_now(self, words: str) -> JobId | None:
        pool = self.room.pool
        held = {job for worker in pool.workers() for job in worker.jobs}
        fitting = (each.job for each in pool.orders if words in each.plan.prompt)
        return next((job for job in fitting if job in held), None)

    async def job(self, name: str) -> Job:
        """What the engine knows of a picture."""
        found = await self.room.engine.stores.jobs.get(JobId(name))
        assert found is not None
        return found


@asynccontextmanager
async def telegram_server() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
    assert server.findings == []


def settings_of(discord: Emulator, telegram: TelegramServer) -> Settings:
    """Those of one bot that lives on both, with its page."""
    given = telegram.settings().model_dump(exclude_unset=True)
    web, http = WebSettings(channels=ROOMS), HttpSettings(port=0)
    return discord.settings(**given, web=web, http=http)


async def hurried(seconds: float) -> None:
    """Between two looks, or two edits, less time passes than in real life."""
    await asyncio.sleep(seconds / 20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """Opened once for all scenarios of a file; every scenario has places and people of its own."""
    folder = tmp_path_factory.mktemp("everywhere")
    async with (
        emulated() as discord,
        telegram_server() as telegram,
        open_room(folder) as room,
        AsyncExitStack() as opened,
    ):
        # Our own work counts, not what a busy machine does besides: three seconds are short there.
        discord.world.clock = time.process_time
        await wiring.furnish_demo(room.engine, TERMINAL)
        settings = settings_of(discord, telegram)
        engine, board, waiting = room.engine, wiring.board(room.engine), News()
        quick = QuickTime()
        paper, keyboard = Paper(waiting), Keyboard()

        async def furnish(space: SpaceId) -> None:
            await wiring.furnish_new(engine, space)

        rooms = Rooms(furnish, board.spaces.move, board.marks)
        tempo = Tempo(clock=quick, pause=quick.pause, progress_every_s=0.01)
        on_discord = DiscordPlatform(settings, engine, furnish)
        on_telegram = TelegramPlatform(settings, engine, rooms, tempo)
        on_web = WebPlatform(settings, House(engine, board, furnish))
        console = ConsolePlatform(paper, keyboard, folder / "pictures")
        url = await opened.enter_async_context(serving(settings, engine, Metrics(), [on_web]))
        assert url is not None
        platforms: dict[str, Platform] = {
            "discord": on_discord, "telegram": on_telegram, "web": on_web, "console": console,
        }  # fmt: skip
        running = asyncio.create_task(build(engine, platforms, hurried, url).run())
        await on_web.listening()
        await discord.is_connected()
        await discord.world.until(lambda: discord.world.commands)
        channels = [f"web:room-{number}" for number in range(1, len(ROOMS) + 1)]
        page = PageStage(engine.invite, url, channels, AsyncExitStack())
        stages: dict[str, Stage] = {
            "discord": DiscordStage(discord),
            "telegram": TelegramStage(telegram),
            "web": page,
            "console": ConsoleStage(paper, keyboard, folder / "pictures", waiting, url),
        }
        try:
            yield Town(room, platforms, stages)
        finally:
            await page.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@dataclass
class Scene:
    """Where a scenario happens, and who is there."""

    town: Town
    platform: Platform
    stage: Stage
    place: Place

    @property
    def can(self) -> Capabilities:
        """What this platform can, in its own words."""
        return self.platform.capabilities

    async def person(self, name: str = "Ada", level: Level = Level.MEMBER) -> Person:
        """Somebody in the scene's place."""
        return await self.stage.person(name, self.place, level)


@pytest.fixture(params=PLATFORMS)
def scene(town: Town, request: pytest.FixtureRequest) -> Scene:
    """A place of its own on one of the platforms."""
    stage = town.stages[request.param]
    return Scene(town, town.platforms[request.param], stage, stage.place())
