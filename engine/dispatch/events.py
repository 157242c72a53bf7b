"""Hands events to everyone who listens; slow listeners lose `Progress`, nothing else."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from engine.messages import Event, Progress


class _Listener:
    def __init__(self) -> None:
        self.waiting: deque[Event] = deque()
        self.more = asyncio.Event()

    def push(self, event: Event) -> None:
        if isinstance(event, Progress) and self._replaced(event):
            return
        self.waiting.append(event)
        self.more.set()

    def _replaced(self, event: Progress) -> bool:
        for index, old in enumerate(self.waiting):
            if isinstance(old, Progress) and old.job == event.job:
                kept = event.preview if event.preview is not None else old.preview
                self.waiting[index] = event.model_copy(update={"preview": kept})
                return True
        return False


class EventBus:
    """One writer, many listeners, all on one event loop."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._closed = False

    def publish(self, event: Event) -> None:
        """Give the event to every listener; never blocks."""
        for listener in self._listeners:
            listener.push(event)

    def close(self) -> None:
        """End every listener once it has read what waits."""
        self._closed = True
        for listener in self._listeners:
            listener.more.set()

    def listen(self) -> AsyncIterator[Event]:
        """Events from this call on (not from the first `anext`)."""
        listener = _Listener()
        self._listeners.add(listener)
        return self._read(listener)

    async def _read(self, listener: _Listener) -> AsyncIterator[Event]:
        try:
            while True:
                while listener.waiting:
                    yield listener.waiting.popleft()
                if self._closed:
                    return
                listener.more.clear()
                await listener.more.wait()
        finally:
            self._listeners.discard(listener)
