"""Which database a URL names, and the runner that opens it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from engine.storage.postgresql import PostgresqlRunner
from engine.storage.sqlite import SqliteRunner

Returned = TypeVar("Returned")
DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}


class Runner(Protocol):
    """Runs transactions, each a plain function of a connection."""

    async def run(self, work: Callable[[Connection], Returned], *, writes: bool) -> Returned:
        """Run one transaction: all of it or nothing. Raises what the driver raises."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def normal_url(url: str) -> URL:
    """The URL with the driver that we use.

    Raises `ValueError` for a database that is neither SQLite in a file nor PostgreSQL.
    """
    parsed = make_url(url)
    driver = DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(f"unknown database {parsed.get_backend_name()!r}: sqlite or postgresql")
    if driver.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
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


def open_runner(
    url: URL, *, busy_timeout_s: float, pool_size: int, keeps_foreign_keys: bool = True
) -> Runner:
    """A runner for a URL of `normal_url`; connections are made when they are needed.

    `keeps_foreign_keys` is off only for migrations: SQLite changes a table by rebuilding it,
    and dropping the old one must not take the rows that refer to it along.
    """
    if url.get_backend_name() == "sqlite":
        return SqliteRunner(
            url,
            busy_timeout_s=busy_timeout_s,
            readers=pool_size,
            keeps_foreign_keys=keeps_foreign_keys,
        )
    return PostgresqlRunner(url, busy_timeout_s=busy_timeout_s, pool_size=pool_size)
