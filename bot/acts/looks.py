"""Looks of a space: pages of them, and the card of one."""

from bot.acts.sample_sheet import sample_sheet
from bot.buttons import make
from bot.command import Context
from bot.escape import plain, quoted
from bot.figures import listed
from bot.kinds import kind, rating
from bot.messages import Button, Line, Outbound
from bot.texts import say, say_count
from engine.api import WordLook
from engine.errors import NotFound
from engine.messages import Card, Info, Search

PAGE = 8
NEAR = 3
LABEL_CHARS = 20
MOST_KINDS = 3


async def looks_page(context: Context, search: Search, number: int = 1) -> Outbound:
    """One page of looks, best match first, with buttons for the other pages and for each look."""
    space = context.owner.space
    ratings = context.visit.allowed_ratings
    cards = await context.engine.looks(space, search)
    found: tuple[Card | WordLook, ...] = (
        *(card for card in cards if card.rating in ratings),
        *await context.engine.word_looks(space, search),
    )
    query = told(search)
    if not found:
        return _nothing(query)
    pages = -(-len(found) // PAGE)
    number = min(max(1, number), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    title = _count(len(found), query)
    text = say("looks.how", "Just describe what you want; I pick the looks that fit and say why.")
    if pages > 1:
        title += say("looks.page", ", page {number} of {pages}", number=number, pages=pages)
    return Outbound(
        title=title,
        text=text,
        lines=tuple(Line(name=plain(look.name, 80), value=_summary(look)) for look in shown),
        images=await sample_sheet(context, shown),
        buttons=await _page_buttons(context, search, number, pages, shown),
    )


async def look_card(context: Context, name: str) -> Outbound:
    """What a look is: kind, trigger, weight, tags. Raises `NotFound` with near names.

    Looks that are rated above what the place shows are not there.
    """
    every = await context.engine.looks(context.owner.space, Search(query=name))
    found = tuple(card for card in every if card.rating in context.visit.allowed_ratings)
    card = next((card for card in found if _is_called(card, name)), None)
    if card is None:
        in_words = await context.engine.word_looks(context.owner.space, Search(query=name))
        if in_words and in_words[0].name.casefold() == name.strip().casefold():
            return words_card(in_words[0])
        near = tuple(card.name for card in found[:NEAR])
        raise NotFound(what="look", name=name, near=near)
    lines = [
        Line(name=say("look.kind", "kind"), value=kind(card.kind)),
        Line(name=say("look.family", "works on"), value=plain(card.family, 60)),
        Line(
            name=say("look.weight", "weight"),
            value=say(
                "look.weight_told",
                "{weight}, unless you ask for more or less",
                weight=f"{card.weight:g}",
            ),
        ),
        Line(name=say("look.trigger", "trigger"), value=_triggers(card)),
    ]
    if card.aliases:
        lines.append(
            Line(name=say("look.called", "also called"), value=plain(listed(card.aliases), 200))
        )
    if card.tags:
        lines.append(Line(name=say("look.tags", "tags"), value=plain(", ".join(card.tags), 200)))
    if card.rating != "general":
        lines.append(Line(name=say("look.rating", "rating"), value=rating(card.rating)))
    return Outbound(
        title=plain(card.name, 80), text=plain(card.description, 500), lines=tuple(lines)
    )


def told(search: Search) -> str:
    """A search in words: "lighting, sdxl, \u201cwarm\u201d"."""
    kinds = [kind(each) for each in search.kinds] if len(search.kinds) <= MOST_KINDS else []
    words = [quoted(search.query, 60)] if search.query else []
    return ", ".join((*kinds, *(plain(each, 40) for each in search.families), *words))


def _nothing(query: str) -> Outbound:
    if query:
        text = say(
            "looks.no_match",
            "No look here matches {query}. /looks shows all of them. You can also draw without "
            "one: just describe the picture.",
            query=plain(query, 80),
        )
        return Outbound(text=text)
    text = say(
        "looks.nothing",
        "There are no looks here yet. You can draw without one: just describe the picture.",
    )
    return Outbound(text=text)


def _count(n: int, query: str) -> str:
    if not query:
        return say_count("looks.count", n, one="{n} look", other="{n} looks")
    return say_count(
        "looks.count_for",
        n,
        one="{n} look for {query}",
        other="{n} looks for {query}",
        query=plain(query, 80),
    )


async def _page_buttons(
    context: Context, search: Search, number: int, pages: int, shown: tuple[Card | WordLook, ...]
) -> tuple[Button, ...]:
    room = context.capabilities.buttons
    made: list[Button] = []
    back, on = say("button.previous", "previous"), say("button.next", "next")
    for page, label in ((number - 1, back), (number + 1, on)):
        if 1 <= page <= pages and len(made) < room:
            made.append(
                await make(context.engine, context.owner, "page", search, label, number=page)
            )
    for card in shown[: max(0, min(PAGE, room - len(made)))]:
        about = Info(about=card.name)
        label = plain(card.name, LABEL_CHARS)
        made.append(await make(context.engine, context.owner, "look", about, label))
    return tuple(made)


def words_card(look: WordLook) -> Outbound:
    """What a look without a LoRA is."""
    lines = (
        Line(
            name=say("look.kind", "kind"),
            value=say(
                "look.in_words_told",
                "{kind}, in words: it needs no LoRA and works on any base",
                kind=kind(look.kind),
            ),
        ),
        Line(name=say("look.adds", "adds"), value=plain(look.prompt, 400)),
        Line(
            name=say("look.keeps_out", "keeps out"),
            value=plain(look.negative, 200) or say("look.keeps_nothing_out", "nothing"),
        ),
        Line(name=say("look.called", "also called"), value=plain(listed(look.called), 200)),
    )
    style = quoted(f"in {look.called[0]} style")
    text = say("look.use", "Say {style} to use it.", style=style)
    return Outbound(title=plain(look.name, 80), text=text, lines=lines)


def _summary(card: Card | WordLook) -> str:
    if isinstance(card, WordLook):
        in_words = say("look.in_words", "{kind}, in words", kind=kind(card.kind))
        return f"{in_words} \u00b7 {plain(card.prompt, 90)}"
    told = plain(card.description, 100) or plain(", ".join(card.tags), 100)
    return f"{kind(card.kind)} · {told}" if told else kind(card.kind)


def _triggers(card: Card) -> str:
    if not card.triggers:
        return say("look.no_trigger", "none: it works as soon as it is chosen")
    words = listed([quoted(trigger.word, 60) for trigger in card.triggers])
    return say("look.trigger_added", "{words}; I add it for you", words=words)


def _is_called(card: Card, name: str) -> bool:
    wanted = name.strip().casefold()
    return wanted in {card.name.casefold(), *(alias.casefold() for alias in card.aliases)}
