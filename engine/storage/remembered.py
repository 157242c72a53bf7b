"""Rows remembered for a moment, so that a crowd that asks for the same ones reads them once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
KEEP_S: Final = 1.0
"""How long what another process changed may stay unseen here."""
MOST: Final = 256


class Locks(Generic[Key]):
    """A lock for each key that somebody works on."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: Key) -> asyncio.Lock:
        """The lock of this key; hold on to it while you need it."""
        return self._locks.setdefault(key, asyncio.Lock())


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Value]):
    value: Value
    until: float


class Remembered(Generic[Key, Value]):
    """Values by key, read at most once in `keep_s` seconds.

    What this process changes shows at once: the writer calls `forget` when its transaction is
    over, and what was being read meanwhile is handed out but not kept.
    """

    def __init__(
        self,
        read: Callable[[Key], Awaitable[Value]],
        *,
        keep_s: float = KEEP_S,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._read = read
        self._keep_s = keep_s
        self._clock = clock or monotonic
        self._kept: OrderedDict[Key, _Kept[Value]] = OrderedDict()
        self._locks: Locks[Key] = Locks()
        self._changes = 0

    async def get(self, key: Key) -> Value:
        """The value of this key; those who ask together share one reading."""
        async with self._locks.of(key):
            kept = self._kept.get(key)
            if kept is not None and self._clock() < kept.until:
                return kept.value
            changes, until = self._changes, self._clock() + self._keep_s
            value = await self._read(key)
            if changes == self._changes:
                self._keep(key, _Kept(value, until))
            return value

    def forget(self) -> None:
        """Something changed: every value is read again when it is wanted."""
        self._changes += 1
        self._kept.clear()

    def _keep(self, key: Key, kept: _Kept[Value]) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
