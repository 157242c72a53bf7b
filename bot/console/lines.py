"""Lines that a person types, or a script does; reading never blocks the event loop."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO

with contextlib.suppress(ImportError):
    import readline  # noqa: F401 -- importing it gives input() editing and history

MARK = "\u203a"
PROMPT = f"\001\033[1;36m\002{MARK}\001\033[0m\002 "
"""Bold cyan; \\001 and \\002 tell the line editor what takes no room."""


class Lines(Protocol):
    """Where lines come from."""

    @property
    def is_typed(self) -> bool:
        """A person types: the terminal shows each line already."""
        ...

    async def next(self) -> str | None:
        """The next line; None when there are no more."""
        ...


class Script:
    """Lines known beforehand."""

    is_typed = False

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    async def next(self) -> str | None:
        """The next line; None after the last."""
        return next(self._lines, None)


class Reader:
    """Lines of a blocking source, read in a thread that does not hold up the end of the process."""

    def __init__(self, read: Callable[[], str], *, is_typed: bool) -> None:
        self._read = read
        self.is_typed = is_typed

    async def next(self) -> str | None:
        """The next line; None at the end of the source (Ctrl-D at a keyboard)."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str | None] = loop.create_future()

        def give(found: str | None) -> None:
            if not line.done():
                line.set_result(found)

        def read() -> None:
            found: str | None
            try:
                found = self._read()
            except (EOFError, OSError, ValueError):
                found = None
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
                loop.call_soon_threadsafe(give, found)

        threading.Thread(target=read, name="console-lines", daemon=True).start()
        return await line


def from_stream(stream: TextIO | None = None) -> Reader:
    """A keyboard when standard input is one, else the lines of the stream."""
    source = stream or sys.stdin
    if source is sys.stdin and source.isatty():
        return Reader(lambda: input(PROMPT), is_typed=True)

    def read() -> str:
        line = source.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")

    return Reader(read, is_typed=False)
