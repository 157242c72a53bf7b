"""The worker's desk: orders come in by one thread, beats go out by another, the main one draws."""

import contextlib
import os
import queue
import threading
from collections.abc import Callable

from engine.messages import Beat, JobId, Message
from engine.wire import BrokenFrame, CancelOrder, Channel, DrawOrder, Shutdown, ToWorker, Warm

POOL_GONE = 70
"""Exit status when the channel closed or broke: nobody is left to draw for."""
Work = DrawOrder | Warm | Shutdown
Leave = Callable[[int], None]


class Desk:
    """What the three threads share."""

    def __init__(
        self, channel: Channel, beat: Callable[[], Beat], beat_s: float, leave: Leave = os._exit
    ) -> None:
        self._channel = channel
        self._beat = beat
        self._beat_s = beat_s
        self._leave = leave
        self._inbox: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._cancelled: set[JobId] = set()
        self._leaving = threading.Event()

    def open(self) -> None:
        """Start listening and beating."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        threading.Thread(target=self._keep_beating, name="beats", daemon=True).start()

    def next(self) -> Work:
        """Wait for the next piece of work."""
        return self._inbox.get()

    def look(self) -> Work | None:
        """The next piece of work, or None when there is none yet."""
        try:
            return self._inbox.get_nowait()
        except queue.Empty:
            return None

    def tell(self, message: Message) -> None:
        """Send a message; leaves the process when nobody listens any more."""
        try:
            self._channel.send(message)
        except OSError:
            self._leave(POOL_GONE)

    def is_cancelled(self, job: JobId) -> bool:
        """Whether the job shall be stopped at the next step."""
        return job in self._cancelled

    def forget(self, job: JobId) -> None:
        """The order is over: a cancel that came too late must not hit the job's next try."""
        self._cancelled.discard(job)

    @property
    def is_leaving(self) -> bool:
        """Whether the process was told to stop at the next step and go."""
        return self._leaving.is_set()

    def close(self) -> None:
        """Stop at the next step and go: what SIGTERM means. Safe in a signal handler."""
        self._leaving.set()
        self._inbox.put(Shutdown())

    # --- threads --------------------------------------------------------------------------

    def _listen(self) -> None:
        """Runs until the pool is gone, and then ends the process, in whatever it is."""
        with contextlib.suppress(BrokenFrame, OSError):
            while (message := self._channel.receive()) is not None:
                self._sort(message)
        self._leave(POOL_GONE)

    def _sort(self, message: ToWorker) -> None:
        if isinstance(message, CancelOrder):
            self._cancelled.add(message.job)
        else:
            if isinstance(message, DrawOrder):
                self._cancelled.discard(message.order.job)
            self._inbox.put(message)

    def _keep_beating(self) -> None:
        while not self._leaving.wait(self._beat_s):
            self.tell(self._beat())
