"""Small signs of life that nobody waits for: "is typing", a pair of eyes on a message."""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine

import structlog
from telegram import Bot, CallbackQuery, ReactionTypeEmoji
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram.address import Address
from bot.telegram.pacing import Pacer

log = structlog.get_logger(__name__)
EYES = "\N{EYES}"
MOST_CHATS = 4096
MOST_AT_ONCE = 64


class Lightly:
    """The owner of these tasks; what fails here is of no consequence."""

    def __init__(self, bot: Bot, pacer: Pacer) -> None:
        self._bot = bot
        self._pacer = pacer
        self._tasks: set[asyncio.Task[None]] = set()
        self._without: OrderedDict[int, None] = OrderedDict()
        """Chats that take no reaction from us."""

    def typing(self, where: Address) -> None:
        """The bot is writing, for five seconds."""
        self._act(where, ChatAction.TYPING)

    def drawing(self, where: Address) -> None:
        """The bot is sending a picture, for five seconds."""
        self._act(where, ChatAction.UPLOAD_PHOTO)

    def seen(self, chat: int, message: int) -> None:
        """Put a pair of eyes on a message that will take a while."""
        if chat not in self._without and not self._pacer.quiet(chat):
            self._spawn(self._react(chat, message))

    def answer(self, query: CallbackQuery, text: str | None = None) -> asyncio.Task[None]:
        """Tell the app at once that a press arrived: it waits for that."""
        return self._spawn(self._answer(query, text))

    async def close(self) -> None:
        """End what is still under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _act(self, where: Address, action: ChatAction) -> None:
        if len(self._tasks) < MOST_AT_ONCE and not self._pacer.quiet(where.chat):
            self._spawn(self._send_action(where, action))

    def _spawn(self, sign: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(sign)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send_action(self, where: Address, action: ChatAction) -> None:
        try:
            await self._bot.send_chat_action(
                where.chat, action, message_thread_id=where.thread or None
            )
        except TelegramError as error:
            log.debug("telegram.no_action", chat=where.chat, why=error.message)

    async def _react(self, chat: int, message: int) -> None:
        try:
            await self._bot.set_message_reaction(chat, message, ReactionTypeEmoji(EYES))
        except (BadRequest, Forbidden) as error:
            log.debug("telegram.no_reaction", chat=chat, why=error.message)
            self._without[chat] = None
            if len(self._without) > MOST_CHATS:
                self._without.popitem(last=False)
        except TelegramError as error:
            log.debug("telegram.no_reaction", chat=chat, why=error.message)

    async def _answer(self, query: CallbackQuery, text: str | None) -> None:
        try:
            await query.answer(text)
        except TelegramError as error:  # too late or a second time: the press counts all the same
            log.info("telegram.press_not_answered", why=error.message)
