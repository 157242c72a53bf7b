"""How each database is opened: its driver, its pragmas, how its transactions begin."""

from functools import partial
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

WRITES: Final = "atelier_writes"
"""Execution option of a connection whose transaction will write."""
PRAGMAS: Final = ("journal_mode = WAL", "synchronous = NORMAL")
ASYNC_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _DriverConnection(Protocol):
    def cursor(self) -> _Cursor: ...


def normal_url(url: str) -> URL:
    """The URL with its async driver.

    Raises `ValueError` for a database that is neither SQLite in a file nor PostgreSQL.
    """
    parsed = make_url(url)
    driver = ASYNC_DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(f"unknown database {parsed.get_backend_name()!r}: sqlite or postgresql")
    if driver.startswith("sqlite") and not parsed.database:
        raise ValueError("an SQLite database needs a file: sqlite:///atelier.db")
    return parsed.set(drivername=driver)


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database.removeprefix("file:"))


def name_of(url: URL) -> str:
    """The database as people may see it: the file, or the URL without its password."""
    return str(sqlite_file(url) or url.render_as_string(hide_password=True))


def make_engine(
    url: URL, *, busy_timeout_s: float, pool_size: int, keeps_foreign_keys: bool = True
) -> AsyncEngine:
    """An engine; `pool_size` 0 opens a connection each time (short work like migrations).

    `keeps_foreign_keys` is off only for migrations: SQLite changes a table by rebuilding it,
    and dropping the old one must not take the rows that refer to it along.

    SQLite: WAL, so that readers never wait for the writer; NORMAL, which in WAL mode can lose
    the last commits at a power cut but never corrupts; and transactions that begin when we say
    so, with the write lock taken at once (sqlite.org/wal.html, sqlite.org/lang_transaction.html).
    """
    if url.get_backend_name() == "sqlite":
        connect_args: dict[str, object] = {"timeout": busy_timeout_s, "isolation_level": None}
    else:
        milliseconds = str(round(busy_timeout_s * 1000))
        connect_args = {
            "timeout": busy_timeout_s,
            "server_settings": {"lock_timeout": milliseconds, "timezone": "UTC"},
        }
    if pool_size == 0:
        engine = create_async_engine(url, poolclass=NullPool, connect_args=connect_args)
    else:
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=busy_timeout_s,
            pool_pre_ping=url.get_backend_name() == "postgresql",
            connect_args=connect_args,
        )
    if url.get_backend_name() == "sqlite":
        pragmas = (*PRAGMAS, f"foreign_keys = {'ON' if keeps_foreign_keys else 'OFF'}")
        event.listen(engine.sync_engine.pool, "connect", partial(_set_pragmas, pragmas))
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_pragmas(pragmas: tuple[str, ...], connection: _DriverConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
