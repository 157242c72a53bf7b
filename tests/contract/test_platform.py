"""What every platform promises, held by the console and by the fake alike."""

import asyncio
import io
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console as Screen

from bot.console.adapter import ConsolePlatform
from bot.console.lines import Script
from bot.discord.adapter import DiscordPlatform
from bot.discord.address import Address as DiscordAddress
from bot.messages import (
    Attachment,
    Button,
    File,
    Image,
    Inbound,
    Level,
    Line,
    Outbound,
    Space,
    Words,
)
from bot.platforms import PLATFORMS
from bot.port import CannotPost, House, Maker, Platform, Receive
from bot.settings import Settings
from bot.telegram.adapter import Rooms, TelegramPlatform, Tempo
from bot.telegram.address import Address as TelegramAddress
from bot.telegram.memory import Passing
from bot.web.adapter import WebPlatform
from bot.web.bodies import Body
from bot.web.places import Address, Place
from bot.web.places import inbound as page_act
from engine import wiring
from engine.api import Visitor
from engine.messages import JobId, PersonId, SpaceId
from engine.settings import EngineSettings
from tests.emulators.discord.emulator import emulated
from tests.emulators.discord.world import TOKEN
from tests.emulators.telegram.people import ADA as PERSON
from tests.emulators.telegram.people import private
from tests.emulators.telegram.quick_time import QuickTime
from tests.emulators.telegram.server import TelegramServer
from tests.fakes.engine import FakeEngine, png
from tests.fakes.engine_room import TEMPLATE
from tests.fakes.page import leave_bare
from tests.fakes.platform import FakePlatform
from tests.fakes.pool import FakePool


@dataclass
class Stage:
    """A platform with people on one side and a reader of everything shown on the other."""

    platform: Platform
    address: str
    seen: Callable[[], str]
    """All text that people can see."""
    close: Callable[[], Awaitable[None]] | None = None


@dataclass
class Heard:
    """Stands for the router."""

    acts: list[Inbound] = field(default_factory=list)

    async def receive(self, inbound: Inbound) -> None:
        self.acts.append(inbound)


async def console(folder: Path, *said: str) -> Stage:
    paper = io.StringIO()
    screen = Screen(file=paper, width=400, highlight=False)
    return Stage(ConsolePlatform(screen, Script(said), folder), "terminal", paper.getvalue)


async def fake(_: Path, *said: str) -> Stage:
    platform = FakePlatform()
    for words in said:
        platform.say(words)
    platform.leave()

    def seen() -> str:
        parts = []
        for message in platform.messages.values():
            labels = [button.label for button in message.buttons]
            named = [part for line in message.lines for part in (line.name, line.value)]
            parts += [message.title, message.text, *named, *labels]
        return "\n".join(parts)

    return Stage(platform, "fake:garden/channel", seen)


class SaidOnThePage(WebPlatform):
    """The page with a visitor who says these words once it takes acts, and leaves."""

    said_there: tuple[str, ...] = ()

    async def run(self, receive: Receive) -> None:
        running = asyncio.create_task(super().run(receive))
        await self.listening()
        for number, words in enumerate(self.said_there):
            act = page_act(ADA, HERE, Words(text=words), f"act-{number}")
            await self.said(act, Body(name=ADA.name, text=words), is_public=True)
        while self._tasks:
            await asyncio.gather(*self._tasks)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def page(folder: Path, *said: str) -> Stage:
    settings = Settings(engine=EngineSettings(data_dir=folder))
    await TEMPLATE.furnish(folder)
    engine = await wiring.build(settings.engine, pool=FakePool())
    await engine.open()
    board = wiring.board(engine)
    platform = SaidOnThePage(settings, House(engine, board, leave_bare))
    platform.said_there = said

    def seen() -> str:
        with closing(sqlite3.connect(folder / "atelier.db")) as database:
            rows = database.execute("SELECT body FROM posts ORDER BY number").fetchall()
        parts = []
        for (kept,) in rows:
            body = Body.model_validate_json(kept)
            named = [part for line in body.lines for part in (line.name, line.value)]
            parts += [body.title, body.text, *named, *(each.label for each in body.buttons)]
        return "\n".join(parts)

    address = Address(HERE.space.id, ADA.person, ADA.name).written()
    return Stage(platform, address, seen, engine.stores.close)


