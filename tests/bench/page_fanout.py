"""Events to 50 open pages against one, and the bot's memory after 1,000 pictures on the page.

A page is a WebSocket that this same process reads, so the reading of 50 pages is part of the time.
Rounds with 50 pages and with one take turns: both meet the same load of the machine. The memory
includes what the pool of the test keeps of each order.
"""

import asyncio
import gc
import json
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import psutil

from bot.settings import WebSettings
from bot.web.bodies import Body
from engine.api import NewPost
from engine.messages import PersonId
from engine.settings import QueueSettings
from tests.bench.rows import Row
from tests.fakes.page import STUDIO, Guest, Page, open_page

BENCH = "page_fanout"
PAGES = 50
EVENTS = 40
ROUNDS = 5
PICTURES = 1000
WARM_UP = 100
AT_ONCE = 20
MIB = 1 << 20
WORDS = "a small red heart on a yellow background, as a mosaic at golden hour"
ROOMY = QueueSettings(max_waiting_per_space=10_000, max_waiting_per_person=10_000)


def run() -> list[Row]:
    """Milliseconds from publishing to the last page, and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(_fanout(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        rows += asyncio.run(_memory(Path(folder)))
    return rows


# --- fan-out -----------------------------------------------------------------------------------


async def _fanout(folder: Path) -> list[Row]:
    async with open_page(folder) as page, AsyncExitStack() as stack:
        guests = [
            await stack.enter_async_context(page.visitor(f"Guest {number}"))
            for number in range(PAGES)
        ]
        posts: dict[int, list[list[float]]] = {PAGES: [], 1: []}
        moves: dict[int, list[list[float]]] = {PAGES: [], 1: []}
        for _ in range(ROUNDS):
            for count in (PAGES, 1):
                listening = guests[:count]
                for guest in listening:
                    await guest.listen()
                posts[count].append([await _post_ms(page, listening) for _ in range(EVENTS)])
                moves[count].append([await _move_ms(page, listening) for _ in range(EVENTS)])
                for guest in listening:
                    await guest.hang_up()
    return [
        *_rows("a post kept and shown to the last", posts),
        *_rows("a step of a job shown to the last", moves),
    ]


async def _post_ms(page: Page, guests: Sequence[Guest]) -> float:
    """A post is written to the database and told to everybody."""
    name = f"p{perf_counter()}"
    body = Body(name="Ada", text=WORDS).kept()
    new = NewPost(
        id=name, space=STUDIO, nonce=name, body=body, author=PersonId("web:ada"), asked_by=None
    )
    began = perf_counter()
    await page.platform._board.posts.add(new, page.platform._now())
    await page.platform.tell()
    await asyncio.gather(*(guest.hears("post", id=name) for guest in guests))
    return _done(began, guests)


async def _move_ms(page: Page, guests: Sequence[Guest]) -> float:
    """Progress is not kept: it goes straight to the pages."""
    name = f"m{perf_counter()}"
    frame = json.dumps({"kind": "progress", "post": name, "progress": 0.5, "preview": "x" * 6000})
    began = perf_counter()
    page.platform.fanout.move(STUDIO, None, name, frame)
    await asyncio.gather(*(guest.hears("progress", post=name) for guest in guests))
    return _done(began, guests)


def _done(began: float, guests: Sequence[Guest]) -> float:
    took_ms = 1e3 * (perf_counter() - began)
    for guest in guests:
        guest.heard.clear()
    return took_ms


def _rows(what: str, rounds: dict[int, list[list[float]]]) -> list[Row]:
    """p50 and p99: medians over the rounds, ratios of rounds side by side."""
    rows = []
    for name, place in (("p50", 49), ("p99", 98)):
        many = [quantiles(each, n=100)[place] for each in rounds[PAGES]]
        one = [quantiles(each, n=100)[place] for each in rounds[1]]
        ratio = median(own / base for own, base in zip(many, one, strict=True))
        of = f"{what} of {PAGES} pages, {name}"
        rows.append(Row(BENCH, of, median(many), "ms", "one page", ratio))
    return rows


# --- memory ------------------------------------------------------------------------------------


async def _memory(folder: Path) -> list[Row]:
    """Pictures asked for through the page, drawn by the pool in memory, shown to an open page."""
    async with open_page(folder, queue=ROOMY, web=WebSettings(channels=("Studio",))) as page:
        await _draw(page, WARM_UP)
        before = _megabytes()
        await _draw(page, PICTURES)
        after = _megabytes()
    what = f"memory of the bot after {PICTURES} pictures"
    return [
        Row(BENCH, what, after, "MiB", f"after {WARM_UP}", after / before),
        Row(BENCH, f"{what}, more than after {WARM_UP}", after - before, "MiB"),
    ]


async def _draw(page: Page, count: int) -> None:
    """So many pictures by people who come and go, each asking for a few."""
    for start in range(0, count, AT_ONCE):
        async with page.visitor(f"Guest {start}") as guest:
            await guest.listen()
            for number in range(AT_ONCE):
                told = await guest.says(f"{WORDS}, number {start + number}")
                if told["status"] != 202:
                    raise RuntimeError(f"a request was refused: {told}")
            await _has_pictures(guest, AT_ONCE)


async def _has_pictures(guest: Guest, count: int) -> None:
    async with asyncio.timeout(120):
        while len(_shown(guest)) < count:
            guest._news.clear()
            await guest._news.wait()


def _shown(guest: Guest) -> set[str]:
    posts = (frame["post"] for frame in guest.heard if frame["kind"] == "post")
    return {post["id"] for post in posts if post["images"]}


def _megabytes() -> float:
    gc.collect()
    used: int = psutil.Process().memory_info().rss
    return used / MIB
