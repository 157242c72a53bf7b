"""Updates that came and are not answered yet: written down before Telegram forgets them.

Telegram takes an update as received when the next one is asked for, long before it is answered.
So it is kept until then, and found again at the next start, whatever dies in between. One that
comes again is known by its number.
"""

import asyncio
import json
from collections import OrderedDict
from datetime import timedelta
from typing import cast

import structlog
from pydantic import JsonValue
from telegram import Bot, Update

from bot.telegram.memory import Memory
from bot.telegram.reading import UNREADABLE, readable_update, written
from engine.errors import AtelierError

log = structlog.get_logger(__name__)
PREFIX = "update:"
KNOWN_FOR = timedelta(days=3)
"""Telegram keeps what it could not deliver for a day; numbers may begin anew after a week."""
REMEMBERED = 4096
HANDLED: dict[str, JsonValue] = {"handled": True}


class Inbox(asyncio.Queue[object]):
    """The application's queue; `put` never fails, it would end the library's polling."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._known: OrderedDict[int, None] = OrderedDict()
        self.late: set[int] = set()
        """Updates that waited for us at Telegram or here: they may be old."""

    async def put(self, item: object) -> None:
        """Take an update in, unless it is known; it is safe once this returns."""
        if not isinstance(item, Update):
            await super().put(item)  # the library's own signs
            return
        if item.update_id in self._known:
            log.info("telegram.update_repeated", update=item.update_id)
            return
        self._remember(item.update_id)
        try:
            kept = cast(dict[str, JsonValue], {"update": written(item)})
            if not await self._memory.add(_key(item.update_id), kept, KNOWN_FOR):
                log.info("telegram.update_repeated", update=item.update_id)
                return
        except AtelierError as error:
            log.warning("telegram.update_not_kept", update=item.update_id, code=error.code)
        except UNREADABLE as error:
            log.warning("telegram.update_not_kept", update=item.update_id, why=type(error).__name__)
        await super().put(item)

    async def handled(self, update: Update) -> None:
        """It is answered."""
        self.late.discard(update.update_id)
        try:
            await self._memory.put(_key(update.update_id), HANDLED, KNOWN_FOR)
        except AtelierError as error:
            log.warning("telegram.update_not_kept", update=update.update_id, code=error.code)

    async def recall(self, bot: Bot) -> None:
        """Take up what a former process left unanswered."""
        for key, value in await self._memory.beginning(PREFIX):
            update = _update_of(value, bot)
            if update is None:
                self._remember(int(key.removeprefix(PREFIX)))
            elif update.update_id not in self._known:
                self._remember(update.update_id)
                self.late.add(update.update_id)
                await super().put(update)

    def _remember(self, update_id: int) -> None:
        self._known[update_id] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _update_of(value: object, bot: Bot) -> Update | None:
    kept = value.get("update") if isinstance(value, dict) else None
    if not isinstance(kept, str):
        return None
    return Update.de_json(dict(readable_update(json.loads(kept), bot)), bot)


def _key(update_id: int) -> str:
    """In the order of their numbers."""
    return f"{PREFIX}{update_id:020d}"
