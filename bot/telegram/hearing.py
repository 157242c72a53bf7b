"""Updates on their way in: each is answered once, in its person's order, and then ticked off."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import groupby
from weakref import WeakValueDictionary

import structlog
from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    InaccessibleMessage,
    Message,
    Update,
)

from bot import replies
from bot.messages import Attachment, Inbound, Invoke, Level, Outbound, Press, Words
from bot.port import CannotPost, Furnish, Receive
from bot.telegram.address import Address
from bot.telegram.albums_in import IncomingAlbums
from bot.telegram.asking import PICK, Answer, Asking
from bot.telegram.away import NO, YES, Away
from bot.telegram.client import ServerClock
from bot.telegram.inbound import (
    Me,
    Speaker,
    attachments_of,
    inbound,
    person,
    said,
    speaker,
    thread_of,
)
from bot.telegram.inbox import Inbox
from bot.telegram.levels import Levels
from bot.telegram.lightly import Lightly
from bot.telegram.moves import Moves, space_of
from bot.telegram.posting import Postman
from bot.texts import chosen, say, speaking
from engine.errors import AtelierError
from engine.messages import SpaceId

log = structlog.get_logger(__name__)
WITH_PICTURES = frozenset({"create"})
"""Commands that take a while: they get a pair of eyes at once."""
AWAY = (ChatMember.LEFT, ChatMember.BANNED)


class Hearing:
    """What is done with every update."""

    def __init__(
        self,
        *,
        me: Callable[[], Me],
        inbox: Inbox,
        postman: Postman,
        asking: Asking,
        away: Away,
        albums: IncomingAlbums,
        levels: Levels,
        lightly: Lightly,
        moves: Moves,
        furnish: Furnish,
        clock: ServerClock,
        stale_after: timedelta,
        gone: Callable[[int, str], Awaitable[None]],
    ) -> None:
        self.receive: Receive = _nowhere
        self.is_closing = False
        self._me = me
        self._inbox = inbox
        self._postman = postman
        self._asking = asking
        self._away = away
        self._albums = albums
        self._levels = levels
        self._lightly = lightly
        self._moves = moves
        self._furnish = furnish
        self._clock = clock
        self._stale_after = stale_after
        self._gone = gone
        self._welcomed: set[SpaceId] = set()
        self._lanes: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    async def hear(self, update: Update) -> None:
        """Handle one update; an error of one harms no other."""
        answering = None
        if update.callback_query is not None:
            answering = self._lightly.answer(update.callback_query)
        try:
            await self._take(update)
        except Exception:
            log.exception("telegram.update_failed", update=update.update_id)
        if answering is not None:
            await asyncio.gather(answering, return_exceptions=True)
        if not self.is_closing:
            await self._inbox.handled(update)

    async def _take(self, update: Update) -> None:
        """Only what is new: edits, channels' posts and all else change nothing here."""
        if update.my_chat_member is not None:
            await self._membership(update.my_chat_member)
        elif update.callback_query is not None:
            await self._press(update.callback_query)
        elif update.message is not None:
            await self._message(update, update.message)

    def _lane(self, message: Message | InaccessibleMessage, who: int) -> asyncio.Lock:
        """Acts of one person in one chat wait for one another."""
        return self._lanes.setdefault((message.chat.id, who), asyncio.Lock())

    # --- messages -------------------------------------------------------------------------------

    async def _message(self, update: Update, message: Message) -> None:
        if message.migrate_to_chat_id is not None:
            await self._moves.moved(message.chat.id, message.migrate_to_chat_id)
            return
        if message.migrate_from_chat_id is not None:
            await self._moves.moved(message.migrate_from_chat_id, message.chat.id)
            return
        who = speaker(message)
        if who is None or message.chat.type == Chat.CHANNEL:
            return
        if self._is_stale(update, message) and self._is_for_us(message):
            where = Address(message.chat.id, thread_of(message), 0, who.number)
            with speaking(chosen(who.locale)):
                await self._away.hold(where, update)
            return
        if message.media_group_id is None:
            async with self._lane(message, who.number):
                await self._words((message,), who)
            return
        album = await self._albums.gather(message)
        if not album:
            return
        try:
            async with self._lane(message, who.number):
                await self._words(album, who)
        finally:
            self._albums.finished(message)

    def _is_for_us(self, message: Message) -> bool:
        return said(message, self._me()) is not None or _replied_to(message) == self._me().number

    async def _words(self, messages: Sequence[Message], who: Speaker) -> None:
        """A message, or an album: its words are those of whichever picture has some."""
        main = next((each for each in messages if each.text or each.caption), messages[0])
        act: Words | Invoke | Press | None = said(main, self._me())
        answer = await self._answer_to_us(main, who)
        if answer is not None:
            act = answer.act
        if act is None:
            return
        with speaking(chosen(who.locale)):
            files = answer.attachments if answer else ()
            for message in messages:
                files += attachments_of(message, self._me())
            level = await self._level(main.chat, who)
            heard = inbound(
                main,
                who,
                level,
                act,
                id=f"telegram:{main.chat.id}:{messages[0].message_id}",
                attachments=files,
                reply=main.message_id if main.chat.type != Chat.PRIVATE else 0,
            )
            self._show_signs(heard, main)
            await self._pass_on(heard)

    async def _answer_to_us(self, message: Message, who: Speaker) -> Answer | None:
        replied, text = message.reply_to_message, message.text or message.caption or ""
        if replied is None or _replied_to(message) != self._me().number or text.startswith("/"):
            return None
        return await self._asking.answered(
            message.chat.id, replied.message_id, who.number, text.strip()
        )

    def _is_stale(self, update: Update, message: Message) -> bool:
        """Only what waited for us can be: what comes while we listen is new, by any clock."""
        if update.update_id not in self._inbox.late:
            return False
        return self._clock.now() - message.date > self._stale_after

    def _show_signs(self, heard: Inbound, message: Message) -> None:
        act = heard.act
        if isinstance(act, Words) or (isinstance(act, Invoke) and act.name in WITH_PICTURES):
            self._lightly.seen(message.chat.id, message.message_id)
        self._lightly.typing(Address.read(heard.address))

    # --- presses --------------------------------------------------------------------------------

    async def _press(self, query: CallbackQuery) -> None:
        message, button = query.message, query.data or ""
        if not isinstance(message, Message | InaccessibleMessage) or not button:
            return  # an inline message, or a game: none of ours
        who = person(query.from_user)
        with speaking(chosen(who.locale)):
            async with self._lane(message, who.number):
                try:
                    await self._pressed(query, message, button, who)
                except AtelierError as error:
                    where = Address(message.chat.id, _thread(message), 0, who.number)
                    await self._post(where, replies.for_error(error))

    async def _pressed(
        self,
        query: CallbackQuery,
        message: Message | InaccessibleMessage,
        button: str,
        who: Speaker,
    ) -> None:
        chat = message.chat
        if button in (YES, NO):
            wanted = await self._away.answered(
                query.get_bot(), chat.id, message.message_id, who.number, button
            )
            await self._wanted(wanted or ())
            return
        act: Invoke | Press = Press(button=button)
        files: tuple[Attachment, ...] = ()
        if button.startswith(PICK):
            answer = await self._asking.picked(chat.id, message.message_id, who.number, button)
            if answer is None:
                return
            act, files = answer.act, answer.attachments
        level = await self._level(chat, who)
        heard = inbound(
            _as_message(message), who, level, act, id=f"telegram:press:{query.id}",
            attachments=files,
        )  # fmt: skip
        self._lightly.typing(Address.read(heard.address))
        await self._pass_on(heard)

    async def _wanted(self, updates: Sequence[Update]) -> None:
        """Old requests that are wanted after all; the lane of their person is held already."""
        messages = [update.message for update in updates if update.message is not None]
        for _, together in groupby(messages, lambda each: each.media_group_id or each.message_id):
            album = tuple(together)
            who = speaker(album[0])
            if who is not None:
                await self._words(album, who)

    # --- on to the router -----------------------------------------------------------------------

    async def _pass_on(self, heard: Inbound) -> None:
        """Ask for what is missing; else it is the router's."""
        try:
            if await self._asking.for_missing(heard) or await self._asking.for_form(heard):
                return
        except AtelierError as error:
            await self._post(Address.read(heard.address), replies.for_error(error))
            return
        except CannotPost as error:
            log.warning("telegram.not_asked", why=str(error))
            return
        await self._welcome(heard.space.id)
        await self.receive(heard)

    async def _welcome(self, space: SpaceId) -> None:
        """A place that nobody spoke in yet gets what this installation starts with."""
        if space not in self._welcomed:
            await self._furnish(space)
            self._welcomed.add(space)

    async def _post(self, where: Address, outbound: Outbound) -> None:
        try:
            await self._postman.post(where, outbound)
        except CannotPost as error:
            log.warning("telegram.not_told", why=str(error))

    async def _level(self, chat: Chat, who: Speaker) -> Level:
        """In their own chat people are admins of their own space."""
        if chat.type == Chat.PRIVATE:
            return Level.ADMIN
        if who.is_anonymous_admin:
            return Level.MODERATOR
        if who.number < 0:
            return Level.MEMBER
        return await self._levels.level(chat.id, who.number)

    # --- coming and going -----------------------------------------------------------------------

    async def _membership(self, change: ChatMemberUpdated) -> None:
        """We were let in, thrown out, blocked, or given other rights."""
        chat = change.chat
        self._levels.forget(chat.id)
        is_out = change.new_chat_member.status in AWAY
        log.info("telegram.membership", chat=chat.id, status=change.new_chat_member.status)
        if is_out:
            await self._gone(chat.id, "the bot was removed")
            return
        was_out = change.old_chat_member.status in AWAY
        if was_out and chat.type in (Chat.GROUP, Chat.SUPERGROUP):
            await self._welcome(space_of(chat.id))
            with speaking(chosen(change.from_user.language_code or "")):
                await self._post(Address(chat.id), hello(self._me()))


def hello(me: Me) -> Outbound:
    """What a group hears first."""
    text = say(
        "telegram.hello",
        "I make pictures. Type /create and what you want to see, mention {name}, or reply to one "
        "of my messages. /help has more.",
        name=f"@{me.username}",
    )
    return Outbound(text=text)


def _replied_to(message: Message) -> int:
    """Who wrote the message that this one replies to."""
    replied = message.reply_to_message
    return replied.from_user.id if replied is not None and replied.from_user is not None else 0


def _as_message(message: Message | InaccessibleMessage) -> Message:
    """A message that Telegram does not show any more still says where it was."""
    if isinstance(message, Message):
        return message
    return Message(message.message_id, message.date, message.chat)


def _thread(message: Message | InaccessibleMessage) -> int:
    return thread_of(message) if isinstance(message, Message) else 0


async def _nowhere(_: Inbound) -> None:
    """Until somebody listens."""
