"""What is kept while room lasts, in bytes: the last used stays, and every look is counted."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Counts:
    """Looks that found something, looks that did not, what had to go, and bytes held now."""

    hits: int = 0
    misses: int = 0
    dropped: int = 0
    held_bytes: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.hits + other.hits,
            self.misses + other.misses,
            self.dropped + other.dropped,
            self.held_bytes + other.held_bytes,
        )


class Store(Generic[Key, Kept]):
    """A cache bounded in bytes; safe to use from several threads, and nothing is made twice."""

    def __init__(self, kept_bytes: int, size_bytes: Callable[[Kept], int]) -> None:
        self._kept_bytes = kept_bytes
        self._size_bytes = size_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}
        self.counts = Counts()

    @property
    def held(self) -> tuple[Key, ...]:
        """Keys of what is kept, the last used one last."""
        with self._lock:
            return tuple(self._kept)

    def get(self, key: Key, make: Callable[[], Kept]) -> Kept:
        """What is kept under the key, made now when nothing is; whatever `make` raises."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._find(key)
            if found is None:
                found = make()
                self._keep(key, found)
        return found

    def peek(self, key: Key) -> Kept | None:
        """What is kept under the key, which counts as no look."""
        with self._lock:
            return self._kept.get(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self._count(held_bytes=0)

    def _find(self, key: Key) -> Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self._count(misses=self.counts.misses + 1)
                return None
            self._kept.move_to_end(key)
            self._count(hits=self.counts.hits + 1)
            return found

    def _keep(self, key: Key, made: Kept) -> None:
        with self._lock:
            self._kept[key] = made
            self._making.pop(key, None)
            used = self.counts.held_bytes + self._size_bytes(made)
            dropped = self.counts.dropped
            while used > self._kept_bytes and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                used -= self._size_bytes(gone)
                dropped += 1
            self._count(held_bytes=used, dropped=dropped)

    def _count(self, **changed: int) -> None:
        now = {name: getattr(self.counts, name) for name in Counts.__slots__}
        self.counts = Counts(**{**now, **changed})
