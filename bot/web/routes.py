"""The chat's addresses: who I am, posts, acts, uploads, commands, and what happens live."""

import asyncio
import json
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

from aiohttp import WSMsgType, web
from pydantic import BaseModel, Field, ValidationError

from bot.commands import COMMANDS
from bot.errors import SignInFirst
from bot.escape import paragraphs
from bot.languages import language
from bot.menu import Suggests, menu, suggest
from bot.messages import Attachment, Author, Invoke, Message, Press, Words
from bot.port import House
from bot.texts import current, speaking
from bot.typed import read_line
from bot.web.bodies import Body, uploaded
from bot.web.fanout import Listener, TooSlow
from bot.web.pages import read_pages, version
from bot.web.places import Place, inbound
from bot.web.rates import Rate, Rates
from bot.web.spoken import spoken
from bot.web.uploads import NAME_CHARS, Uploads
from bot.web.visits import Visits, cookie_name, take
from engine.api import Upload, Visitor
from engine.errors import BadRequest, NoWorker
from engine.messages import Owner, SpaceId

if TYPE_CHECKING:
    from bot.web.adapter import WebPlatform

Sent = TypeVar("Sent", bound=BaseModel)
ACTS = Rate(burst=30, per_s=1)
SENDS = Rate(burst=12, per_s=0.2)
WORDS_CHARS = 4000
LINE_CHARS = 8000
"""A command with its options may be longer than its words."""
BODY_BYTES = 1 << 16
MOST_UPLOADS = 4
PAGE = 40
MOST_PAGE = 100
MISSED = 300
"""More than so many missed posts, and the page starts anew instead."""
SILENCE_S = 70.0
SIGN_IN, SLOW, LEAVING = 4401, 4408, 1001
PUBLIC = frozenset({"create", "show", "looks"})
"""Commands whose use everybody sees; others are between the person and the bot."""


class Typed(Message):
    """A line as it was typed."""

    kind: Literal["typed"] = "typed"
    text: str = Field(max_length=LINE_CHARS)


class Commanded(Message):
    """A command from the menu."""

    kind: Literal["command"] = "command"
    name: str = Field(max_length=32)
    options: dict[str, str] = Field(default_factory=dict, max_length=25)


