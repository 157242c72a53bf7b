"""The guides: every command that they name is there, with these options and choices."""

import re
from pathlib import Path

import pytest

import bot
from bot.commands import COMMANDS
from bot.options import choices_of

DOCS = Path(bot.__file__).parents[1] / "docs"
GUIDES = ("hosts", "admins", "members", "discord", "telegram")
TYPED = re.compile(r"(?:`|^    )/([a-z]+)(?=[ `\n])((?: [^`|\n]*)?)", re.MULTILINE)
NAMED = re.compile(r"(?:^| |\[)([a-z_]+)=")
PATHS = frozenset(
    {
        "revoke",
        "newbot",
        "setprivacy",
        "setjoingroups",
        "mybots",
        "bot",
        "healthz",
        "readyz",
        "metrics",
    }
)
"""What other bots are told, and addresses that look like commands."""


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_in_a_guide_are_as_they_are_there(guide: str) -> None:
    text = (DOCS / f"{guide}.md").read_text(encoding="utf-8")
    commands = COMMANDS.all()
    wrong = []
    for name, rest in TYPED.findall(text):
        if name in PATHS:
            continue
        if name not in commands:
            wrong.append(f"/{name}: no such command")
            continue
        command = commands[name]
        unknown = set(NAMED.findall(rest)) - set(command.options.model_fields)
        wrong += [f"/{name}{rest}: no option {each}" for each in sorted(unknown)]
        first = command.options.model_fields.get(next(iter(command.positional), ""))
        words = re.findall(r"^ ([a-z]+)(?= |$)", rest)
        choices = choices_of(first) if first is not None else ()
        if choices and words and words[0] not in choices:
            wrong.append(f"/{name}{rest}: {words[0]} is none of {choices}")
    assert wrong == []


def test_every_option_of_settings_is_in_the_guide_for_admins() -> None:
    text = (DOCS / "admins.md").read_text(encoding="utf-8")
    options = set(COMMANDS.all()["settings"].options.model_fields) - {"action"}
    assert {each for each in options if f"{each}=" not in text} == set()
