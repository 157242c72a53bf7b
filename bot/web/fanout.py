"""News to every open page: each its own bounded line, a slow one never holds up another."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field

from engine.messages import PersonId, SpaceId

MOST_WAITING = 512
"""Posts that may wait for one page; one that is slower reconnects and reads on."""


class TooSlow(Exception):
    """The page did not keep up: it must come again with the revision it has."""


@dataclass(eq=False, slots=True)
class Listener:
    """One open page."""

    person: PersonId
    spaces: Collection[SpaceId]
    posts: list[tuple[int, str]] = field(default_factory=list)
    progress: OrderedDict[str, str] = field(default_factory=OrderedDict)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    is_slow: bool = False
    is_over: bool = False

    def sees(self, space: SpaceId, seen_by: PersonId | None) -> bool:
        """Whether a post is for this page."""
        return space in self.spaces and seen_by in (None, self.person)

    async def next(self) -> tuple[list[tuple[int, str]], list[str], bool]:
        """What waits: posts with their revisions, progress, and whether the bot is stopping.

        Raises `TooSlow` once more waited than may.
        """
        await self.more.wait()
        self.more.clear()
        if self.is_slow:
            raise TooSlow
        posts, self.posts = self.posts, []
        progress = list(self.progress.values())
        self.progress.clear()
        return posts, progress, self.is_over


class Fanout:
    """Who listens; a message is written out once, whatever their number."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Give it everything from now on."""
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """No more of it."""
        self._listeners.discard(listener)

    def post(
        self, space: SpaceId, seen_by: PersonId | None, post: str, revision: int, frame: str
    ) -> None:
        """A post as it is now; progress of it that still waits is out of date."""
        for listener in self._listeners:
            if listener.is_slow or not listener.sees(space, seen_by):
                continue
            listener.progress.pop(post, None)
            listener.posts.append((revision, frame))
            if len(listener.posts) > MOST_WAITING:
                listener.is_slow = True
                listener.posts.clear()
            listener.more.set()

    def move(self, space: SpaceId, seen_by: PersonId | None, post: str, frame: str) -> None:
        """Progress of a post: only the newest waits."""
        for listener in self._listeners:
            if listener.sees(space, seen_by):
                listener.progress[post] = frame
                listener.more.set()

    def tell(self, space: SpaceId, kind: str) -> None:
        """Something about the page itself, to everybody in a place; told twice is told once."""
        for listener in self._listeners:
            if listener.sees(space, None):
                listener.progress[f"kind:{kind}"] = json.dumps({"kind": kind})
                listener.more.set()

    def close(self) -> None:
        """The bot is stopping."""
        for listener in self._listeners:
            listener.is_over = True
            listener.more.set()
