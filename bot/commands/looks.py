"""`/looks`: browse and search the looks of this place; moderators add looks in words."""

from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import Field

from bot.acts.looks import looks_page
from bot.acts.own_looks import Parts, add_look, edit_look, remove_look, undo_look
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options
from engine.errors import BadRequest

Kind = Literal["style", "lighting", "effect", "concept"]
Action = Literal["browse", "add", "edit", "remove", "undo"]
PARTS = ("prompt", "tags", "negative", "aspect", "steps", "guidance", "kind")


class LooksOptions(Options):
    """What to look for; or which look in words to add, edit or take away."""

    query: str = Field(
        "",
        max_length=200,
        description="A name, a kind, a base or a mood; empty for all",
        json_schema_extra={"suggests": "looks"},
    )
    page: int = Field(1, ge=1, le=999, description="Which page")
    action: Action = Field("browse", description="Moderators: add, edit, remove, undo")
    name: str = Field("", max_length=80, description="Name of a look in words")
    prompt: str = Field("", max_length=400, description="What the look adds to a picture")
    tags: str = Field("", max_length=400, description="The same as tags, for bases that read tags")
    negative: str = Field("", max_length=200, description="What it keeps out")
    synonyms: str = Field("", max_length=400, description="What people say for it, with commas")
    aspect: str = Field("", max_length=20, description="A format that suits it, such as 3:4")
    steps: int | None = Field(None, ge=1, le=150, description="Steps that suit it")
    guidance: float | None = Field(None, ge=0, le=30, description="Guidance that suits it")
    kind: Kind | None = Field(None, description="What kind of look it is")


async def handle(context: Context, options: LooksOptions) -> Outbound:
    """One page with buttons for the others, or a change of a look in words."""
    action, name = _asked(options)
    if action != "browse":
        return await _CHANGES[action](context, name, options)
    search = await context.engine.search(context.owner.space, options.query)
    return await looks_page(context, search, options.page)


def _asked(options: LooksOptions) -> tuple[str, str]:
    """The action and its look; "add Foggy Noir" may be typed without option names."""
    if options.action != "browse":
        return options.action, options.name or options.query
    first, _, rest = options.query.partition(" ")
    typed = first.casefold()
    is_change = typed in _CHANGES and (bool(options.name) or bool(rest.strip()))
    if is_change and (typed != "add" or options.prompt or options.name):
        return typed, options.name or rest.strip()
    return "browse", ""


def _parts(options: LooksOptions) -> Parts:
    """What was given of a look; what was left out stays as it is."""
    given: Parts = {
        part: getattr(options, part) for part in PARTS if getattr(options, part) not in (None, "")
    }
    if options.synonyms:
        given["called"] = [each.strip() for each in options.synonyms.split(",") if each.strip()]
    return given


def _named(name: str) -> str:
    if not name.strip():
        raise BadRequest(name="name", value="", valid="the name of a look in words")
    return name


async def _add(context: Context, name: str, options: LooksOptions) -> Outbound:
    parts = _parts(options)
    return await add_look(context, {"kind": "style", "prompt": "", **parts, "name": _named(name)})


async def _edit(context: Context, name: str, options: LooksOptions) -> Outbound:
    return await edit_look(context, _named(name), _parts(options))


async def _remove(context: Context, name: str, options: LooksOptions) -> Outbound:
    return await remove_look(context, _named(name))


async def _undo(context: Context, name: str, options: LooksOptions) -> Outbound:
    return await undo_look(context, _named(name))


_CHANGES: dict[str, Callable[[Context, str, LooksOptions], Awaitable[Outbound]]] = {
    "add": _add,
    "edit": _edit,
    "remove": _remove,
    "undo": _undo,
}

LOOKS = command(
    name="looks",
    summary="Browse or search the looks of this place",
    options=LooksOptions,
    handle=handle,
    positional=("query",),
    about=(
        "You never have to name one: describe the picture, and I choose among these. "
        "Moderators can add looks that are made of words alone."
    ),
    examples=(
        "/looks",
        "/looks lights for sdxl",
        '/looks add name="Foggy Noir" prompt="thick fog, one street lamp" synonyms="fog noir"',
    ),
)
