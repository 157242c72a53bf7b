"""Builds the bot process: the only constructor calls."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands import COMMANDS
from bot.delivery import Delivery
from bot.live import LiveMessages, Pause
from bot.platforms import PLATFORMS
from bot.port import Platform
from bot.router import Router
from bot.settings import Settings
from engine.api import Engine

SETTLE_S = 10.0
"""Longest wait, at an orderly end, for outcomes that are being posted."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts of a running bot; `run` is its whole life, the engine's own excepted."""

    engine: Engine
    platforms: Mapping[str, Platform]
    router: Router
    delivery: Delivery

    async def run(self) -> None:
        """Listen on every platform until all are left or this is cancelled; then settle."""
        await self.delivery.start()
        try:
            async with asyncio.TaskGroup() as listening:
                for platform in self.platforms.values():
                    listening.create_task(platform.run(self.router.receive))
            async with asyncio.timeout(SETTLE_S):
                await self.delivery.settle()
        finally:
            await self.delivery.stop()


def build(engine: Engine, platforms: Mapping[str, Platform], pause: Pause = asyncio.sleep) -> Bot:
    """The bot of these platforms around this engine; raises `Misregistered` for a bad row."""
    delivery = Delivery(engine, platforms, LiveMessages(pause), pause)
    router = Router(engine, platforms, COMMANDS.all(), delivery)
    return Bot(engine, platforms, router, delivery)


def make_platforms(settings: Settings) -> dict[str, Platform]:
    """The platforms that the settings name; raises `Misregistered` for one without a row."""
    PLATFORMS.all()
    return {name: PLATFORMS.get(name).make(settings) for name in settings.platforms}
