"""`atelier worker`: which devices would draw, and whether a worker really starts on them."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.ending import OURS, run, write_json
from bot.cli.given import quiet, settings_of
from engine import wiring
from engine.api import WorkerStatus
from engine.settings import EngineSettings

STATES = {"idle": "green", "busy": "green", "starting": "yellow", "down": "red"}


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def worker(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a worker.")] = False,
) -> None:
    """Start the workers once, say what each runs on, and stop them again.

    Exit code 1 when none came up. Use it after changing drivers, torch or the devices setting.

    [bold]Examples[/bold]

      atelier worker

      ATELIER_ENGINE__WORKERS__DEVICES=cpu atelier worker --json
    """
    found = run(_look(context), as_json=as_json)
    if as_json:
        for status in found:
            write_json(as_line(status))
    else:
        Console(highlight=False).print(table(found))
    if not any(status.state in ("idle", "busy") for status in found):
        raise typer.Exit(OURS)


async def _look(context: typer.Context) -> tuple[WorkerStatus, ...]:
    settings = quiet(settings_of(context)).engine
    with Console(stderr=True).status("Starting workers; loading torch takes a few seconds."):
        return await look(settings)


async def look(settings: EngineSettings) -> tuple[WorkerStatus, ...]:
    """Start every worker without a queue, wait until each is up or down, and stop them."""
    pool = wiring.workers(settings)
    await pool.start()
    try:
        async with asyncio.timeout(settings.workers.start_timeout_s):
            async for _ in pool.reports():
                if pool.workers() and not _undecided(pool.workers()):
                    break
    except TimeoutError:
        return pool.workers()
    else:
        return pool.workers()
    finally:
        await pool.stop(0)


def _undecided(workers: tuple[WorkerStatus, ...]) -> bool:
    return any(status.state == "starting" for status in workers)


def table(workers: tuple[WorkerStatus, ...]) -> Table:
    """Workers for people."""
    shown = Table("worker", "state", "device", "note", box=None, header_style="dim")
    for status in workers:
        state = Text(status.state, style=STATES[status.state])
        shown.add_row(status.worker, state, Text(status.device), Text(status.why_down))
    return shown


def as_line(status: WorkerStatus) -> dict[str, object]:
    """A worker for programs."""
    return {
        "worker": status.worker,
        "state": status.state,
        "device": status.device,
        "restarts": status.restarts,
        "why_down": status.why_down,
    }
