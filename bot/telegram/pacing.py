"""How fast we may speak: 30 a second in all, one a second to a chat, 20 a minute to a group.

Telegram's figures, held by sliding windows, so that no second and no minute ever sees more. Who
waits for a chat is served in order. Progress takes only what is left over, results wait for their
turn, and a chat that Telegram asks to leave alone holds up no other.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from weakref import WeakValueDictionary

from bot.live import Pause
from bot.port import CannotPost

Clock = Callable[[], float]
OVERALL = (30, 1.0)
EACH_CHAT = (1, 1.0)
EACH_GROUP = (20, 60.0)
FOR_PROGRESS = 0.5
"""The part of a group's minute that progress may use up."""
MOST_CHATS = 10_000
PATIENCE_S = 600.0
"""Longest wait of an answer that nobody would try again."""


class Window:
    """At most so many in any stretch of so many seconds."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def used(self, now: float) -> int:
        """How many count at the moment."""
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        return len(self._taken)

    def wait_s(self, now: float, count: int = 1) -> float:
        """Seconds until so many more are allowed."""
        over = self.used(now) + min(count, self.limit) - self.limit
        return 0.0 if over <= 0 else self._taken[over - 1] + self._seconds - now

    def take(self, now: float, count: int = 1) -> None:
        """Count them."""
        self._taken.extend([now] * min(count, self.limit))


class _Chat:
    """One chat's windows, and how long it is to be left alone."""

    def __init__(self, *, is_group: bool) -> None:
        self.second = Window(*EACH_CHAT)
        self.minute = Window(*EACH_GROUP) if is_group else None
        self.quiet_until = 0.0

    def wait_s(self, now: float, count: int) -> float:
        waits = [self.quiet_until - now, self.second.wait_s(now)]
        if self.minute is not None:
            waits.append(self.minute.wait_s(now, count))
        return max(waits)

    def take(self, now: float, count: int) -> None:
        self.second.take(now)
        if self.minute is not None:
            self.minute.take(now, count)


class Pacer:
    """Everything that is sent asks here first."""

    def __init__(self, clock: Clock = time.monotonic, pause: Pause = asyncio.sleep) -> None:
        self._clock = clock
        self._pause = pause
        self._overall = Window(*OVERALL)
        self._chats: OrderedDict[int, _Chat] = OrderedDict()
        self._lines: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def turn(self, chat: int, count: int = 1, patience_s: float = PATIENCE_S) -> None:
        """Wait until so many messages may go to this chat.

        Raises `CannotPost` with the wait when it is longer than anybody's patience.
        """
        async with self._lines.setdefault(chat, asyncio.Lock()):
            waited_s = 0.0
            while (wait_s := self._wait_s(chat, count)) > 0:
                if waited_s + wait_s > patience_s:
                    why = f"chat {chat} is to be left alone for {wait_s:.0f} s"
                    raise CannotPost(why, final=False, retry_in_s=wait_s)
                waited_s += wait_s
                await self._pause(wait_s)
            self._take(chat, count)

    def spare(self, chat: int) -> float:
        """Take one message if it can go at once and others still have room; else the wait."""
        now = self._clock()
        wait_s = self._wait_s(chat, 1)
        minute = self._chat(chat).minute
        if minute is not None and minute.used(now) >= minute.limit * FOR_PROGRESS:
            wait_s = max(wait_s, 60.0 / minute.limit)
        if wait_s <= 0:
            self._take(chat, 1)
        return max(0.0, wait_s)

    def quiet(self, chat: int) -> bool:
        """Whether Telegram asked to leave this chat alone."""
        return self._chat(chat).quiet_until > self._clock()

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram asks to leave this chat alone for so long."""
        found = self._chat(chat)
        found.quiet_until = max(found.quiet_until, self._clock() + seconds)

    def _wait_s(self, chat: int, count: int) -> float:
        now = self._clock()
        return max(self._overall.wait_s(now, count), self._chat(chat).wait_s(now, count))

    def _take(self, chat: int, count: int) -> None:
        now = self._clock()
        self._overall.take(now, count)
        self._chat(chat).take(now, count)

    def _chat(self, chat: int) -> _Chat:
        found = self._chats.get(chat) or _Chat(is_group=chat < 0)
        self._chats[chat] = found
        self._chats.move_to_end(chat)
        if len(self._chats) > MOST_CHATS:
            self._chats.popitem(last=False)
        return found
