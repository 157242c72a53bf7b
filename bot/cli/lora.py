"""`atelier lora`: the registry from the host's side: add, list, decide, export, import."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.acts.vetting import EditFields, edit_of
from bot.cli.ending import run, write_json
from bot.cli.given import quiet, settings_of
from bot.console.inbound import SPACE
from bot.escape import plain
from bot.replies import told_questions
from bot.wiring import opened
from engine.api import (
    CardFacts,
    Entry,
    EntryQuery,
    EntryState,
    Intake,
    Registry,
    Sender,
    facts_from_json,
    open_questions,
    texts_beside,
)
from engine.errors import BadRequest, OpenQuestions
from engine.messages import PersonId, SpaceId

app = typer.Typer(
    help="LoRAs of a place: add, list, decide, export, import.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
)
HOST = PersonId("atelier:host")
CHUNK_BYTES = 1 << 20
PAGE = 50

Where = Annotated[str, typer.Option("--space", help="The place, such as discord:123.")]
AsJson = Annotated[bool, typer.Option("--json", help="Lines of JSON.")]
State = Annotated[str, typer.Option(help="approved, pending, rejected or retired.")]
Name = Annotated[str, typer.Argument(help="Name of the LoRA.")]
Why = Annotated[str, typer.Option("--reason", help="Why: its sender is told.")]
HERE = str(SPACE.id)
OPTIONS = {
    "person": "--person no",
    "consent": '--consent "..."',
    "brand": '--licence "..."',
    "asked": '--licence "..."',
}
"""What answers each open question, as it is typed here."""
STATES: tuple[EntryState, ...] = ("approved", "pending", "rejected", "retired")


@app.command()
def add(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to take in.")],
    space: Where = HERE,
    name: Annotated[str | None, typer.Option(help="What it is called (one file only).")] = None,
    card: Annotated[Path | None, typer.Option(help="JSON with what is known of it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring LoRA files in: checked now, shown by the running bot, decided by a moderator.

    What lies beside a file is read, too: a card NAME.json, and what other programs keep there
    (NAME.civitai.info, NAME.metadata.json, NAME.json of A1111).

    [bold]Examples[/bold]

      atelier lora add neon.safetensors

      atelier lora add downloads/*.safetensors --space discord:123456 --json
    """
    run(_add(context, files, space, name, card, as_json=as_json), as_json=as_json)


async def _add(
    context: typer.Context,
    files: list[Path],
    space: str,
    name: str | None,
    card: Path | None,
    *,
    as_json: bool,
) -> None:
    settings = quiet(settings_of(context))
    async with opened(settings) as engine:
        line = engine.registry.intake
        sender = Sender(SpaceId(space), HOST, "the host")
        for file in files:
            if not file.is_file():  # a command has nothing else to do
                raise BadRequest(name="file", value=str(file), valid="a file that is there")
            brought = await line.receive(
                sender, "host", file.name, _chunks(file), facts=_facts(name, card),
                beside=texts_beside(file), is_trusted=True,
            )  # fmt: skip
            _tell(await line.advance(brought.id), as_json=as_json)


@app.command("list")
def list_(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="Names, tags, triggers; nothing for all.")] = "",
    space: Where = HERE,
    state: Annotated[
        str, typer.Option(help="approved, pending, rejected or retired.")
    ] = "approved",
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    as_json: AsJson = False,
) -> None:
    """List or search the LoRAs of a place.

    [bold]Examples[/bold]

      atelier lora list

      atelier lora list neon --state pending --json
    """
    run(_list(context, words, space, state, page, as_json=as_json), as_json=as_json)


async def _list(
    context: typer.Context, words: str, space: str, state: str, page: int, *, as_json: bool
) -> None:
    async with opened(quiet(settings_of(context))) as engine:
        states = [each for each in STATES if each == state]
        if not states:
            raise BadRequest(name="state", value=state, valid=", ".join(STATES))
        query = EntryQuery(SpaceId(space), words, (states[0],), PAGE, (page - 1) * PAGE)
        found = await engine.registry.page(query)
    if as_json:
        for entry in found.entries:
            write_json(_entry(entry))
        return
    table = Table(title=f"{found.total} {state} in {space}")
    for title in ("name", "kind", "works on", "weight", "trigger", "licence"):
        table.add_column(title, overflow="fold")
    for entry in found.entries:
        card = entry.card
        triggers = ", ".join(each.word for each in card.triggers)
        told = (card.name, card.kind, card.family, f"{card.weight:g}", triggers, entry.licence)
        table.add_row(*(Text(plain(each, 80)) for each in told))
    Console(highlight=False).print(table)


