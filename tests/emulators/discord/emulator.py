"""The whole of Discord on a loopback port: starts in milliseconds, one for each test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from pydantic import SecretStr

from bot.settings import Settings
from tests.emulators.discord.gateway import Gateway
from tests.emulators.discord.people import Person
from tests.emulators.discord.server import Api
from tests.emulators.discord.world import TOKEN, World


@dataclass
class Emulator:
    """What runs, and the world that it shows."""

    world: World
    api: Api
    gateway: Gateway
    port: int

    def person(self, name: str = "Ada", locale: str = "en-US", **more: object) -> Person:
        """Somebody new."""
        person = Person(self.world, self.world.snowflake(), name, locale)
        for key, value in more.items():
            setattr(person, key, value)
        assert person.user
        self.world.members[person.id] = person.member
        return person

    def settings(self, **more: object) -> Settings:
        """The settings of a bot that lives here."""
        given: dict[str, object] = {
            "discord_token": SecretStr(TOKEN),
            "discord_api_base": f"http://127.0.0.1:{self.port}/api/v10",
            "discord_gateway": f"ws://127.0.0.1:{self.port}/gateway",
            **more,
        }
        return Settings.model_validate(given)

    async def is_connected(self, before: int = 0) -> None:
        """Wait until a bot listens that had not identified when there were so many logins."""
        await self.world.until(
            lambda: (
                self.gateway.identified > before
                and any(each.line for each in self.gateway.sessions.values())
            )
        )


@asynccontextmanager
async def emulated(port: int = 0) -> AsyncIterator[Emulator]:
    """Discord for as long as the block lasts; what the checker found fails the block."""
    world = World()
    api, gateway = Api(world), Gateway(world)
    app = web.Application(client_max_size=1 << 28)
    app.router.add_get("/attachments/{tail:.*}", api.file)
    app.router.add_get("/gateway{tail:/?}", gateway.handle)
    app.router.add_route("*", "/api/v10/{tail:.*}", api.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    port = int(runner.addresses[0][1])
    world.base_url = f"http://127.0.0.1:{port}"
    telling = asyncio.create_task(_tell(world))
    try:
        yield Emulator(world, api, gateway, port)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
        while not world.queue.empty():
            world.queue.get_nowait().close()
        await runner.cleanup()
    assert not world.findings, "\n".join(dict.fromkeys(world.findings))


async def _tell(world: World) -> None:
    while True:
        work = await world.queue.get()
        # A client that left is told when it comes again.
        with contextlib.suppress(ConnectionError):
            await work
