"""What must be known after a restart: unanswered updates, open questions, posted albums, moves."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from bot.telegram.address import NAME

Value = Mapping[str, JsonValue]
KEY_CHARS = 200


class Marks(Protocol):
    """The part of the engine's mark store that is used here."""

    async def add(self, platform: str, key: str, value: Value, until: datetime | None) -> bool:
        """Keep what is new; False when the key is there."""
        ...

    async def put(self, platform: str, key: str, value: Value, until: datetime | None) -> None:
        """Keep it, new or not."""
        ...

    async def get(self, platform: str, key: str) -> Value | None:
        """Look."""
        ...

    async def take(self, platform: str, key: str) -> Value | None:
        """Look and forget."""
        ...

    async def beginning(self, platform: str, prefix: str) -> tuple[tuple[str, Value], ...]:
        """All keys that begin so."""
        ...

    async def expire(self, platform: str, now: datetime) -> int:
        """Forget what is too old."""
        ...


class Passing:
    """Marks of a process whose engine has no place for them: gone when it ends."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Value, datetime | None]] = {}

    async def add(self, platform: str, key: str, value: Value, until: datetime | None) -> bool:
        """Keep what is new."""
        if (platform, key) in self._kept:
            return False
        self._kept[platform, key] = (dict(value), until)
        return True

    async def put(self, platform: str, key: str, value: Value, until: datetime | None) -> None:
        """Keep it."""
        self._kept[platform, key] = (dict(value), until)

    async def get(self, platform: str, key: str) -> Value | None:
        """Look."""
        found = self._kept.get((platform, key))
        return found[0] if found else None

    async def take(self, platform: str, key: str) -> Value | None:
        """Look and forget."""
        found = self._kept.pop((platform, key), None)
        return found[0] if found else None

    async def beginning(self, platform: str, prefix: str) -> tuple[tuple[str, Value], ...]:
        """All keys that begin so."""
        return tuple(
            (key, value)
            for (whose, key), (value, _) in sorted(self._kept.items())
            if whose == platform and key.startswith(prefix)
        )

    async def expire(self, platform: str, now: datetime) -> int:
        """Forget what is too old."""
        old = [at for at, (_, until) in self._kept.items() if until is not None and until < now]
        for at in old:
            del self._kept[at]
        return len(old)


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class Memory:
    """Telegram's own marks."""

    def __init__(self, marks: Marks, clock: Callable[[], datetime] = utc_now) -> None:
        self._marks = marks
        self._clock = clock

    async def add(self, key: str, value: Value, lasts: timedelta | None = None) -> bool:
        """Keep what is new; False when the key is there."""
        return await self._marks.add(NAME, key[:KEY_CHARS], value, self._until(lasts))

    async def put(self, key: str, value: Value, lasts: timedelta | None = None) -> None:
        """Keep it, new or not."""
        await self._marks.put(NAME, key[:KEY_CHARS], value, self._until(lasts))

    async def get(self, key: str) -> Value | None:
        """Look."""
        return await self._marks.get(NAME, key[:KEY_CHARS])

    async def take(self, key: str) -> Value | None:
        """Look and forget: only one asker gets it."""
        return await self._marks.take(NAME, key[:KEY_CHARS])

    async def beginning(self, prefix: str) -> tuple[tuple[str, Value], ...]:
        """All keys that begin so, in order."""
        return await self._marks.beginning(NAME, prefix)

    async def expire(self) -> None:
        """Forget what is too old."""
        await self._marks.expire(NAME, self._clock())

    def _until(self, lasts: timedelta | None) -> datetime | None:
        return None if lasts is None else self._clock() + lasts
