"""LoRAs of a place: a page of the list, the card of one, what its sender answers."""

from collections.abc import Sequence

from bot.acts.looks import look_card
from bot.acts.vetting import lines_of, summary
from bot.command import Context
from bot.deeds import because, called, deed
from bot.durations import moment
from bot.escape import plain, quoted
from bot.messages import Level, Line, Outbound
from bot.permissions import require
from bot.phrases import phrase
from bot.texts import say, say_count
from engine.api import BROKEN_BY, AuditLine, CardFacts, Entry, EntryQuery
from engine.errors import BadRequest, NotFound
from engine.messages import EVERY_RATING

PAGE = 10
HISTORY = 6


async def entry_list(context: Context, words: str, number: int) -> Outbound:
    """A page of what may be used here; moderators also hear how much waits."""
    registry, space = context.engine.registry, context.owner.space
    is_vetting = context.inbound.author.level >= Level.MODERATOR
    query = EntryQuery(
        space,
        words,
        limit=PAGE,
        skip=(number - 1) * PAGE,
        ratings=EVERY_RATING if is_vetting else context.visit.allowed_ratings,
    )
    page = await registry.page(query)
    waits = ""
    if is_vetting:
        waiting = await registry.waiting(space, limit=1)
        waits = _waits(waiting.total)
    if not page.entries:
        return Outbound(text=f"{_nothing(words)}{waits}", private=True)
    pages = -(-page.total // PAGE)
    title = say_count("looks.count", page.total, one="{n} look", other="{n} looks")
    if pages > 1:
        title += say("looks.page", ", page {number} of {pages}", number=number, pages=pages)
    text = ""
    if page.mended:
        typed = quoted(words, 60)
        text = say(
            "list.mended",
            "You typed {typed}; I looked for {mended}.",
            typed=typed,
            mended=page.mended,
        )
    if number < pages:
        line = f"/lora list {plain(words, 60)} page={number + 1}"
        text += " " + say("list.next", "Next: {line}", line=line)
    lines = tuple(Line(name=plain(e.card.name, 80), value=summary(e)) for e in page.entries)
    return Outbound(title=title, text=(text + waits).strip(), lines=lines, private=True)


async def entry_card(context: Context, name: str) -> Outbound:
    """What a look is; moderators see all of it, with its history."""
    if context.inbound.author.level < Level.MODERATOR:
        return await look_card(context, name)
    registry, space = context.engine.registry, context.owner.space
    try:
        shown = await look_card(context, name)
    except NotFound:
        shown = Outbound()
    try:
        entry = await registry.vetting.named(space, name)
    except NotFound:
        if shown.title:
            return shown
        raise
    intake = await registry.of_entry(space, entry.id)
    whole = await registry.history(space, entry.id)
    past = whole[:HISTORY]
    names = await context.engine.house.names(space, [line.actor for line in past])
    told = "\n".join(
        say(
            "lora.past",
            "{at} {actor} {what}",
            at=moment(line.at),
            actor=called(names, line.actor),
            what=f"{deed(line.what)}{because(line.reason, 120)}",
        )
        for line in past
    )
    text = plain(entry.card.description, 500)
    return Outbound(
        title=plain(entry.card.name, 80),
        text=f"{text}\n{told}".strip(),
        lines=(*_broken(entry, whole), *lines_of(entry, intake)),
        private=True,
    )


def _broken(entry: Entry, past: Sequence[AuditLine]) -> tuple[Line, ...]:
    """That a look was taken out of use for its numbers, and why; until somebody takes that back."""
    if entry.state != "retired":
        return ()
    last = next((line for line in past if line.what == "entry.retired"), None)
    if last is None or last.actor != BROKEN_BY:
        return ()
    why = plain(phrase(last.reason), 200)
    return (Line(name=say("look.out_of_use", "taken out of use"), value=why),)


async def answer(
    context: Context, name: str, words: str, said: CardFacts | None = None
) -> Outbound:
    """What the sender of a file says to a question about it."""
    vetting, owner = context.engine.registry.vetting, context.owner
    entry = await vetting.named(owner.space, name)
    await vetting.answer(owner.space, entry.id, owner.person, words, said)
    thanks = say("list.answered", "Thank you: the moderators see your answer.")
    return Outbound(text=thanks, private=True)


async def let_members(context: Context, typed: str) -> Outbound:
    """An admin lets members bring looks, or moderators only."""
    require(
        context.inbound.author, Level.ADMIN, say("right.choose", "choose who may add looks here")
    )
    chosen = typed.strip().casefold()
    if chosen not in ("yes", "no"):
        raise BadRequest(
            name="members", value=typed, valid=say("list.yes_or_no", "yes or no: /lora members yes")
        )
    owner = context.owner
    await context.engine.registry.let_members_add(owner.space, chosen == "yes", owner.person)
    text = (
        say(
            "list.members_add",
            "Every member may add looks here now. A moderator decides about each of them.",
        )
        if chosen == "yes"
        else say(
            "list.moderators_add",
            "Only moderators may add looks here now. A moderator decides about each of them.",
        )
    )
    return Outbound(text=text)


def _waits(count: int) -> str:
    if not count:
        return ""
    return " " + say_count(
        "list.waits",
        count,
        one="{n} wait for a decision: /lora review.",
        other="{n} wait for a decision: /lora review.",
    )


def _nothing(words: str) -> str:
    if not words:
        return say("list.nothing", "No looks here. /lora list shows all, /lora add brings one.")
    return say(
        "list.no_match",
        "No looks here match {words}. /lora list shows all, /lora add brings one.",
        words=quoted(words, 60),
    )
