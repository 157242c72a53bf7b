"""Looks of a space: pages of them, and the card of one."""

from bot.buttons import make
from bot.command import Context
from bot.escape import plain, quoted
from bot.messages import Button, Line, Outbound
from engine.errors import NotFound
from engine.messages import Card, Info, Search

PAGE = 8
NEAR = 3
LABEL_CHARS = 20


async def looks_page(context: Context, query: str = "", number: int = 1) -> Outbound:
    """One page of looks, best match first, with buttons for the other pages and for each look."""
    found = await context.engine.looks(context.owner.space, query)
    if not found:
        return _nothing(query)
    pages = -(-len(found) // PAGE)
    number = min(max(1, number), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    about = f" for {quoted(query, 60)}" if query else ""
    title = f"{len(found)} look{'s' if len(found) > 1 else ''}{about}"
    text = "Just describe what you want; I pick the looks that fit and say why."
    if pages > 1:
        title += f", page {number} of {pages}"
    return Outbound(
        title=title,
        text=text,
        lines=tuple(Line(name=plain(card.name, 80), value=_summary(card)) for card in shown),
        buttons=await _page_buttons(context, query, number, pages, shown),
    )


async def look_card(context: Context, name: str) -> Outbound:
    """What a look is: kind, trigger, weight, tags. Raises `NotFound` with near names."""
    found = await context.engine.looks(context.owner.space, name)
    card = next((card for card in found if _is_called(card, name)), None)
    if card is None:
        near = tuple(card.name for card in found[:NEAR])
        raise NotFound(what="look", name=name, near=near)
    lines = [
        Line(name="kind", value=card.kind),
        Line(name="works on", value=plain(card.family, 60)),
        Line(name="weight", value=f"{card.weight:g}, unless you ask for more or less"),
        Line(name="trigger", value=_triggers(card)),
    ]
    if card.aliases:
        lines.append(Line(name="also called", value=plain(", ".join(card.aliases), 200)))
    if card.tags:
        lines.append(Line(name="tags", value=plain(", ".join(card.tags), 200)))
    if card.rating != "general":
        lines.append(Line(name="rating", value=card.rating))
    return Outbound(
        title=plain(card.name, 80), text=plain(card.description, 500), lines=tuple(lines)
    )


def _nothing(query: str) -> Outbound:
    if query:
        text = f"No look here matches {quoted(query, 60)}. /looks shows all of them."
        return Outbound(text=f"{text} You can also draw without one: just describe the picture.")
    return Outbound(
        text="There are no looks here yet. You can draw without one: just describe the picture."
    )


async def _page_buttons(
    context: Context, query: str, number: int, pages: int, shown: tuple[Card, ...]
) -> tuple[Button, ...]:
    room = context.capabilities.buttons
    made: list[Button] = []
    for page, label in ((number - 1, "previous"), (number + 1, "next")):
        if 1 <= page <= pages and len(made) < room:
            search = Search(query=query)
            made.append(
                await make(context.engine, context.owner, "page", search, label, number=page)
            )
    for card in shown[: max(0, min(PAGE, room - len(made)))]:
        about = Info(about=card.name)
        label = plain(card.name, LABEL_CHARS)
        made.append(await make(context.engine, context.owner, "look", about, label))
    return tuple(made)


def _summary(card: Card) -> str:
    told = plain(card.description, 100) or plain(", ".join(card.tags), 100)
    return f"{card.kind} · {told}" if told else card.kind


def _triggers(card: Card) -> str:
    if not card.triggers:
        return "none: it works as soon as it is chosen"
    words = ", ".join(quoted(trigger.word, 60) for trigger in card.triggers)
    return f"{words}; I add it for you"


def _is_called(card: Card, name: str) -> bool:
    wanted = name.strip().casefold()
    return wanted in {card.name.casefold(), *(alias.casefold() for alias in card.aliases)}
