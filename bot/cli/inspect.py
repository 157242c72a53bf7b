"""`atelier inspect`: what a LoRA file is, read from its header, not from its name."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.ending import write_json
from bot.escape import plain
from engine.api import inspect as examine

VERDICTS = {"accept": "bold green", "ask": "bold yellow", "reject": "bold red"}
SHOWN = (
    "base", "alternatives", "sub_family", "format", "algorithm", "kind", "rank", "alpha",
    "triggers", "recommended_weight", "modules", "problems",
)  # fmt: skip


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to look at.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a file.")] = False,
) -> None:
    """Say what LoRA files are: base, format, algorithm, triggers, and what is wrong.

    Names and folders are not trusted; nothing is loaded or run. A file that can't be used is
    told as such and is no error.

    [bold]Examples[/bold]

      atelier inspect style.safetensors

      atelier inspect downloads/*.safetensors --json
    """
    screen = Console(highlight=False)
    for file in files:
        found: dict[str, object] = dict(examine(file))
        if as_json:
            write_json({**found, "file": str(file)})
        else:
            screen.print(card(file, found))


def card(file: Path, found: dict[str, object]) -> Table:
    """One file for people: verdict first, then what is known."""
    verdict = str(found["verdict"])
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    table.add_row(Text(verdict, style=VERDICTS.get(verdict, "bold")), Text(str(file), "bold"))
    for name in SHOWN:
        value = found.get(name)
        if value in (None, "", (), []):
            continue
        told = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
        table.add_row(name.replace("_", " "), Text(plain(told, 600)))
    table.add_row("", "")
    return table
