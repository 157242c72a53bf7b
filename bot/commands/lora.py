"""`/lora`: bring a LoRA, see what it is, and (for moderators) decide about those that wait."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bot.acts.bringing import bring
from bot.acts.listing import answer, entry_card, entry_list, let_members
from bot.acts.vetting import FIELDS, EditFields, decide, edit, edit_of, review
from bot.command import Context, command
from bot.messages import Level, Outbound
from bot.options import Options
from bot.permissions import require
from bot.texts import Wording, say, wording
from engine.api import UNNAMED, CardFacts
from engine.errors import BadRequest
from engine.messages import Decision

Action = Literal[
    "info", "list", "add", "review", "edit", "approve", "reject", "ask", "retire", "undo",
    "answer", "members",
]  # fmt: skip
ACTS: dict[str, Wording] = {
    "review": wording("right.review", "review looks here"),
    "edit": wording("right.edit", "edit looks here"),
    "approve": wording("right.approve", "approve looks here"),
    "reject": wording("right.reject", "reject looks here"),
    "ask": wording("right.ask", "ask about looks here"),
    "retire": wording("right.retire", "retire looks here"),
    "undo": wording("right.undo", "undo decisions about looks here"),
}
"""What only moderators do, as a refusal names it."""
RIGHTS = ("person", "brand", "consent", "licence")
"""What a moderator may record while approving."""
DECISIONS: dict[str, Decision] = {
    "approve": "approve",
    "reject": "reject",
    "ask": "ask",
    "retire": "retire",
    "undo": "undo",
}


class Acts(Options):
    """What to do, and with which."""

    action: Action = Field(description="What to do")
    name: str = Field(
        "",
        max_length=80,
        description="Name of the look",
        json_schema_extra={"valid": "a name from /looks", "suggests": "looks"},
    )
    link: str = Field("", max_length=500, description="Where to fetch it from, with add")
    replaces: str = Field(
        "",
        max_length=80,
        description="The look whose newer version it is, with add",
        json_schema_extra={"suggests": "looks"},
    )
    reason: str = Field("", max_length=500, description="Why, or what to ask or answer")
    page: int = Field(1, ge=1, le=9_999, description="Which page of the list")


class LoraOptions(EditFields, Acts):
    """The same, and what to set on it."""


async def handle(context: Context, options: LoraOptions) -> Outbound:
    """The act, for whoever may do it."""
    match options.action:
        case "info":
            return await entry_card(context, _named(options))
        case "list":
            return await entry_list(context, options.name, options.page)
        case "add":
            return await bring(context, options.link, _facts(options))
        case "members":
            return await let_members(context, options.reason or options.name)
        case "answer":
            return await answer(context, _named(options), options.reason, _facts(options))
        case _:
            return await _moderate(context, options)


async def _moderate(context: Context, options: LoraOptions) -> Outbound:
    require(context.inbound.author, Level.MODERATOR, ACTS[options.action].say())
    vetting, space = context.engine.registry.vetting, context.owner.space
    if options.action == "review" and not options.name:
        return await review(context, options.page - 1)
    entry = (await vetting.named(space, _named(options))).id
    if options.action == "edit":
        given = _given(options, FIELDS)
        if not given:
            return await decide(context, entry, "show", "")
        return await edit(context, entry, given, options.reason)
    if options.action == "approve" and (said := _given(options, RIGHTS)):
        await edit(context, entry, said, options.reason)
    if options.action == "review":
        return await decide(context, entry, "show", "")
    return await decide(context, entry, DECISIONS[options.action], options.reason)


def _given(options: LoraOptions, names: Iterable[str]) -> dict[str, str]:
    given = options.model_dump(include=set(names), exclude_none=True)
    return {name: str(value) for name, value in given.items()}


def _named(options: LoraOptions) -> str:
    name = options.name.strip(' "\u201c\u201d')
    if not name:
        valid = say("list.name_needed", "the name of a look: /lora list shows them")
        raise BadRequest(name="name", value="", valid=valid)
    return name


def _facts(options: LoraOptions) -> CardFacts | None:
    """What was said of a file with the command that brought it."""
    said = edit_of(options).model_dump(exclude_none=True)
    name = options.rename or options.name
    if name:
        said["name"] = name
    if options.replaces:
        said = {"name": options.replaces, **said, "replaces": options.replaces}
    return CardFacts.model_validate({"name": UNNAMED, **said}) if said else None


LORA = command(
    name="lora",
    summary="Bring a look, see what it is, vet those that wait",
    options=LoraOptions,
    handle=handle,
    positional=("action", "name"),
    takes="The LoRA itself, with add: a .safetensors file",
    about="Anyone may look. Who may add is up to this place's admins; moderators decide.",
    examples=(
        "/lora info Zib",
        "/lora list neon",
        "/lora add link=https://civitai.com/models/12345",
        "/lora review",
        '/lora edit Zib weight=0.8 triggers="zib"',
    ),
)
