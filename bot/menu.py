"""The command menu as data: what every platform builds its own menu, options and hints from."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from bot.command import Command
from bot.messages import Author, Message
from bot.options import choices_of, valid
from bot.permissions import usable
from bot.texts import localised, translated
from engine.api import Engine
from engine.messages import Card, Owner, Rating, Search, SpaceId

Suggests = Literal["looks", "bases", "jobs"]
OptionKind = Literal["text", "number", "choice", "size"]
MOST_SUGGESTIONS = 25
"""The smallest limit of all platforms (Discord's autocomplete)."""
LABEL_CHARS = 100


class OptionEntry(Message):
    """An option of a command."""

    name: str
    description: str
    is_required: bool
    is_positional: bool
    kind: OptionKind
    choices: tuple[str, ...] = ()
    suggests: Suggests | None = None
    valid: str


class CommandEntry(Message):
    """A command."""

    name: str
    summary: str
    about: str
    examples: tuple[str, ...]
    options: tuple[OptionEntry, ...]


class Suggestion(Message):
    """What an option may hold, and how it is shown."""

    value: str
    label: str


def menu(commands: Mapping[str, Command], author: Author) -> tuple[CommandEntry, ...]:
    """The commands that this person may use, in the table's order."""
    return tuple(entry(each) for each in usable(author, tuple(commands.values())))


def entry(command: Command) -> CommandEntry:
    """One command, taken apart."""
    options = tuple(
        OptionEntry(
            name=name,
            description=description(command, name),
            is_required=field.is_required(),
            is_positional=name in command.positional,
            kind=_kind(field),
            choices=choices_of(field),
            suggests=_suggests(field),
            valid=valid(field),
        )
        for name, field in command.options.model_fields.items()
    )
    return CommandEntry(
        name=command.name,
        summary=summary(command),
        about=about(command),
        examples=command.examples,
        options=options,
    )


# --- languages: what a menu says, by key ------------------------------------------------------


def summary_key(command: Command) -> str:
    """The key of a command's summary."""
    return f"command.{command.name}.summary"


def about_key(command: Command) -> str:
    """The key of what help adds about it."""
    return f"command.{command.name}.about"


def takes_key(command: Command) -> str:
    """The key of what a file along with a command is."""
    return f"command.{command.name}.takes"


def option_key(command: Command, option: str) -> str:
    """The key of an option's description."""
    return f"command.{command.name}.option.{option}"


def choice_key(command: Command, choice: str) -> str:
    """The key of what a choice is called where people pick it."""
    return f"command.{command.name}.choice.{choice}"


def summary(command: Command) -> str:
    """What a command does, in the language at hand."""
    return translated(summary_key(command), command.summary)


def about(command: Command) -> str:
    """What help adds about it, in the language at hand; may be empty."""
    return translated(about_key(command), command.about) if command.about else ""


def description(command: Command, option: str) -> str:
    """What an option is, in the language at hand."""
    english = command.options.model_fields[option].description or ""
    return translated(option_key(command, option), english)


def summaries(command: Command) -> dict[str, str]:
    """A command's summary in every language but English, by our locale (see `bot.texts`)."""
    return localised(summary_key(command), command.summary)


def descriptions(command: Command, option: str) -> dict[str, str]:
    """The same for the description of an option."""
    field = command.options.model_fields[option]
    return localised(option_key(command, option), field.description or "")


def choice_names(command: Command, choice: str) -> dict[str, str]:
    """The same for what a choice is called; its value stays English."""
    return localised(choice_key(command, choice), choice)


def texts(commands: Mapping[str, Command]) -> dict[str, str]:
    """All that menus say in English, by key."""
    found: dict[str, str] = {}
    for command in commands.values():
        found[summary_key(command)] = command.summary
        if command.about:
            found[about_key(command)] = command.about
        if command.takes:
            found[takes_key(command)] = command.takes
        for name, field in command.options.model_fields.items():
            found[option_key(command, name)] = field.description or ""
            found |= {choice_key(command, choice): choice for choice in choices_of(field)}
    return found


# --- suggestions ------------------------------------------------------------------------------


async def suggest(
    engine: Engine, owner: Owner, shown: frozenset[Rating], kind: Suggests, typed: str
) -> tuple[Suggestion, ...]:
    """What would fit an option, best first; of looks only those of the ratings shown here."""
    found = await _found(engine, owner, shown, kind, typed)
    return tuple(
        Suggestion(value=value, label=label[:LABEL_CHARS])
        for value, label in found[:MOST_SUGGESTIONS]
    )


async def _found(
    engine: Engine, owner: Owner, shown: frozenset[Rating], kind: Suggests, typed: str
) -> list[tuple[str, str]]:
    if kind == "looks":
        cards = await _looks(engine, owner.space, typed.strip())
        return [
            (card.name, f"{card.name} \u00b7 {card.kind}") for card in cards if card.rating in shown
        ]
    if kind == "bases":
        names = [base.name for base in await engine.bases()]
        return [(name, name) for name in names if typed.casefold() in name.casefold()]
    mine = (await engine.queue(owner)).mine
    return [(job.id, f"{job.id} \u00b7 {job.plan.words}") for job, _ in mine if typed in job.id]


async def _looks(engine: Engine, space: SpaceId, typed: str) -> tuple[Card, ...]:
    """Half a name is enough: names that begin with it, names that hold it, then a search."""
    every = await engine.looks(space)
    if not typed:
        return every
    half = typed.casefold()
    holding = [card for card in every if half in card.name.casefold()]
    holding.sort(key=lambda card: not card.name.casefold().startswith(half))
    searched = await engine.looks(space, Search(query=typed))
    return tuple({card.name: card for card in (*holding, *searched)}.values())


def _kind(field: FieldInfo) -> OptionKind:
    if choices_of(field):
        return "choice"
    kinds = _kinds(field.annotation)
    if tuple in kinds:
        return "size"
    return "number" if kinds & {int, float} else "text"


def _kinds(annotation: Any) -> set[Any]:
    """The plain types inside an annotation such as `int | None`."""
    origin = getattr(annotation, "__origin__", None)
    if origin is tuple:
        return {tuple}
    parts = get_args(annotation)
    return set().union(*(_kinds(part) for part in parts)) if parts else {annotation}


def _suggests(field: FieldInfo) -> Suggests | None:
    own = field.json_schema_extra
    named = own.get("suggests") if isinstance(own, dict) else None
    return next((each for each in get_args(Suggests) if each == named), None)
