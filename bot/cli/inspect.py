"""`atelier inspect`: what a LoRA file is, read from its header, not from its name."""

import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.escape import plain
from engine.api import inspect as examine

VERDICTS = {"accept": "bold green", "ask": "bold yellow", "reject": "bold red"}
LINE = (
    "file", "verdict", "is_lora", "base", "alternatives", "sub_family", "format", "algorithm",
    "kind", "rank", "alpha", "triggers", "recommended_weight", "modules", "sha256", "problems",
)  # fmt: skip
"""Fields of a line of JSON, which other programs read."""
SHOWN = (
    "base", "alternatives", "sub_family", "format", "algorithm", "kind", "rank", "alpha",
    "triggers", "recommended_weight", "modules", "problems", "evidence",
)  # fmt: skip
ENDINGS = frozenset({".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".sft"})
"""Of a folder's files, those that somebody may take for a LoRA."""
READERS = 4
"""Files read at a time: hashing leaves the interpreter free for the next one."""


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def inspect(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files or folders to look at.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a file.")] = False,
) -> None:
    """Say what LoRA files are: base, format, algorithm, triggers, and what is wrong.

    Names and folders are not trusted; nothing is loaded or run. A file that can't be used is
    told as such and is no error.

    [bold]Examples[/bold]

      atelier inspect style.safetensors

      atelier inspect downloads --json
    """
    screen = Console(highlight=False)
    for file, found in looked_at(files):
        if as_json:
            line = {name: found[name] for name in LINE} | {"file": str(file)}
            sys.stdout.write(json.dumps(line) + "\n")
        else:
            screen.print(card(file, found))


def looked_at(files: Iterable[Path]) -> Iterator[tuple[Path, dict[str, object]]]:
    """Every file with what was found, in their order; a folder stands for those inside."""
    listed = [each for file in files for each in _inside(file)]
    for file in listed[:1]:
        # Alone, since the tables of names are built with the first one.
        yield file, dict(examine(file))
    with ThreadPoolExecutor(READERS, thread_name_prefix="inspect") as readers:
        for file, found in zip(listed[1:], readers.map(examine, listed[1:]), strict=True):
            yield file, dict(found)


def _inside(file: Path) -> list[Path]:
    """A folder's files that may be LoRAs, by name; anything else as it is."""
    try:
        if not file.is_dir():
            return [file]
        return sorted(each for each in file.rglob("*") if each.suffix.lower() in ENDINGS)
    except (OSError, ValueError):
        return [file]


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