class Act(Message):
    """What a page sends; the same id again is the same act."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    place: str = Field(max_length=300)
    act: Annotated[Typed | Commanded | Press, Field(discriminator="kind")]
    uploads: list[str] = Field(default_factory=list, max_length=MOST_UPLOADS)


class Starting(NoWorker):
    """The bot takes no acts yet, or no more."""

    code = "starting"


class ChatRoutes:
    """Handlers; every one asks first whose request it is."""

    def __init__(
        self, platform: "WebPlatform", house: House, visits: Visits, uploads: Uploads
    ) -> None:
        self._platform = platform
        self._house = house
        self._visits = visits
        self._uploads = uploads
        self._acts = Rates(ACTS, time.monotonic)
        self._sends = Rates(SENDS, time.monotonic)
        self._version = version(read_pages())
        self._sockets: dict[web.WebSocketResponse, str] = {}
        """Open connections and the cookie that each came with."""

    def add(self, app: web.Application) -> None:
        """Register every address."""
        app.add_routes(
            [
                web.get("/api/me", self.me),
                web.post("/api/me", self.rename),
                web.post("/api/session", self.begin),
                web.post("/api/enter", self.enter),
                web.post("/api/leave", self.leave),
                web.get("/api/posts", self.posts),
                web.delete("/api/posts/{post}", self.dismiss),
                web.post("/api/acts", self.act),
                web.post("/api/uploads", self.upload),
                web.get("/api/commands", self.commands),
                web.get("/api/suggest", self.suggestions),
                web.get("/api/live", self.live),
            ]
        )
        app.on_shutdown.append(self._hang_up)

    # --- who I am -----------------------------------------------------------------------------

    async def me(self, request: web.Request) -> web.Response:
        """Who I am and what I see."""
        return self._me(await self._visits.visitor(request))

    async def begin(self, request: web.Request) -> web.Response:
        """Come in without a link, on this machine."""
        told = await read_json(request)
        visitor, token = await self._visits.begin(request, str(told.get("name") or ""))
        response = self._me(visitor)
        self._visits.keep(request, response, token)
        return response

    async def enter(self, request: web.Request) -> web.Response:
        """Come in by a one-time link."""
        told = await read_json(request)
        visitor, token = await self._visits.enter(request, str(told.get("token") or ""))
        response = self._me(visitor)
        self._visits.keep(request, response, token)
        return response

    async def rename(self, request: web.Request) -> web.Response:
        """Be called something else."""
        await self._visits.visitor(request)
        told = await read_json(request)
        return self._me(await self._visits.rename(request, str(told.get("name") or "")))

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out."""
        await self._visits.leave(request)
        left = request.cookies.get(cookie_name(request))
        for socket, cookie in tuple(self._sockets.items()):
            if cookie == left:
                await socket.close(code=SIGN_IN)
        response = web.Response(status=204)
        self._visits.keep(request, response, "")
        return response

    def _me(self, visitor: Visitor) -> web.Response:
        places = self._visits.places(visitor)
        level = max(place.level for place in places)
        limits = self._uploads.limits
        return web.json_response(
            {
                "me": {"id": visitor.person, "name": visitor.name, "level": level.name.lower()},
                "places": [place.told() for place in places],
                "sign_in": self._visits.how,
                "locale": current(),
                "limits": {
                    "words_chars": WORDS_CHARS,
                    "upload_bytes": limits.upload_max_bytes,
                    "upload_pixels": limits.upload_max_pixels,
                },
            }
        )

    # --- posts --------------------------------------------------------------------------------

    async def posts(self, request: web.Request) -> web.Response:
        """A page of posts, oldest first."""
        visitor, place = await self._here(request)
        limit = number(request, "limit", PAGE, MOST_PAGE)
        store = self._house.board.posts
        revision = await store.revision()
        found = await store.page(
            place.space.id, visitor.person, request.query.get("before"), limit + 1
        )
        return web.json_response(
            {
                "posts": [self._platform.shown(post) for post in found[-limit:]],
                "more": len(found) > limit,
                "revision": revision,
            }
        )

    async def dismiss(self, request: web.Request) -> web.Response:
        """Take down a post of mine, or one that only I see."""
        visitor = await self._visits.visitor(request)
        post = request.match_info["post"]
        await self._house.board.posts.take_down(post, visitor.person)
        await self._platform.tell()
        return web.Response(status=204)

    async def act(self, request: web.Request) -> web.Response:
        """Say, use or press something."""
        visitor = await self._visits.visitor(request)
        take(self._acts, visitor.person)
        if not self._platform.is_listening:
            raise Starting(why="starting")
        asked = validated(Act, await read_json(request))
        place = self._visits.place(visitor, asked.place)
        if isinstance(asked.act, Press):
            self._platform.pressed(
                inbound(visitor, place, asked.act, asked.id, (), spoken(request))
            )
            return web.json_response({"post": None}, status=202)
        post = await self._said(visitor, place, asked, spoken(request))
        return web.json_response({"post": post}, status=202)

    async def _said(
        self, visitor: Visitor, place: Place, asked: Act, locale: str
    ) -> dict[str, Any]:
        sent = await self._uploads.named(asked.uploads, visitor.person)
        shown, act = _understood(asked.act, has_files=bool(sent))
        attachments = tuple(_attachment(upload) for upload in sent)
        body = Body(name=visitor.name, text=shown, images=tuple(uploaded(each) for each in sent))
        is_public = isinstance(act, Words) or act.name in PUBLIC
        await self._uploads.posted(sent)
        post = await self._platform.said(
            inbound(visitor, place, act, asked.id, attachments, locale), body, is_public=is_public
        )
        return self._platform.shown(post)

    async def upload(self, request: web.Request) -> web.Response:
        """Take a picture; it is shown once a message carries it."""
        visitor = await self._visits.visitor(request)
        place = self._visits.place(visitor, request.query.get("place"))
        take(self._sends, visitor.person)
        upload = await receive_picture(request, self._uploads, visitor, place.space.id)
        told = uploaded(upload)
        return web.json_response(
            {
                "upload": {
                    "id": upload.id,
                    "name": upload.name,
                    "url": f"/uploads/{upload.id}",
                    "width": told.width,
                    "height": told.height,
                    "size_bytes": upload.size_bytes,
                }
            },
            status=201,
        )

    # --- commands -----------------------------------------------------------------------------

    async def commands(self, request: web.Request) -> web.Response:
        """The command menu, as far as I may use it here."""
        visitor, place = await self._here(request)
        author = Author(id=visitor.person, name=visitor.name, level=place.level)
        engine, locale = self._house.engine, spoken(request)
        place = await place.linked(engine)
        with speaking(await language(engine, visitor.person, place.space.id, locale)):
            usable = menu(COMMANDS.all(), author)
        entries = [
            {
                **entry.model_dump(exclude={"options"}),
                "options": [
                    {**option.model_dump(exclude={"kind"}), "type": option.kind}
                    for option in entry.options
                ],
            }
            for entry in usable
        ]
        return web.json_response({"commands": entries})

    async def suggestions(self, request: web.Request) -> web.Response:
        """What would fit an option."""
        visitor, place = await self._here(request)
        place = await place.linked(self._house.engine)
        kinds: dict[str, Suggests] = {"looks": "looks", "bases": "bases", "jobs": "jobs"}
        kind = kinds.get(request.query.get("kind", ""))
        if kind is None:
            raise BadRequest(name="kind", value="", valid=", ".join(kinds))
        owner = Owner(space=place.space.id, person=visitor.person)
        shown = await place.ratings(self._house.engine)
        typed = request.query.get("q", "")[:80]
        found = await suggest(self._house.engine, owner, shown, kind, typed)
        return web.json_response({"suggestions": [each.model_dump() for each in found]})

    async def _here(self, request: web.Request) -> tuple[Visitor, Place]:
        visitor = await self._visits.visitor(request)
        return visitor, self._visits.place(visitor, request.query.get("place"))

    # --- live ---------------------------------------------------------------------------------

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Everything that happens in my places, from a revision on."""
        socket = web.WebSocketResponse(receive_timeout=SILENCE_S, max_msg_size=1024, compress=False)
        try:
            visitor = await self._visits.visitor(request)
        except SignInFirst:
            await socket.prepare(request)
            await socket.close(code=SIGN_IN)
            return socket
        await socket.prepare(request)
        spaces = frozenset(place.space.id for place in self._visits.places(visitor))
        listener = Listener(visitor.person, spaces)
        self._sockets[socket] = request.cookies.get(cookie_name(request), "")
        self._platform.fanout.join(listener)
        telling = asyncio.create_task(self._tell(socket, listener, revision_of(request)))
        try:
            await _answer_pings(socket)
        finally:
            self._sockets.pop(socket, None)
            self._platform.fanout.leave(listener)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return socket

    async def _tell(
        self, socket: web.WebSocketResponse, listener: Listener, after: int | None
    ) -> None:
        """Send what was missed, then what comes; whatever goes wrong ends the connection."""
        try:
            seen = await self._tell_missed(socket, listener, after)
            while True:
                posts, progress, is_over = await listener.next()
                for revision, frame in posts:
                    if revision > seen:
                        await socket.send_str(frame)
                for frame in progress:
                    await socket.send_str(frame)
                if is_over:
                    await socket.send_json({"kind": "bye"})
                    await socket.close(code=LEAVING)
                    return
        except TooSlow:
            await socket.close(code=SLOW)
        except ConnectionError:
            await socket.close()

    async def _tell_missed(
        self, socket: web.WebSocketResponse, listener: Listener, after: int | None
    ) -> int:
        """Hello, and what came after the page's revision; returns the revision it has then."""
        store = self._house.board.posts
        now = await store.revision()
        hello = {
            "kind": "hello", "revision": now, "version": self._version,
            "me": {"id": listener.person},
        }  # fmt: skip
        await socket.send_json(hello)
        if after is None or after > now:
            # Nothing seen yet, or a database that is not the one the page knows.
            if after is not None:
                await socket.send_json({"kind": "reset"})
            return now
        missed = await store.since(after, MISSED + 1, sorted(listener.spaces))
        if len(missed) > MISSED:
            await socket.send_json({"kind": "reset"})
            return now
        for post in missed:
            if listener.sees(post.space, post.seen_by):
                frame = {"kind": "post", "post": self._platform.shown(post)}
                await socket.send_str(json.dumps(frame))
        for space, moved in tuple(self._platform.moving()):
            if listener.sees(space, None):  # steps have no revision: the page may lack the newest
                await socket.send_str(moved)
        return max([now if not missed else after, *(post.revision for post in missed)])

    async def _hang_up(self, _app: web.Application) -> None:
        """The server is stopping: no page may hold it up."""
        for socket in tuple(self._sockets):
            await socket.close(code=LEAVING)


