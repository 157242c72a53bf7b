"""`atelier draw`: one request from the command line to PNG files, the whole way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.cli.ending import run, write_json
from bot.cli.given import quiet, settings_of
from bot.console.inbound import SPACE, author
from bot.replies import tree
from bot.results import facts_line
from bot.wiring import started
from engine import messages
from engine.api import Destination, Engine, Visit
from engine.errors import Broken
from engine.messages import ENDED, Ended, Generate, Job, JobId, Owner, Reading, SpaceId, Started

NAME = "draw"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    words: str
    space: SpaceId
    settings: messages.Settings
    out: Path | None


app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def draw(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="What you want to see, in plain words.")],
    out: Annotated[
        Path | None, typer.Option(help="PNG file to write; more than one picture: FILE-2.png ...")
    ] = None,
    space: Annotated[str, typer.Option(help="Whose looks may be used.")] = SPACE.id,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same picture.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="Base to draw with.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="How many pictures.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Draw a picture from plain words and write it as PNG.

    Looks, their trigger words and weights are chosen from the words; the recipe is in the PNG.

    [bold]Examples[/bold]

      atelier draw "a red circle on a blue background" --out circle.png

      atelier draw "Zib in neon" --seed 7 --count 2 --out zib.png --json
    """
    wish = Wish(
        words=words,
        space=SpaceId(space),
        settings=messages.Settings(seed=seed, base=base, count=count),
        out=out,
    )
    run(_draw(context, wish, as_json=as_json), as_json=as_json)


async def _draw(context: typer.Context, wish: Wish, *, as_json: bool) -> None:
    settings = quiet(settings_of(context))
    screen = Console(stderr=True, highlight=False, quiet=as_json)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=screen, transient=True,
    ) as progress:  # fmt: skip
        bar = progress.add_task("Starting", total=None)
        async with started(settings, wish.space) as engine:
            reading, job = await ask(engine, wish, progress, bar)
            files = await deliver(engine, job, wish.out)
    if as_json:
        write_json(as_line(job, files, reading.reply))
        return
    if reading.reply:
        screen.print(Text(reading.reply, style="yellow"))
    screen.print(Text(facts_line(job), style="dim"))
    for file in files:
        Console(highlight=False, soft_wrap=True).print(Text(str(file)))


async def ask(engine: Engine, wish: Wish, progress: Progress, bar: TaskID) -> tuple[Reading, Job]:
    """Read the words, admit the job and follow it to its end; a cancelled call cancels it."""
    owner = Owner(space=wish.space, person=author().id)
    visit = Visit(
        owner=owner,
        platform=NAME,
        space_title=wish.space,
        space_kind="local",
        person_name=author().name,
        conversation=f"{NAME}:{wish.space}",
    )
    reading = await engine.read(visit, wish.words)
    intent = reading.intent
    if not isinstance(intent, Generate):
        reading = Reading(intent=Generate(words=wish.words, prompt=wish.words))
        intent = Generate(words=wish.words, prompt=wish.words)
    own = intent.settings.model_copy(update=wish.settings.model_dump(exclude_none=True))
    events = engine.events()
    ticket = await engine.draw(
        visit, intent.model_copy(update={"settings": own}), Destination(NAME, "files")
    )
    try:
        await _follow(events, ticket.job, progress, bar)
    except asyncio.CancelledError:
        await engine.cancel(owner, ticket.job)
        raise
    return reading, await engine.show(owner, ticket.job)


async def _follow(
    events: AsyncIterator[messages.Event], job: JobId, progress: Progress, bar: TaskID
) -> None:
    async for event in events:
        if event.job != job:
            continue
        match event:
            case Started():
                progress.update(bar, description="Drawing")
            case messages.Progress():
                told = f"Drawing: step {event.step} of {event.steps}"
                progress.update(bar, description=told, completed=event.step, total=event.steps)
            case Ended():
                return


async def deliver(engine: Engine, job: Job, out: Path | None) -> tuple[Path, ...]:
    """Write the pictures; raises the job's own failure when it has none."""
    if job.state not in ENDED or job.result is None:
        raise failure_of(job)
    await engine.start_posting(job.id)
    first = out or Path(f"{job.id}.png")
    files = []
    for picture in job.result.pictures:
        number = picture.index + 1
        file = first if number == 1 else first.with_name(f"{first.stem}-{number}{first.suffix}")
        data = await engine.picture(job.owner, job.id, picture.index)
        await asyncio.to_thread(_write, file, data)
        files.append(file)
    await engine.posted(job.id, str(first))
    return tuple(files)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def failure_of(job: Job) -> Exception:
    """The error that a job's stored failure came from."""
    code = job.failure.code if job.failure else job.state
    kind = next((each for each in tree() if each.code == code), Broken)
    error = kind(f"job {job.id}: {code}")
    error.facts.update(job.failure.facts if job.failure else {}, job=job.id)
    return error


def as_line(job: Job, files: tuple[Path, ...], reply: str) -> dict[str, object]:
    """The line that `--json` prints."""
    plan = job.plan
    return {
        "file": str(files[0]),
        "files": [str(file) for file in files],
        "job": job.id,
        "words": plan.words,
        "prompt": plan.prompt,
        "negative_prompt": plan.negative_prompt,
        "base": plan.base,
        "family": plan.family,
        "loras": [
            lora.model_dump(mode="json", include={"name", "weight", "trigger", "reason", "kind"})
            for lora in plan.loras
        ],
        "width": plan.width,
        "height": plan.height,
        "steps": plan.steps,
        "guidance": plan.guidance,
        "scheduler": plan.scheduler,
        "seed": plan.seed,
        "count": plan.count,
        "seconds": job.result.seconds if job.result else None,
        "reasons": [reason.model_dump(mode="json") for reason in plan.reasons],
        "warnings": list(job.result.warnings) if job.result else [],
        "reply": reply,
    }
