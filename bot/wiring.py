"""Builds the bot process: the only constructor calls."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.commands import COMMANDS
from bot.console.inbound import SPACE
from bot.delivery import Delivery
from bot.health import HttpServer, health_app
from bot.live import LiveMessages, Pause
from bot.meter import MetricsMeter, keep_gauges
from bot.metrics import Metrics
from bot.platforms import PLATFORMS
from bot.port import Platform
from bot.router import Router
from bot.settings import Settings
from engine import wiring
from engine.api import Engine
from engine.messages import SpaceId

log = structlog.get_logger(__name__)
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


@asynccontextmanager
async def opened(
    settings: Settings,
    *spaces: SpaceId,
    metrics: Metrics | None = None,
    is_demo: bool = False,
) -> AsyncIterator[Engine]:
    """The engine with its database open and nothing started.

    An installation without any base is furnished with the miniature and its LoRAs, so that the
    first picture needs no set-up at all; a demo gets what this version brings at every start.
    """
    engine = await wiring.build(settings.engine, meter=MetricsMeter(metrics or Metrics()))
    try:
        await engine.open()
        if is_demo or not await engine.bases():
            await wiring.furnish_demo(engine, SPACE.id, *spaces)
        yield engine
    finally:
        await engine.stop()


@asynccontextmanager
async def started(
    settings: Settings,
    *spaces: SpaceId,
    metrics: Metrics | None = None,
    is_demo: bool = False,
) -> AsyncIterator[Engine]:
    """The same with workers and dispatcher running."""
    async with opened(settings, *spaces, metrics=metrics, is_demo=is_demo) as engine:
        await engine.start()
        yield engine


async def live(settings: Settings) -> None:
    """The whole life of `atelier run`: engine, web server, platforms, until people leave."""
    platforms = make_platforms(settings)
    metrics = Metrics()
    async with started(settings, metrics=metrics) as engine, serving(settings, engine, metrics):
        log.info("bot.ready", platforms=list(platforms))
        await build(engine, platforms).run()


@asynccontextmanager
async def serving(settings: Settings, engine: Engine, metrics: Metrics) -> AsyncIterator[None]:
    """The web server with health and metrics, when the settings want one."""
    if not settings.http.enabled:
        yield
        return
    server = HttpServer(health_app({"engine": engine.checks}, metrics), settings.http)
    await server.start()
    gauges = asyncio.create_task(keep_gauges(engine, metrics))
    try:
        yield
    finally:
        gauges.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gauges
        await server.stop()