ADA = Visitor(PersonId("web:ada"), "Ada")
HERE = Place(Space(id=SpaceId("web:lobby"), title="Lobby", kind="guild"), Level.MEMBER)


class SaidOnDiscord(DiscordPlatform):
    """Discord with a person who writes these words to the bot, and leaves."""

    heard: Callable[[], Awaitable[None]]

    async def run(self, receive: Receive) -> None:
        running = asyncio.create_task(super().run(receive))
        await self.listening()
        await self.heard()
        await self.hearing.settled()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def discord(folder: Path, *said: str) -> Stage:
    opened = AsyncExitStack()
    emulator = await opened.enter_async_context(emulated())
    world = emulator.world
    ada, channel = emulator.person(), int(world.guild().channels[0]["id"])
    platform = SaidOnDiscord(emulator.settings(), FakeEngine(), leave_bare)
    opened.push_async_callback(platform.client.close)

    async def heard() -> None:
        await emulator.is_connected()
        for words in said:
            ada.says(channel, f"@bot {words}")
        await world.until(lambda: len(world.typing) == len(said))

    platform.heard = heard
    if not said:
        await platform.client.login(TOKEN)

    def seen() -> str:
        every = world.by_bot(channel)
        return "\n".join(part for each in every for part in (each.text, *each.labels))

    address = DiscordAddress(channel=channel, person=ada.id).written()
    return Stage(platform, address, seen, opened.aclose)


class SaidOnTelegram(TelegramPlatform):
    """Telegram with a person who writes these words to the bot, and leaves."""

    said_there: tuple[str, ...] = ()
    heard: asyncio.Semaphore

    async def run(self, receive: Receive) -> None:
        self.heard = asyncio.Semaphore(0)

        async def counts(act: Inbound) -> None:
            await receive(act)
            self.heard.release()

        running = asyncio.create_task(super().run(counts))
        for _ in self.said_there:
            await self.heard.acquire()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def stay(_: SpaceId, __: SpaceId) -> None:
    """No group moves here."""


def hurried() -> Tempo:
    """Waits are over at once."""
    time = QuickTime()
    return Tempo(clock=time, pause=time.pause)


async def telegram(folder: Path, *said: str) -> Stage:
    server = TelegramServer()
    await server.start()
    room = private(server)
    rooms = Rooms(leave_bare, stay, Passing())
    platform = SaidOnTelegram(server.settings(), FakeEngine(), rooms, hurried())
    platform.said_there = said
    for words in said:
        await room.say(PERSON, words)
    if not said:
        await platform.client.initialize()
        await platform.begin()

    async def close() -> None:
        if not said:
            await platform.end()
            await platform.client.shutdown()
        await server.stop()
        assert server.findings == []

    address = TelegramAddress(chat=room.number).written()
    return Stage(platform, address, lambda: server.text(room.number), close)


STAGES = {
    "console": console, "fake": fake, "web": page, "discord": discord, "telegram": telegram,
}  # fmt: skip
ON_LOOPBACK = pytest.mark.allow_hosts(["127.0.0.1", "localhost"])
Make = Callable[..., Awaitable[Stage]]


