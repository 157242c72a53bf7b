"""The command line explains itself."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import bot.cli
from bot.__main__ import app
from bot.cli import CLI

SHARED = {"__init__", "demo_page", "ending", "given"}
INNER = {"base": "add", "db": "upgrade", "lora": "add", "web": "link"}


def test_the_overview_lists_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert all(f" {name} " in shown for name in CLI)


@pytest.mark.parametrize("name", list(CLI))
def test_every_command_has_help_with_an_example(name: str) -> None:
    words = [name, INNER[name]] if name in INNER else [name]
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    assert f"atelier {name}" in done.stdout


def test_every_file_has_a_row() -> None:
    files = {file.stem for file in Path(bot.cli.__file__).parent.glob("*.py")} - SHARED
    assert files == {row.partition(":")[0].rpartition(".")[2] for row in CLI.rows.values()}


def test_an_unknown_command_is_the_persons_mistake() -> None:
    assert CliRunner().invoke(app, ["dorw"]).exit_code == 2


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HTTP__PROT", "80")
    done = CliRunner().invoke(app, ["db", "check"])
    assert done.exit_code == 2
    assert "ATELIER_HTTP__PORT" in done.stderr
