"""`atelier run`: the bot itself, on every configured platform, with its web server."""

import asyncio
import signal
import sys
from typing import Annotated

import structlog
import typer

from bot import logs, wiring
from bot.cli.ending import run as run_to_the_end
from bot.cli.given import quiet, settings_of
from bot.errors import BadSettings
from bot.settings import Settings

log = structlog.get_logger(__name__)


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def run(
    context: typer.Context,
    platform: Annotated[
        list[str] | None, typer.Option(help="Instead of the configured ones; may be repeated.")
    ] = None,
) -> None:
    """Start the bot and keep it running until it is told to stop.

    Without a configured platform it talks in this terminal. Ctrl-C (or SIGTERM) lets a running
    picture finish, or returns it to the queue.

    [bold]Examples[/bold]

      atelier run

      ATELIER_PLATFORMS=console atelier run
    """
    run_to_the_end(_run(context, tuple(platform or ())))


async def _run(context: typer.Context, platforms: tuple[str, ...]) -> None:
    settings = settings_of(context, platforms=platforms or None)
    if not settings.platforms:
        settings = settings.model_copy(update={"platforms": _default()})
    if "console" in settings.platforms and sys.stderr.isatty():
        settings = quiet(settings)
    else:
        logs.configure(settings.log)
    await _until_told(settings)


def _default() -> tuple[str, ...]:
    if not sys.stdin.isatty():
        raise BadSettings("platforms: none is configured; for example ATELIER_PLATFORMS=console")
    return ("console",)


async def _until_told(settings: Settings) -> None:
    """Run until people leave the console, or a signal says stop."""
    living = asyncio.create_task(wiring.live(settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, living.cancel)
    try:
        await living
    except asyncio.CancelledError:
        log.info("bot.stopped")
