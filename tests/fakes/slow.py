"""Makes the page slow on purpose: ATELIER_SLOW_PAGE=8 is a processor of an eighth, and answers
that come late and in any order. Off unless that is set; races are hunted with it.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

RATE = float(os.environ.get("ATELIER_SLOW_PAGE") or 0)
SEED = int(os.environ.get("ATELIER_SLOW_SEED") or 0)
LONGEST_S = 0.04
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Slow:
    """A guest among the platforms of the web server that holds every answer for a while."""

    def __init__(self) -> None:
        self.dice = random.Random(SEED)

    def add_routes(self, app: web.Application) -> None:
        """Hold what is asked and what is answered."""
        app.middlewares.append(self._hold)

    @web.middleware
    async def _hold(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self._wait()
        answer = await handler(request)
        await self._wait()
        return answer

    async def _wait(self) -> None:
        """Mostly short, sometimes long: so late answers overtake each other."""
        await asyncio.sleep(self.dice.random() ** 3 * LONGEST_S * RATE)


def guests() -> list[Slow]:
    """One, where slowness is asked for."""
    return [Slow()] if RATE else []


async def hold(context: Any, page: Any) -> None:
    """Give a tab a slow processor."""
    if not RATE:
        return
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": RATE})
