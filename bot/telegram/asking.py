"""Questions that we ask and their answers: a missing option, or the fields of a form.

Telegram has no forms. A question is a message of ours; its answer is a reply to it or a press of
one of its buttons. What it was about is kept by the message's id, so an answer next week works.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from pydantic import JsonValue

from bot.acts.editing import WEIGHT, FormField, fields_of
from bot.acts.vetting import form_of
from bot.buttons import read
from bot.commands import COMMANDS
from bot.escape import plain
from bot.linked import owner_of, owner_of_button, ratings_shown
from bot.menu import OptionEntry, entry, suggest
from bot.messages import Attachment, Button, Inbound, Invoke, Level, Outbound, Press
from bot.telegram.address import Address
from bot.telegram.memory import Memory
from bot.telegram.posting import Postman
from bot.texts import say
from engine.api import Engine
from engine.errors import NotFound
from engine.messages import Info, JobId, Vet

LASTS = timedelta(days=30)
PICK = "pick:"
MOST_PICKS = 12
VALUE_CHARS = 300
WITH_FORM = frozenset({"edit", "form"})
_LINE = re.compile(r"^\s*(?P<name>[^=\n]{1,90}?)\s*=\s*(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Form:
    """What a button asks for before it is pressed."""

    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer means, with the files that came along before we had to ask."""

    act: Invoke | Press
    attachments: tuple[Attachment, ...] = ()


class Asking:
    """Asks, and turns answers into acts."""

    def __init__(self, engine: Engine, postman: Postman, memory: Memory) -> None:
        self._engine = engine
        self._postman = postman
        self._memory = memory

    # --- a missing option -----------------------------------------------------------------------

    async def for_missing(self, inbound: Inbound) -> bool:
        """Ask for the first option that a command needs and was not given; False without one."""
        act = inbound.act
        if not isinstance(act, Invoke) or act.name not in COMMANDS:
            return False
        options = entry(COMMANDS.get(act.name)).options
        missing = next((each for each in options if _is_missing(each, act, inbound)), None)
        if missing is None:
            return False
        values = await self._values(inbound, missing)
        where = Address.read(inbound.address)
        text = f"/{act.name}: {missing.description}"
        if values:
            buttons = tuple(
                Button(id=f"{PICK}{place}", label=label)
                for place, (_, label) in enumerate(values[:MOST_PICKS])
            )
            message = await self._postman.post(where, Outbound(text=text, buttons=buttons))
        else:
            hint = say("telegram.reply_here", "Reply to this message with it.")
            message = await self._postman.ask(where, f"{text}\n{hint}", missing.description)
        await self._keep(
            where.chat,
            message,
            {
                "kind": "option",
                "command": act.name,
                "options": dict(act.options),
                "name": missing.name,
                "values": [value for value, _ in values[:MOST_PICKS]],
                "person": where.person,
                "attachments": [each.model_dump() for each in inbound.attachments],
            },
        )
        return True

    async def _values(self, inbound: Inbound, option: OptionEntry) -> list[tuple[str, str]]:
        if option.choices:
            return [(choice, choice) for choice in option.choices]
        if option.suggests is None:
            return []
        owner = await owner_of(self._engine, inbound.space.id, inbound.author.id)
        shown = await ratings_shown(self._engine, owner, inbound.space.id, inbound.place)
        found = await suggest(self._engine, owner, shown, option.suggests, "")
        return [(each.value, each.label) for each in found]

    # --- a form ---------------------------------------------------------------------------------

    async def for_form(self, inbound: Inbound) -> bool:
        """Ask for the fields of a button that has a form; False when it has none.

        Raises `NotFound` and other refusals of the engine.
        """
        act = inbound.act
        if not isinstance(act, Press) or act.fields:
            return False
        if act.button.partition(":")[0] not in WITH_FORM:
            return False
        form = await self._form(inbound, act.button)
        if form is None or not form.fields:
            return False
        where = Address.read(inbound.address)
        message = await self._postman.ask(where, _told(form), form.fields[0].label)
        names = [field.name for field in form.fields]
        about = {"kind": "form", "button": act.button, "names": names, "person": where.person}
        await self._keep(where.chat, message, cast(Mapping[str, JsonValue], about))
        return True

    async def _form(self, inbound: Inbound, button: str) -> Form | None:
        is_direct = inbound.place.kind == "direct"
        owner = await owner_of_button(
            self._engine, inbound.space.id, inbound.author.id, button, is_direct=is_direct
        )
        intent = await self._engine.recall(owner, read(button).intent)
        if isinstance(intent, Info):
            job = await self._engine.show(owner, JobId(intent.about))
            return Form(say("telegram.edit", "Change {job}", job=job.id), fields_of(job))
        if isinstance(intent, Vet) and intent.entry and inbound.author.level >= Level.MODERATOR:
            found = await self._engine.registry.vetting.find(owner.space, intent.entry)
            return Form(plain(found.card.name, 80), form_of(found, intent.decision))
        return None

    # --- answers --------------------------------------------------------------------------------

    async def answered(self, chat: int, message: int, person: int, text: str) -> Answer | None:
        """What a reply to one of our messages means; None when that was no question to them."""
        about = await self._memory.get(_key(chat, message))
        if about is None or about.get("person") != person:
            return None
        if about["kind"] == "form":
            names = cast(list[str], about["names"])
            return Answer(Press(button=str(about["button"]), fields=fields_in(text, names)))
        return self._with_option(about, text)

    async def picked(self, chat: int, message: int, person: int, button: str) -> Answer | None:
        """What a press on a question's button means; None for somebody else's question."""
        about = await self._memory.get(_key(chat, message))
        number = button.removeprefix(PICK)
        values = cast(list[str], about.get("values") or []) if about else []
        if about is None or not number.isdigit() or int(number) >= len(values):
            raise NotFound(what="button", name=button)
        if about.get("person") != person:
            return None
        return self._with_option(about, values[int(number)])

    def _with_option(self, about: Mapping[str, JsonValue], value: str) -> Answer:
        options = cast(dict[str, str], about["options"])
        given = {**options, str(about["name"]): value.strip()}
        files = cast(list[JsonValue], about.get("attachments") or [])
        return Answer(
            Invoke(name=str(about["command"]), options=given),
            tuple(Attachment.model_validate(each) for each in files),
        )

    async def _keep(self, chat: int, message: str, about: Mapping[str, JsonValue]) -> None:
        await self._memory.put(_key(chat, int(message)), about, LASTS)


