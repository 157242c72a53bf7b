"""The door to the database: transactions, plain errors, and a check before anything starts."""

from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, false, update
from sqlalchemy.engine import URL

from engine.errors import DatabaseNewer, DatabaseOutdated
from engine.storage.driver import Runner, name_of, normal_url, open_runner, sqlite_file
from engine.storage.driver_errors import told_plainly
from engine.storage.migration import head, is_known, revision_of
from engine.storage.tables import queue_clock

Params = ParamSpec("Params")
Returned = TypeVar("Returned")


class Database:
    """One database, SQLite or PostgreSQL; made by `Database.open`, ended by `close`.

    A transaction is a plain function of a connection: on SQLite it runs in a thread, on
    PostgreSQL on the event loop, giving way at every statement. Both methods raise `StoreBusy`,
    `DiskFull` or `StoreReadOnly`, chained to the driver's error.
    """

    def __init__(self, runner: Runner, url: URL, busy_timeout_s: float) -> None:
        self._runner = runner
        self._url = url
        self._busy_timeout_s = busy_timeout_s
        self.name = name_of(url)
        """The file or the URL without its password: fit for people's eyes."""

    @classmethod
    async def open(cls, url: str, *, busy_timeout_s: float = 5.0, pool_size: int = 5) -> Self:
        """Prepare connections; the first one is made when it is needed.

        Raises `ValueError` for a URL that is neither SQLite nor PostgreSQL.
        """
        parsed = normal_url(url)
        runner = open_runner(parsed, busy_timeout_s=busy_timeout_s, pool_size=pool_size)
        return cls(runner, parsed, busy_timeout_s)

    async def close(self) -> None:
        """Wait for transactions under way and close every connection."""
        await self._runner.close()

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return sqlite_file(self._url)

    async def read(self, work: Callable[[Connection], Returned]) -> Returned:
        """Run a transaction that changes nothing."""
        with told_plainly(self.name, self._busy_timeout_s):
            return await self._runner.run(work, writes=False)

    async def write(self, work: Callable[[Connection], Returned]) -> Returned:
        """Run a transaction that changes all or nothing; it commits when `work` returns."""
        with told_plainly(self.name, self._busy_timeout_s):
            return await self._runner.run(work, writes=True)

    async def check(self) -> None:
        """Is this a database that this code can use now?

        Raises `DatabaseNewer` or `DatabaseOutdated` with both revisions, `StoreReadOnly`,
        `StoreBusy`. Changes nothing.
        """
        found = await self.read(revision_of)
        if found is not None and not is_known(found):
            raise DatabaseNewer(database=found, code_knows=head())
        if found != head():
            raise DatabaseOutdated(database=found or "empty", code_wants=head())
        await self.write(_write_nothing)


class Store:
    """Base of the stores: what they keep is in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """Where the rows are."""
        return self._database

    def changed(self) -> None:
        """A writing transaction of this store is over: a store that remembers rows forgets."""


AnyStore = TypeVar("AnyStore", bound=Store)


def reads(
    method: Callable[Concatenate[AnyStore, Connection, Params], Returned],
) -> Callable[Concatenate[AnyStore, Params], Coroutine[Any, Any, Returned]]:
    """Make a method one reading transaction: callers await it and give no connection."""

    @wraps(method)
    async def transaction(
        store: AnyStore, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Returned:
        def work(connection: Connection) -> Returned:
            return method(store, connection, *args, **kwargs)

        return await store.database.read(work)

    return transaction


def writes(
    method: Callable[Concatenate[AnyStore, Connection, Params], Returned],
) -> Callable[Concatenate[AnyStore, Params], Coroutine[Any, Any, Returned]]:
    """Make a method one writing transaction: callers await it and give no connection."""

    @wraps(method)
    async def transaction(
        store: AnyStore, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Returned:
        def work(connection: Connection) -> Returned:
            return method(store, connection, *args, **kwargs)

        try:
            return await store.database.write(work)
        finally:
            store.changed()

    return transaction


def _write_nothing(connection: Connection) -> None:
    connection.execute(update(queue_clock).where(false()).values(ticks=0))
