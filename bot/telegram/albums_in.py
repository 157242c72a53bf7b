"""Albums that come in: one update for each picture, put together again before anything is done."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from telegram import Message

from bot.live import Pause

QUIET_S = 1.0
"""So long after the last picture an album is taken to be whole."""
MOST_ROUNDS = 5
REMEMBERED = 1024


@dataclass(slots=True)
class _Gathering:
    messages: list[Message] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class IncomingAlbums:
    """Puts albums together; whoever brings the first picture carries the whole on."""

    def __init__(self, pause: Pause = asyncio.sleep) -> None:
        self._pause = pause
        self._open: dict[str, _Gathering] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()

    async def gather(self, message: Message) -> tuple[Message, ...]:
        """All messages of the album for its first one; nothing for the others.

        The others wait until `finished`, so that none counts as answered before all are.
        """
        key = f"{message.chat.id}:{message.media_group_id}"
        if key in self._closed:
            return ()  # later than any app sends it: its album is answered
        found = self._open.get(key)
        if found is not None:
            found.messages.append(message)
            await found.done.wait()
            return ()
        gathering = self._open[key] = _Gathering([message])
        for _ in range(MOST_ROUNDS):
            so_far = len(gathering.messages)
            await self._pause(QUIET_S)
            if len(gathering.messages) == so_far:
                break
        return tuple(sorted(gathering.messages, key=lambda each: each.message_id))

    def finished(self, message: Message) -> None:
        """The album of this message is answered."""
        key = f"{message.chat.id}:{message.media_group_id}"
        gathering = self._open.pop(key, None)
        if gathering is not None:
            gathering.done.set()
            self._closed[key] = None
            if len(self._closed) > REMEMBERED:
                self._closed.popitem(last=False)
