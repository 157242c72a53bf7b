"""`atelier db`: bring the database to this version, take it back, or compare it with the code."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.ending import OURS, run
from bot.cli.given import quiet, settings_of
from engine.wiring import migration

app = typer.Typer(
    help="Upgrade, downgrade or check the database.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this version; an SQLite file is copied first.

    [bold]Example[/bold]

      atelier db upgrade
    """
    run(_upgrade(context))


async def _upgrade(context: typer.Context) -> None:
    url = _url(context)
    before = await migration.current(url)
    copy = await migration.upgrade(url)
    newest = migration.head()
    say("Already at" if before == newest else "Upgraded to", newest)
    if copy is not None:
        say("The database as it was is kept in", str(copy))


@app.command()
def downgrade(
    context: typer.Context,
    revision: Annotated[str, typer.Argument(help="An earlier revision, such as 0001, or -1.")],
    sure: Annotated[
        bool, typer.Option("--yes", help="Don't ask: data of newer tables is dropped.")
    ] = False,
) -> None:
    """Take the database back to an earlier revision. What newer tables hold is lost.

    [bold]Example[/bold]

      atelier db downgrade 0001 --yes
    """
    if not sure:
        typer.confirm("Data that only newer versions know will be dropped. Go on?", abort=True)
    run(_downgrade(context, revision))


async def _downgrade(context: typer.Context, revision: str) -> None:
    await migration.downgrade(_url(context), revision)
    say("Now at", await migration.current(_url(context)) or "an empty database")


@app.command()
def check(context: typer.Context) -> None:
    """Compare the database with what this version expects; exit code 1 when they differ.

    [bold]Example[/bold]

      atelier db check
    """
    if not run(_check(context)):
        raise typer.Exit(OURS)


async def _check(context: typer.Context) -> bool:
    url = _url(context)
    found, newest = await migration.current(url), migration.head()
    if found is None:
        say("There is no database yet; it is made at the first start. Newest revision:", newest)
        return True
    if found != newest:
        say(f"At {found}; this version wants {newest}. Run:", "atelier db upgrade")
        return False
    differences = await migration.compare(url)
    for difference in differences:
        say("Differs:", difference)
    if not differences:
        say("All tables are as this version expects them. Revision:", found)
    return not differences


def say(what: str, value: str) -> None:
    """One line on standard output."""
    Console(highlight=False, soft_wrap=True).print(Text.assemble(f"{what} ", (value, "bold")))


def _url(context: typer.Context) -> str:
    return quiet(settings_of(context)).engine.database_url.get_secret_value()
