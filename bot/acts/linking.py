"""One space for several places: a code from one admin, given by another on the other side."""

from bot.command import Context
from bot.durations import about
from bot.escape import plain
from bot.figures import listed
from bot.messages import Line, Outbound, Space
from bot.texts import say, say_count
from engine.api import Along, Joining, Linked
from engine.errors import NotAllowed

LASTS_S = 15 * 60.0
MOST_NAMED = 12
TITLE_CHARS = 80


async def link(context: Context, code: str, *, is_sure: bool, brings: bool) -> Outbound:
    """Without a code: give one. With it: tell what happens, then join."""
    home = _home(context)
    if home.kind == "dm":
        raise NotAllowed(
            what=say("right.link", "link a direct conversation"),
            needs=say("right.link_place", "to ask in a server or a group"),
        )
    linking, actor = context.engine.house.linking, context.owner.person
    if not code:
        given = await linking.offer(_linked(context.inbound.space), actor)
        text = say(
            "link.code",
            "Type this on the other side, as an admin there, within {span}: {line}\nIt works once. "
            "That place then shares the looks, settings and moderation of this one.",
            span=about(LASTS_S),
            line=f"/settings link code={given}",
        )
        return Outbound(text=text, private=True, is_secret=True)
    if not is_sure:
        told = await linking.preview(code, _linked(home), actor)
        return _preview(told, plain(code, 40), brings=brings)
    joining = await linking.join(code, _linked(home), actor, brings=brings)
    title = plain(joining.main.title, TITLE_CHARS)
    text = say(
        "link.done",
        "This place is one with {title} now. /settings unlink takes it back.",
        title=title,
    )
    came = len(_with(joining, "comes"))
    if came:
        brought = say_count(
            "link.brought",
            came,
            one="{n} look came along.",
            other="{n} looks came along.",
        )
        text = f"{text} {brought}"
    return Outbound(text=text, private=True)


async def unlink(context: Context, place: str) -> Outbound:
    """Stand alone again; with a place that joined this one, put that one out."""
    linking, actor, home = context.engine.house.linking, context.owner.person, context.inbound.home
    if place:
        if home is not None:
            title = plain(context.inbound.space.title, TITLE_CHARS)
            raise NotAllowed(
                what=say("right.put_out", "put another place out"),
                needs=say("right.put_out_there", "to ask in {title}, which it joined", title=title),
            )
        joined, looks = await linking.put_out(context.owner.space, place, actor)
        text = say(
            "link.put_out",
            "{title} stands alone again, with its own looks and settings as they were.",
            title=plain(joined.title, TITLE_CHARS),
        )
        return Outbound(text=_with_left(text, looks), private=True)
    looks = await linking.leave(_home(context).id, actor)
    text = say(
        "link.left", "This place stands alone again, with its own looks and settings as they were."
    )
    return Outbound(text=_with_left(text, looks), private=True)


async def link_lines(context: Context) -> tuple[Line, ...]:
    """Who is one with whom, for the card of the settings."""
    if context.inbound.home is not None:
        title = plain(context.inbound.space.title, TITLE_CHARS)
        return (Line(name=say("settings.one_with", "one with"), value=title),)
    joined = await context.engine.house.linking.joined(context.owner.space)
    return tuple(
        Line(
            name=say("settings.joined", "joined place {number}", number=number),
            value=say(
                "settings.joined_is",
                "{title}; out again: {line}",
                title=plain(each.title, TITLE_CHARS),
                line=f"/settings unlink place={number}",
            ),
        )
        for number, each in enumerate(joined, start=1)
    )


def _preview(told: Joining, code: str, *, brings: bool) -> Outbound:
    """What joining would do, look by look; nothing is done yet."""
    text = say(
        "link.preview",
        "This place would become one with {title}: its looks, settings and moderation hold here "
        "from then on. What is here now rests untouched and comes back with /settings unlink.",
        title=plain(told.main.title, TITLE_CHARS),
    )
    confirm = f"/settings link code={code} confirm=yes"
    sure = say("link.sure_then", "If you are sure: {line}", line=confirm)
    along = f"{confirm} bring=yes"
    if not told.looks:
        return Outbound(text=f"{text} {sure}", private=True)
    if brings:
        sure = say("link.sure_then", "If you are sure: {line}", line=along)
    else:
        also = say("link.or_bring", "Or with the looks that were approved here: {line}", line=along)
        sure = f"{sure}\n{also}"
    return Outbound(text=f"{text}\n{sure}", lines=_fates(told), private=True)


def _fates(told: Joining) -> tuple[Line, ...]:
    """What would become of each look that came along, by what becomes of it."""
    lines = []
    if come := _with(told, "comes"):
        lines.append(Line(name=say("link.come", "would come along"), value=_names(come)))
    if known := _with(told, "known"):
        lines.append(Line(name=say("link.known", "are there already"), value=_names(known)))
    if turned := _with(told, "rejected"):
        value = _names(turned)
        lines.append(Line(name=say("link.rejected", "were turned down there"), value=value))
    return tuple(lines)


def _with(told: Joining, fate: str) -> tuple[Along, ...]:
    return tuple(each for each in told.looks if each.fate == fate)


def _names(looks: tuple[Along, ...]) -> str:
    named = [
        plain(each.name, 60)
        if each.name == each.goes_by
        else say(
            "link.renamed", "{name} as {other}",
            name=plain(each.name, 60), other=plain(each.goes_by, 80),
        )
        for each in looks[:MOST_NAMED]
    ]  # fmt: skip
    left = len(looks) - len(named)
    if left:
        named.append(say_count("link.more", left, one="{n} more", other="{n} more"))
    return listed(named)


def _with_left(text: str, looks: int) -> str:
    """The same, with how many looks left with a place."""
    if not looks:
        return text
    left = say_count(
        "link.looks_left",
        looks,
        one="{n} look that had come along left with it; /lora undo keeps it there.",
        other="{n} looks that had come along left with it; /lora undo keeps one there.",
    )
    return f"{text} {left}"


def _home(context: Context) -> Space:
    return context.inbound.home or context.inbound.space


def _linked(space: Space) -> Linked:
    return Linked(space.id, space.title, space.kind)
