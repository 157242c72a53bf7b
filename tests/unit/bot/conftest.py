"""A bot around the fake engine and the fake platform; nothing takes real time."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.command import Context
from bot.commands import COMMANDS
from bot.messages import Inbound, Invoke, Level, Outbound, Press, Words
from bot.wiring import Bot, build
from engine.messages import JobId
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import LIMITS, FakePlatform, Pauses, inbound, quiet

Do = Callable[[Inbound], Awaitable[Outbound]]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def bot(engine: FakeEngine, platform: FakePlatform, pauses: Pauses) -> AsyncIterator[Bot]:
    """Everything but the platform's listening; acts go to `bot.router.receive`."""
    built = build(engine, {"fake": platform}, pauses)
    await engine.start()
    await built.delivery.start()
    await quiet()
    yield built
    await built.delivery.stop()
    await engine.stop()


@pytest.fixture
def do(bot: Bot, platform: FakePlatform) -> Do:
    """Send an act through the router and see what people see."""

    async def act(said: Inbound) -> Outbound:
        await bot.router.receive(said)
        await quiet()
        return platform.newest

    return act


@pytest.fixture
def context(engine: FakeEngine, platform: FakePlatform) -> Context:
    """What a command is given when Ada uses it."""
    return Context(inbound(Words(text="")), engine, LIMITS, COMMANDS.all(), platform.fetch)


class Ada:
    """A person who types."""

    def __init__(self, do: Do, engine: FakeEngine, platform: FakePlatform) -> None:
        self._do, self._engine, self._platform = do, engine, platform
        self._acts = 0

    async def says(self, text: str, person: str = "ada") -> Outbound:
        return await self._do(inbound(Words(text=text), id=self._id(), person=person))

    async def uses(
        self, name: str, /, person: str = "ada", level: Level = Level.MEMBER, **options: str
    ) -> Outbound:
        act = Invoke(name=name, options=options)
        return await self._do(inbound(act, id=self._id(), person=person, level=level))

    async def types(self, line: str) -> Outbound:
        name, _, rest = line[1:].partition(" ")
        act = Invoke(name=name, options=COMMANDS.get(name).parse(rest))
        return await self._do(inbound(act, id=self._id()))

    async def presses(self, label: str, person: str = "ada") -> Outbound:
        act = Press(button=self._platform.button(label).id)
        return await self._do(inbound(act, id=self._id(), person=person))

    async def has_drawn(self, words: str = "Zib in neon") -> JobId:
        job = (await self.says(words)).job
        assert job is not None
        self._engine.finish(job)
        await quiet()
        return job

    def _id(self) -> str:
        self._acts += 1
        return f"act-{self._acts}"


@pytest.fixture
def ada(do: Do, engine: FakeEngine, platform: FakePlatform) -> Ada:
    return Ada(do, engine, platform)
