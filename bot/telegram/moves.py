"""Groups that became supergroups: their id changed, and everything of the space moves along."""

from collections.abc import Awaitable, Callable

import structlog

from bot.telegram.address import NAME
from bot.telegram.memory import Memory
from engine.messages import SpaceId

log = structlog.get_logger(__name__)
MoveSpace = Callable[[SpaceId, SpaceId], Awaitable[None]]
PREFIX = "moved:"


class Moves:
    """Knows where every chat is now; addresses of old jobs still name the old id."""

    def __init__(self, memory: Memory, move_space: MoveSpace) -> None:
        self._memory = memory
        self._move_space = move_space
        self._to: dict[int, int] = {}

    async def recall(self) -> None:
        """Read the moves of former processes."""
        for key, value in await self._memory.beginning(PREFIX):
            self._to[int(key.removeprefix(PREFIX))] = int(str(value["to"]))

    def now(self, chat: int) -> int:
        """The id of a chat today."""
        return self._to.get(chat, chat)

    def known_as(self, chat: int) -> tuple[int, ...]:
        """The id of a chat, and those it had before."""
        return (chat, *(old for old, new in self._to.items() if new == chat))

    async def moved(self, old: int, new: int) -> int:
        """A chat has another id from now on; told twice it changes nothing. Returns the new id."""
        if self._to.get(old) == new or old == new:
            return new
        await self._move_space(space_of(old), space_of(new))
        await self._memory.put(f"{PREFIX}{old}", {"to": new})
        self._to[old] = new
        log.info("telegram.chat_moved", chat=old, to=new)
        return new


def space_of(chat: int) -> SpaceId:
    """The space of a chat."""
    return SpaceId(f"{NAME}:{chat}")
