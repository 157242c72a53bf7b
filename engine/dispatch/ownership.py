"""One owner of the queue: a lock on the data folder that the system drops when the owner dies."""

import fcntl
import os
from pathlib import Path

from engine.errors import AlreadyRunning


class QueueLock:
    """An advisory lock on a file; holds from `take` to `release` or the end of the process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: int | None = None

    def take(self) -> None:
        """Take it; raises `AlreadyRunning` when another process has it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(opened)
            raise AlreadyRunning(folder=str(self._file.parent)) from error
        self._held = opened

    def release(self) -> None:
        """Give it back; no-op when it is not held."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
