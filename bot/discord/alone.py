"""A whole bot behind one discord.py client, for whoever starts that client themselves."""

import asyncio

from bot import logs, wiring
from bot.discord.adapter import DiscordPlatform
from bot.discord.client import Listening
from bot.discord.inbound import NAME
from bot.port import Furnish
from bot.settings import Settings
from engine.api import Engine
from engine.messages import SpaceId
from engine.wiring import AtelierEngine, furnish_new


def build_client(settings: Settings, engine: Engine) -> Listening:
    """The client, wired to router, commands and delivery; it neither logs in nor needs torch.

    `await client.start(token)` begins everything and `await client.close()` ends it; the engine
    stays with whoever gave it.
    """
    logs.lend()
    return platform_alone(settings, engine).client


def platform_alone(settings: Settings, engine: Engine) -> DiscordPlatform:
    """The same, with the platform around the client."""
    platform = DiscordPlatform(settings, engine, _furnish(engine))
    bot = wiring.build(engine, {NAME: platform}, page_url=settings.web.public_url or None)
    telling: list[asyncio.Task[None]] = []

    async def begin() -> None:
        platform.hearing.receive = bot.router.receive
        await bot.delivery.start()
        telling.append(asyncio.create_task(bot.notices.run()))
        await platform.logged_in()

    async def end() -> None:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
        await bot.delivery.stop()
        await platform.closing()

    platform.client.ears.logged_in = begin
    platform.client.ears.closing = end
    return platform


def _furnish(engine: Engine) -> Furnish:
    async def furnish(space: SpaceId) -> None:
        if isinstance(engine, AtelierEngine):
            await furnish_new(engine, space)

    return furnish
