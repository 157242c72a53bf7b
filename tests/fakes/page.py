"""The real page on a loopback port, over a real engine with a pool in memory, and visitors."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.metrics import Metrics
from bot.port import House
from bot.settings import HttpSettings, Settings, WebSettings
from bot.web.adapter import WebPlatform
from bot.wiring import Bot, build, serving
from engine import wiring
from engine.messages import Job, JobId, SpaceId
from engine.settings import QueueSettings
from tests.fakes import slow
from tests.fakes.engine_room import Room, open_room

STUDIO = SpaceId("web:studio")
MARK = {"X-Atelier": "1"}
PATIENCE_S = 60.0
UNHURRIED = QueueSettings(lease_s=120)
"""On a busy machine a page may stand still for longer than a lease usually lasts."""
Told = dict[str, Any]
Found = TypeVar("Found")


async def leave_bare(_: SpaceId) -> None:
    """New places begin with nothing."""


@dataclass
class Page:
    """A running page."""

    room: Room
    platform: WebPlatform
    bot: Bot
    url: str

    async def has_jobs(self, count: int, space: SpaceId = STUDIO) -> tuple[Job, ...]:
        """Wait until so many pictures were asked for; the newest first."""
        events = self.room.engine.events()
        async with asyncio.timeout(PATIENCE_S):
            while len(jobs := await self.room.engine.stores.jobs.recent(space, 99)) < count:
                await anext(events)
        return jobs

    async def is_drawing(self, job: JobId) -> None:
        """Wait until a worker has it."""
        events = self.room.engine.events()
        async with asyncio.timeout(PATIENCE_S):
            while job not in [order.job for order in self.room.pool.orders]:
                await anext(events)

    @asynccontextmanager
    async def visitor(self, name: str = "Ada", token: str | None = None) -> AsyncIterator["Guest"]:
        """Somebody opens the page and comes in, by a link if one is given."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.url, cookie_jar=jar, headers=MARK) as session:
            guest = Guest(session)
            if token is None:
                await guest.send("POST", "/api/session", {"name": name})
            else:
                await guest.send("POST", "/api/enter", {"token": token})
            try:
                yield guest
            finally:
                await guest.hang_up()


@dataclass
class Guest:
    """A browser, as far as the server can tell."""

    session: aiohttp.ClientSession
    heard: list[Told] = field(default_factory=list)
    socket: aiohttp.ClientWebSocketResponse | None = None
    acts: int = 0
    _reading: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, method: str, path: str, body: object = None, **more: Any) -> Told:
        """Ask and return the JSON, with the status under `status`."""
        more = {"json": body, **more} if body is not None else more
        async with self.session.request(method, path, **more) as response:
            text = await response.text()
            told: Told = json.loads(text) if text else {}
            return {**told, "status": response.status}

    async def get(self, path: str) -> Told:
        """Ask for something."""
        return await self.send("GET", path)

    async def says(self, text: str, place: str = STUDIO, **more: object) -> Told:
        """Type a line."""
        return await self.act({"kind": "typed", "text": text}, place, **more)

    async def act(self, act: object, place: str = STUDIO, **more: object) -> Told:
        """Do something, with an id of its own unless one is given."""
        self.acts += 1
        body = {"id": f"act-{id(self)}-{self.acts}", "place": place, "act": act, **more}
        return await self.send("POST", "/api/acts", body)

    async def presses(self, button: str, place: str = STUDIO, **more: object) -> Told:
        """Press a button."""
        return await self.act({"kind": "press", "button": button, **more}, place)

    async def listen(self, after: int | None = None) -> Told:
        """Open the live connection; returns its hello."""
        query = "" if after is None else f"?after={after}"
        origin = str(self.session._base_url).rstrip("/")
        self.socket = await self.session.ws_connect(f"/api/live{query}", headers={"Origin": origin})
        self.heard.clear()
        self._reading = asyncio.create_task(self._read(self.socket))
        return await self.hears("hello")

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self.heard.append(json.loads(message.data))
            self._news.set()
        self._news.set()

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        """Wait until something is so, and return it; looked at with every frame."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := is_so()):
                self._news.clear()
                await self._news.wait()
        return found

    async def hears(self, kind: str, **rules: object) -> Told:
        """Wait for a frame of this kind whose post has these values; the newest that fits."""

        def heard() -> Told | None:
            for frame in reversed(self.heard):
                post = frame.get("post")
                shown = post if isinstance(post, dict) else frame
                fits = (shown.get(name) == value for name, value in rules.items())
                if frame["kind"] == kind and all(fits):
                    return shown
            return None

        return await self.until(heard)

    async def sees(self, text: str) -> Told:
        """Wait for a post with this in its text, title or lines; as it is now."""

        def seen() -> Told | None:
            for frame in reversed(self.heard):
                if frame["kind"] == "post" and text in json.dumps(frame, ensure_ascii=False):
                    return dict(frame["post"])
            return None

        return await self.until(seen)

    async def gets_picture(self, words: str, place: str = STUDIO) -> Told:
        """Ask for a picture and wait for its post."""
        await self.says(words, place)

        def got() -> Told | None:
            for frame in reversed(self.heard):
                post = frame["post"] if frame["kind"] == "post" else {}
                if post.get("images") and words in post["text"]:
                    return dict(post)
            return None

        return await self.until(got)

    async def hang_up(self) -> None:
        """Lose the connection."""
        if self.socket is not None:
            await self.socket.close()
        if self._reading is not None:
            await self._reading


@asynccontextmanager
async def open_page(
    folder: Path,
    *,
    http: HttpSettings | None = None,
    web: WebSettings | None = None,
    queue: QueueSettings | None = None,
    has_looks: bool = False,
) -> AsyncIterator[Page]:
    """The page and everything behind it; stopped in order at the end.

    With `has_looks` the miniature's LoRAs are registered in the Studio, though nothing is loaded.
    """
    settings = Settings(
        http=http or HttpSettings(port=0), web=web or WebSettings(channels=("Studio", "Arcade"))
    )
    async with open_room(folder, queue=queue or UNHURRIED) as room:
        if has_looks:
            await wiring.furnish_demo(room.engine, STUDIO)
        house = House(room.engine, wiring.board(room.engine), leave_bare)
        platform = WebPlatform(settings, house)
        async with serving(settings, room.engine, Metrics(), [platform, *slow.guests()]) as url:
            assert url is not None
            bot = build(room.engine, {"web": platform}, page_url=settings.web.public_url or url)
            running = asyncio.create_task(bot.run())
            await platform.listening()
            try:
                yield Page(room, platform, bot, url)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
