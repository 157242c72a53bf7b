"""`kill -9` at every named point of a job's life: after a restart each job ends exactly once."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "crash_process.py"
ROOT = Path(__file__).parents[2]
POINTS = (
    "admitted", "claimed", "submitted", "stepped", "drawn",
    "stored", "finished", "posting", "sent", "posted",
)  # fmt: skip


def live(folder: Path, point: str, nth: int, nonce: str) -> int:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), point, str(nth), nonce],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


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


@pytest.mark.parametrize("nonce", ["nonce", "no-nonce"])
@pytest.mark.parametrize("point", POINTS)
def test_every_job_ends_once_after_a_kill_at(point: str, nonce: str, tmp_path: Path) -> None:
    assert live(tmp_path, point, 2, nonce) == -signal.SIGKILL
    assert live(tmp_path, "never", 0, nonce) == 0

    ended = jobs(tmp_path)
    assert sorted(state for _, state, _ in ended) == ["done", "done", "failed"]
    seen = final_messages(tmp_path)
    assert sorted(seen) == sorted(job for job, _, _ in ended)
    for job, state, _ in ended:
        outcomes = [message for message in seen[job] if not message["is_progress"]]
        assert len(outcomes) == 1, f"{job} was told {len(outcomes)} times"
        assert outcomes[0]["images"] == (1 if state == "done" else 0)


def test_a_plan_that_kills_its_worker_is_given_up_after_three_tries(tmp_path: Path) -> None:
    assert live(tmp_path, "never", 0, "nonce") == 0
    tries = {state: attempts for _, state, attempts in jobs(tmp_path)}
    assert tries == {"done": 1, "failed": 3}
