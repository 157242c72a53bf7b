"""Every storage test runs on SQLite and on PostgreSQL; each gets a database of its own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from engine.storage.database import Database
from engine.storage.migration import upgrade
from engine.storage.tables import METADATA
from tests.servers import NoServer, database_url, order, postgres_server, run_apart

NUMBERS = count(1)
EMPTY = f"TRUNCATE {', '.join(sorted(METADATA.tables))}"
START = "INSERT INTO queue_clock (id, virtual_time, ticks) VALUES (1, 0, 0)"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "atelier.db"
    run_apart(upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running server."""
    try:
        with postgres_server() as server:
            yield server
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> str:
    """A migrated database on it, emptied before each test: that is quicker than a new one."""
    run_apart(order(postgres, "CREATE DATABASE atelier"))
    url = database_url(postgres, "atelier")
    run_apart(upgrade(url))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'atelier.db'}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"empty_{next(NUMBERS)}"
    await order(server, f"CREATE DATABASE {name}")
    yield database_url(server, name)
    await order(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without any row."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "atelier.db")
        return f"sqlite:///{tmp_path / 'atelier.db'}"
    found: str = request.getfixturevalue("postgres_database")
    await order(found, EMPTY, START)
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database, closed after the test."""
    database = await Database.open(url, busy_timeout_s=30)
    yield database
    await database.close()
