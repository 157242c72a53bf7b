"""Two hundred requests over forty LoRAs through the whole bot, many at once and one by one.

People come as a Poisson crowd and ask in words, for looks by Zipf's law. Router, director,
admission, queue, database, worker process and delivery are the real ones, the miniature draws; only
the platform is a fake that notes when the finished picture arrives. Waits are from word to picture.
"""

import asyncio
import json
import random
import statistics
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from bot import wiring as bot_wiring
from bot.messages import Invoke, Outbound
from bot.wiring import Bot
from engine import wiring
from engine.messages import JobId, PersonId, Ticket
from engine.registry.demo import MINIATURE, read_loras
from engine.service import AtelierEngine
from engine.settings import EngineSettings, QueueSettings, WorkerSettings
from tests.bench.rows import Row
from tests.fakes.platform import LIMITS, SPACE, FakePlatform, inbound

REQUESTS = 200
LOOKS = 40
PEOPLE = 25
STEPS = 6
WARMED = 80
"""Requests to learn from what one worker does alone."""
SEED = 11
LOAD = 1.6
"""Requests a second, in pictures that one worker draws alone in a second: a busy evening."""
MO = PersonId("fake:mo")
SYLLABLES = ("zor", "vik", "bel", "tru", "mon", "quax", "dri", "fen", "olu", "gash")


class Door(FakePlatform):
    """Notes when the outcome of each job arrives."""

    def __init__(self) -> None:
        super().__init__(LIMITS)
        self.over: dict[JobId, float] = {}
        self.news = asyncio.Event()

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        self._note(outbound)
        return await super().post(address, outbound, nonce=nonce)

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        self._note(outbound)
        await super().edit(address, message_id, outbound)

    def _note(self, outbound: Outbound) -> None:
        if outbound.job and outbound.images:
            self.over.setdefault(outbound.job, time.monotonic())
            self.news.set()


@dataclass
class Ledger:
    """What became of a crowd's requests."""

    waits: list[float] = field(default_factory=list)
    """Seconds from a word to its picture, sorted."""
    seconds: float = 0.0
    """From the first word to the last picture."""
    foretold: float = float("nan")
    """Share of the waits that lay inside the range that people were told."""
    sooner: float = float("nan")
    """Share that ended before that range."""
    as_meant: int = 0
    """Requests whose plan has the LoRAs that the words named, and no other."""


@dataclass(frozen=True)
class Wish:
    """Words, and the names in them."""

    words: str
    looks: frozenset[str]


async def crowd(most_rows: int, rate: float, count: int) -> Ledger:
    """Draw a crowd's requests with so many pictures at once; `rate` 0 asks for all at once."""
    with TemporaryDirectory() as folder:
        settings = EngineSettings(
            data_dir=Path(folder) / "data",
            queue=QueueSettings(max_waiting_per_person=1000, max_waiting_per_space=1000),
            workers=WorkerSettings(
                devices=("cpu",), most_rows=most_rows, threads=1, preview_every=0
            ),
        )
        engine = await wiring.build(settings)
        await engine.open()
        await wiring.furnish_demo(engine, SPACE.id)
        characters, styles = await _stock(engine, Path(folder))
        await engine.start()
        door = Door()
        bot = bot_wiring.build(engine, {door.name: door})
        await bot.delivery.start()
        try:
            return await _drawn(bot, engine, door, _wishes(characters, styles, count), rate)
        finally:
            await bot.delivery.stop()
            await engine.stop()


async def _stock(engine: AtelierEngine, folder: Path) -> tuple[list[str], list[str]]:
    """Forty files of their own, made of the miniature's seven: names of characters and styles."""
    chance, given = random.Random(SEED), read_loras(MINIATURE / "loras")
    names: dict[str, None] = {}
    while len(names) < LOOKS:
        names["".join(chance.choices(SYLLABLES, k=3)).capitalize()] = None
    characters: list[str] = []
    styles: list[str] = []
    shelf = wiring.shelf(engine)
    for number, name in enumerate(names):
        path, facts = given[number % len(given)]
        copy = folder / f"{name}.safetensors"
        copy.write_bytes(_renamed(path.read_bytes(), name))
        card = facts.model_copy(update={"name": name, "aliases": (), "tags": ()})
        await shelf.add(SPACE.id, copy, card, MO)
        (characters if facts.kind == "character" else styles).append(name)
    return characters, styles


def _renamed(data: bytes, name: str) -> bytes:
    """The same tensors under another name in the header, so that it is another file."""
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] |= {"ss_output_name": name}
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    return struct.pack("<Q", len(told)) + told + data[8 + size :]


def _wishes(characters: list[str], styles: list[str], count: int) -> list[Wish]:
    """One look or two in everyday words; a few looks are everybody's darlings."""
    chance = random.Random(SEED)
    wishes = []
    for number in range(count):
        style = _by_zipf(chance, styles)
        if number % 2:
            name = _by_zipf(chance, characters)
            wishes.append(Wish(f"{name} in {style} on a blue background", frozenset({name, style})))
        else:
            wishes.append(Wish(f"{number % 4 + 1} red circles in {style}", frozenset({style})))
    return wishes


