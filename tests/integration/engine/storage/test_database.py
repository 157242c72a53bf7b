"""The database under bad conditions: locked, read-only, full, unreachable, cancelled."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Connection, select, text

from engine.errors import DiskFull, StoreBusy, StoreReadOnly
from engine.messages import Base
from engine.storage.audit import AuditLine, AuditStore
from engine.storage.bases import BaseStore
from engine.storage.database import Database
from engine.storage.tables import bases
from tests.fakes.jobs import owner
from tests.rights import without_rights

BASE = Base(name="mini", family="miniature", folder="/bases/mini")


def file_of(database: Database) -> Path:
    assert database.file is not None
    return database.file


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process holds the write lock."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    (tmp_path / "atelier.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'atelier.db'}"


# --- transactions -----------------------------------------------------------------------------


async def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    def half(connection: Connection) -> None:
        connection.execute(
            bases.insert().values(
                **BASE.model_dump(include={"name", "family", "version", "folder"})
            )
        )
        raise RuntimeError("killed here")

    with pytest.raises(RuntimeError):
        await database.write(half)
    assert await BaseStore(database).all() == ()


async def test_readers_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    loop = asyncio.get_running_loop()
    inside, go_on = asyncio.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        connection.execute(
            bases.insert().values(
                **BASE.model_dump(include={"name", "family", "version", "folder"})
            )
        )
        loop.call_soon_threadsafe(inside.set)
        go_on.wait(10)

    writing = asyncio.create_task(database.write(slow))
    await inside.wait()
    before = await BaseStore(database).all()
    go_on.set()
    await writing
    assert (before, await BaseStore(database).all()) == ((), (BASE,))
    await database.close()


async def test_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    store = AuditStore(database)

    async def write(number: int) -> None:
        of = owner()
        await store.write(
            AuditLine(of.space, of.person, "tested", str(number), "", datetime.now(UTC))
        )

    await asyncio.gather(*(write(number) for number in range(40)))
    assert len(await store.read(owner().space, 99)) == 40


async def test_times_come_back_aware_whatever_zone_they_were_in(database: Database) -> None:
    of = owner()
    summer = datetime(2026, 7, 1, 14, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    await AuditStore(database).write(AuditLine(of.space, of.person, "told", "x", "", summer))
    (line,) = await AuditStore(database).read(of.space, 1)
    assert line.at == summer
    assert line.at.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    of = owner()
    naive = datetime(2026, 7, 1)  # noqa: DTZ001  # the mistake that is tested
    with pytest.raises(Exception, match="must be aware"):
        await AuditStore(database).write(AuditLine(of.space, of.person, "told", "x", "", naive))


# --- faults -----------------------------------------------------------------------------------


async def test_a_locked_file_is_busy_after_the_timeout_and_works_afterwards(
    sqlite_url: str,
) -> None:
    database = await Database.open(sqlite_url, busy_timeout_s=0.2)
    try:
        with locked(file_of(database)):
            started = perf_counter()
            with pytest.raises(StoreBusy) as busy:
                await BaseStore(database).put(BASE)
            assert perf_counter() - started > 0.1
            assert busy.value.facts == {"waited_s": 0.2}
            assert busy.value.__cause__ is not None
            assert await BaseStore(database).all() == ()
        await BaseStore(database).put(BASE)
    finally:
        await database.close()


async def test_a_locked_row_is_busy_after_the_timeout(postgres_database: str) -> None:
    one = await Database.open(postgres_database, busy_timeout_s=2)
    two = await Database.open(postgres_database, busy_timeout_s=2)
    await BaseStore(one).put(BASE)
    other: list[BaseException] = []

    def hold(connection: Connection) -> None:
        connection.execute(select(bases).with_for_update())
        task = asyncio.ensure_future(_put(two, other))
        while not task.done():
            connection.execute(text("SELECT pg_sleep(0.01)"))

    try:
        await one.write(hold)
    finally:
        await one.close()
        await two.close()
    assert [type(error) for error in other] == [StoreBusy]


async def _put(database: Database, errors: list[BaseException]) -> None:
    try:
        await BaseStore(database).put(BASE)
    except StoreBusy as error:
        errors.append(error)


async def test_a_file_opened_read_only_says_so(sqlite_url: str) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    database = await Database.open(f"sqlite:///file:{file}?mode=ro&uri=true", busy_timeout_s=2)
    try:
        with pytest.raises(StoreReadOnly) as refusal:
            await database.check()
        assert refusal.value.facts == {"what": file}
    finally:
        await database.close()


async def test_a_file_in_a_folder_without_rights_says_so(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    database = await Database.open(sqlite_url, busy_timeout_s=2)
    try:
        with without_rights(folder), pytest.raises(StoreReadOnly):
            await database.check()
    finally:
        await database.close()


async def test_a_read_only_server_says_so(postgres_database: str) -> None:
    database = await Database.open(postgres_database)

    def write(connection: Connection) -> None:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(
            bases.insert().values(
                **BASE.model_dump(include={"name", "family", "version", "folder"})
            )
        )

    try:
        with pytest.raises(StoreReadOnly):
            await database.write(write)
    finally:
        await database.close()


async def test_a_full_disk_says_so_and_keeps_what_was_there(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    await BaseStore(database).put(BASE)

    def write(connection: Connection) -> None:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(200):
            row = BASE.model_dump(include={"name", "family", "version", "folder"}) | {
                "name": f"b{number}",
                "folder": "x" * 4000,
            }
            connection.execute(bases.insert().values(**row))

    try:
        with pytest.raises(DiskFull) as full:
            await database.write(write)
        assert full.value.facts == {"folder": database.name}
        assert await BaseStore(database).all() == (BASE,)
    finally:
        await database.close()


async def test_a_server_that_is_not_there_is_busy(tmp_path: Path) -> None:
    url = f"postgresql://nobody:secret@/atelier?host={tmp_path}"
    database = await Database.open(url, busy_timeout_s=2)
    try:
        with pytest.raises(StoreBusy) as busy:
            await database.check()
        assert "does not answer" in str(busy.value.facts["why"])
        assert "secret" not in str(busy.value.facts)
    finally:
        await database.close()


@pytest.mark.parametrize("url", ["mysql://host/x", "sqlite://", "sqlite:///:memory:"])
async def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite"):
        await Database.open(url)
