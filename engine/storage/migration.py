"""Alembic without a command line: upgrade, downgrade, compare; a copy is made before an upgrade."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from engine.errors import DatabaseNewer, StoreReadOnly
from engine.storage.driver import name_of, normal_url, open_runner, sqlite_file
from engine.storage.driver_errors import told_plainly
from engine.storage.tables import METADATA
from engine.threads import in_thread

Returned = TypeVar("Returned")
SCRIPTS: Final = Path(__file__).resolve().parents[2] / "migrations"
BUSY_TIMEOUT_S: Final = 30.0
FULL_TEXT: Final = "entry_fts"


async def upgrade(url: str, *, scripts: Path = SCRIPTS) -> Path | None:
    """Bring a database to `head()`; returns the copy made of an SQLite file that had data.

    All or nothing: a migration that fails leaves the database as it was. Raises `DatabaseNewer`
    (nothing is touched), `StoreBusy`, `StoreReadOnly`, `DiskFull`.
    """
    parsed = normal_url(url)
    await in_thread(_make_folder, parsed)
    found = await current(url)
    newest = head(scripts)
    if found is not None and not is_known(found, scripts):
        raise DatabaseNewer(database=found, code_knows=newest)
    if found == newest:
        return None
    file = sqlite_file(parsed)
    copy = None
    if found is not None and file is not None:
        copy = file.with_name(f"{file.stem}-before-{newest}{file.suffix or '.db'}")
        with told_plainly(name_of(parsed), BUSY_TIMEOUT_S):
            await in_thread(_copy, file, copy)
    await _run(parsed, lambda config: command.upgrade(config, "head"), scripts)
    return copy


async def downgrade(url: str, revision: str, *, scripts: Path = SCRIPTS) -> None:
    """Take a database back to an earlier revision, or to `base`, which drops everything."""
    found = await current(url)
    if found is not None and not is_known(found, scripts):
        raise DatabaseNewer(database=found, code_knows=head(scripts))
    await _run(normal_url(url), lambda config: command.downgrade(config, revision), scripts)


async def current(url: str) -> str | None:
    """The revision of a database; None when it is empty."""
    parsed = normal_url(url)
    file = sqlite_file(parsed)
    if file is not None and not await in_thread(file.exists):
        return None
    return await _in_transaction(parsed, revision_of, writes=False)


async def compare(url: str) -> list[str]:
    """How the tables of a database differ from those of the code, one line each."""
    return await _in_transaction(normal_url(url), _differences, writes=False)


@lru_cache(maxsize=8)
def head(scripts: Path = SCRIPTS) -> str:
    """The newest revision that this code knows."""
    newest = ScriptDirectory(str(scripts)).get_current_head()
    if newest is None:
        raise RuntimeError(f"no migrations in {scripts}")
    return newest


@lru_cache(maxsize=32)
def is_known(revision: str, scripts: Path = SCRIPTS) -> bool:
    """Whether this code has that revision; if not, a newer one wrote it."""
    known = ScriptDirectory(str(scripts)).walk_revisions()
    return any(script.revision == revision for script in known)


def revision_of(connection: Connection) -> str | None:
    """The revision of the database behind a connection."""
    return MigrationContext.configure(connection).get_current_revision()


def _differences(connection: Connection) -> list[str]:
    opts = {"compare_type": True, "include_name": _is_in_tables}
    context = MigrationContext.configure(connection, opts=opts)
    return [str(difference) for difference in compare_metadata(context, METADATA)]


def _is_in_tables(name: str | None, _kind: str, _parents: object) -> bool:
    """The full-text index differs between databases, so only its migration knows it."""
    return not (name or "").startswith(FULL_TEXT)


def _make_folder(url: URL) -> None:
    file = sqlite_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnly(what=str(file.parent)) from error


def _copy(file: Path, copy: Path) -> None:
    """A consistent copy, also while others write (sqlite.org/backup.html)."""
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.replace(copy)


async def _run(url: URL, order: Callable[[Config], None], scripts: Path) -> None:
    def work(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        order(config)

    await _in_transaction(url, work, writes=True)


async def _in_transaction(
    url: URL, work: Callable[[Connection], Returned], *, writes: bool
) -> Returned:
    """One transaction on a connection of its own; tables may be rebuilt in it."""
    runner = open_runner(url, busy_timeout_s=BUSY_TIMEOUT_S, pool_size=1, keeps_foreign_keys=False)
    try:
        with told_plainly(name_of(url), BUSY_TIMEOUT_S):
            return await runner.run(work, writes=writes)
    finally:
        await runner.close()
