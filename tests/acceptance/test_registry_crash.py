"""`kill -9` at every named point of a file's way in: after a restart it waits exactly once."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.lives import live
from tests.acceptance.registry_process import main

POINTS = (
    "intake.stored", "intake.received", "intake.checked", "intake.identified", "intake.planned",
    "intake.previewing", "intake.measured", "intake.admitted", "intake.drawn", "intake.waiting",
)  # fmt: skip


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "atelier.db")) as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("point", POINTS)
def test_a_file_waits_once_after_a_kill_at(point: str, tmp_path: Path) -> None:
    assert live(main, tmp_path, point) == -signal.SIGKILL
    assert live(main, tmp_path, "never") == 0

    assert rows(tmp_path, "select state from intakes") == [("waiting",)]
    assert rows(tmp_path, "select name, state from entries") == [("zib", "pending")]
    assert rows(tmp_path, "select count(*), count(distinct job) from previews") == [(9, 9)]
    states = rows(tmp_path, "select state, count(*) from jobs group by state")
    assert states == [("done", 9)]
    assert rows(tmp_path, "select count(*) from displacements") == [(1,)]
    assert rows(tmp_path, "select count(*) from deliveries") == [(0,)]
    (notice,) = rows(tmp_path, "select body from notices")
    assert '"waiting"' in str(notice[0])