async def _answer_pings(socket: web.WebSocketResponse) -> None:
    """Until the page leaves, or falls silent."""
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str('{"kind": "pong"}')
    except (TimeoutError, ConnectionError):
        await socket.close()


def _understood(act: Typed | Commanded | Press, *, has_files: bool) -> tuple[str, Words | Invoke]:
    """What everybody reads, and what the router gets."""
    if isinstance(act, Commanded):
        options = {name: value for name, value in act.options.items() if value.strip()}
        return _written(act.name, options), Invoke(name=act.name.casefold(), options=options)
    if not isinstance(act, Typed):
        raise BadRequest(name="act", value=act.kind, valid="words or a command")
    text = paragraphs(act.text, LINE_CHARS)
    read = read_line(text)
    if read is None:
        if not has_files:
            raise BadRequest(name="text", value="", valid="a few words, or a picture")
        return "", Words(text="")
    if isinstance(read, Words) and len(text) > WORDS_CHARS:
        raise BadRequest(
            name="words", value=f"{len(text)} characters", valid=f"at most {WORDS_CHARS}"
        )
    if not isinstance(read, Words | Invoke):
        raise BadRequest(name="act", value="", valid="words or a command")
    return text, read


def _written(name: str, options: dict[str, str]) -> str:
    """A command from the menu as if it had been typed."""
    known = COMMANDS.get(name).positional if name in COMMANDS else ()
    parts = [f"/{name}"]
    for option, value in options.items():
        quoted = f'"{value}"' if " " in value else value
        parts.append(value if option in known else f"{option}={quoted}")
    return paragraphs(" ".join(parts), LINE_CHARS)