def _by_zipf(chance: random.Random, names: list[str]) -> str:
    return chance.choices(names, [1 / (rank + 1) for rank in range(len(names))])[0]


async def _drawn(
    bot: Bot, engine: AtelierEngine, door: Door, wishes: list[Wish], rate: float
) -> Ledger:
    chance, tickets = random.Random(SEED), _tickets(engine)
    await _ask(bot, Wish("a blue star", frozenset()), 0, "warm-up")
    await _until(door, 1)
    tickets.clear()
    came: list[float] = []
    for number, wish in enumerate(wishes):
        came.append(time.monotonic())
        await _ask(bot, wish, chance.randrange(PEOPLE), f"act-{number}", seed=number)
        if rate and number + 1 < len(wishes):
            await asyncio.sleep(chance.expovariate(rate))
    await _until(door, len(wishes) + 1)
    return await _told(engine, door, wishes, came, tickets)


def _tickets(engine: AtelierEngine) -> list[tuple[float, Ticket]]:
    """Every ticket from now on, with the moment when it was handed out."""
    draw, tickets = engine.draw, []

    async def noted(*given: Any, **more: Any) -> Ticket:
        ticket = await draw(*given, **more)
        tickets.append((time.monotonic(), ticket))
        return ticket

    engine.draw = noted  # type: ignore[method-assign]
    return tickets


async def _ask(bot: Bot, wish: Wish, person: int, act: str, seed: int = 0) -> None:
    options = {"words": wish.words, "steps": str(STEPS), "seed": str(seed)}
    said = Invoke(name="create", options=options)
    await bot.router.receive(inbound(said, id=act, person=f"p{person}"))


async def _until(door: Door, count: int) -> None:
    async with asyncio.timeout(900):
        while len(door.over) < count:
            door.news.clear()
            await door.news.wait()


async def _told(
    engine: AtelierEngine,
    door: Door,
    wishes: list[Wish],
    came: list[float],
    tickets: list[tuple[float, Ticket]],
) -> Ledger:
    ledger, inside, sooner = Ledger(), [], []
    for wish, at, (told_at, ticket) in zip(wishes, came, tickets, strict=True):
        ledger.waits.append(door.over[ticket.job] - at)
        wait = door.over[ticket.job] - told_at
        if ticket.eta_low_s is not None and ticket.eta_high_s is not None:
            inside.append(ticket.eta_low_s <= wait <= ticket.eta_high_s)
            sooner.append(wait < ticket.eta_low_s)
        job = await engine.stores.jobs.get(ticket.job)
        assert job is not None
        ledger.as_meant += frozenset(lora.name for lora in job.plan.loras) == wish.looks
    ledger.waits.sort()
    ledger.seconds = max(door.over.values()) - came[0]
    if inside:
        ledger.foretold, ledger.sooner = statistics.mean(inside), statistics.mean(sooner)
    return ledger


def run() -> list[Row]:
    """The same crowd with eight pictures at once and with one."""
    torch.set_num_threads(1)
    alone = asyncio.run(crowd(1, 0.0, WARMED))
    rate = LOAD * WARMED / alone.seconds
    together = asyncio.run(crowd(8, rate, REQUESTS))
    one_by_one = asyncio.run(crowd(1, rate, REQUESTS))
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, theirs = (_at(ledger.waits, share) for ledger in (together, one_by_one))
        rows.append(
            Row("trace", f"{REQUESTS} requests, wait {name}", ours, "s",
                baseline=f"one at a time, {theirs:.2f} s", ratio=ours / theirs)
        )  # fmt: skip
    goodput, theirs = REQUESTS / together.seconds, REQUESTS / one_by_one.seconds
    rows.append(
        Row("trace", f"{REQUESTS} requests, goodput", goodput, "pictures/s",
            baseline=f"one at a time, {theirs:.2f}", ratio=goodput / theirs)
    )  # fmt: skip
    for name, ledger in (("eight at once", together), ("one at a time", one_by_one)):
        rows += [
            Row("trace", f"waits inside what was told, {name}", 100 * ledger.foretold, "%"),
            Row("trace", f"waits shorter than told, {name}", 100 * ledger.sooner, "%"),
        ]
    lost = REQUESTS - len(together.waits)
    rows.append(Row("trace", "requests lost", float(lost), "", aim="0"))
    rows.append(
        Row("trace", "plans with other LoRAs than named", float(REQUESTS - together.as_meant), "",
            aim="0")
    )  # fmt: skip
    return rows


def _at(waits: list[float], share: float) -> float:
    if not waits:
        return float("nan")
    return statistics.quantiles(waits, n=100)[int(share * 100) - 1]
