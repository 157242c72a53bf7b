"""`atelier demo`: the whole bot with its page; or a handful of pictures and the terminal."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.console import Console as Screen
from rich.rule import Rule
from rich.text import Text

from bot import wiring
from bot.acts.why import why_card
from bot.cli.demo_page import show_page
from bot.cli.ending import run, until_told
from bot.cli.given import quiet, settings_of
from bot.console.adapter import ConsolePlatform
from bot.console.inbound import NAME, SPACE, author
from bot.console.lines import Script, from_stream
from bot.contact_sheet import Cell, contact_sheet
from bot.results import picture_name, stack_line
from engine.api import Engine
from engine.messages import Job, Owner

app = typer.Typer(rich_markup_mode="rich", add_completion=False)
FOLDER = Path(".demo")
WISHES = (
    "Zib in neon on a blue background",
    "a small red heart on a yellow background as a mosaic",
    "Mira at golden hour",
    "a linocut of a big orange star on a white background",
    "a moon lantern on a purple background",
    "three green circles on a black background",
)
SHEET = "contact-sheet.png"


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where everything of the demo goes.")] = FOLDER,
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="The web page, or pictures right here.")
    ] = True,
    talk: Annotated[
        bool, typer.Option("--talk/--no-talk", help="Without the page: go on in a conversation.")
    ] = True,
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, if there is one.")
    ] = True,
) -> None:
    """Meet Atelier on its web page: watch pictures come from plain words, then say your own.

    Nothing has to be set up, and nothing outside the folder is touched: delete it to start anew.
    It runs until Ctrl-C.

    [bold]Examples[/bold]

      atelier demo

      atelier demo --no-page

      atelier demo --no-page --no-talk --folder /tmp/atelier-demo
    """
    with contextlib.suppress(KeyboardInterrupt):
        run(_demo(context, folder, page=page and talk, talk=talk, opens=opens))


async def _demo(
    context: typer.Context, folder: Path, *, page: bool, talk: bool, opens: bool
) -> None:
    settings = quiet(settings_of(context, **{"engine.data_dir": folder}))
    screen = Screen(highlight=False)
    screen.print(Rule(Text("Atelier", style="bold"), style="cyan"))
    if page:
        await until_told(show_page(settings, screen, opens=opens))
        screen.print(Text("  Closed. Everything is stopped.", "dim"))
        return
    pictures = folder / "pictures"
    off = settings.model_copy(update={"http": settings.http.model_copy(update={"enabled": False})})
    setting_up = screen.status("Setting up: database, the miniature base, its LoRAs, a worker")
    setting_up.start()
    async with wiring.started(off, is_demo=True) as engine:
        setting_up.stop()
        await _make(engine, screen, pictures)
        if talk and sys.stdin.isatty():
            console = ConsolePlatform(screen, from_stream(), pictures)
            await wiring.build(engine, {NAME: console}).run()


async def _make(engine: Engine, screen: Screen, pictures: Path) -> None:
    """Say the wishes on the console platform, as a person would, and lay out what came."""
    owner = Owner(space=SPACE.id, person=author().id)
    before = {job.id for job in (await engine.kept(owner.person)).jobs}
    console = ConsolePlatform(screen, Script(WISHES), pictures, hello="")
    await wiring.build(engine, {NAME: console}).run()
    made = [job for job in (await engine.kept(owner.person)).jobs if job.id not in before]
    cells = [cell for job in made for cell in await _keep(engine, owner, job, pictures)]
    if not cells:
        return
    sheet = pictures / SHEET
    told = "Said in plain words; nobody named a file, a base, a trigger word or a weight."
    await asyncio.to_thread(contact_sheet, "Atelier", told, tuple(cells), sheet)
    screen.print(Rule(style="cyan"))
    screen.print(Text.assemble(("  All on one page  ", "cyan"), (str(sheet), "bold underline")))
    screen.print(Text.assemble(("  Each with its recipe  ", "cyan"), str(pictures)))


async def _keep(engine: Engine, owner: Owner, job: Job, pictures: Path) -> list[Cell]:
    """Write the recipe beside the picture: the plan as JSON, and as text for people."""
    if job.result is None:
        return []
    cells = []
    for picture in job.result.pictures:
        png = await engine.picture(owner, job.id, picture.index)
        file = pictures / picture_name(job, picture)
        cells.append(
            Cell(
                png=png,
                words=job.plan.words,
                looks=stack_line(job.plan) or "no look: none was asked for",
                facts=f"{job.plan.base} · seed {picture.seed} · {job.result.seconds:.1f} s",
            )
        )
        await asyncio.to_thread(_write_recipe, job, file)
    return cells


def _write_recipe(job: Job, file: Path) -> None:
    recipe = {"job": job.id, "plan": job.plan.model_dump(mode="json")}
    file.with_suffix(".json").write_text(json.dumps(recipe, ensure_ascii=False, indent=2))
    with Image.open(file) as opened:
        parameters = str(opened.info.get("parameters", ""))
    card = why_card(job)
    lines = [card.title, *(f"{line.name}: {line.value}" for line in card.lines)]
    text = "\n".join([*lines, "", "as other programs read it:", parameters, ""])
    file.with_suffix(".txt").write_text(text, encoding="utf-8")
