"""Browsing and searching a place with 10,000 LoRAs: pages, words, misspelt words."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from engine.messages import Card, PersonId, Sha256, SpaceId, Trigger
from engine.storage.database import Database
from engine.storage.entries import FileFacts, NewEntry
from engine.storage.entry_rows import add_entry
from engine.storage.entry_search import EntryQuery, EntrySearch
from engine.storage.migration import upgrade
from tests.bench.rows import Row

COUNT = 10_000
TIMES = 25
SPACE = SpaceId("bench:place")
SYLLABLES = ("ba", "ne", "lu", "mo", "ri", "ta", "zi", "ko", "sha", "vel", "dor", "qui")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> list[Row]:
    """Medians over a freshly filled database."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        await upgrade(url)
        database = await Database.open(url)
        try:
            await database.write(_fill)
            search = EntrySearch(database)
            rows = [
                await _measure("first page", lambda: search.page(EntryQuery(SPACE))),
                await _measure("page 390", lambda: search.page(EntryQuery(SPACE, skip=9_750))),
                await _measure("one word", lambda: search.page(EntryQuery(SPACE, "zikomo"))),
                await _measure("half a word", lambda: search.page(EntryQuery(SPACE, "zi"))),
                await _measure("misspelt", lambda: search.page(EntryQuery(SPACE, "sahvelkomo"))),
            ]
        finally:
            await database.close()
    return rows


def _fill(connection: Connection) -> None:
    drawn = Random(7)  # the same words every time
    file = FileFacts(Sha256("0" * 64), 1, "kohya", "lora", "sdxl")
    for number in range(COUNT):
        words = ["".join(drawn.choices(SYLLABLES, k=3)) for _ in range(12)]
        card = Card(
            name=f"{words[0]} {words[1]} {number}",
            family="sdxl",
            triggers=(Trigger(word=words[2]),),
            tags=tuple(words[3:7]),
            description=" ".join(words[7:]),
        )
        new = NewEntry(card=card, file=file, state="approved")
        add_entry(connection, SPACE, new, PersonId("bench:host"), NOW)


async def _measure(what: str, ask: Callable[[], Awaitable[object]]) -> Row:
    await ask()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - began)
    figure = statistics.median(taken) * 1000
    return Row("registry_search", f"{what} of {COUNT}", figure, "ms", aim="50 ms or less")
