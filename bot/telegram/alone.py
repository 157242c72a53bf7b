"""A whole bot behind one application, for whoever runs that application themselves."""

import asyncio

from bot import logs, wiring
from bot.port import Furnish
from bot.settings import Settings
from bot.telegram.adapter import Rooms, TelegramPlatform, Tempo
from bot.telegram.address import NAME
from bot.telegram.client import TelegramClient
from bot.telegram.memory import Passing
from engine.api import Engine
from engine.messages import SpaceId
from engine.wiring import AtelierEngine, board, furnish_new


def build_client(settings: Settings, engine: Engine) -> TelegramClient:
    """The application, wired to router, commands and delivery; it neither logs in nor needs torch.

    `run_polling`, `run_webhook`, or `initialize`, `start` and `updater.start_polling` begin
    everything; `stop` and `shutdown` end it. The engine stays with whoever gave it.
    """
    logs.lend()
    return platform_alone(settings, engine).client


def platform_alone(
    settings: Settings, engine: Engine, tempo: Tempo | None = None
) -> TelegramPlatform:
    """The same, with the platform around the application."""
    platform = TelegramPlatform(settings, engine, _rooms(engine), tempo)
    page_url = settings.web.public_url or None
    pause = tempo.pause if tempo else asyncio.sleep
    bot = wiring.build(engine, {NAME: platform}, pause, page_url)
    telling: list[asyncio.Task[None]] = []

    async def begin() -> None:
        platform.hearing.is_closing = False
        platform.hearing.receive = bot.router.receive
        await bot.delivery.start()
        telling.append(asyncio.create_task(bot.notices.run()))
        await platform.begin()

    async def end() -> None:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
        await bot.delivery.stop()
        await platform.end()

    platform.client.begin = begin
    platform.client.end = end
    return platform


def _rooms(engine: Engine) -> Rooms:
    """A foreign engine has no memory for us: then it lasts as long as this process."""
    if isinstance(engine, AtelierEngine):
        house = board(engine)
        return Rooms(_furnish(engine), house.spaces.move, house.marks)

    async def stay(_: SpaceId, __: SpaceId) -> None:
        return None

    async def bare(_: SpaceId) -> None:
        return None

    return Rooms(bare, stay, Passing())


def _furnish(engine: AtelierEngine) -> Furnish:
    async def furnish(space: SpaceId) -> None:
        await furnish_new(engine, space)

    return furnish
