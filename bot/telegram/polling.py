"""Asking Telegram for news, for ever: whatever goes wrong is said once and tried again, slower."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.live import Pause
from bot.telegram.inbox import Inbox
from bot.telegram.refusals import wait_of

log = structlog.get_logger(__name__)
KINDS = ("message", "callback_query", "my_chat_member")
"""All that we ask Telegram for."""
POLL_S = 30
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
CONFLICT_PAUSE_S, TOKEN_PAUSE_S = 30.0, 300.0


class Polling:
    """The loop that fills the inbox."""

    def __init__(
        self,
        bot: Bot,
        inbox: Inbox,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._pause = pause
        self._offset: int | None = None
        self._trouble = ""
        self._pause_s = FIRST_PAUSE_S

    async def run(self) -> None:
        """Until cancelled."""
        await self._until_done(self._bot.delete_webhook)
        while True:
            try:
                await self._once()
            except TelegramError as error:
                await self._wait_after(error)
            else:
                self._well()

    async def confirm(self) -> None:
        """Tell Telegram what was taken in, so that it does not come again."""
        if self._offset is None:
            return
        try:
            await self._bot.get_updates(
                offset=self._offset, timeout=timedelta(0), allowed_updates=KINDS
            )
        except TelegramError as error:
            log.info("telegram.not_confirmed", why=error.message)

    async def _once(self) -> None:
        updates = await self._bot.get_updates(
            offset=self._offset, timeout=timedelta(seconds=POLL_S), allowed_updates=KINDS
        )
        for update in updates:
            await self._inbox.put(update)
            self._offset = update.update_id + 1

    async def _until_done(self, step: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await step()
            except TelegramError as error:
                await self._wait_after(error)
            else:
                return

    async def _wait_after(self, error: TelegramError) -> None:
        """Say what is wrong when it is news, and leave Telegram alone for a while."""
        kind, cure = type(error).__name__, "it goes on by itself when Telegram can be reached"
        match error:
            case RetryAfter():
                pause_s = wait_of(error)
            case Conflict():
                pause_s = CONFLICT_PAUSE_S
                cure = "another process uses this token: stop one of the two"
            case InvalidToken():
                pause_s = TOKEN_PAUSE_S
                cure = "ask @BotFather for the token and set ATELIER_TELEGRAM_TOKEN"
            case _:
                pause_s = self._pause_s
                self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        if not isinstance(error, RetryAfter) and self._trouble != kind:
            log.error("telegram.not_listening", why=error.message, cure=cure)
            self._trouble = kind
        await self._pause(pause_s)

    def _well(self) -> None:
        if self._trouble:
            log.info("telegram.listening_again")
        self._trouble, self._pause_s = "", FIRST_PAUSE_S
