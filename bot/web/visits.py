"""Who is behind a request: sessions by cookie, one-time links, and the places a visitor sees."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from bot.errors import LinkUsed, SignInFirst, TooOften
from bot.escape import plain
from bot.languages import language
from bot.messages import Level, Space
from bot.web.guard import Guard
from bot.web.places import NAME, Place, places
from bot.web.rates import Rate, Rates
from bot.web.spoken import spoken
from engine.api import Board, Engine, Visitor
from engine.errors import BadRequest, NotFound, TryAgain
from engine.messages import PersonId, SpaceId

log = structlog.get_logger(__name__)
WORDS = "/words.js"
"""What the page itself says, in one language."""
KNOWN = web.RequestKey("visitor", Visitor)
NAME_CHARS = 32
ID_BYTES = 8
SESSIONS = Rate(burst=60, per_s=1)
ENTRIES = Rate(burst=10, per_s=0.2)
READS = Rate(burst=1200, per_s=60)
ANIMALS = (
    "Badger", "Falcon", "Finch", "Hare", "Heron", "Lynx", "Magpie", "Marten", "Mole", "Newt",
    "Otter", "Plover", "Stoat", "Tern", "Vole", "Wren",
)  # fmt: skip
"""Names for guests who gave none."""


class Visits:
    """The door of the page."""

    def __init__(
        self,
        board: Board,
        guard: Guard,
        channels: tuple[Space, ...],
        session: timedelta,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._board = board
        self._guard = guard
        self._channels = channels
        self._session = session
        self._now = now
        self._begins = Rates(SESSIONS, seconds)
        self._enters = Rates(ENTRIES, seconds)
        self._reads = Rates(READS, seconds)

    @property
    def how(self) -> str:
        """How people come in: `open` on this machine, else `link`."""
        return "open" if self._guard.is_open else "link"

    async def visitor(self, request: web.Request) -> Visitor:
        """Whose request it is; raises `SignInFirst`, `TooOften`."""
        visitor = await self._known(request)
        if visitor is None:
            raise SignInFirst(how=self.how)
        take(self._reads, visitor.person)
        return visitor

    async def language(self, request: web.Request, engine: Engine) -> str:
        """What a request is answered in: the person's choice, the browser's, the place's.

        Files are the same in every language, so nobody is looked up for them.
        """
        by_browser = spoken(request)
        if request.path != WORDS and not request.path.startswith("/api/"):
            return by_browser
        try:
            visitor = await self._known(request)
        except TryAgain as error:  # the act itself will say what is wrong
            log.info("language.not_read", code=error.code)
            return by_browser
        if visitor is None:
            return by_browser
        seen = {place.space.id: place for place in self.places(visitor)}
        place = seen.get(SpaceId(request.query.get("place", "")), next(iter(seen.values())))
        space = (await place.linked(engine)).space.id
        return await language(engine, visitor.person, space, by_browser)

    async def _known(self, request: web.Request) -> Visitor | None:
        """Whose cookie came along, looked up once for a request."""
        if KNOWN in request:
            return request[KNOWN]
        token = request.cookies.get(cookie_name(request))
        found = await self._board.doors.visitor(token, self._now()) if token else None
        if found is not None:
            request[KNOWN] = found
        return found

    def places(self, visitor: Visitor) -> tuple[Place, ...]:
        """The places that this visitor sees."""
        return places(visitor, self._channels)

    def place(self, visitor: Visitor, named: str | None) -> Place:
        """One of them; raises `NotFound` for any other, whether there is such a place or not."""
        for place in self.places(visitor):
            if place.space.id == named:
                return place
        raise NotFound(what="place", name=(named or "")[:80])

    async def begin(self, request: web.Request, name: str) -> tuple[Visitor, str]:
        """A session for whoever is at this machine; raises `SignInFirst` where a link is needed."""
        if not self._guard.is_open:
            raise SignInFirst(how=self.how)
        take(self._begins, request.remote or "")
        person = PersonId(f"{NAME}:{secrets.token_hex(ID_BYTES)}")
        guest = f"{secrets.choice(ANIMALS)} {secrets.randbelow(90) + 10}"
        visitor = Visitor(person, named(name) or guest, int(Level.MEMBER))
        return visitor, await self._board.doors.admit(visitor, self._now(), self._session)

    async def enter(self, request: web.Request, token: str) -> tuple[Visitor, str]:
        """Use up a one-time link; raises `LinkUsed`, `TooOften`."""
        take(self._enters, request.remote or "")
        visitor = await self._board.doors.redeem(token, self._now())
        if visitor is None:
            raise LinkUsed
        return visitor, await self._board.doors.admit(visitor, self._now(), self._session)

    async def rename(self, request: web.Request, name: str) -> Visitor:
        """Give the visitor another name; raises `BadRequest` for none."""
        wanted = named(name)
        if not wanted:
            raise BadRequest(name="name", value="", valid=f"1 to {NAME_CHARS} characters")
        token = request.cookies.get(cookie_name(request), "")
        visitor = await self._board.doors.rename(token, wanted, self._now())
        if visitor is None:
            raise SignInFirst(how=self.how)
        return visitor

    async def leave(self, request: web.Request) -> None:
        """End the session."""
        if token := request.cookies.get(cookie_name(request)):
            await self._board.doors.leave(token)

    def keep(self, request: web.Request, response: web.Response, token: str) -> None:
        """Hand the browser its cookie: no script reads it, no other site sends it."""
        response.set_cookie(
            cookie_name(request),
            token,
            max_age=int(self._session.total_seconds()),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._guard.public_url.startswith("https://"),
        )


def cookie_name(request: web.Request) -> str:
    """Cookies know no ports: two bots on one machine must not take each other's."""
    port = request.url.port
    return f"atelier-{port}" if port else "atelier"


def named(name: str) -> str:
    """A name fit to be shown: one line, bounded, nothing invisible."""
    return plain(name, NAME_CHARS)


def take(rates: Rates, key: str) -> None:
    """Raises `TooOften` when this key has had enough for now."""
    wait_s = rates.wait_s(key)
    if wait_s:
        raise TooOften(retry_in_s=round(wait_s, 1))
