"""Migrations: up, down and up again, equal to the tables of the code, never half done."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from engine.errors import DatabaseNewer, DatabaseOutdated
from engine.messages import Base
from engine.storage import migration
from engine.storage.bases import BaseStore
from engine.storage.database import Database

NEXT = '''"""A later step."""

import sqlalchemy as sa
from alembic import op

revision = "0099_next"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("bases", sa.Column("note", sa.Text(), nullable=True))
    {extra}


def downgrade() -> None:
    op.drop_column("bases", "note")
'''
BASE = Base(name="mini", family="miniature", folder="/bases/mini")


def scripts_with_a_later_step(folder: Path, extra: str = "") -> Path:
    """The migrations of a newer version."""
    scripts = folder / "newer"
    shutil.copytree(migration.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "0099_next.py").write_text(
        NEXT.format(head=migration.head(), extra=extra)
    )
    return scripts


async def put_base(url: str) -> None:
    database = await Database.open(url)
    try:
        await BaseStore(database).put(BASE)
    finally:
        await database.close()


async def check(url: str) -> None:
    database = await Database.open(url)
    try:
        await database.check()
    finally:
        await database.close()


async def test_an_empty_database_becomes_what_the_code_expects(empty_url: str) -> None:
    assert await migration.current(empty_url) is None
    assert await migration.upgrade(empty_url) is None
    assert await migration.current(empty_url) == migration.head()
    assert await migration.compare(empty_url) == []
    await check(empty_url)


async def test_down_to_nothing_and_up_again(empty_url: str) -> None:
    await migration.upgrade(empty_url)
    await migration.downgrade(empty_url, "base")
    assert await migration.current(empty_url) is None
    await migration.upgrade(empty_url)
    assert await migration.compare(empty_url) == []


async def test_an_upgrade_of_an_upgraded_database_does_nothing(url: str) -> None:
    await put_base(url)
    assert await migration.upgrade(url) is None
    await put_base(url)


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str, tmp_path: Path) -> None:
    scripts = scripts_with_a_later_step(tmp_path)
    await migration.upgrade(empty_url, scripts=scripts)
    facts = {"database": "0099_next", "code_knows": migration.head()}
    with pytest.raises(DatabaseNewer) as newer:
        await migration.upgrade(empty_url)
    assert newer.value.facts == facts
    with pytest.raises(DatabaseNewer):
        await migration.downgrade(empty_url, "base")
    with pytest.raises(DatabaseNewer):
        await check(empty_url)
    assert await migration.current(empty_url) == "0099_next"


async def test_a_database_that_was_never_upgraded_is_outdated(empty_url: str) -> None:
    with pytest.raises(DatabaseOutdated) as outdated:
        await check(empty_url)
    assert outdated.value.facts == {"database": "empty", "code_wants": migration.head()}


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    empty_url: str, tmp_path: Path
) -> None:
    await migration.upgrade(empty_url)
    await put_base(empty_url)
    scripts = scripts_with_a_later_step(tmp_path, 'raise RuntimeError("half way")')
    with pytest.raises(RuntimeError, match="half way"):
        await migration.upgrade(empty_url, scripts=scripts)
    assert await migration.current(empty_url) == migration.head()
    assert await migration.compare(empty_url) == []


async def test_a_file_with_data_is_copied_before_an_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    await migration.upgrade(url)
    await put_base(url)
    scripts = scripts_with_a_later_step(tmp_path)
    copy = await migration.upgrade(url, scripts=scripts)
    assert copy == tmp_path / "atelier-before-0099_next.db"
    with closing(sqlite3.connect(copy)) as before, pytest.raises(sqlite3.OperationalError):
        before.execute("SELECT note FROM bases")
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT name FROM bases").fetchall() == [("mini",)]
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == (
            migration.head(),
        )
    assert await migration.current(f"sqlite:///{copy}") == migration.head()


async def test_what_is_not_a_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_bytes(b"Dear database, " * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        await migration.upgrade(f"sqlite:///{file}")
    assert file.read_bytes() == b"Dear database, " * 100