@pytest.fixture(
    params=[
        pytest.param(stage, id=name, marks=[ON_LOOPBACK] if name in ("discord", "telegram") else [])
        for name, stage in STAGES.items()
    ]
)
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Sets a stage; whatever it opened is closed after the test."""
    set_up: list[Stage] = []

    async def setting(folder: Path, *said: str) -> Stage:
        set_up.append(await request.param(folder, *said))
        return set_up[-1]

    yield setting
    for stage in set_up:
        if stage.close is not None:
            await stage.close()


def test_every_row_is_tried_here() -> None:
    assert set(PLATFORMS) <= set(STAGES)
    assert all(isinstance(maker, Maker) for maker in PLATFORMS.all().values())


async def test_limits_are_usable(make: Make, tmp_path: Path) -> None:
    platform = (await make(tmp_path)).platform
    limits = platform.capabilities
    assert min(limits.text_chars, limits.images, limits.image_bytes, limits.buttons) >= 1
    assert limits.progress_every_s > 0
    assert platform.name


async def test_what_people_say_arrives_in_order_until_they_leave(
    make: Make, tmp_path: Path
) -> None:
    stage, heard = await make(tmp_path, "one", "two", "three"), Heard()
    await asyncio.wait_for(stage.platform.run(heard.receive), 60)
    said = [act.act.text for act in heard.acts if isinstance(act.act, Words)]
    assert said == ["one", "two", "three"]


async def test_every_act_has_its_own_id_and_says_who_and_where(make: Make, tmp_path: Path) -> None:
    stage, heard = await make(tmp_path, "same", "same"), Heard()
    await asyncio.wait_for(stage.platform.run(heard.receive), 60)
    first, second = heard.acts
    assert first.id != second.id
    assert first.conversation == second.conversation
    assert first.platform == stage.platform.name
    assert first.author.id.startswith(f"{stage.platform.name}:")
    assert first.space.id.startswith(f"{stage.platform.name}:")
    assert first.address


async def test_a_whole_message_is_shown(make: Make, tmp_path: Path) -> None:
    stage = await make(tmp_path)
    await stage.platform.post(
        stage.address,
        Outbound(
            title="A title",
            text="Some text",
            lines=(Line(name="weight", value="0.9"),),
            images=(Image(name="job1.png", png=png(), alt="a square"),),
            files=(File(name="data.json", media_type="application/json", data=b"{}"),),
            buttons=(Button(id="draw:intent-1", label="again"),),
        ),
        nonce="n1",
    )
    for part in ("A title", "Some text", "weight", "0.9", "again"):
        assert part in stage.seen()


async def test_each_message_has_an_id_of_its_own(make: Make, tmp_path: Path) -> None:
    stage = await make(tmp_path)
    ids = [
        await stage.platform.post(stage.address, Outbound(text=f"n{number}"), nonce=f"n{number}")
        for number in range(3)
    ]
    assert len(set(ids)) == 3


async def test_an_edit_may_be_repeated(make: Make, tmp_path: Path) -> None:
    stage = await make(tmp_path)
    job = JobId("job1")
    progress = Outbound(text="Drawing.", job=job, progress=0.5)
    message_id = await stage.platform.post(stage.address, progress, nonce="n1")
    for _ in range(2):
        result = Outbound(text="It is done.", job=job)
        await stage.platform.edit(stage.address, message_id, result)
    assert "It is done." in stage.seen()


async def test_the_same_nonce_shows_nothing_twice_where_that_is_promised(
    make: Make, tmp_path: Path
) -> None:
    stage = await make(tmp_path)
    if not stage.platform.capabilities.has_nonce:
        pytest.skip("promises no nonce")
    for _ in range(2):
        await stage.platform.post(stage.address, Outbound(text="only once"), nonce="same")
    assert stage.seen().count("only once") == 1


async def test_words_are_shown_as_they_are(make: Make, tmp_path: Path) -> None:
    stage = await make(tmp_path)
    hostile = "[bold red]not markup[/] **nor this** <b>nor this</b>"
    label = Button(id="draw:intent-1", label="[blink]press[/blink]")
    line = Line(name="[link=x]name[/link]", value="[/]")
    await stage.platform.post(
        stage.address, Outbound(text=hostile, lines=(line,), buttons=(label,)), nonce="n1"
    )
    for part in (hostile, "[blink]press[/blink]", "[link=x]name[/link]", "[/]"):
        assert part in stage.seen()


async def test_files_never_leave_their_folder(make: Make, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    stage = await make(inside)
    wicked = Image(name="../../wicked.png", png=png(), alt="")
    await stage.platform.post(stage.address, Outbound(images=(wicked,)), nonce="n1")
    assert list(tmp_path.glob("*.png")) == []


async def test_an_attachment_that_is_gone_cannot_be_fetched(make: Make, tmp_path: Path) -> None:
    stage = await make(tmp_path)
    gone = Attachment(name="a.png", size_bytes=1, handle="nowhere")
    with pytest.raises(CannotPost) as caught:
        async for _ in stage.platform.fetch(gone, 1000):
            pass
    assert caught.value.final
