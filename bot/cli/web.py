"""`atelier web link`: a one-time link that signs somebody in on the web page."""

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.ending import run, write_json
from bot.cli.given import quiet, settings_of
from bot.durations import about
from bot.errors import BadSettings
from bot.messages import Level
from bot.settings import Settings
from bot.web.places import NAME, slug
from bot.web.visits import NAME_CHARS, named
from bot.wiring import opened
from engine.api import Visitor
from engine.errors import BadRequest
from engine.messages import PersonId

app = typer.Typer(rich_markup_mode="rich", add_completion=False, no_args_is_help=True)
LEVELS = {level.name.lower(): level for level in Level}


@app.callback()
def web() -> None:
    """The web page: let people in."""


@app.command()
def link(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the page calls them.")],
    level: Annotated[
        str, typer.Option(help="member, moderator, admin or host: what they may do there.")
    ] = "member",
    person: Annotated[
        str | None, typer.Option(help="Sign in as somebody known already, by their id.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=10_080, help="How long it works.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Make a link that signs one person in, once.

    Whoever opens it first is that person on the page: send it privately.

    [bold]Examples[/bold]

      atelier web link Ada --level moderator

      atelier web link Ada --minutes 1440 --json
    """
    run(_link(context, name, level, person, minutes, as_json=as_json), as_json=as_json)


async def _link(
    context: typer.Context,
    name: str,
    level: str,
    person: str | None,
    minutes: int,
    *,
    as_json: bool,
) -> None:
    settings = quiet(settings_of(context))
    if level not in LEVELS:
        raise BadRequest(name="level", value=level, valid=", ".join(LEVELS))
    called = named(name)
    if not called:
        raise BadRequest(name="name", value=name[:40], valid=f"1 to {NAME_CHARS} characters")
    own = PersonId(person or f"{NAME}:{slug(called)}-{secrets.token_hex(4)}")
    visitor = Visitor(own, called, int(LEVELS[level]))
    async with opened(settings) as engine:
        token = await engine.invite(visitor, minutes * 60)
    url = f"{page_url(settings)}/enter#{token}"
    if as_json:
        write_json({"url": url, "person": own, "name": called, "level": level})
        return
    screen = Console(highlight=False, soft_wrap=True)
    screen.print(Text(url, style="bold"))
    told = f"Signs {called} in as {level}, once, within {about(minutes * 60)}."
    screen.print(Text(told, style="dim"))


def page_url(settings: Settings) -> str:
    """Where the page of these settings is; raises `BadSettings` when that can't be known."""
    if settings.web.public_url:
        return settings.web.public_url
    http = settings.http
    if not http.enabled or http.port == 0:
        raise BadSettings("http: the page has no fixed address; set http.port or web.public_url")
    host = f"[{http.host}]" if ":" in http.host else http.host
    return f"http://{host}:{http.port}"
