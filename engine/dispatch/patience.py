"""Waits for a store that is busy: a transition of a job must not be lost to a locked database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from engine.errors import TryAgain

Value = TypeVar("Value")
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
log = structlog.get_logger(__name__)


async def persist(
    what: str, action: Callable[[], Awaitable[Value]], tries: int | None = None
) -> Value:
    """Do `action`, again and again while it raises `TryAgain`; after `tries`, raise the last."""
    pause_s = FIRST_PAUSE_S
    done = 0
    while True:
        try:
            return await action()
        except TryAgain as error:
            done += 1
            if tries is not None and done >= tries:
                raise
            log.warning("store.waiting", what=what, code=error.code, tries=done)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
