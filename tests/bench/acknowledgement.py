"""How soon people hear back when 200 requests come within a second while the worker computes.

Each round measures the bot as it is and the bot with nothing remembered, one after the other, so
that both meet the same load of the machine; figures are medians over the rounds.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from unittest.mock import patch

from bot import wiring as bot_wiring
from bot.messages import Attachment, Inbound, Outbound, Words
from bot.port import CannotPost, Receive
from engine import wiring
from engine.messages import Generate, PersonId, Settings, Started
from engine.service import AtelierEngine
from engine.settings import EngineSettings, QueueSettings
from engine.storage.remembered import Remembered
from engine.storage.spaces import SpaceStore
from tests.bench.rows import Row
from tests.fakes.engine_room import HERE, visit
from tests.fakes.platform import LIMITS, SPACE, inbound
from tests.fakes.transactions import Transactions, counted

BENCH = "acknowledgement"
PEOPLE = 40
REQUESTS = 200
WITHIN_S = 1.0
QUIET_TICKS = 200
ROUNDS = 3


class Stopwatch:
    """A platform that notes when it could acknowledge an act, and when its answer was posted."""

    name = "fake"
    capabilities = replace(LIMITS, progress_every_s=60.0)

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.everyone_heard = asyncio.Event()

    async def run(self, receive: Receive) -> None:
        """Acts arrive evenly; each is acknowledged by its own task, then handled."""
        async with asyncio.TaskGroup() as acts:
            due_s = perf_counter()
            for number in range(REQUESTS):
                due_s += WITHIN_S / REQUESTS
                await asyncio.sleep(max(0.0, due_s - perf_counter()))
                act = inbound(
                    Words(text="a red circle on a blue background"),
                    id=f"act-{number}",
                    person=f"person{number % PEOPLE}",
                )
                self.arrived[act.id] = due_s
                acts.create_task(self._handle(act, receive))

    async def _handle(self, act: Inbound, receive: Receive) -> None:
        self.acknowledged[act.id] = perf_counter()
        await receive(act)

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        act = nonce.removeprefix("ack-").removeprefix("answer-")
        self.answered.setdefault(act, perf_counter())
        if all(name in self.answered for name in self.arrived) and len(self.arrived) == REQUESTS:
            self.everyone_heard.set()
        return nonce

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        return

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        raise CannotPost("nothing is attached", final=True)

    async def direct(self, person: PersonId) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Storm:
    """One run of all requests; times in seconds."""

    timer: list[float]
    """How late an idle loop wakes while the worker computes."""
    lag: list[float]
    """How late the loop wakes during the storm."""
    acknowledged: list[float]
    answered: list[float]
    transactions: float
    statements: float


def run() -> list[Row]:
    """Milliseconds, as pairs with and without what is remembered."""
    ours, bare = [], []
    load = os.getloadavg()[0]
    for _ in range(ROUNDS):
        ours.append(_storm())
        with nothing_remembered():
            bare.append(_storm())
    return [
        *_rows("acknowledged", [each.acknowledged for each in ours], _idle(ours)),
        *_rows("loop wakes late", [each.lag for each in ours], _idle(ours)),
        *_rows(
            "told the place in the queue",
            [each.answered for each in ours],
            _Baseline("nothing remembered", [each.answered for each in bare]),
            "p99 250 ms on two quiet cores",
        ),
        _count(
            "transactions", [each.transactions for each in ours], [b.transactions for b in bare]
        ),
        _count("statements", [each.statements for each in ours], [b.statements for b in bare]),
        Row(BENCH, "load of the machine before", load, "processes"),
    ]


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Every request reads its cards, its bases and its member anew."""

    async def read(remembered: Remembered[object, object], key: object) -> object:
        return await remembered._read(key)

    with (
        patch.object(Remembered, "get", read),
        patch.object(SpaceStore, "_was_seen", lambda *_: False),
    ):
        yield


def _storm() -> Storm:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> Storm:
    queue = QueueSettings(max_waiting_per_space=1000, max_waiting_per_person=50)
    engine = await wiring.build(EngineSettings(data_dir=folder, queue=queue))
    await engine.open()
    await wiring.furnish_demo(engine, SPACE.id)
    await engine.start()
    watch = Stopwatch()
    bot = bot_wiring.build(engine, {watch.name: watch})
    lag: list[float] = []
    try:
        await _keep_busy(engine)
        timer = [await _late() for _ in range(QUIET_TICKS)]
        await bot.delivery.start()
        with counted() as work:
            async with _watching(lag):
                await watch.run(bot.router.receive)
                await asyncio.wait_for(watch.everyone_heard.wait(), 60)
        await engine.cancel(visit().owner, None)
    finally:
        await bot.delivery.stop()
        await engine.stop()
    return _told(watch, timer, lag, work)


def _told(watch: Stopwatch, timer: list[float], lag: list[float], work: Transactions) -> Storm:
    return Storm(
        timer=timer,
        lag=lag,
        acknowledged=[watch.acknowledged[act] - begun for act, begun in watch.arrived.items()],
        answered=[watch.answered[act] - begun for act, begun in watch.arrived.items()],
        transactions=work.transactions / REQUESTS,
        statements=work.statements / REQUESTS,
    )


async def _keep_busy(engine: AtelierEngine) -> None:
    """One long order in the worker, so that it computes all the while."""
    events = engine.events()
    settings = Settings(steps=80, count=4)
    wish = Generate(words="a long wait", prompt="a red circle", settings=settings)
    ticket = await engine.draw(visit(), wish, HERE)
    async for event in events:
        if isinstance(event, Started) and event.job == ticket.job:
            return


async def _late() -> float:
    """How late this loop wakes from a sleep as long as the pause between two requests."""
    due_s = perf_counter() + WITHIN_S / REQUESTS
    await asyncio.sleep(WITHIN_S / REQUESTS)
    return perf_counter() - due_s


@asynccontextmanager
async def _watching(lag: list[float]) -> AsyncIterator[None]:
    async def watch() -> None:
        while True:
            lag.append(await _late())

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


@dataclass(frozen=True, slots=True)
class _Baseline:
    name: str
    rounds: Sequence[list[float]]


def _idle(storms: Sequence[Storm]) -> _Baseline:
    return _Baseline("an idle loop's timer", [storm.timer for storm in storms])


def _rows(what: str, rounds: Sequence[list[float]], against: _Baseline, aim: str = "") -> list[Row]:
    """p50 and p99: medians over the rounds, ratios of rounds side by side."""
    rows = []
    for name, place in (("p50", 49), ("p99", 98)):
        figures = [quantiles(each, n=100)[place] for each in rounds]
        bases = [quantiles(each, n=100)[place] for each in against.rounds]
        ratio = median(own / base for own, base in zip(figures, bases, strict=True))
        of_aim = aim if name == "p99" else ""
        of = f"{what}, {name}"
        rows.append(Row(BENCH, of, 1e3 * median(figures), "ms", against.name, ratio, of_aim))
    return rows


def _count(what: str, ours: Sequence[float], bare: Sequence[float]) -> Row:
    figure, baseline = median(ours), median(bare)
    return Row(BENCH, f"{what} a request", figure, what, "nothing remembered", figure / baseline)
