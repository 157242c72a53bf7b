"""`atelier plan`: what would be drawn, and why, without drawing it."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.ending import end, run, write_json
from bot.cli.given import quiet, settings_of
from bot.console.inbound import SPACE
from bot.escape import plain
from bot.wiring import opened
from engine.api import cards_from_json, plan_batch
from engine.errors import AtelierError, BadRequest
from engine.messages import Base, Card, SpaceId

app = typer.Typer(rich_markup_mode="rich", add_completion=False)
SHOWN = ("reply", "intent", "base", "prompt", "negative_prompt", "results", "about", "error")


@app.command()
def plan(
    context: typer.Context,
    words: Annotated[str | None, typer.Argument(help="One request in plain words.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help='Conversations, one a line: {"id": 1, "turns": ["..."]}')
    ] = None,
    cards: Annotated[
        Path | None, typer.Option(help="JSON list of LoRAs, instead of the space's own.")
    ] = None,
    space: Annotated[str, typer.Option(help="Whose looks may be used.")] = SPACE.id,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each.")] = False,
) -> None:
    """Decide everything for a request and say why; nothing is drawn.

    [bold]Examples[/bold]

      atelier plan "Zib in neon on a blue background"

      atelier plan --json --cards cards.json --batch conversations.jsonl
    """
    screen = Console(highlight=False)
    try:
        lines = _lines(words, batch)
        known, bases = _from_file(cards) if cards else run(_own(context, space), as_json=as_json)
        for planned in plan_batch(lines, known, bases):
            if as_json:
                write_json(planned)
            else:
                screen.print(shown(planned))
    except AtelierError as error:
        end(error, as_json=as_json)


def _lines(words: str | None, batch: Path | None) -> list[str]:
    if batch is not None:
        return _text(batch, "batch").splitlines()
    if words is None:
        raise BadRequest(name="request", value="", valid='"WORDS" or --batch FILE.jsonl')
    return [json.dumps({"id": "1", "turns": [words]})]


def _from_file(file: Path) -> tuple[tuple[Card, ...], None]:
    """Cards alone: the bases are then those that the cards were made for."""
    return cards_from_json(_text(file, "cards")), None


async def _own(
    context: typer.Context, space: str
) -> tuple[tuple[Card, ...], tuple[Base, ...] | None]:
    """What this installation really has."""
    settings = quiet(settings_of(context))
    async with opened(settings, SpaceId(space)) as engine:
        return await engine.looks(SpaceId(space)), await engine.bases()


def _text(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(name=name, value=str(file), valid="a text file that is there") from error


def shown(planned: dict[str, object]) -> Table:
    """A plan for people."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    for name in SHOWN:
        value = planned.get(name)
        if value not in (None, "", [], ()):
            told = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            table.add_row(name.replace("_", " "), Text(plain(told, 600)))
    loras = planned.get("loras")
    for lora in loras if isinstance(loras, list | tuple) else ():
        trigger = f", trigger “{lora['trigger']}”" if lora["trigger"] else ""
        told = f"weight {lora['weight']:g}{trigger}: {lora['reason']}"
        table.add_row(Text(plain(str(lora["name"]), 80), "bold"), Text(plain(told, 300)))
    if planned.get("width"):
        told = "{width}x{height}, {steps} steps, guidance {guidance:g}, count {count}, seed {seed}"
        table.add_row("settings", Text(told.format(**planned)))
    return table