def _is_missing(option: OptionEntry, act: Invoke, inbound: Inbound) -> bool:
    return option.is_required and not act.options.get(option.name, "").strip()


def _told(form: Form) -> str:
    """How to answer; a form of one field takes the whole reply."""
    if len(form.fields) == 1:
        field = form.fields[0]
        return f"{form.title}\n{field.label} {field.help}".rstrip()
    how = say(
        "telegram.form",
        "Reply to this message with what should be different, one line each, such as "
        "{example}. What you leave out stays as it is.",
        example=f"{_short(form.fields[-1])}={form.fields[-1].value or '1'}",
    )
    lines = [f"{_short(each)}={plain(each.value, VALUE_CHARS)}" for each in form.fields]
    return "\n".join((form.title, how, "", *lines))


def _short(field: FormField) -> str:
    return field.name.removeprefix(WEIGHT)


def fields_in(text: str, names: Sequence[str]) -> dict[str, str]:
    """`name=value` lines; a value may go on in the lines below. One field takes everything."""
    if len(names) == 1:
        line = _LINE.match(text)
        is_named = line is not None and line["name"].casefold() == names[0].casefold()
        return {names[0]: (line["value"] if line and is_named else text).strip()}
    by_short = {name.removeprefix(WEIGHT).casefold(): name for name in names}
    found: dict[str, str] = {}
    newest = ""
    for line_ in text.splitlines():
        match = _LINE.match(line_)
        name = by_short.get(match["name"].casefold()) if match else None
        if match and name:
            newest = name
            found[name] = match["value"].strip()
        elif newest:
            found[newest] = f"{found[newest]}\n{line_}".strip()
        elif line_.strip():
            newest = names[0] if "prompt" not in names else "prompt"
            found[newest] = line_.strip()
    return found


def _key(chat: int, message: int) -> str:
    return f"ask:{chat}:{message}"
