"""Makes the page slow on purpose, so that races are hunted and not waited for.

ATELIER_SLOW_PAGE=8 is a processor of an eighth, and answers that come late and in any order.
ATELIER_JITTER_MS=300 only delays answers and live frames, by up to so much: before a page as quick
as the machine. ATELIER_SLOW_SEED picks another order. All of it is off unless it is set.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from aiohttp import web

RATE = float(os.environ.get("ATELIER_SLOW_PAGE") or 0)
JITTER_MS = float(os.environ.get("ATELIER_JITTER_MS") or 40 * RATE)
SEED = int(os.environ.get("ATELIER_SLOW_SEED") or 0)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
dice = random.Random(SEED)


class Slow:
    """A guest among the platforms of the web server that holds every answer for a while."""

    def add_routes(self, app: web.Application) -> None:
        """Hold what is asked and what is answered."""
        app.middlewares.append(self._hold)

    @web.middleware
    async def _hold(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await _wait()
        answer = await handler(request)
        await _wait()
        return answer


class LateSocket(web.WebSocketResponse):
    """A live connection whose frames come late, in their order."""

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Hold every frame for a while."""
        await _wait()
        await super().send_str(data, compress)


async def _wait() -> None:
    """Mostly short, sometimes long: so late answers overtake each other."""
    await asyncio.sleep(dice.random() ** 3 * JITTER_MS / 1000)


def guests() -> list[Slow]:
    """One, where slowness is asked for; then live frames are late, too."""
    if not JITTER_MS:
        return []
    patch("bot.web.routes.web.WebSocketResponse", LateSocket).start()
    return [Slow()]


async def hold(context: Any, page: Any) -> None:
    """Give a tab a slow processor."""
    if not RATE:
        return
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": RATE})
