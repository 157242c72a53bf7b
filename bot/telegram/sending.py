"""One request to Telegram: paced, repeated where that is safe, its refusal told apart."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TypeVar

import httpx
import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.live import Pause
from bot.port import CannotPost
from bot.telegram.address import Address
from bot.telegram.moves import Moves
from bot.telegram.pacing import PATIENCE_S, Pacer
from bot.telegram.refusals import NO_TOPIC, is_gone, says, wait_of

log = structlog.get_logger(__name__)
Sent = TypeVar("Sent")
Gone = Callable[[int, str], Awaitable[None]]
"""Told of a chat that takes nothing from us any more, and why."""
PAUSES_S = (1.0, 4.0)
"""Before the second and the third try."""
OUTCOME_PATIENCE_S = 20.0


class Kind(Enum):
    """What is sent: who waits, who gives way, and what may be sent twice."""

    ANSWER = "answer"
    """Words that nobody would try again: waits long, and is repeated when in doubt."""
    ONCE = "once"
    """Holds pictures or files: repeated only when it surely did not arrive."""
    OUTCOME = "outcome"
    """An edit that may be repeated; delivery tries again later."""
    PROGRESS = "progress"
    """Dropped when there is no room."""


class Unsure(CannotPost):
    """No answer came: it may have been posted."""


class Sender:
    """Sends to chats, wherever they moved to."""

    def __init__(self, pacer: Pacer, moves: Moves, pause: Pause = asyncio.sleep) -> None:
        self.pacer = pacer
        self._moves = moves
        self._pause = pause
        self.gone: Gone = _nobody

    async def send(
        self,
        where: Address,
        request: Callable[[int, int | None], Awaitable[Sent]],
        kind: Kind,
        count: int = 1,
    ) -> Sent:
        """Call `request(chat, thread)` when its turn has come.

        Raises `CannotPost` for what is settled here, and `BadRequest` for what the caller knows
        better.
        """
        chat, thread = self._moves.now(where.chat), where.thread or None
        tries = 0
        while True:
            await self._turn(chat, kind, count)
            try:
                return await request(chat, thread)
            except RetryAfter as error:
                self.pacer.hold(chat, wait_of(error))
                if kind in (Kind.OUTCOME, Kind.PROGRESS):
                    why = f"too fast for chat {chat}"
                    raise CannotPost(why, final=False, retry_in_s=wait_of(error)) from error
            except ChatMigrated as error:
                chat = await self._moves.moved(chat, error.new_chat_id)
            except BadRequest as error:
                if is_gone(error):
                    raise CannotPost(error.message, final=True) from error
                if thread is None or not says(error, *NO_TOPIC):
                    raise
                log.info("telegram.topic_gone", chat=chat, thread=thread)
                thread = None
            except TelegramError as error:
                refused = await self._refused(chat, error)
                if refused.final or tries >= len(PAUSES_S) or not _is_repeatable(kind, error):
                    raise refused from error
                await self._pause(PAUSES_S[tries])
                tries += 1

    async def _turn(self, chat: int, kind: Kind, count: int) -> None:
        if kind is Kind.PROGRESS:
            wait_s = self.pacer.spare(chat)
            if wait_s > 0:
                raise CannotPost(f"chat {chat} has no room", final=False, retry_in_s=wait_s)
            return
        is_patient = kind in (Kind.ANSWER, Kind.ONCE)
        await self.pacer.turn(chat, count, PATIENCE_S if is_patient else OUTCOME_PATIENCE_S)

    async def _refused(self, chat: int, error: TelegramError) -> CannotPost:
        """What to raise."""
        match error:
            case Forbidden():
                await self.gone(chat, error.message)
                return CannotPost(error.message, final=True)
            case InvalidToken():
                return CannotPost("Telegram refuses the token", final=False)
            case TimedOut() | NetworkError() if not _never_arrived(error):
                return Unsure(f"Telegram did not answer: {error.message}", final=False)
            case _:
                return CannotPost(f"Telegram can't be reached: {error.message}", final=False)


def _never_arrived(error: TelegramError) -> bool:
    """No connection was made, or Telegram's door answered that nobody is in (5xx)."""
    cause = error.__cause__
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return True
    return not isinstance(cause, httpx.HTTPError)


def _is_repeatable(kind: Kind, error: TelegramError) -> bool:
    """Pictures only when they surely did not arrive; words whenever it failed."""
    if not isinstance(error, NetworkError):
        return False
    return _never_arrived(error) or kind in (Kind.ANSWER, Kind.OUTCOME)


async def _nobody(_: int, __: str) -> None:
    """Until somebody wants to be told."""
