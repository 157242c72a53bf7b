"""A bot on the emulated Telegram: the real library over loopback, an engine with a fake pool."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.telegram.adapter import TelegramPlatform, Tempo
from bot.telegram.alone import platform_alone
from tests.emulators.telegram.people import ADA, Room, private
from tests.emulators.telegram.quick_time import QuickTime
from tests.emulators.telegram.server import TelegramServer
from tests.fakes.engine_room import Room as EngineRoom
from tests.fakes.engine_room import open_room


@dataclass
class Scene:
    """Everything on stage."""

    server: TelegramServer
    room: EngineRoom
    platform: TelegramPlatform
    time: QuickTime
    ada: Room

    @property
    def says(self) -> str:
        """All that the bot says to Ada."""
        return self.server.text(ADA.number)

    async def until(self, is_so: Callable[[], bool]) -> None:
        await self.server.until(is_so)

    async def until_says(self, words: str, chat: int = ADA.number) -> None:
        await self.server.until(lambda: words in self.server.text(chat))


SetUp = Callable[..., Awaitable[Scene]]


@asynccontextmanager
async def listening(platform: TelegramPlatform) -> AsyncIterator[None]:
    """As a host's own program would run the application."""
    client = platform.client
    await client.initialize()
    await client.start()
    assert client.updater is not None
    await client.updater.start_polling(timeout=10)
    try:
        yield
    finally:
        await client.updater.stop()
        await client.stop()
        await client.shutdown()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """Telegram; whatever it found wrong fails the test."""
    made = TelegramServer()
    await made.start()
    yield made
    await made.stop()
    assert made.findings == []


@pytest.fixture
async def set_up(server: TelegramServer, tmp_path: Path) -> AsyncIterator[SetUp]:
    """Opens the engine and runs the bot; may be called again for a second life."""
    async with AsyncExitStack() as stack:

        async def up(**telegram: object) -> Scene:
            room = await stack.enter_async_context(open_room(tmp_path))
            time = QuickTime()
            tempo = Tempo(clock=time, pause=time.pause, progress_every_s=0.01)
            platform = platform_alone(server.settings(**telegram), room.engine, tempo)
            await stack.enter_async_context(listening(platform))
            return Scene(server, room, platform, time, private(server))

        yield up


@pytest.fixture
async def scene(set_up: SetUp) -> Scene:
    """A bot that listens."""
    return await set_up()
