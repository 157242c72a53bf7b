"""What moderators rule over, words and people, and what is written down of it."""

from collections.abc import Mapping

from bot.command import Context
from bot.deeds import because, called, deed
from bot.durations import about, moment
from bot.escape import plain
from bot.messages import Line, Outbound
from bot.permissions import allow
from bot.texts import say
from engine.api import AuditLine, HouseRules
from engine.messages import PersonId

PAGE = 10
MOST_LINES = 500


async def pause(context: Context, person: PersonId, hours: float | None, reason: str) -> Outbound:
    """This person asks for nothing here for so long; what they have waiting is cancelled."""
    allow(context, "moderate")
    owner = context.owner
    span = None if hours is None else hours * 3600
    names = await context.engine.house.names(owner.space, (person,))
    await context.engine.house.pause(owner.space, owner.person, person, span, reason)
    await context.engine.cancel(owner.model_copy(update={"person": person}), None)
    who = called(names, person)
    text = (
        say("moderation.paused", "{who} is paused here until a moderator ends it.", who=who)
        if span is None
        else say(
            "moderation.paused_for", "{who} is paused here for {span}.", who=who, span=about(span)
        )
    )
    return Outbound(text=text, private=True)


async def ruled(context: Context, rules: HouseRules, remark: str = "") -> Outbound:
    """The rules about words and the pauses, each with what takes it back; for moderators alone."""
    words = [
        Line(
            name=say("moderation.rule", "rule {place}", place=place),
            value=plain(each, 80),
        )
        for place, each in enumerate(rules.blocked, start=1)
    ]
    names = await context.engine.house.names(
        context.owner.space, [each.person for each in rules.paused]
    )
    pauses = [
        Line(
            name=say(
                "moderation.pause", "pause {place}, {name}",
                place=place, name=called(names, each.person),
            ),
            value=_until(moment(each.until) if each.until else "", plain(each.reason, 200)),
        )
        for place, each in enumerate(rules.paused, start=1)
    ]  # fmt: skip
    nothing = say("moderation.nothing", "No words are blocked and nobody is paused.")
    return Outbound(
        title=say("moderation.title", "Moderation of this place"),
        text=remark or ("" if words or pauses else nothing),
        lines=(*words, *pauses),
        private=True,
        is_secret=True,
    )


async def paused_person(context: Context, typed: str) -> PersonId | None:
    """A paused person by the number of their pause or by name; None for what is neither."""
    paused = [each.person for each in context.rules.paused]
    if typed.isdecimal() and 0 < int(typed) <= len(paused):
        return paused[int(typed) - 1]
    names = await context.engine.house.names(context.owner.space, paused)
    said = typed.casefold()
    found = [each for each in paused if names.get(each, "").casefold() == said]
    return found[0] if len(found) == 1 else None


def _until(until: str, reason: str) -> str:
    told = (
        say("moderation.until", "paused until {until}", until=until)
        if until
        else say("moderation.until_ended", "paused until it is ended")
    )
    return f"{told}: {reason}" if reason else told


async def audit_page(context: Context, number: int) -> Outbound:
    """Who did what when, newest first, a page at a time."""
    log = await context.engine.house.log(context.owner.space, min(MOST_LINES, number * PAGE + 1))
    shown = log[(number - 1) * PAGE : number * PAGE]
    if not shown:
        text = say("audit.nothing", "Nothing is written down on that page.")
        return Outbound(text=text, private=True)
    more = ""
    if len(log) > number * PAGE:
        line = f"/moderation audit page={number + 1}"
        more = say("list.next", "Next: {line}", line=line)
    title = say("audit.title", "What was done here, page {number}", number=number)
    people = [PersonId(each) for line in shown for each in (line.actor, line.subject)]
    names = await context.engine.house.names(context.owner.space, people)
    lines = tuple(_told(line, names) for line in shown)
    return Outbound(title=title, text=more, lines=lines, private=True, is_secret=True)


def _told(line: AuditLine, names: Mapping[PersonId, str]) -> Line:
    about = called(names, PersonId(line.subject))
    subject = "" if line.subject == line.space else f" {about}"
    told = f"{called(names, line.actor)} {deed(line.what)}{subject}{because(line.reason)}"
    return Line(name=moment(line.at), value=told)
