"""How long a claim takes with 20,000 waiting jobs of 2,000 people in 50 spaces."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import Connection, insert, update

from engine.messages import Priority, WorkerId
from engine.storage.database import Database
from engine.storage.fair import FairRules, Holds
from engine.storage.migration import upgrade
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.tables import deliveries, jobs, queue_clock, queue_lanes, queue_spaces
from tests.bench.rows import Row
from tests.fakes.jobs import NOON, job, owner, plan, sha
from tests.servers import database_url, order, postgres_server

BENCH = "queue_claim"
JOBS = 20_000
PEOPLE = 2_000
SPACES = 50
CLAIMS = 500
ADMISSIONS = 200
AT_ONCE = 200
AIM_P99_MS = 15.0
WORKER = WorkerId("bench")
LEASE = timedelta(minutes=1)


def run() -> list[Row]:
    """Measure both databases; fills a temporary one each."""
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(_measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}"))
    with postgres_server(is_durable=True) as server:
        asyncio.run(order(server, "CREATE DATABASE bench"))
        rows += asyncio.run(_measure("PostgreSQL", database_url(server, "bench")))
    return rows


async def _measure(name: str, url: str) -> list[Row]:
    await upgrade(url)
    async with _opened(url) as database:
        await _fill(database)
        queue = QueueStore(database)
        claims = [await _claim_ms(queue, index) for index in range(CLAIMS)]
        admissions = [await _admit_ms(queue, index) for index in range(ADMISSIONS)]
        started = perf_counter()
        await asyncio.gather(*(_admit_ms(queue, ADMISSIONS + index) for index in range(AT_ONCE)))
        at_once_ms = (perf_counter() - started) * 1000
    return [
        *_rows(name, "claim", claims, f"at most {AIM_P99_MS:g} ms"),
        *_rows(name, "admission", admissions),
        Row(BENCH, f"{name}: {AT_ONCE} admissions at once, the last", at_once_ms, "ms"),
    ]


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await Database.open(url, busy_timeout_s=30)
    try:
        yield database
    finally:
        await database.close()


async def _claim_ms(queue: QueueStore, index: int) -> float:
    holds = Holds("miniature", frozenset({sha(index % 7)}))
    now = NOON + timedelta(hours=1)
    started = perf_counter()
    claimed = await queue.claim(WORKER, now, now + LEASE, holds, FairRules())
    took_ms = (perf_counter() - started) * 1000
    if claimed is None:
        raise RuntimeError("the queue ran empty")
    return took_ms


async def _admit_ms(queue: QueueStore, index: int) -> float:
    asked = job(f"new-{index}", owner(f"p:new-{index % 40}", f"s:{index % SPACES}"))
    caps = Caps(person=10**6, space=10**6, everyone=10**6)
    started = perf_counter()
    await queue.admit(Admission(asked, "console", "here", f"act {index}"), caps, NOON)
    return (perf_counter() - started) * 1000


async def _fill(database: Database) -> None:
    """The rows that so many admissions leave, written in bulk."""
    queued = [_queued(index) for index in range(JOBS)]
    each = JOBS // PEOPLE
    people = PEOPLE // SPACES
    lanes = [
        {
            "space": f"s:{person % SPACES}",
            "person": f"p:{person}",
            "priority": int(Priority.INTERACTIVE),
            "waiting": each,
            "virtual_time": 0.0,
            "tick": person + 1,
        }
        for person in range(PEOPLE)
    ]
    spaces = [
        {
            "space": f"s:{space}",
            "priority": int(Priority.INTERACTIVE),
            "waiting": each * people,
            "people": people,
            "virtual_time": 0.0,
            "tick": space + 1,
            "clock": 0.0,
        }
        for space in range(SPACES)
    ]
    waiting = [
        {
            "job": row["id"],
            "platform": "console",
            "address": "here",
            "state": "waiting",
            "nonce": "n",
            "tries": 0,
            "why": "",
        }
        for row in queued
    ]

    def write(connection: Connection) -> None:
        connection.execute(insert(jobs), queued)
        connection.execute(insert(deliveries), waiting)
        connection.execute(insert(queue_lanes), lanes)
        connection.execute(insert(queue_spaces), spaces)
        connection.execute(update(queue_clock).values(ticks=PEOPLE))

    await database.write(write)


def _queued(index: int) -> dict[str, object]:
    person = index % PEOPLE
    loras = frozenset({sha(index % 7)})
    return {
        "id": f"job-{index}",
        "space": f"s:{person % SPACES}",
        "person": f"p:{person}",
        "priority": int(Priority.INTERACTIVE),
        "state": "queued",
        "attempts": 0,
        "fence": 0,
        "cost": 1.0 + index % 3,
        "space_charge": 0.0,
        "passed_over": 0,
        "cancel_asked": False,
        "asked_at": NOON + timedelta(seconds=index / 10),
        "base": "miniature",
        "loras": loras,
        "plan": plan(loras=tuple(loras)),
    }


def _rows(database: str, what: str, times_ms: list[float], aim: str = "") -> list[Row]:
    of = f"{database}: {what}, {JOBS} jobs waiting"
    return [
        Row(BENCH, f"{of}, median", median(times_ms), "ms"),
        Row(BENCH, f"{of}, p99", quantiles(times_ms, n=100)[98], "ms", aim=aim),
    ]
