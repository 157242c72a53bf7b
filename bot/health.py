"""The local web server and what watches over us ask there: alive, ready, how much.

`/healthz` is 200 while the process answers. `/readyz` is 200 when every check is well, else 503;
its JSON names each. `/metrics` is for Prometheus. The chat page adds its own routes to the same
application.
"""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from bot.errors import BadSettings, PortTaken
from bot.metrics import CONTENT_TYPE, Metrics
from bot.settings import HttpSettings
from engine.api import Check
from engine.errors import AtelierError

Probe = Callable[[], Awaitable[tuple[Check, ...]]]
"""Looks at one part now, such as `Engine.checks`; may raise and may hang."""

log = structlog.get_logger(__name__)


def health_app(
    probes: Mapping[str, Probe], metrics: Metrics, timeout_s: float = 3
) -> web.Application:
    """The application with the three addresses; a probe is given `timeout_s` to answer."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        checks = await ask(probes, timeout_s)
        ready = all(check.ok for check in checks)
        body = {
            "ready": ready,
            "checks": {
                check.name: {"ok": check.ok, "detail": check.detail, "cure": check.cure}
                for check in checks
            },
        }
        return web.json_response(body, status=200 if ready else 503)

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", numbers),
        ]
    )
    return app


async def ask(probes: Mapping[str, Probe], timeout_s: float) -> tuple[Check, ...]:
    """Ask all probes at once; one that raises or does not answer in time is a check that is bad."""
    answers = await asyncio.gather(
        *(asyncio.wait_for(probe(), timeout_s) for probe in probes.values()),
        return_exceptions=True,
    )
    checks: list[Check] = []
    for name, answer in zip(probes, answers, strict=True):
        if isinstance(answer, Exception):
            checks.append(_failed(name, answer, timeout_s))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            checks.extend(answer)
    return tuple(checks)


def _failed(name: str, error: Exception, timeout_s: float) -> Check:
    if isinstance(error, TimeoutError):
        return Check(name, False, f"no answer in {timeout_s:g} s", "look at the log")
    log.warning("check.failed", check=name, exc_info=error)
    # The error's own words may hold an address or a path: they go to the log only.
    what = error.code if isinstance(error, AtelierError) else type(error).__name__
    return Check(name, False, f"failed: {what}", "look at the log")


class HttpServer:
    """Serves an application where the settings say, from `start` to `stop`."""

    def __init__(self, app: web.Application, settings: HttpSettings) -> None:
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        self._settings = settings

    async def start(self) -> str:
        """Listen; returns the address people can open. Raises `PortTaken`, `BadSettings`."""
        host, port = self._settings.host, self._settings.port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(host, port) from error
            # Since Python 3.13 an address that isn't ours comes without a number.
            if error.errno in {None, errno.EACCES, errno.EADDRNOTAVAIL}:
                why = error.strerror or error
                raise BadSettings(f"http: {host}:{port} can't be used: {why}") from error
            raise
        address: tuple[str, int] = self._runner.addresses[0]
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{address[1]}"
        log.info("http.listening", url=url)
        return url

    async def stop(self) -> None:
        """Close every connection."""
        await self._runner.cleanup()
