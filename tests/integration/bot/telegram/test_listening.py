"""How the bot listens: refused tokens, a second bot, a webhook, a backlog, all over loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.errors import BadSettings
from bot.messages import Inbound, Words
from bot.settings import HttpSettings
from bot.telegram import webhook
from bot.telegram.adapter import Rooms, TelegramPlatform, Tempo
from bot.telegram.client import addresses
from bot.telegram.doctor import examine
from bot.telegram.memory import Passing
from engine.messages import SpaceId
from tests.emulators.telegram.people import ADA, private
from tests.emulators.telegram.quick_time import QuickTime
from tests.emulators.telegram.server import USERNAME, Refused, TelegramServer
from tests.fakes.engine import FakeEngine


async def nothing(*_: SpaceId) -> None:
    """There is nothing to furnish and nobody moves."""


class Ear:
    """Stands for the router."""

    def __init__(self, server: TelegramServer) -> None:
        self.acts: list[Inbound] = []
        self._server = server

    async def receive(self, act: Inbound) -> None:
        self.acts.append(act)
        await self._server.changed()

    @property
    def words(self) -> list[str]:
        return [act.act.text for act in self.acts if isinstance(act.act, Words)]


def made(server: TelegramServer, time: QuickTime, marks: Passing) -> TelegramPlatform:
    tempo = Tempo(clock=time, pause=time.pause)
    rooms = Rooms(nothing, nothing, marks)
    return TelegramPlatform(server.settings(), FakeEngine(), rooms, tempo)


@asynccontextmanager
async def running(platform: TelegramPlatform, ear: Ear) -> AsyncIterator[asyncio.Task[None]]:
    listening = asyncio.create_task(platform.run(ear.receive))
    try:
        yield listening
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_refused_token_is_told_with_its_cure(server: TelegramServer) -> None:
    server.refuse("getMe", Refused(401, "Unauthorized"))
    platform = made(server, QuickTime(), Passing())
    with pytest.raises(BadSettings, match="BotFather"):
        await asyncio.wait_for(platform.run(Ear(server).receive), 60)


async def test_two_bots_with_one_token_hurt_nobody(server: TelegramServer) -> None:
    conflict = Refused(409, "Conflict: terminated by other getUpdates request")
    server.refuse("getUpdates", *[conflict] * 3)
    time, ear = QuickTime(), Ear(server)
    async with running(made(server, time, Passing()), ear):
        await private(server).say(ADA, "a star")
        await server.until(lambda: ear.words == ["a star"])
    assert time.pauses.count(30.0) == 3


async def test_a_sick_telegram_is_asked_less_often(server: TelegramServer) -> None:
    server.refuse("getUpdates", *[Refused(500, "Internal Server Error")] * 4)
    server.refuse("getMe", Refused(502, "Bad Gateway"))
    time, ear = QuickTime(), Ear(server)
    async with running(made(server, time, Passing()), ear):
        await private(server).say(ADA, "a star")
        await server.until(lambda: ear.words == ["a star"])
    assert [pause for pause in time.pauses if pause in (1.0, 2.0, 4.0, 8.0)][-4:] == [
        1.0, 2.0, 4.0, 8.0,
    ]  # fmt: skip


async def test_what_waited_at_telegram_is_asked_about_and_what_is_new_is_not(
    server: TelegramServer,
) -> None:
    room, ear = private(server), Ear(server)
    old = room.message(ADA, "an old star")
    await server.push("message", old | {"date": old["date"] - 3600})
    await room.say(ADA, "a new star")
    async with running(made(server, QuickTime(), Passing()), ear):
        await server.until(lambda: "yes, still" in server.text(ADA.number))
        await server.until(lambda: bool(ear.words))
        assert ear.words == ["a new star"]
        await room.press(ADA, "no, leave it")
        await server.until(lambda: "leave it." in server.text(ADA.number))
    assert ear.words == ["a new star"]


async def test_a_wrong_clock_makes_nothing_old(server: TelegramServer) -> None:
    """The update waited; Telegram's own clock says that it is new, ours would not."""
    room, ear = private(server), Ear(server)
    await room.say(ADA, "a star")
    platform = made(server, QuickTime(), Passing())
    clock = platform.hearing._clock
    right = clock._clock
    clock._clock = lambda: right().replace(year=right().year + 1, day=1)
    async with running(platform, ear):
        await server.until(lambda: ear.words == ["a star"])


