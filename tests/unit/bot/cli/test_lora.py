"""`atelier lora` as a host types it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app

NEON = Path(__file__).parents[4] / "engine" / "miniature" / "loras" / "neon.safetensors"


def call(folder: Path, *words: str) -> tuple[int, list[dict[str, object]], str]:
    done = CliRunner().invoke(app, ["--data-dir", str(folder), "lora", *words, "--json"])
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.exit_code, lines, done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_file_is_added_and_its_preview_is_asked_for(data: Path, tmp_path: Path) -> None:
    code, (told,), _ = call(data, "add", str(NEON), "--space", "console:other")
    assert (code, told["state"]) == (0, "previewing")
    code, (entry,), _ = call(data, "list", "--state", "pending", "--space", "console:other")
    assert entry["name"] == "Neon"


def test_a_bad_file_is_told_as_such(data: Path, tmp_path: Path) -> None:
    (tmp_path / "page.safetensors").write_text("<!DOCTYPE html><html></html>")
    code, (told,), _ = call(data, "add", str(tmp_path / "page.safetensors"))
    assert (code, told["state"]) == (0, "refused")
    assert told["why"]


def test_a_demo_is_listed_searched_retired_exported_and_imported(
    data: Path, tmp_path: Path
) -> None:
    code, listed, _ = call(data, "list")
    assert (code, len(listed)) == (0, 7)
    assert [each["name"] for each in call(data, "list", "neon")[1]] == ["Neon"]
    assert call(data, "retire", "Neon", "--reason", "old")[1][0]["state"] == "retired"
    bundle = str(tmp_path / "all.tar")
    assert call(data, "export", bundle)[1] == [{"file": bundle, "entries": 7}]
    code, (found,), _ = call(data, "import", bundle, "--space", "console:new")
    assert (code, len(found["added"]), found["refused"]) == (0, 7, [])  # type: ignore[arg-type]
    assert len(call(data, "list", "--space", "console:new")[1]) == 6


def test_what_is_not_there_is_refused_with_what_is_near(data: Path) -> None:
    code, _, said = call(data, "approve", "Neom")
    assert code == 2
    assert "Neon" in said


def test_what_nobody_said_is_recorded_with_the_approval(data: Path, tmp_path: Path) -> None:
    lora, told = tmp_path / "zolt.safetensors", {"real_person": "yes", "name": "Zolt"}
    lora.write_bytes(NEON.read_bytes())
    (tmp_path / "zolt.json").write_text(json.dumps(told))
    place = ("--space", "console:other")
    call(data, "add", str(lora), *place)
    (waiting,) = call(data, "list", "--state", "pending", *place)[1]
    forget_preview(data)
    code, _, said = call(data, "approve", "Zolt", *place)
    assert code == 2
    assert '--consent \\"...\\" --reason' in said
    named = ("--consent", "Ada", "--reason", "by mail")
    code, (entry,), _ = call(data, "approve", "Zolt", *named, *place)
    assert (code, entry["state"], waiting["name"]) == (0, "approved", "Zolt")


def forget_preview(data: Path) -> None:
    """As if its preview had been drawn."""
    with closing(sqlite3.connect(data / "atelier.db")) as database, database:
        database.execute("UPDATE intakes SET state = 'waiting'")


def test_review_says_when_nothing_waits(data: Path) -> None:
    done = CliRunner().invoke(app, ["--data-dir", str(data), "lora", "review"])
    assert "Nothing waits" in done.stdout
