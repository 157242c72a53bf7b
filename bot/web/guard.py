"""What stands before every address of the page: who may ask, how often, and what browsers are told.

A page on another site can send requests to this machine with a person's cookie. So what changes
something must come from the page itself: same origin, our own header, a cookie that other sites
don't send. And a name that points here only for a moment (DNS rebinding) is not answered.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import NotFromThePage, SignInFirst, TooOften
from bot.replies import reply_to
from bot.texts import say, speaking
from bot.web.spoken import spoken
from engine import errors
from engine.errors import AtelierError

log = structlog.get_logger(__name__)
MARK = "X-Atelier"
SAFE = frozenset({"GET", "HEAD"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
OPEN_TO_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
STATUS: Final[tuple[tuple[type[AtelierError], int], ...]] = (
    (SignInFirst, 401),
    (NotFromThePage, 403),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (TooOften, 429),
    (errors.QueueFull, 429),
    (errors.PersonError, 400),
    (errors.TryAgain, 503),
)
RETRY_S = 5


async def by_browser(request: web.Request) -> str:
    """What the browser says that it speaks."""
    return spoken(request)


Language = Callable[[web.Request], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of this server; `middleware` puts them before every address."""

    host: str
    public_url: str = ""
    language: Language = by_browser
    """Which language a request is answered in."""

    @property
    def is_open(self) -> bool:
        """Whether only this machine can reach the page, so that nobody has to sign in."""
        return not self.public_url and self.host in LOOPBACK

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check, answer, and dress the answer."""
        if request.path in OPEN_TO_MACHINES:
            return await handler(request)
        with speaking(await self.language(request)):
            response = await self._answer(request, handler)
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self.check(request)
            return await handler(request)
        except AtelierError as error:
            return refusal(error, request)
        except web.HTTPException as error:
            return _plain(error)

    def check(self, request: web.Request) -> None:
        """Raises `NotFromThePage`."""
        self._check_name(request)
        if request.method in SAFE and request.path != "/api/live":
            return
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_ours(origin, request):
            raise NotFromThePage(why="it came from another site")
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise NotFromThePage(why="it came from another site")
        if request.method not in SAFE and MARK not in request.headers:
            raise NotFromThePage(why=f"the header {MARK} is missing")
        if request.path == "/api/live" and origin is None:
            raise NotFromThePage(why="it does not say where it comes from")

    def _check_name(self, request: web.Request) -> None:
        name = (urlsplit(f"//{request.host}").hostname or "").casefold()
        if self.is_open:
            if name not in LOOPBACK:
                raise NotFromThePage(why=f"this page is at http://{self.host}, not at {name}")
            if any(header in request.headers for header in PROXY_HEADERS):
                raise NotFromThePage(
                    why="a proxy stands before me; the host has to set web.public_url"
                )
        elif self.public_url:
            known = {urlsplit(self.public_url).hostname, *LOOPBACK}
            if name not in known:
                raise NotFromThePage(why=f"this page is at {self.public_url}")

    def _is_ours(self, origin: str, request: web.Request) -> bool:
        if self.public_url and origin == self.public_url:
            return True
        return urlsplit(origin).netloc.casefold() == request.host.casefold()


def refusal(error: AtelierError, request: web.Request) -> web.Response:
    """An error as the page reads it; `sign_in` says how, where that is what is missing."""
    words = reply_to(type(error), error.facts).text
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    if status >= 500:
        log.warning("page.failed", path=request.path, code=error.code, exc_info=error)
    told: dict[str, object] = {"error": {"code": error.code, "text": words}}
    if isinstance(error, SignInFirst):
        told["sign_in"] = error.facts.get("how")
    response = web.json_response(told, status=status)
    if status in (429, 503):
        wait_s = error.facts.get("retry_in_s")
        seconds = float(wait_s) if isinstance(wait_s, int | float) else RETRY_S
        response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _plain(error: web.HTTPException) -> web.StreamResponse:
    """What aiohttp itself refuses (no such address, too large), in our shape."""
    texts = {
        404: say("http.nothing", "There is nothing at this address."),
        405: say("http.method", "This address does not take that."),
        413: say("http.too_large", "That is too large."),
    }
    text = texts.get(error.status, error.reason)
    return web.json_response(
        {"error": {"code": f"http_{error.status}", "text": text}}, status=error.status
    )