async def test_an_update_that_was_answered_is_not_answered_in_the_next_life(
    server: TelegramServer,
) -> None:
    marks = Passing()
    first, second = Ear(server), Ear(server)
    async with running(made(server, QuickTime(), marks), first):
        update = await private(server).say(ADA, "a star")
        await server.until(lambda: first.words == ["a star"])
        # The second poll after it: the first update is ticked off by then.
        await private(server).say(ADA, "a moon")
        await server.until(lambda: first.words == ["a star", "a moon"])
    await server.push_again(update)
    async with running(made(server, QuickTime(), marks), second):
        await private(server).say(ADA, "a sun")
        await server.until(lambda: "a sun" in second.words)
    assert "a star" not in second.words


async def test_a_webhook_brings_updates_and_polling_takes_it_away(server: TelegramServer) -> None:
    app, ear = web.Application(), Ear(server)
    platform = made(server, QuickTime(), Passing())
    runner = web.AppRunner(app)
    settings = server.settings(webhook_url="http://127.0.0.1:1/telegram")
    platform._settings = settings
    platform._webhook = webhook.Webhook(settings, platform.bot, platform.inbox.put)
    platform.add_routes(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with running(platform, ear):
        await server.until(lambda: bool(server.webhook))
        server.webhook["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
        await private(server).say(ADA, "a star")
        await server.until(lambda: ear.words == ["a star"])
    await runner.cleanup()
    again = Ear(server)
    async with running(made(server, QuickTime(), Passing()), again):
        await server.until(lambda: not server.webhook)


def test_a_webhook_that_cant_work_is_refused(server: TelegramServer) -> None:
    no_path = server.settings(webhook_url="https://bot.test")
    with pytest.raises(BadSettings, match="path"):
        webhook.check(no_path)
    off = server.settings(webhook_url="https://bot.test/telegram")
    with pytest.raises(BadSettings, match="web server"):
        webhook.check(off.model_copy(update={"http": HttpSettings(enabled=False)}))


@pytest.mark.parametrize(
    ("base", "files", "expected"),
    [
        ("http://x:1", "", ("http://x:1/bot", "http://x:1/file/bot")),
        ("http://x:1/bot", "", ("http://x:1/bot", "http://x:1/file/bot")),
        ("http://x:1/bot", "http://x:1/file/bot", ("http://x:1/bot", "http://x:1/file/bot")),
        ("http://x:1/bot{token}", "http://x:1/f{token}", ("http://x:1/bot{token}", "http://x:1/f{token}")),
    ],
)  # fmt: skip
def test_addresses_are_understood_as_people_write_them(
    server: TelegramServer, base: str, files: str, expected: tuple[str, str]
) -> None:
    given = {"telegram_base_url": base, "telegram_base_file_url": files}
    assert addresses(server.settings().model_copy(update=given)) == expected


async def test_the_doctor_prints_the_link(server: TelegramServer, tmp_path: Path) -> None:
    found = await examine(server.settings())
    assert found.verdict == "ok"
    assert f"https://t.me/{USERNAME}" in found.detail
    server.refuse("getMe", Refused(401, "Unauthorized"))
    assert (await examine(server.settings())).verdict == "bad"
    none = server.settings().model_copy(update={"telegram_token": SecretStr("")})
    assert "ATELIER_TELEGRAM_TOKEN" in (await examine(none)).cure
