"""The door to the database: transactions, plain errors, and a check before anything starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import false, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from engine.errors import DatabaseNewer, DatabaseOutdated, StoreBusy
from engine.storage.driver import WRITES, make_engine, name_of, normal_url, sqlite_file
from engine.storage.driver_errors import told_plainly, translate
from engine.storage.migration import head, is_known, revision_of
from engine.storage.tables import queue_clock


class Database:
    """One database, SQLite or PostgreSQL; made by `Database.open`, ended by `close`."""

    def __init__(self, engine: AsyncEngine, url: URL, busy_timeout_s: float) -> None:
        self._engine = engine
        self._url = url
        self._busy_timeout_s = busy_timeout_s
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._writer = asyncio.Lock()

    @classmethod
    async def open(cls, url: str, *, busy_timeout_s: float = 5.0, pool_size: int = 5) -> Self:
        """Prepare connections; the first one is made when it is needed.

        Raises `ValueError` for a URL that is neither SQLite nor PostgreSQL.
        """
        parsed = normal_url(url)
        engine = make_engine(parsed, busy_timeout_s=busy_timeout_s, pool_size=pool_size)
        return cls(engine, parsed, busy_timeout_s)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @property
    def name(self) -> str:
        """The file or the URL without its password: fit for people's eyes."""
        return name_of(self._url)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return sqlite_file(self._url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment and changes nothing.

        Raises `StoreBusy` or `StoreReadOnly` (the file can't be opened), chained to the
        driver's error.
        """
        with told_plainly(self.name, self._busy_timeout_s):
            async with self._connected() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes all or nothing; commits when the body ends well.

        SQLite has one writer: in this process writers queue up here, against others the lock is
        taken before anything is read. Raises `StoreBusy`, `DiskFull` or `StoreReadOnly`, chained
        to the driver's error.
        """
        with told_plainly(self.name, self._busy_timeout_s):
            async with self._turn(), self._connected(writes=True) as connection:
                yield connection

    async def check(self) -> None:
        """Is this a database that this code can use now?

        Raises `DatabaseNewer` or `DatabaseOutdated` with both revisions, `StoreReadOnly`,
        `StoreBusy`. Changes nothing.
        """
        async with self.read() as connection:
            found = await connection.run_sync(revision_of)
        if found is not None and not is_known(found):
            raise DatabaseNewer(database=found, code_knows=head())
        if found != head():
            raise DatabaseOutdated(database=found or "empty", code_wants=head())
        async with self.write() as connection:
            await connection.execute(update(queue_clock).where(false()).values(ticks=0))

    @asynccontextmanager
    async def _connected(self, *, writes: bool = False) -> AsyncIterator[AsyncConnection]:
        connection = self._engine.connect()
        try:
            await connection.start()
        except OSError as error:
            raise self._told(error) from error
        try:
            await connection.execution_options(**{WRITES: writes})
            async with connection.begin():
                yield connection
        finally:
            await connection.close()

    def _told(self, error: OSError) -> Exception:
        return translate(error, self.name, self._busy_timeout_s) or error

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if not self._is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(self._busy_timeout_s):
                await self._writer.acquire()
        except TimeoutError as error:
            raise StoreBusy(waited_s=self._busy_timeout_s) from error
        try:
            yield
        finally:
            self._writer.release()
