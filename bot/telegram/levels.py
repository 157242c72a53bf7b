"""Who may do what in a group: its owner and admins, asked of Telegram and remembered a while."""

import time
from collections import OrderedDict
from collections.abc import Callable

import structlog
from telegram import Bot, ChatMember, ChatMemberAdministrator
from telegram.error import TelegramError

from bot.messages import Level

log = structlog.get_logger(__name__)
FRESH_S = 300.0
MOST = 10_000


class Levels:
    """A person's level in a group; a promotion counts after five minutes at most."""

    def __init__(self, bot: Bot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._known: OrderedDict[tuple[int, int], tuple[Level, float]] = OrderedDict()

    async def level(self, chat: int, person: int) -> Level:
        """Look it up; whoever Telegram does not tell of is a member."""
        found = self._known.get((chat, person))
        if found is not None and found[1] > self._clock():
            return found[0]
        try:
            level = level_of(await self._bot.get_chat_member(chat, person))
        except TelegramError as error:
            log.info("telegram.level_unknown", chat=chat, why=error.message)
            return found[0] if found is not None else Level.MEMBER
        self._known[chat, person] = (level, self._clock() + FRESH_S)
        self._known.move_to_end((chat, person))
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return level

    def forget(self, chat: int) -> None:
        """Something changed there."""
        for key in [key for key in self._known if key[0] == chat]:
            del self._known[key]


def level_of(member: ChatMember) -> Level:
    """The owner, and admins who may change the group or name admins, are admins here as well."""
    if member.status == ChatMember.OWNER:
        return Level.ADMIN
    if isinstance(member, ChatMemberAdministrator):
        is_admin = member.can_change_info or member.can_promote_members
        return Level.ADMIN if is_admin else Level.MODERATOR
    return Level.MEMBER
