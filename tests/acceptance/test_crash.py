"""`kill -9` at every named point of a job's life: after a restart each job ends exactly once."""

import json
import signal
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

from tests.acceptance.crash_process import main
from tests.acceptance.lives import live

EARLY = ("admitted", "claimed", "submitted", "stepped", "drawn", "stored", "finished")
LATE = ("posting", "sent", "posted")
POINTS = [
    *((point, True) for point in EARLY),  # long before anything is posted, with a nonce or without
    *((point, has_nonce) for point in LATE for has_nonce in (True, False)),
]


def final_messages(folder: Path) -> dict[str, list[dict[str, object]]]:
    """What people see in the end: for each job its messages, each as last edited."""
    newest: dict[str, dict[str, object]] = {}
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        message = json.loads(line)
        newest[message["message"]] = message
    of_job: dict[str, list[dict[str, object]]] = defaultdict(list)
    for message in newest.values():
        of_job[str(message["job"])].append(message)
    return of_job


def jobs(folder: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(folder / "atelier.db") as database:
        return database.execute("select id, state, attempts from jobs order by asked_at").fetchall()


@pytest.mark.parametrize(("point", "has_nonce"), POINTS)
def test_every_job_ends_once_after_a_kill_at(point: str, has_nonce: bool, tmp_path: Path) -> None:
    assert live(main, tmp_path, point, 2, has_nonce) == -signal.SIGKILL
    assert live(main, tmp_path, "never", 0, has_nonce) == 0

    ended = jobs(tmp_path)
    assert sorted(state for _, state, _ in ended) == ["done", "done", "failed"]
    seen = final_messages(tmp_path)
    assert sorted(seen) == sorted(job for job, _, _ in ended)
    for job, state, _ in ended:
        outcomes = [message for message in seen[job] if not message["is_progress"]]
        assert len(outcomes) == 1, f"{job} was told {len(outcomes)} times"
        assert outcomes[0]["images"] == (1 if state == "done" else 0)


def test_a_plan_that_kills_its_worker_is_given_up_after_three_tries(tmp_path: Path) -> None:
    assert live(main, tmp_path, "never", 0, True) == 0
    ended = jobs(tmp_path)
    assert [attempts for _, state, attempts in ended if state == "failed"] == [3]
    # Whoever was drawn beside it was lost with it once at most, and then drawn alone.
    assert [attempts <= 2 for _, state, attempts in ended if state == "done"] == [True, True]
