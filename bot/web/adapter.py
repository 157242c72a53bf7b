"""The web platform: acts come in from pages, answers are kept as posts and shown to every page."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiohttp import web

from bot.messages import Attachment, File, Image, Inbound, Invoke, Outbound
from bot.port import CannotPost, Capabilities, House, Maker, Receive
from bot.settings import Settings
from bot.web.bodies import Body, Handed, Hanging, Who, answer, hanging, moving, told
from bot.web.fanout import Fanout
from bot.web.guard import Guard
from bot.web.look_routes import LookRoutes
from bot.web.pages import add_pages
from bot.web.picture_routes import PictureRoutes
from bot.web.places import NAME, Address, channels, dm
from bot.web.registry_routes import RegistryRoutes
from bot.web.registry_uploads import RegistryUploads
from bot.web.routes import ChatRoutes
from bot.web.uploads import Uploads
from bot.web.visits import Visits
from engine.api import KeptPost, NewPost
from engine.errors import AtelierError
from engine.messages import PersonId, SpaceId

log = structlog.get_logger(__name__)
OF_LANGUAGE = frozenset({"me", "settings"})
"""Commands after which the page may speak another language."""
PROGRESS_EVERY_S = 0.4
MOVING = ("text", "progress", "preview")
"""What progress changes of a post."""
MOST_AT_ONCE = 64
"""Acts that are dealt with at the same time; others wait their turn."""
UNANSWERED_S = 3600.0
"""An act that a crash left unanswered longer ago than this is let go."""
READ_AT_ONCE = 500
TIDY_EVERY_S = 3600.0


class WebPlatform:
    """Implements `bot.port.Platform` and `bot.port.OnTheWeb`."""

    name = NAME
    capabilities = Capabilities(
        text_chars=8000,
        images=16,
        image_bytes=100_000_000,
        buttons=20,
        can_edit=True,
        can_be_private=True,
        progress_every_s=PROGRESS_EVERY_S,
        has_nonce=True,
        has_forms=True,
        attachments="pictures",
    )

    def __init__(
        self,
        settings: Settings,
        house: House,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._house = house
        self._board = house.board
        self._now = now
        self._settings = settings
        self._guard = Guard(settings.http.host, settings.web.public_url, self._language)
        self._visits = Visits(
            self._board,
            self._guard,
            channels(settings.web.channels),
            timedelta(days=settings.web.session_days),
            now,
            time.monotonic,
        )
        self._uploads = Uploads(self._board, settings.web, now)
        self.fanout = Fanout()
        self._told = 0
        """The revision up to which every page was told."""
        self._telling = asyncio.Lock()
        self._progress: dict[str, dict[str, Any]] = {}
        """The newest frame of each post whose job is not over; never kept."""
        self._receive: Receive | None = None
        self._open = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._furnished: set[SpaceId] = set()
        self._furnishing = asyncio.Lock()

    async def _language(self, request: web.Request) -> str:
        return await self._visits.language(request, self._house.engine)

    # --- life -------------------------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        """The page, what it asks for, and the guard before all of it."""
        app.middlewares.append(self._guard.middleware)
        add_pages(app)
        ChatRoutes(self, self._house, self._visits, self._uploads).add(app)
        RegistryRoutes(self._house, self._visits).add(app)
        LookRoutes(self._house, self._visits).add(app)
        RegistryUploads(self._house, self._visits, time.monotonic).add(app)
        PictureRoutes(self._house, self._visits, self._uploads, self.capabilities).add(app)

    async def run(self, receive: Receive) -> None:
        """Take acts until cancelled; those that a crash left unanswered come first."""
        self._told = await self._board.posts.revision()
        since = self._now() - timedelta(seconds=UNANSWERED_S)
        # Asked before anybody is heard: what is said from now on would be taken up twice.
        left = await self._board.posts.unanswered(since)
        self._receive = receive
        self._open.set()
        try:
            for post in left:
                self._take_up(post)
            while True:
                await self._uploads.tidy()
                await asyncio.sleep(TIDY_EVERY_S)
        finally:
            self._receive = None
            self._open.clear()
            self.fanout.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def listening(self) -> None:
        """Wait until acts are taken."""
        await self._open.wait()

    @property
    def is_listening(self) -> bool:
        """Whether acts are taken now; not while the bot starts or stops."""
        return self._receive is not None

    # --- receive ----------------------------------------------------------------------------

    async def said(self, inbound: Inbound, body: Body, *, is_public: bool) -> KeptPost:
        """Keep what a person said and have it answered; the same act again is the same post."""
        person = inbound.author.id
        new = NewPost(
            id=new_id(),
            space=inbound.space.id,
            nonce=f"act-{inbound.id}",
            body=body.kept(),
            author=person,
            seen_by=None if is_public else person,
            act=inbound.model_dump(mode="json"),
        )
        post = await self._board.posts.add(new, self._now())
        if post.id == new.id:
            await self.tell()
            self._take_up(post)
        return post

    def pressed(self, inbound: Inbound) -> None:
        """A press leaves no post: only its answer does."""
        self._begin(inbound, None)

    def _take_up(self, post: KeptPost) -> None:
        if post.act is not None:
            self._begin(Inbound.model_validate(post.act), post.id)

    def _begin(self, inbound: Inbound, post: str | None) -> None:
        task = asyncio.create_task(self._answer(inbound, post))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, inbound: Inbound, post: str | None) -> None:
        async with self._room:
            if self._receive is None:
                return
            await self._furnish(inbound.space.id)
            await self._receive(inbound)
            if isinstance(inbound.act, Invoke) and inbound.act.name in OF_LANGUAGE:
                self.fanout.tell(inbound.space.id, "language")
            if post is not None:
                await self._board.posts.answered(post)

    async def _furnish(self, space: SpaceId) -> None:
        """The page's own places begin with what this installation has; others are not ours."""
        async with self._furnishing:
            if space in self._furnished or not space.startswith(f"{NAME}:"):
                return
            self._furnished.add(space)
            try:
                await self._house.furnish(space)
            except AtelierError as error:
                log.warning("place.not_furnished", space=space, code=error.code, exc_info=error)

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """An upload's bytes."""
        return self._uploads.fetch(attachment.handle, most_bytes)

    async def direct(self, person: PersonId) -> str | None:
        """Their own talk with the bot, which every visitor has."""
        return Address(dm(person).id, person, "").written()

    # --- send -------------------------------------------------------------------------------

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Keep it and show it; the same nonce again is the same post."""
        where = _read(address)
        known = await self._board.posts.by_nonce(f"bot-{nonce}")
        if known is not None:
            return known.id
        post = await self._board.posts.add(
            NewPost(
                id=new_id(),
                space=where.space,
                nonce=f"bot-{nonce}",
                body=(await self._body(where, outbound)).kept(),
                asked_by=where.person,
                seen_by=where.person if outbound.private else None,
                job=outbound.job,
            ),
            self._now(),
        )
        await self.tell()
        return post.id

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """Change a post. What only moves is shown and not kept."""
        where = _read(address)
        if outbound.progress is not None:
            await self._move(where, message_id, outbound)
            return
        body = (await self._body(where, outbound)).kept()
        self._progress.pop(message_id, None)
        if not await self._board.posts.change(message_id, body, self._now()):
            raise CannotPost("that post is gone", final=True)
        await self.tell()

    async def _move(self, where: Address, message_id: str, outbound: Outbound) -> None:
        known = self._progress.get(message_id, {})
        now = moving(outbound)
        frame = {
            "kind": "progress",
            "post": message_id,
            "place": where.space,
            "job": outbound.job,
            **now,
        }
        self._progress[message_id] = {**frame, "preview": now["preview"] or known.get("preview")}
        if now["preview"] == known.get("preview"):
            frame["preview"] = None
        self.fanout.move(where.space, None, message_id, json.dumps(frame))

    async def _body(self, where: Address, outbound: Outbound) -> Body:
        to = Who(id=where.person, name=where.name) if where.name else None
        images = [await self._hang(where, image) for image in outbound.images]
        files = [await self._hand(where, file) for file in outbound.files]
        return answer(outbound, to, images, files)

    async def _hang(self, where: Address, image: Image) -> Hanging:
        if image.shown is not None:
            return hanging(image)
        upload = await self._uploads.keep(where.space, where.person, image.name, image.png)
        return hanging(image, upload)

    async def _hand(self, where: Address, file: File) -> Handed:
        upload = await self._uploads.hand(where.space, where.person, file)
        return Handed(
            name=upload.name,
            media_type=upload.media_type,
            size_bytes=upload.size_bytes,
            upload=upload.id,
        )

    # --- tell -------------------------------------------------------------------------------

    async def tell(self) -> None:
        """Show every page what changed since it was told last, whoever changed it."""
        async with self._telling:
            while posts := await self._board.posts.since(self._told, READ_AT_ONCE):
                for post in posts:
                    frame = json.dumps({"kind": "post", "post": self.shown(post)})
                    self.fanout.post(post.space, post.seen_by, post.id, post.revision, frame)
                self._told = posts[-1].revision

    def moving(self) -> Iterator[tuple[SpaceId, str]]:
        """Where something moves now, and its newest frame: for a page that comes (again)."""
        for frame in self._progress.values():
            yield frame["place"], json.dumps(frame)

    def shown(self, post: KeptPost) -> dict[str, Any]:
        """A post as the page gets it, with its newest progress."""
        frame = self._progress.get(post.id)
        return told(post, frame and {name: frame[name] for name in MOVING})


def new_id() -> str:
    """The id of a post: nothing to guess."""
    return f"p{secrets.token_urlsafe(12)}"


def _read(address: str) -> Address:
    try:
        return Address.read(address)
    except ValueError as error:
        raise CannotPost("that is no address of the page", final=True) from error


def make(settings: Settings, house: House) -> WebPlatform:
    """The page on this bot's own web server."""
    return WebPlatform(settings, house)


WEB = Maker(title="a page in the browser", make=make)
