"""`atelier doctor`: what is wrong with this installation, and the cure of each."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from bot import doctor as surgery
from bot.cli.ending import run
from bot.cli.given import quiet, settings_of
from bot.cli.worker import look
from bot.examinations import standard
from bot.platforms import PLATFORMS
from bot.settings import Settings, effective
from bot.wiring import platforms_of
from engine import wiring
from engine.api import Listed
from engine.errors import DatabaseNewer, DatabaseOutdated, NoWorker
from engine.wiring import migration

app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def doctor(
    context: typer.Context,
    settings: Annotated[
        bool, typer.Option("--settings", help="Also list every setting and its source.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Look at Python, packages, devices, disk, database, blobs, workers and ports.

    Exit code 1 when something is to be repaired.

    [bold]Examples[/bold]

      atelier doctor

      atelier doctor --json
    """
    given = run(_settings(context), as_json=as_json)
    screen = Console(highlight=False)
    with Console(stderr=True).status("Looking; starting a worker takes a few seconds."):
        findings = run(_examine(given), as_json=as_json)
    if as_json:
        typer.echo(surgery.as_json(findings, effective(given)))
    else:
        surgery.show(findings, screen)
        if settings:
            surgery.show_settings(effective(given), screen)
    raise typer.Exit(surgery.exit_code(findings))


async def _settings(context: typer.Context) -> Settings:
    return quiet(settings_of(context))


async def _examine(settings: Settings) -> tuple[surgery.Finding, ...]:
    async def database() -> None:
        await check_database(settings.engine.database_url.get_secret_value())

    async def worker() -> str:
        found = await look(settings.engine)
        up = [status for status in found if status.state in ("idle", "busy")]
        if not up:
            raise NoWorker(why="; ".join(status.why_down for status in found) or "none came up")
        return ", ".join(status.device for status in up)

    async def bases() -> Sequence[Listed]:
        url = settings.engine.database_url.get_secret_value()
        await check_database(url)
        if await migration.current(url) is None:
            return ()
        engine = await wiring.build(settings.engine)
        try:
            # Nothing is opened: a look must not upgrade a database, nor make one.
            return await wiring.base_shelf(engine, settings.engine).list()
        finally:
            await engine.stop()

    looks = dict(standard(settings, database=database, worker=worker, bases=bases))
    for name in platforms_of(settings):
        look_at = PLATFORMS.get(name).examine
        if look_at is not None:
            looks[name] = partial(look_at, settings)
    return await surgery.examine(looks)


async def check_database(url: str) -> None:
    """Raises `DatabaseNewer` or `DatabaseOutdated`; an empty one is made at the first start."""
    found, newest = await migration.current(url), migration.head()
    if found is None or found == newest:
        return
    if migration.is_known(found):
        raise DatabaseOutdated(database=found, code_wants=newest)
    raise DatabaseNewer(database=found, code_knows=newest)
