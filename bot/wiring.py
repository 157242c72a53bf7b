"""Builds the bot process: the only constructor calls."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.commands import COMMANDS
from bot.delivery import Delivery
from bot.health import HttpServer, health_app
from bot.live import LiveMessages, Pause
from bot.messages import TERMINAL
from bot.meter import MetricsMeter, keep_gauges
from bot.metrics import Metrics
from bot.notices import Notices
from bot.platforms import PLATFORMS
from bot.port import House, OnTheWeb, Platform
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
    notices: Notices

    async def run(self) -> None:
        """Listen on every platform until all are left or this is cancelled; then settle."""
        await self.delivery.start()
        telling = asyncio.create_task(self.notices.run())
        try:
            async with asyncio.TaskGroup() as listening:
                for platform in self.platforms.values():
                    listening.create_task(platform.run(self.router.receive))
            async with asyncio.timeout(SETTLE_S):
                await self.delivery.settle()
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await self.delivery.stop()


Ready = Callable[[Bot, str | None], Coroutine[None, None, None]]


def build(
    engine: Engine,
    platforms: Mapping[str, Platform],
    pause: Pause = asyncio.sleep,
    page_url: str | None = None,
) -> Bot:
    """The bot of these platforms around this engine; raises `Misregistered` for a bad row."""
    delivery = Delivery(engine, platforms, LiveMessages(pause), pause)
    router = Router(engine, platforms, COMMANDS.all(), delivery, page_url)
    return Bot(engine, platforms, router, delivery, Notices(engine, platforms, pause))


def platforms_of(settings: Settings) -> tuple[str, ...]:
    """The configured platforms; without any, those that have a token, and the web page."""
    if settings.platforms:
        return settings.platforms
    tokens = {"discord": settings.discord_token, "telegram": settings.telegram_token}
    given = tuple(name for name, token in tokens.items() if token.get_secret_value())
    return (*given, "web") if settings.http.enabled else given


def check_platforms(settings: Settings) -> None:
    """Raises `Misregistered` for a row that is wrong, and for a setting without a row."""
    PLATFORMS.all()
    for name in platforms_of(settings):
        PLATFORMS.get(name)


def make_platforms(settings: Settings, engine: wiring.AtelierEngine) -> dict[str, Platform]:
    """The platforms that the settings name, on this engine."""
    house = House(engine, wiring.board(engine), lambda space: wiring.furnish_new(engine, space))
    return {name: PLATFORMS.get(name).make(settings, house) for name in platforms_of(settings)}


@asynccontextmanager
async def opened(
    settings: Settings,
    *spaces: SpaceId,
    metrics: Metrics | None = None,
    is_demo: bool = False,
    some: Mapping[SpaceId, frozenset[str]] = wiring.EVERYTHING,
) -> AsyncIterator[wiring.AtelierEngine]:
    """The engine with its database open and nothing started.

    An installation without any base is furnished with the miniature and its LoRAs, so that the
    first picture needs no set-up at all; a demo gets what this version brings at every start.
    """
    engine = await wiring.build(settings.engine, meter=MetricsMeter(metrics or Metrics()))
    try:
        await engine.open()
        await wiring.find_miniature(engine)
        if is_demo or not await engine.bases():
            await wiring.furnish_demo(engine, TERMINAL, *spaces, some=some)
        yield engine
    finally:
        await engine.stop()


@asynccontextmanager
async def started(
    settings: Settings,
    *spaces: SpaceId,
    metrics: Metrics | None = None,
    is_demo: bool = False,
    some: Mapping[SpaceId, frozenset[str]] = wiring.EVERYTHING,
) -> AsyncIterator[wiring.AtelierEngine]:
    """The same with workers and dispatcher running."""
    async with opened(settings, *spaces, metrics=metrics, is_demo=is_demo, some=some) as engine:
        await engine.start()
        yield engine


async def live(settings: Settings, ready: Ready | None = None) -> None:
    """The whole life of `atelier run`: engine, web server, platforms, until people leave."""
    check_platforms(settings)
    metrics = Metrics()
    async with started(settings, metrics=metrics) as engine:
        await inhabit(settings, engine, metrics, ready)


async def inhabit(
    settings: Settings,
    engine: wiring.AtelierEngine,
    metrics: Metrics,
    ready: Ready | None = None,
) -> None:
    """Serve every platform of the settings on a started engine, until people leave.

    `ready` is told the bot and the page's address (None without a page) once all is up.
    """
    platforms = make_platforms(settings, engine)
    on_the_web = [each for each in platforms.values() if isinstance(each, OnTheWeb)]
    async with serving(settings, engine, metrics, on_the_web) as url:
        page_url = (settings.web.public_url or url) if on_the_web else None
        bot = build(engine, platforms, page_url=page_url)
        log.info("bot.ready", platforms=list(platforms), page=page_url)
        if ready is None:
            await bot.run()
            return
        async with asyncio.TaskGroup() as living:
            told = living.create_task(ready(bot, page_url))
            await bot.run()
            told.cancel()


@asynccontextmanager
async def serving(
    settings: Settings, engine: Engine, metrics: Metrics, on_the_web: Sequence[OnTheWeb] = ()
) -> AsyncIterator[str | None]:
    """The web server with health, metrics and the platforms' own addresses; gives its address."""
    if not settings.http.enabled:
        yield None
        return
    app = health_app({"engine": engine.checks}, metrics)
    for platform in on_the_web:
        platform.add_routes(app)
    server = HttpServer(app, settings.http)
    url = await server.start()
    gauges = asyncio.create_task(keep_gauges(engine, metrics))
    try:
        yield url
    finally:
        gauges.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gauges
        await server.stop()