@app.command()
def review(
    context: typer.Context,
    space: Where = HERE,
    sheets: Annotated[
        Path | None, typer.Option(help="Write every contact sheet into this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a decision, with findings.

    [bold]Example[/bold]

      atelier lora review --sheets /tmp/sheets
    """
    run(_review(context, space, sheets, as_json=as_json), as_json=as_json)


async def _review(
    context: typer.Context, space: str, sheets: Path | None, *, as_json: bool
) -> None:
    async with opened(quiet(settings_of(context))) as engine:
        page = await engine.registry.waiting(SpaceId(space), limit=PAGE)
        for intake in page.intakes:
            _tell(intake, await _questions(engine.registry, intake), as_json=as_json)
            sheet = await engine.registry.sheet(intake) if sheets else None
            if sheets is not None and sheet is not None:
                sheets.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # nothing else to do
                (sheets / f"{intake.id}.png").write_bytes(sheet)  # the same
    if not page.intakes and not as_json:
        Console(highlight=False).print("Nothing waits for a decision.")


async def _questions(registry: Registry, intake: Intake) -> tuple[str, ...]:
    if intake.entry is None:
        return ()
    return open_questions(await registry.vetting.find(intake.sender.space, intake.entry))


@app.command()
def approve(
    context: typer.Context,
    name: Name,
    space: Where = HERE,
    reason: Why = "",
    person: Annotated[str | None, typer.Option(help="Shows a real person: yes or no.")] = None,
    brand: Annotated[str | None, typer.Option(help="Shows a brand: yes or no.")] = None,
    consent: Annotated[str | None, typer.Option(help="Who allowed it.")] = None,
    licence: Annotated[str | None, typer.Option(help="Under which it may be used.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let everybody in a place use a LoRA that waits.

    What nobody said of people and brands in it has to be recorded first, here or by whoever
    brought it.

    [bold]Examples[/bold]

      atelier lora approve Neon

      atelier lora approve Zib --person no --reason "a drawn mascot"
    """
    told = {"person": person, "brand": brand, "consent": consent, "licence": licence}
    said = {name: value for name, value in told.items() if value}
    run(_decide(context, "approve", name, space, reason, said, as_json=as_json), as_json=as_json)


@app.command()
def reject(
    context: typer.Context, name: Name, reason: Why, space: Where = HERE, as_json: AsJson = False
) -> None:
    """Turn a LoRA down that waits; its sender is told why.

    [bold]Example[/bold]

      atelier lora reject Neon --reason "no licence"
    """
    run(_decide(context, "reject", name, space, reason, as_json=as_json), as_json=as_json)


@app.command()
def retire(
    context: typer.Context,
    name: Name,
    space: Where = HERE,
    reason: Why = "",
    as_json: AsJson = False,
) -> None:
    """Take an approved LoRA out of use.

    [bold]Example[/bold]

      atelier lora retire Neon --reason "a better one is here"
    """
    run(_decide(context, "retire", name, space, reason, as_json=as_json), as_json=as_json)


async def _decide(
    context: typer.Context,
    how: str,
    name: str,
    space: str,
    reason: str,
    said: dict[str, str] | None = None,
    *,
    as_json: bool,
) -> None:
    async with opened(quiet(settings_of(context))) as engine:
        if said:
            await _record(engine.registry, name, SpaceId(space), said, reason)
        try:
            entry = await _decided(engine.registry, how, name, SpaceId(space), reason)
        except OpenQuestions as error:
            raise _by_option(error) from error
    if as_json:
        write_json(_entry(entry))
    else:
        Console(highlight=False).print(Text(f"{plain(entry.card.name, 80)} is {entry.state}."))


async def _decided(registry: Registry, how: str, name: str, space: SpaceId, reason: str) -> Entry:
    vetting = registry.vetting
    entry = (await vetting.named(space, name)).id
    if how == "approve":
        return await vetting.approve(space, entry, HOST, reason)
    if how == "reject":
        return await vetting.reject(space, entry, HOST, reason)
    return await vetting.retire(space, entry, HOST, reason)


async def _record(
    registry: Registry, name: str, space: SpaceId, said: dict[str, str], reason: str
) -> None:
    """What the host knows of people and brands in it, with the reason in the log."""
    entry = await registry.vetting.named(space, name)
    change = edit_of(EditFields.from_text(said))
    await registry.vetting.edit(space, entry.id, HOST, change, reason)


def _by_option(error: OpenQuestions) -> BadRequest:
    """The same refusal with what is typed here."""
    questions = error.facts["questions"]
    named = questions if isinstance(questions, tuple) else ()
    options = " ".join(OPTIONS[each] for each in named)
    told = told_questions(named, str(error.facts.get("asked") or ""))
    valid = f'{options} --reason "..." ({told})'
    return BadRequest(name="approval", value=str(error.facts["name"]), valid=valid)


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the bundle (.tar).")],
    space: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Write a place's LoRAs with everything decided about them into one file.

    [bold]Example[/bold]

      atelier lora export registry.tar --space discord:123456
    """
    count = run(_export(context, file, space), as_json=as_json)
    if as_json:
        write_json({"file": str(file), "entries": count})
    else:
        Console(highlight=False).print(Text(f"{count} LoRAs are in {file}."))


async def _export(context: typer.Context, file: Path, space: str) -> int:
    async with opened(quiet(settings_of(context))) as engine:
        return await engine.registry.bundles.save(SpaceId(space), file)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A bundle written by export.")],
    space: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Read a bundle into a place; every file in it is checked anew.

    [bold]Example[/bold]

      atelier lora import registry.tar --space discord:123456
    """
    found = run(_import(context, file, space), as_json=as_json)
    if as_json:
        write_json(found)
        return
    screen = Console(highlight=False)
    for what, names in found.items():
        screen.print(Text(f"{what}: {len(names)}"))
        for name in names if what in ("refused", "waiting") else ():
            screen.print(Text(f"  {plain(name, 300)}", style="red" if what == "refused" else ""))


async def _import(context: typer.Context, file: Path, space: str) -> dict[str, list[str]]:
    async with opened(quiet(settings_of(context))) as engine:
        found = await engine.registry.bundles.load(SpaceId(space), file, HOST)
    return {
        "added": list(found.added), "waiting": list(found.waiting), "known": list(found.known),
        "refused": list(found.refused),
    }  # fmt: skip


def _facts(name: str | None, card: Path | None) -> CardFacts | None:
    """What the host says with the command; it goes before what lies beside the file."""
    said = {} if card is None else _read(card).model_dump(exclude_unset=True)
    said |= {} if name is None else {"name": name}
    return CardFacts.model_validate(said) if said else None


def _read(card: Path) -> CardFacts:
    if not card.is_file():
        raise BadRequest(name="card", value=str(card), valid="a file that is there")
    return facts_from_json(card.read_text(encoding="utf-8", errors="replace"), card.name)


def _tell(intake: Intake, questions: tuple[str, ...] = (), *, as_json: bool) -> None:
    told: dict[str, Any] = {
        "intake": intake.id, "file": intake.file_name, "state": intake.state, "why": intake.why,
        "entry": intake.entry, "sha256": intake.sha256, "findings": list(intake.findings),
        "questions": list(questions),
    }  # fmt: skip
    if as_json:
        write_json(told)
        return
    screen = Console(highlight=False)
    screen.print(Text.assemble((intake.state, "bold"), f"  {plain(intake.file_name, 120)}"))
    still = f"Open: {told_questions(questions)}." if questions else ""
    for line in (intake.why, *intake.findings, still):
        if line:
            screen.print(Text(f"  {plain(line, 300)}"))


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.id, "state": entry.state, "licence": entry.licence,
        "creator": entry.creator, "source": entry.source,
        **entry.card.model_dump(mode="json", exclude={"entry"}),
    }  # fmt: skip


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as content:  # a command has nothing else to do
        while chunk := content.read(CHUNK_BYTES):
            yield chunk
