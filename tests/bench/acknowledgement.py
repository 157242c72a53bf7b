"""How soon people hear back when 200 requests come within a second while the worker computes."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bot import wiring as bot_wiring
from bot.messages import Attachment, Inbound, Outbound, Words
from bot.port import CannotPost, Receive
from engine import wiring
from engine.messages import Generate, Settings, Started
from engine.service import AtelierEngine
from engine.settings import EngineSettings, QueueSettings
from tests.bench.rows import Row
from tests.fakes.engine_room import HERE, visit
from tests.fakes.platform import LIMITS, SPACE, inbound

BENCH = "acknowledgement"
PEOPLE = 40
REQUESTS = 200
WITHIN_S = 1.0
QUIET_ROUNDS = 200


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

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        raise CannotPost("nothing is attached", final=True)


def run() -> list[Row]:
    """Milliseconds, with the machine's own timer under the same load as the baseline."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Row]:
    queue = QueueSettings(max_waiting_per_space=1000, max_waiting_per_person=50)
    engine = await wiring.build(EngineSettings(data_dir=folder, queue=queue))
    await engine.open()
    await wiring.furnish_demo(engine, SPACE.id)
    await engine.start()
    watch = Stopwatch()
    bot = bot_wiring.build(engine, {watch.name: watch})
    try:
        await _keep_busy(engine)
        timer = await _timer_lag()
        await bot.delivery.start()
        await watch.run(bot.router.receive)
        await asyncio.wait_for(watch.everyone_heard.wait(), 60)
        await engine.cancel(visit().owner, None)
    finally:
        await bot.delivery.stop()
        await engine.stop()
    acks = [watch.acknowledged[act] - begun for act, begun in watch.arrived.items()]
    answers = [watch.answered[act] - begun for act, begun in watch.arrived.items()]
    return [
        *_rows("acknowledged", acks, timer, "p99 250 ms"),
        *_rows("told the place in the queue", answers, timer, ""),
    ]


async def _keep_busy(engine: AtelierEngine) -> None:
    """One long order in the worker, so that it computes all the while."""
    events = engine.events()
    settings = Settings(steps=80, count=4)
    wish = Generate(words="a long wait", prompt="a red circle", settings=settings)
    ticket = await engine.draw(visit(), wish, HERE)
    async for event in events:
        if isinstance(event, Started) and event.job == ticket.job:
            return


async def _timer_lag() -> list[float]:
    """How late this loop wakes while nothing but the worker runs."""
    late = []
    for _ in range(QUIET_ROUNDS):
        due_s = perf_counter() + WITHIN_S / REQUESTS
        await asyncio.sleep(WITHIN_S / REQUESTS)
        late.append(perf_counter() - due_s)
    return late


def _rows(what: str, seconds: list[float], timer: list[float], aim: str) -> list[Row]:
    middle, worst = median(seconds), quantiles(seconds, n=100)[98]
    base_middle, base_worst = median(timer), quantiles(timer, n=100)[98]
    against = "an idle loop's timer"
    return [
        Row(BENCH, f"{what}, p50", 1e3 * middle, "ms", against, middle / base_middle),
        Row(BENCH, f"{what}, p99", 1e3 * worst, "ms", against, worst / base_worst, aim),
    ]
