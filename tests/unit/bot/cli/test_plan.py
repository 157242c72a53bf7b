"""`atelier plan`: one request, or a batch."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.plan import app

CARDS = [{"name": "Zib", "kind": "character", "family": "miniature", "triggers": ["zib creature"]}]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    file = tmp_path / "cards.json"
    file.write_text(json.dumps(CARDS))
    return file


def test_a_batch_gives_one_line_of_json_each(tmp_path: Path, cards: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": "a", "turns": ["Zib on blue"]}\n{"id": 2, "turns": ["a cat"]}\n')
    done = CliRunner().invoke(app, ["--json", "--cards", str(cards), "--batch", str(batch)])
    assert done.exit_code == 0, done.output
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["id"] == "a"
    assert [lora["name"] for lora in first["loras"]] == ["Zib"]
    assert {"intent", "base", "family", "prompt", "seed", "reply", "results"} <= set(first)
    assert second["loras"] == []


def test_one_request_is_told_to_people(cards: Path) -> None:
    done = CliRunner().invoke(app, ["Zib on blue", "--cards", str(cards)])
    assert done.exit_code == 0, done.output
    assert "zib creature" in done.stdout
    assert "settings" in done.stdout


def test_nothing_to_plan_says_what_to_give(cards: Path) -> None:
    done = CliRunner().invoke(app, ["--cards", str(cards)])
    assert done.exit_code == 2
    assert "--batch" in done.stderr


def test_a_file_that_is_not_there_is_the_persons_mistake(cards: Path) -> None:
    done = CliRunner().invoke(app, ["--json", "--cards", str(cards), "--batch", "/nowhere"])
    assert done.exit_code == 2
    assert json.loads(done.stderr)["error"]["code"] == "bad_request"
