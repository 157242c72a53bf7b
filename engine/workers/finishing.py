"""The last of a picture, off the tick: decoded and written, one at a time.

On a GPU a thread does it on a stream of its own, beside the steps of others; elsewhere one picture
goes between two ticks, so that whoever is still drawing waits for one decoding at most.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.workers.commission import Commission
from engine.workers.rows import Row


@dataclass(frozen=True, eq=False)
class Piece:
    """One row to finish, and what it became: its pixels and file, or why not."""

    commission: Commission
    row: Row
    pixels: Tensor | None = None
    png: bytes = b""
    error: Exception | None = None


class Finisher:
    """Pictures that made their last step and are no files yet."""

    def __init__(self, device: torch.device, finish: Callable[[Commission, Row], Piece]) -> None:
        self._finish = finish
        self._waiting: deque[Callable[[], Piece]] = deque()
        self._running: list[Future[Piece]] = []
        self._stream: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._thread = ThreadPoolExecutor(1, "finish") if self._stream is not None else None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to finish."""
        return not self._waiting and not self._running

    def put(self, commission: Commission, row: Row) -> None:
        """A row made its last step."""
        if self._thread is None or self._stream is None:
            self._waiting.append(partial(self._finish, commission, row))
            return
        # What the row's last step queued must be over before the other stream reads it.
        self._stream.wait_stream(torch.cuda.current_stream())
        self._running.append(self._thread.submit(self._beside, commission, row))

    def done(self, *, is_urgent: bool) -> Iterator[Piece]:
        """What is finished; `is_urgent` when nobody draws and everything may be waited for."""
        if self._running and is_urgent:
            wait(self._running)
        for future in [future for future in self._running if future.done()]:
            self._running.remove(future)
            yield future.result()
        while self._waiting:
            yield self._waiting.popleft()()
            if not is_urgent:
                return

    def _beside(self, commission: Commission, row: Row) -> Piece:
        with torch.cuda.stream(self._stream):
            return self._finish(commission, row)
