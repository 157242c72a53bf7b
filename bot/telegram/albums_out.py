"""Albums are sent once: Telegram forgets a repeated send, so the intent is written down first."""

from collections.abc import Awaitable, Callable
from typing import cast

import structlog

from bot.port import CannotPost
from bot.telegram.address import Address
from bot.telegram.memory import Memory
from bot.telegram.sending import Unsure

log = structlog.get_logger(__name__)


class Albums:
    """Which albums belong to which message; one that may have been sent is not sent again."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def once(
        self, where: Address, message: int, send: Callable[[], Awaitable[tuple[int, ...]]]
    ) -> bool:
        """Send unless that was done; False when nobody knows whether it was.

        Raises `CannotPost` when it surely was not sent.
        """
        key = _key(where, message)
        if not await self._memory.add(key, {"state": "sending", "ids": []}):
            found = await self._memory.get(key) or {}
            return found.get("state") == "sent"
        try:
            ids = await send()
        except Unsure:
            log.warning("telegram.album_unsure", chat=where.chat, message=message)
            return False
        except CannotPost:
            await self._memory.take(key)
            raise
        await self._memory.put(key, {"state": "sent", "ids": list(ids)})
        return True

    async def of(self, where: Address, message: int) -> tuple[int, ...]:
        """The messages that went along with this one."""
        found = await self._memory.get(_key(where, message))
        return tuple(cast(list[int], found["ids"])) if found else ()

    async def forget(self, where: Address, message: int) -> None:
        """They are gone, or nobody's."""
        await self._memory.take(_key(where, message))


def _key(where: Address, message: int) -> str:
    return f"album:{where.chat}:{message}"
