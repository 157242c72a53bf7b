"""`atelier base`: the bases to draw with: add, list, pin, remove."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from bot.cli.ending import run, write_json
from bot.cli.given import quiet, settings_of
from bot.escape import plain
from bot.wiring import opened
from engine import wiring
from engine.api import REPOSITORY, Added, BaseShelf, Listed, Offer, Wanted
from engine.errors import BadRequest
from engine.messages import Base, BaseDtype, SpaceId

app = typer.Typer(
    help="Bases to draw with: add, list, pin, remove.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
)
Tick = Callable[[str, int, int], None]
GIB = 1 << 30
DTYPES: tuple[BaseDtype, ...] = ("auto", "fp32", "bf16", "fp16", "fp8")

AsJson = Annotated[bool, typer.Option("--json", help="Lines of JSON.")]
Name = Annotated[str, typer.Argument(help="Name of the base.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Space = Annotated[
    str | None, typer.Option(help="Only in this place, such as discord:123; else everywhere.")
]


@app.command()
def add(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER|FILE|OWNER/NAME",
            help="A diffusers folder, a .safetensors or .gguf file, or a repository of the hub.",
        ),
    ],
    name: Annotated[str, typer.Option(help="What it is called here.")] = "",
    revision: Annotated[str, typer.Option(help="Branch, tag or commit of the repository.")] = "",
    file: Annotated[str, typer.Option(help="One file of the repository.")] = "",
    family: Annotated[str, typer.Option(help="Its family, when its layers are changed.")] = "",
    sub_family: Annotated[str, typer.Option(help="pony, illustrious, noobai ...")] = "",
    distilled: Annotated[
        str, typer.Option(help="turbo, lightning, hyper, lcm ...; no for none of them.")
    ] = "",
    variant: Annotated[str, typer.Option(help="Weight files of this variant: fp16.")] = "",
    dtype: Annotated[str, typer.Option(help="auto, fp32, bf16, fp16 or fp8.")] = "auto",
    prediction: Annotated[
        str, typer.Option(help="epsilon or v_prediction, when a checkpoint does not say it.")
    ] = "",
    parts: Annotated[
        str, typer.Option(help="Base or folder with the parts that a single file lacks.")
    ] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a base in: its header is checked, its files stay where they are.

    The first version of a name serves at once. Adding the name again keeps a second version,
    which waits for `atelier base pin`, while the first goes on serving. A repository is downloaded
    at the commit that is there now, after its size was shown; a broken download goes on.

    [bold]Examples[/bold]

      atelier base add ~/bases/dreamshaper-xl

      atelier base add ponyDiffusionV6XL.safetensors --name pony --sub-family pony

      atelier base add stabilityai/stable-diffusion-xl-base-1.0 --variant fp16 --yes

      atelier base add flux1-dev-Q4_K_S.gguf --parts flux1 --name flux1-q4
    """
    numbers = next((each for each in DTYPES if each == dtype), None)
    if numbers is None:
        raise typer.BadParameter(f"one of {', '.join(DTYPES)}", param_hint="--dtype")
    wanted = Wanted(
        name=name, family=family, sub_family=sub_family, distilled=distilled,
        variant=variant, dtype=numbers, prediction=prediction, parts=parts,
    )  # fmt: skip
    asked = _Asked(what, revision, file, is_sure=yes, as_json=as_json)
    added = run(_add(context, asked, wanted), as_json=as_json)
    _tell(added, as_json=as_json)


class _Asked:
    """Where the base comes from."""

    def __init__(
        self, what: str, revision: str, file: str, *, is_sure: bool, as_json: bool
    ) -> None:
        self.what, self.revision, self.file = what, revision, file
        self.is_sure, self.as_json = is_sure, as_json

    @property
    def is_hub(self) -> bool:
        """Whether it names a repository and nothing that is here."""
        return bool(REPOSITORY.match(self.what)) and not Path(self.what).exists()


async def _add(context: typer.Context, asked: _Asked, wanted: Wanted) -> Added:
    settings = quiet(settings_of(context))
    async with opened(settings) as engine:
        shelf = wiring.base_shelf(engine, settings.engine)
        with watched(quiet_now=asked.as_json) as tick:
            if asked.is_hub:
                wanted = await _fetched(shelf, asked, wanted, tick)
            else:
                wanted = wanted.at(Path(asked.what))
            return await shelf.add(wanted, tick)


async def _fetched(shelf: BaseShelf, asked: _Asked, wanted: Wanted, tick: Tick) -> Wanted:
    offer = await shelf.hub.offer(asked.what, asked.revision, wanted.variant, asked.file)
    await asyncio.to_thread(_confirm, offer, asked)
    return wanted.fetched(await shelf.hub.fetch(offer, tick), offer)


