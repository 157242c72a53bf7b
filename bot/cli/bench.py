"""`atelier bench`: speed and quality of this machine, from a checkout."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.ending import MISTAKE

CHECKOUT = Path(__file__).resolve().parents[2]


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def bench(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WHAT]...", help="Handed on to the benchmarks.")
    ] = None,
) -> None:
    """Measure this machine: answers under load, start, seconds a picture, the queue.

    The benchmarks are part of the source, not of an installed Atelier.

    [bold]Example[/bold]

      atelier bench
    """
    if not (CHECKOUT / "tests" / "bench" / "__main__.py").is_file():
        Console(stderr=True).print(
            "The benchmarks live in the source. Get it, then run `make bench` there."
        )
        raise typer.Exit(MISTAKE)
    command = [sys.executable, "-m", "tests.bench", *(words or [])]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)  # noqa: S603 -- our own program
