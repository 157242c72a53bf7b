"""`atelier run`: the bot itself, on every configured platform, with its web server."""

import sys
from typing import Annotated

import structlog
import typer

from bot import logs, wiring
from bot.cli.ending import run as run_to_the_end
from bot.cli.ending import until_told
from bot.cli.given import quiet, secrets_of, settings_of
from bot.errors import BadSettings

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

    Without configured platforms it serves those that have a token, and the web page. Ctrl-C (or
    SIGTERM) lets a running picture finish, or returns it to the queue.

    [bold]Examples[/bold]

      atelier run

      ATELIER_PLATFORMS=web,console atelier run
    """
    run_to_the_end(_run(context, tuple(platform or ())))


async def _run(context: typer.Context, platforms: tuple[str, ...]) -> None:
    settings = settings_of(context, platforms=platforms or None)
    chosen = wiring.platforms_of(settings) or _default()
    settings = settings.model_copy(update={"platforms": chosen})
    if "console" in settings.platforms and sys.stderr.isatty():
        settings = quiet(settings)
    else:
        logs.configure(settings.log, secrets=secrets_of(settings))
    await until_told(wiring.live(settings))
    log.info("bot.stopped")


def _default() -> tuple[str, ...]:
    if not sys.stdin.isatty():
        raise BadSettings("platforms: none is configured; for example ATELIER_PLATFORMS=web")
    return ("console",)