def _confirm(offer: Offer, asked: _Asked) -> None:
    told = f"{offer.repository} at {offer.revision[:12]}: {len(offer.files)} files, "
    told += f"{offer.size_bytes / GIB:.2f} GiB"
    if asked.is_sure:
        return
    if asked.as_json or not sys.stdin.isatty():
        raise BadRequest(name="download", value=told, valid="--yes")
    if not typer.confirm(f"{told}. Download?"):
        raise typer.Exit(0)


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List every base with its versions, and who is served by which.

    [bold]Examples[/bold]

      atelier base list

      atelier base list --json
    """
    found = run(_list(context), as_json=as_json)
    if as_json:
        for each in found:
            write_json({**as_line(each.base), "serves": each.serves, "spaces": list(each.spaces),
                        "problem": each.problem})  # fmt: skip
        return
    table = Table(box=None, header_style="dim")
    for title in ("base", "version", "family", "form", "numbers", "size", "revision", "serves"):
        table.add_column(title, overflow="fold")
    for each in found:
        table.add_row(*(Text(plain(cell, 120)) for cell in _row(each)))
    Console(highlight=False).print(table)


async def _list(context: typer.Context) -> tuple[Listed, ...]:
    settings = quiet(settings_of(context))
    async with opened(settings) as engine:
        return await wiring.base_shelf(engine, settings.engine).list()


def _row(each: Listed) -> tuple[str, ...]:
    base = each.base
    serves = ["everywhere"] if each.serves else []
    told = each.problem or ", ".join([*serves, *each.spaces]) or "waits for a pin"
    size = f"{base.size_bytes / GIB:.2f} GiB" if base.size_bytes else ""
    return (
        base.name, str(base.version), _family(base), base.form, base.dtype, size,
        base.revision[:12], told,
    )  # fmt: skip


@app.command()
def pin(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Argument(min=1, help="Which version.")] = None,
    space: Space = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Let the place follow the host's version again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Serve a version: everywhere, or in one place that stays with it.

    [bold]Examples[/bold]

      atelier base pin dreamshaper-xl 2

      atelier base pin dreamshaper-xl 1 --space discord:123456

      atelier base pin dreamshaper-xl --space discord:123456 --follow
    """
    if follow == (version is not None) or (follow and space is None):
        raise typer.BadParameter("a version, or --follow together with --space")
    base = run(_pin(context, name, version, SpaceId(space) if space else None), as_json=as_json)
    if as_json:
        write_json({**as_line(base), "space": space})
        return
    where = space or "everywhere"
    Console(highlight=False).print(Text(f"{base.name} {base.version} serves {where}."))


async def _pin(
    context: typer.Context, name: str, version: int | None, space: SpaceId | None
) -> Base:
    settings = quiet(settings_of(context))
    async with opened(settings) as engine:
        shelf = wiring.base_shelf(engine, settings.engine)
        if version is not None:
            return await shelf.pin(name, version, space)
        if space is not None:
            await shelf.unpin(name, space)
        return await shelf.find(name)


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    version: Annotated[
        int | None, typer.Argument(min=1, help="Which version; else the one that serves.")
    ] = None,
    with_download: Annotated[
        bool, typer.Option("--with-download", help="Delete what was downloaded from the hub, too.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Forget a version; when it served, the newest that is left does.

    Files of your own are never deleted. What was downloaded from the hub is, if you say so.

    [bold]Examples[/bold]

      atelier base remove dreamshaper-xl 1

      atelier base remove stable-diffusion-xl-base-1.0 --with-download --yes
    """
    told = run(
        _remove(context, name, version, with_download=with_download, is_sure=yes, as_json=as_json),
        as_json=as_json,
    )
    if as_json:
        write_json(told)
        return
    freed = f", {told['freed_bytes'] / GIB:.2f} GiB became free" if told["freed_bytes"] else ""
    line = f"{told['name']} {told['version']} is forgotten{freed}."
    Console(highlight=False).print(Text(line))


async def _remove(
    context: typer.Context,
    name: str,
    version: int | None,
    *,
    with_download: bool,
    is_sure: bool,
    as_json: bool,
) -> dict[str, Any]:
    settings = quiet(settings_of(context))
    async with opened(settings) as engine:
        shelf = wiring.base_shelf(engine, settings.engine)
        base = await shelf.find(name, version)
        if not is_sure:
            if as_json or not sys.stdin.isatty():
                told = f"{base.name} {base.version}"
                raise BadRequest(name="remove", value=told, valid="--yes")
            question = f"Forget {base.name} {base.version} ({base.source or base.folder})?"
            if not await asyncio.to_thread(typer.confirm, question):
                raise typer.Exit(0)
        freed = await shelf.remove(base, with_download=with_download)
    return {"name": base.name, "version": base.version, "freed_bytes": freed}


def _tell(added: Added, *, as_json: bool) -> None:
    if as_json:
        write_json({**as_line(added.base), "serves": added.serves, "notes": list(added.notes)})
        return
    screen = Console(highlight=False)
    base = added.base
    told = f"{base.name} {base.version}: {_family(base)}, {base.form}"
    screen.print(Text.assemble((told, "bold"), f", {base.size_bytes / GIB:.2f} GiB"))
    if added.serves:
        screen.print(Text("It serves from now on."))
    else:
        line = f"Another version serves: atelier base pin {base.name} {base.version}"
        screen.print(Text(line))
    for note in added.notes:
        screen.print(Text(plain(note, 300), style="yellow"))


def _family(base: Base) -> str:
    """The family, with its branch and its kind of few steps."""
    more = ", ".join(each for each in (base.sub_family, base.distilled) if each)
    return f"{base.family} ({more})" if more else base.family


def as_line(base: Base) -> dict[str, Any]:
    """A base for programs."""
    return {**base.model_dump(mode="json"), "form": base.form}


@contextmanager
def watched(*, quiet_now: bool) -> Iterator[Tick]:
    """A bar for bytes, on the standard error; it comes with the first of them."""
    screen = Console(stderr=True, highlight=False, quiet=quiet_now)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(), console=screen, transient=True,
    ) as progress:  # fmt: skip
        bars: dict[str, Any] = {}

        def tick(what: str, done: int, of: int) -> None:
            if "bar" not in bars:
                bars["bar"] = progress.add_task(plain(what, 60), total=of)
            progress.update(bars["bar"], description=plain(what, 60), completed=done, total=of)

        yield tick
