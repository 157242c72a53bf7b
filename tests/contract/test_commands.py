"""What every command promises, so that each platform can build its menu from the table."""

import re
from pathlib import Path

import pytest

import bot.commands
from bot.command import MOST_OPTIONS, NAME_CHARS, SUMMARY_CHARS
from bot.commands import COMMANDS
from bot.options import valid
from engine.errors import Misregistered
from engine.registration import Table

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
"""Discord: lower case, 1-32. Telegram: a-z, 0-9 and underscore, 1-32."""
MOST_COMMANDS = 100

every_command = pytest.mark.parametrize("name", list(COMMANDS))


@every_command
def test_names_and_summaries_fit_every_platform(name: str) -> None:
    command = COMMANDS.get(name)
    assert command.name == name
    assert NAME.match(name)
    assert len(name) <= NAME_CHARS
    assert 1 <= len(command.summary) <= SUMMARY_CHARS


@every_command
def test_options_fit_every_platform(name: str) -> None:
    fields = COMMANDS.get(name).options.model_fields
    assert len(fields) <= MOST_OPTIONS
    for option, field in fields.items():
        assert NAME.match(option)
        assert len(option) <= NAME_CHARS
        assert 1 <= len(field.description or "") <= SUMMARY_CHARS
        assert valid(field)


@every_command
def test_required_options_come_first_and_can_be_typed_without_a_name(name: str) -> None:
    command = COMMANDS.get(name)
    needed = [each.is_required() for each in command.options.model_fields.values()]
    assert needed == sorted(needed, reverse=True)
    assert set(command.positional) <= set(command.options.model_fields)
    required = [key for key, each in command.options.model_fields.items() if each.is_required()]
    assert tuple(required) == command.positional[: len(required)]


@every_command
def test_examples_are_accepted_by_the_commands_own_options(name: str) -> None:
    command = COMMANDS.get(name)
    assert command.examples
    for example in command.examples:
        slash, _, rest = example.partition(" ")
        assert slash == f"/{name}"
        command.options.from_text(command.parse(rest))


@every_command
def test_options_are_frozen_and_exact(name: str) -> None:
    settings = COMMANDS.get(name).options.model_config
    assert settings.get("frozen") is True
    assert settings.get("extra") == "forbid"


def test_there_are_no_more_than_every_platform_takes() -> None:
    assert len(list(COMMANDS)) <= MOST_COMMANDS


def test_every_file_has_a_row() -> None:
    folder = Path(bot.commands.__file__).parent
    files = {file.stem for file in folder.glob("*.py") if file.stem != "__init__"}
    rows = {row.partition(":")[0].rpartition(".")[2] for row in COMMANDS.rows.values()}
    assert files == rows


def test_a_row_that_names_nothing_stops_the_start_and_names_itself() -> None:
    broken = Table("commands", type(COMMANDS.get("help")), {"nope": "bot.commands.nope:NOPE"})
    with pytest.raises(Misregistered, match="nope"):
        broken.all()
