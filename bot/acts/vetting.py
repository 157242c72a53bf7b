"""Moderators at work: the file that waits longest with its sheet, and what they decide."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import Field

from bot.acts.editing import FieldKind, FormField
from bot.buttons import Style, Verb, make
from bot.command import Context
from bot.escape import paragraphs, plain, quoted
from bot.figures import listed
from bot.kinds import kind, rating, state
from bot.messages import Button, Image, Level, Line, Outbound
from bot.options import Options
from bot.permissions import require
from bot.phrases import phrase
from bot.port import Capabilities
from bot.replies import told_questions
from bot.texts import say, say_count, translated, wording
from engine.api import CardEdit, Engine, Entry, Intake, open_questions
from engine.errors import BadRequest, NotFound
from engine.messages import Decision, EntryId, Owner, Trigger, Vet

MOST_FINDINGS = 10
NO_LICENCE = wording("vet.no_licence", "its licence is not known")
NO_CONSENT = wording("vet.no_consent", "it shows a real person, and nobody said that they agreed")
NO_USE = wording("vet.no_use", "it does not work well enough")
REASONS = (
    (wording("button.no_licence", "no: licence"), NO_LICENCE),
    (wording("button.no_consent", "no: consent"), NO_CONSENT),
    (wording("button.no_use", "no: quality"), NO_USE),
)
"""Reasons at hand where a platform has no forms."""
QUESTION = wording(
    "vet.question",
    "Under which licence may it be used, and does it show a real person or a brand?",
)


class EditFields(Options):
    """What a moderator may set on a LoRA."""

    rename: str | None = Field(None, max_length=80, description="Another name")
    aliases: str | None = Field(None, max_length=400, description="Other names, with commas")
    kind: str | None = Field(None, max_length=20, description="character, style, lighting ...")
    triggers: str | None = Field(
        None, max_length=800, description="Trigger words with commas; (word) is optional, - none"
    )
    tags: str | None = Field(None, max_length=800, description="Tags, with commas")
    weight: float | None = Field(None, ge=-2, le=2, description="Its strength when none is said")
    rating: str | None = Field(None, max_length=20, description="general, suggestive or mature")
    about: str | None = Field(None, max_length=2000, description="What it looks like")
    licence: str | None = Field(None, max_length=200, description="Under which it may be used")
    consent: str | None = Field(None, max_length=200, description="Who allowed it")
    person: str | None = Field(None, max_length=8, description="Shows a real person: yes or no")
    brand: str | None = Field(None, max_length=8, description="Shows a brand: yes or no")
    base: str | None = Field(None, max_length=80, description="The base it is for, if unclear")


FIELDS = tuple(EditFields.model_fields)
EDITED = tuple(name for name in FIELDS if name != "base")
"""The fields of the form; which base it is for is said with the command."""


class Desk(Protocol):
    """Where a card is shown: an act of a moderator, or their channel."""

    @property
    def engine(self) -> Engine:
        """Which keeps the look and the buttons."""

    @property
    def owner(self) -> Owner:
        """Whose buttons they are."""

    @property
    def capabilities(self) -> Capabilities:
        """How many buttons, and whether forms."""


async def vet(context: Context, intent: Vet) -> Outbound:
    """Look or decide; the right to do so is asked for at this moment, not when it was shown."""
    require(context.inbound.author, Level.MODERATOR, say("right.decide", "decide about looks here"))
    if intent.entry is None:
        return await review(context, intent.skip)
    return await decide(context, intent.entry, intent.decision, intent.reason)


async def vet_by_form(context: Context, intent: Vet, fields: Mapping[str, str]) -> Outbound:
    """The same with what a form held."""
    require(context.inbound.author, Level.MODERATOR, say("right.decide", "decide about looks here"))
    if intent.entry is None:
        return await review(context, intent.skip)
    if intent.decision == "edit":
        return await edit(context, intent.entry, fields)
    return await decide(context, intent.entry, intent.decision, fields.get("reason", ""))


async def review(context: Context, skip: int = 0) -> Outbound:
    """What waits longest (or the next one), with everything needed to decide."""
    space = context.owner.space
    page = await context.engine.registry.waiting(space, limit=1, skip=max(0, skip))
    if not page.intakes:
        working = await context.engine.registry.waiting(space, states=("previewing", "identified"))
        text = say("vet.nothing", "Nothing waits for a decision here.")
        if working.total:
            text += " " + say_count(
                "vet.working",
                working.total,
                one="{n} more is being looked at.",
                other="{n} more are being looked at.",
            )
        return Outbound(text=text, private=True)
    return await card(context, page.intakes[0], place=(skip, page.total))


async def card(context: Desk, intake: Intake, place: tuple[int, int] | None = None) -> Outbound:
    """A file with its sheet, its findings and the buttons of a decision."""
    registry = context.engine.registry
    if intake.entry is None:
        raise NotFound(what="look", name=intake.id)
    entry = await registry.vetting.find(context.owner.space, intake.entry)
    sheet = await registry.sheet(intake)
    name = plain(entry.card.name, 80)
    title = name
    if intake.state == "waiting":
        title = say("vet.waits", "{name} waits for you", name=name)
        if place and place[1] > 1:
            title += say("vet.place", " ({place} of {total})", place=place[0] + 1, total=place[1])
    return Outbound(
        title=title,
        text="\n".join(
            f"\u2022 {plain(phrase(each), 300)}" for each in intake.findings[:MOST_FINDINGS]
        ),
        lines=lines_of(entry, intake),
        images=()
        if sheet is None
        else (
            Image(
                name=f"preview-{entry.id}.png",
                png=sheet,
                alt=say("vet.preview", "Preview of {name}", name=name),
            ),
        ),
        buttons=await _buttons(context, entry, intake, place),
        private=True,
    )


def lines_of(entry: Entry, intake: Intake | None) -> tuple[Line, ...]:
    """What is told of a LoRA, for moderators."""
    triggers = listed([quoted(each.word, 60) for each in entry.card.triggers])
    told = (
        (say("look.kind", "kind"), kind(entry.card.kind)),
        (say("look.family", "works on"), entry.card.family),
        (say("look.trigger", "trigger"), triggers or say("look.none", "none")),
        (say("look.weight", "weight"), f"{entry.card.weight:g}"),
        (say("look.rating", "rating"), rating(entry.card.rating)),
        (say("look.licence", "licence"), entry.licence or say("look.not_said", "not said")),
        (say("look.creator", "creator"), entry.creator),
        (say("look.from", "from"), entry.source),
        (say("look.consent", "allowed by"), entry.consent),
        (say("look.brought_by", "brought by"), intake.sender.name if intake else ""),
        (say("look.state", "state"), state(entry.state)),
        (say("look.open", "open"), _open(entry)),
    )
    return tuple(Line(name=name, value=plain(value, 200)) for name, value in told if value)


def _open(entry: Entry) -> str:
    """What an approval waits for."""
    if entry.state != "pending":
        return ""
    return told_questions(open_questions(entry), str(entry.answers.get("asked") or ""))


async def decide(context: Context, entry: EntryId, decision: Decision, reason: str) -> Outbound:
    """Take a decision, say what follows, and offer to take it back."""
    vetting, owner = context.engine.registry.vetting, context.owner
    match decision:
        case "approve":
            after = await vetting.approve(owner.space, entry, owner.person, reason)
            text = say(
                "vet.approved",
                "{name} is approved: everybody here can ask for it now.",
                name=_name(after),
            )
        case "reject":
            after = await vetting.reject(owner.space, entry, owner.person, reason)
            text = say(
                "vet.rejected",
                "{name} is turned down. Whoever brought it is told why.",
                name=_name(after),
            )
        case "retire":
            after = await vetting.retire(owner.space, entry, owner.person, reason)
            text = say(
                "vet.retired",
                "{name} is retired: nobody can ask for it any more.",
                name=_name(after),
            )
        case "undo":
            after = await vetting.undo(owner.space, entry, owner.person, reason)
            text = say(
                "vet.undone",
                "Taken back: {name} is {state} again.",
                name=_name(after),
                state=state(after.state),
            )
            return Outbound(text=text, private=True)
        case "ask":
            after = await vetting.find(owner.space, entry)
            await vetting.ask(owner.space, entry, owner.person, reason or QUESTION.say())
            text = say("vet.asked", "Asked whoever brought {name}.", name=_name(after))
            return Outbound(text=text, private=True)
        case _:
            return await _show(context, entry)
    undo = await _button(context, "undo", entry, say("button.take_back", "take it back"))
    more = await _next(context, 0, say("button.next", "next"))
    return Outbound(text=text, buttons=(undo, more), private=True)


async def edit(
    context: Context, entry: EntryId, fields: Mapping[str, str], reason: str = ""
) -> Outbound:
    """Set what a form or a command holds; what is empty stays as it was."""
    given = {name: value for name, value in fields.items() if value.strip()}
    vetting, owner = context.engine.registry.vetting, context.owner
    changed = edit_of(EditFields.from_text(given))
    after = await vetting.edit(owner.space, entry, owner.person, changed, reason)
    intake = await context.engine.registry.of_entry(owner.space, entry)
    if intake is not None and intake.state == "waiting":
        return await card(context, intake)
    lines = lines_of(after, intake)
    return Outbound(
        title=_name(after), text=say("vet.changed", "Changed."), lines=lines, private=True
    )


def edit_of(fields: EditFields) -> CardEdit:
    """What a form holds as an edit; raises `BadRequest` naming what would do."""
    given: dict[str, object] = {
        "name": fields.rename,
        "aliases": _listed(fields.aliases),
        "kind": _lower(fields.kind),
        "tags": _listed(fields.tags),
        "description": fields.about,
        "weight": fields.weight,
        "rating": _lower(fields.rating),
        "licence": fields.licence,
        "consent": fields.consent,
        "real_person": _lower(fields.person),
        "brand": _lower(fields.brand),
        "family": _lower(fields.base),
        "triggers": None if fields.triggers is None else _triggers(fields.triggers),
    }
    for name, value in given.items():
        choices = CHOICES.get(name)
        if value is not None and choices and value not in choices:
            raise BadRequest(name=name, value=str(value), valid=", ".join(choices))
    return CardEdit.model_validate(given)


CHOICES = {
    "kind": (
        "character", "style", "lighting", "effect", "object", "concept", "speed", "slider",
    ),
    "rating": ("general", "suggestive", "mature"),
    "real_person": ("yes", "no"),
    "brand": ("yes", "no"),
}  # fmt: skip


def form_of(entry: Entry, decision: Decision) -> tuple[FormField, ...]:
    """The fields that a platform with forms asks for before such a button is pressed."""
    if decision in ("reject", "ask"):
        is_no = decision == "reject"
        ask = say("form.label.question", "What do you want to know?")
        label = say("form.label.reason", "Why?") if is_no else ask
        value = "" if is_no else QUESTION.say()
        return (FormField(name="reason", label=label, value=value, kind="long"),)
    if decision != "edit":
        return ()
    card, answers = entry.card, entry.answers
    now: dict[str, tuple[str, FieldKind]] = {
        "rename": (card.name, "text"),
        "aliases": (", ".join(card.aliases), "text"),
        "kind": (card.kind, "text"),
        "triggers": (_typed(card.triggers), "text"),
        "tags": (", ".join(card.tags), "text"),
        "weight": (f"{card.weight:g}", "number"),
        "rating": (card.rating, "text"),
        "about": (card.description, "long"),
        "licence": (entry.licence, "text"),
        "consent": (entry.consent, "text"),
        "person": (str(answers.get("real_person", "")).replace("unasked", ""), "text"),
        "brand": (str(answers.get("brand", "")).replace("unasked", ""), "text"),
    }
    return tuple(
        FormField(
            name=name,
            label=translated(f"form.label.{name}", name.capitalize()),
            value=value,
            kind=field_kind,
            help=translated(
                f"command.lora.option.{name}", EditFields.model_fields[name].description or ""
            ),
        )
        for name, (value, field_kind) in now.items()
    )


# --- parts ------------------------------------------------------------------------------------


async def _show(context: Context, entry: EntryId) -> Outbound:
    found = await context.engine.registry.vetting.find(context.owner.space, entry)
    intake = await context.engine.registry.of_entry(context.owner.space, entry)
    name = found.card.name
    line = f'/lora edit "{name}" weight=0.8 triggers="word, (optional word)"'
    how = say("vet.how", "Type what to change: {line}", line=line)
    if intake is not None and intake.state == "waiting":
        shown = await card(context, intake)
        return shown.model_copy(update={"text": f"{shown.text}\n{plain(how, 300)}"})
    return Outbound(
        title=_name(found), text=plain(how, 300), lines=lines_of(found, intake), private=True
    )


async def _buttons(
    context: Desk, entry: Entry, intake: Intake, place: tuple[int, int] | None
) -> tuple[Button, ...]:
    """Approve first; reasons as buttons where there are no forms; as many as there is room for."""
    if intake.state != "waiting":
        return ()
    made = [
        await _button(
            context, "approve", entry.id, say("button.approve", "approve"), style="primary"
        )
    ]
    if context.capabilities.has_forms:
        made.append(
            await _button(context, "reject", entry.id, say("button.reject", "reject"), is_form=True)
        )
    else:
        for label, reason in REASONS:
            made.append(
                await _button(context, "reject", entry.id, label.say(), reason=reason.say())
            )
    is_form = context.capabilities.has_forms
    made.append(await _button(context, "ask", entry.id, say("button.ask", "ask"), is_form=is_form))
    made.append(
        await _button(context, "edit", entry.id, say("button.edit", "edit"), is_form=is_form)
    )
    if place is not None and place[0] + 1 < place[1]:
        made.append(await _next(context, place[0] + 1, say("button.next", "next")))
    return tuple(made[: max(1, context.capabilities.buttons)])


async def _button(
    context: Desk,
    decision: Decision,
    entry: EntryId,
    label: str,
    *,
    reason: str = "",
    is_form: bool = False,
    style: Style = "plain",
) -> Button:
    intent = Vet(decision=decision, entry=entry, reason=reason)
    if decision == "reject":
        style = "danger"
    verb: Verb = "form" if is_form else "vet"
    return await make(context.engine, context.owner, verb, intent, label, style=style)


async def _next(context: Desk, skip: int, label: str) -> Button:
    return await make(context.engine, context.owner, "vet", Vet(skip=skip), label)


def _name(entry: Entry) -> str:
    return plain(entry.card.name, 80)


def _listed(typed: str | None) -> tuple[str, ...] | None:
    if typed is None:
        return None
    parts = (plain(part, 60) for part in typed.split(",") if part.strip() not in ("", "-"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _lower(typed: str | None) -> str | None:
    return None if typed is None else typed.strip().casefold()


def _triggers(typed: str) -> tuple[Trigger, ...]:
    """`word, (optional word), a|b` for a choice of which one is needed; `-` for none."""
    found: list[Trigger] = []
    for part in (each.strip() for each in typed.split(",")):
        if part in ("", "-"):
            continue
        if part.startswith("(") and part.endswith(")"):
            words, role = [part[1:-1]], "optional"
        else:
            words, role = part.split("|"), "pick_one" if "|" in part else "required"
        for word in words:
            clean = plain(word, 101)
            if not 0 < len(clean) <= 100:
                raise BadRequest(
                    name="triggers",
                    value=clean[:40],
                    valid=say("vet.trigger_valid", "words of 1 to 100 characters"),
                )
            found.append(Trigger.model_validate({"word": clean, "role": role}))
    return tuple(found)


def _typed(triggers: tuple[Trigger, ...]) -> str:
    choice = "|".join(each.word for each in triggers if each.role == "pick_one")
    told = [
        f"({each.word})" if each.role == "optional" else each.word
        for each in triggers
        if each.role != "pick_one"
    ]
    return ", ".join([*told, choice] if choice else told)


def summary(entry: Entry) -> str:
    """One line of a list."""
    told = paragraphs(entry.card.description, 100) or ", ".join(entry.card.tags)
    told_kind = kind(entry.card.kind)
    return plain(f"{told_kind} \u00b7 {told}" if told else told_kind, 140)
