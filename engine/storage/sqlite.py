"""SQLite in a file: a whole transaction is one hop to a thread, and there is one writer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL

Returned = TypeVar("Returned")
WRITES: Final = "atelier_writes"
"""Execution option of a connection whose transaction will write."""
PRAGMAS: Final = ("journal_mode = WAL", "synchronous = NORMAL")


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _DriverConnection(Protocol):
    def cursor(self) -> _Cursor: ...
    def create_function(
        self, name: str, narg: int, func: Callable[[object], object], *, deterministic: bool
    ) -> None: ...


class SqliteRunner:
    """Runs transactions on an SQLite file.

    WAL, so that readers never wait for the writer; NORMAL, which in WAL mode can lose the last
    commits at a power cut but never corrupts; transactions begin when we say so, those that
    write with the write lock at once, so that none fails half way (sqlite.org/wal.html,
    sqlite.org/lang_transaction.html). Writers of this process queue up for one thread instead
    of polling for the lock; `busy_timeout_s` bounds the wait for other processes.
    """

    def __init__(
        self, url: URL, *, busy_timeout_s: float, readers: int, keeps_foreign_keys: bool = True
    ) -> None:
        self._engine = create_engine(
            url,
            pool_size=readers + 1,
            max_overflow=0,
            connect_args={"timeout": busy_timeout_s, "isolation_level": None},
        )
        pragmas = (*PRAGMAS, f"foreign_keys = {'ON' if keeps_foreign_keys else 'OFF'}")
        event.listen(self._engine, "connect", partial(_set_pragmas, pragmas))
        event.listen(self._engine, "begin", _begin)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="database-reader")

    async def run(self, work: Callable[[Connection], Returned], *, writes: bool) -> Returned:
        """Run a transaction in a thread; it ends there even if the caller is cancelled."""
        threads = self._writer if writes else self._readers
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, self._run, work, writes)

    async def close(self) -> None:
        """Wait for transactions under way and close every connection."""
        await asyncio.to_thread(self._close)

    def _run(self, work: Callable[[Connection], Returned], writes: bool) -> Returned:
        with self._engine.connect() as connection:
            connection.execution_options(**{WRITES: writes})
            with connection.begin():
                return work(connection)

    def _close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()


def _set_pragmas(pragmas: tuple[str, ...], connection: _DriverConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own knows only the letters of ASCII; people search in every script.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