def _attachment(upload: Upload) -> Attachment:
    return Attachment(
        name=upload.name,
        size_bytes=upload.size_bytes,
        media_type=upload.media_type,
        handle=upload.id,
    )


async def receive_picture(
    request: web.Request, uploads: Uploads, visitor: Visitor, space: SpaceId
) -> Upload:
    """The picture in a request's body; refused by its length before a byte of it is read."""
    data = await receive_bytes(request, uploads)
    name = unquote(request.headers.get("X-Name", ""))[:NAME_CHARS]
    return await uploads.keep(space, visitor.person, name, data)


async def receive_bytes(request: web.Request, uploads: Uploads) -> bytes:
    """A request's body up to the cap of uploads; raises `HTTPRequestEntityTooLarge`."""
    most = uploads.limits.upload_max_bytes
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    data = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(data))
    return bytes(data)


async def read_json(request: web.Request, most_bytes: int = BODY_BYTES) -> dict[str, Any]:
    """The object in a request's body; raises `BadRequest`."""
    if request.content_type != "application/json":
        raise BadRequest(name="body", value=request.content_type, valid="application/json")
    if (request.content_length or 0) > most_bytes:
        raise web.HTTPRequestEntityTooLarge(most_bytes, request.content_length or 0)
    try:
        told = json.loads(await request.text())
    except (ValueError, RecursionError) as error:
        raise BadRequest(name="body", value="", valid="a JSON object") from error
    if not isinstance(told, dict):
        raise BadRequest(name="body", value="", valid="a JSON object")
    return told


def validated(kind: type[Sent], told: dict[str, Any]) -> Sent:
    """What the page sent as a message; raises `BadRequest` with the first problem."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in problem["loc"]) or "body"
        raise BadRequest(name=name, value="", valid=problem["msg"]) from error


def number(request: web.Request, name: str, otherwise: int, most: int) -> int:
    """A whole number of the query, from 1 to `most`; raises `BadRequest`."""
    given = request.query.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and 1 <= int(given) <= most):
        raise BadRequest(name=name, value=given[:20], valid=f"1 to {most}")
    return int(given)


def revision_of(request: web.Request) -> int | None:
    """The revision that a page has seen everything up to; None for a page that saw nothing."""
    given = request.query.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None
