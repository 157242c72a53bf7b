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


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WHAT]...", help="Handed on to the benchmarks.")
    ] = None,
) -> None:
    """Measure this machine: answers under load, start, seconds a picture, the queue.

    The benchmarks are part of the source, not of an installed Atelier; `gpu` needs nothing of it
    and measures a graphics card with a network of SDXL's size and random weights.

    [bold]Examples[/bold]

      atelier bench

      atelier bench gpu --sizes 1024 512 --compile
    """
    words = [*(words or []), *context.args]
    if words[:1] == ["gpu"]:
        gpu = [sys.executable, "-m", "engine.workers.bench_gpu", *words[1:]]
        raise typer.Exit(subprocess.run(gpu, check=False).returncode)  # noqa: S603 -- our own program
    if not (CHECKOUT / "tests" / "bench" / "__main__.py").is_file():
        Console(stderr=True).print(
            "The benchmarks live in the source. Get it, then run `make bench` there."
        )
        raise typer.Exit(MISTAKE)
    command = [sys.executable, "-m", "tests.bench", *words]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)  # noqa: S603 -- our own program
