"""Reports of pictures: told to the moderators, listed until one of them decides."""

from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import JsonValue

from bot.acts import jobs
from bot.acts.moderating import pause
from bot.buttons import make
from bot.command import Context
from bot.deeds import called
from bot.durations import moment
from bot.escape import plain, quoted
from bot.figures import listed
from bot.linked import owner_of
from bot.messages import Author, Button, Image, Level, Line, Outbound, Place
from bot.permissions import allow
from bot.policy import refusal
from bot.port import KnowsPlaces, Platform
from bot.results import images_of
from bot.texts import Wording, say, say_count, wording
from engine.api import MODERATORS, Engine, OpenReport, Report, Reported
from engine.errors import BlobCorrupt, NotFound
from engine.messages import Info, Job, JobId, Owner, SpaceId

log = structlog.get_logger(__name__)
DISMISS, REMOVE, PAUSE, DONE = 1, 2, 3, 4
PAUSE_S = 86_400.0
PAGE = 5
"""As many as have room for a button each everywhere."""
MOST_IMAGES = 4
MOST_REPORTS = 3
"""Of one picture by one person: a first, and reasons that came to mind later."""
RULINGS: dict[int, Wording] = {
    DISMISS: wording("button.dismiss", "nothing wrong"),
    REMOVE: wording("button.remove", "delete the picture"),
    PAUSE: wording("button.pause", "pause the person for a day"),
}


async def report(context: Context, job: JobId, reason: str) -> Outbound:
    """Tell the moderators of a picture, once for each person and picture."""
    found = await context.engine.show(context.owner, job)
    house, person = context.engine.house, context.owner.person
    owner = await owner_of(context.engine, found.owner.space, person)
    told = await house.times_reported(person, job)
    if told >= (MOST_REPORTS if reason else 1):
        text = say("report.again", "You reported {job} already; the moderators know.", job=job)
        return Outbound(text=text, private=True)
    said = Reported(owner, context.inbound.author.name, job, reason)
    await house.report(said, await _card_for(context.engine, found, said))
    text = say(
        "report.done",
        "Thank you: the moderators are told of {job}. You can add why: {line}",
        job=job,
        line=f"/report {job} reason=...",
    )
    return Outbound(text=text, private=True)


async def _card_for(engine: Engine, job: Job, said: Reported) -> Report | None:
    """What the moderators' channel is told; None where there is no such channel."""
    space = said.owner.space
    rules = await engine.house.rules(space)
    if rules.desk is None:
        return None
    platform, address = rules.desk
    makers = await engine.house.names(space, (job.owner.person,))
    body: dict[str, JsonValue] = {
        "kind": "report",
        "job": job.id,
        "space": space,
        "words": job.plan.words or job.plan.prompt,
        "asked_by": called(makers, job.owner.person),
        "by": said.name,
        "reason": said.reason,
        "buttons": [
            button.model_dump(mode="json")
            for button in await _rulings(engine, job.owner, job.id, RULINGS)
        ],
    }
    return Report(platform, address, body)


async def _rulings(
    engine: Engine, owner: Owner, about: JobId, rulings: Mapping[int, Wording], **facts: str
) -> tuple[Button, ...]:
    return tuple(
        [
            await make(
                engine, owner, "rule", Info(about=about), label.say(**facts), number=ruling
            )
            for ruling, label in rulings.items()
        ]
    )  # fmt: skip


def report_card(body: Mapping[str, Any], images: tuple[Image, ...] = ()) -> Outbound:
    """What the moderators' channel is shown; whatever it holds comes from people."""
    job = plain(str(body.get("job")), 64)
    lines = [
        Line(name=say("report.words", "words"), value=quoted(str(body.get("words")), 300)),
        Line(name=say("report.asked_by", "made by"), value=plain(str(body.get("asked_by")), 100)),
        Line(name=say("report.by", "reported by"), value=plain(str(body.get("by")), 100)),
    ]
    if reason := plain(str(body.get("reason") or ""), 500):
        lines.append(Line(name=say("report.reason", "reason"), value=reason))
    return Outbound(
        title=say("report.title", "{job} was reported", job=job),
        text=say("report.look", "Look at it: {line}", line=f"/show {job}"),
        lines=tuple(lines),
        images=images,
        is_covered=bool(images),
        buttons=tuple(Button.model_validate(each) for each in body.get("buttons", ())),
    )


async def report_images(
    engine: Engine, platform: Platform, address: str, body: Mapping[str, Any]
) -> tuple[Image, ...]:
    """The reported picture, where the moderators' channel may show pictures of its rating."""
    space, room = SpaceId(str(body.get("space") or "")), platform.capabilities.images
    owner = Owner(space=space, person=MODERATORS)
    try:
        job = await engine.show(owner, JobId(str(body.get("job"))))
        there = await platform.place(address) if isinstance(platform, KnowsPlaces) else None
        rules, rated = await engine.house.rules(space), await engine.rating(job)
        seen_by = Author(id=MODERATORS, name="", level=Level.MODERATOR)
        if refusal("see", seen_by, there or Place(), rules, rated) is not None:
            return ()
        return await images_of(engine, job, min(room, MOST_IMAGES))
    except (NotFound, BlobCorrupt) as error:  # deleted meanwhile: the card is told all the same
        log.info("report.without_picture", code=error.code)
        return ()


async def rule_on(context: Context, job: JobId, ruling: int) -> Outbound:
    """A moderator decides about a reported picture; asked of their rights as they press.

    Whatever they decide, the reports of it are answered.
    """
    allow(context, "moderate")
    found = await context.engine.show(context.owner, job)
    house, space, actor = context.engine.house, context.owner.space, context.owner.person
    if ruling == REMOVE:
        return await jobs.delete(context, job)
    if ruling == PAUSE:
        answer = await pause(context, found.owner.person, PAUSE_S / 3600, job)
        await house.close_reports(space, job)
        return answer
    await house.close_reports(space, job)
    if ruling == DONE:
        await house.note(space, actor, "report.done", job)
        text = say("report.is_done", "{job} is off the list of open reports.", job=job)
        return Outbound(text=text, private=True)
    await house.note(space, actor, "report.dismissed", job)
    text = say("report.dismissed", "Written down: nothing is wrong with {job}.", job=job)
    return Outbound(text=text, private=True)


async def open_reports(context: Context, number: int) -> Outbound:
    """What was reported and nobody decided about, each with a button that takes it off the list."""
    allow(context, "moderate")
    engine, space = context.engine, context.owner.space
    found = await engine.house.open_reports(space, (number - 1) * PAGE, PAGE)
    if not found.shown:
        nothing = say("reports.nothing", "No report waits for anybody.")
        return Outbound(text=nothing, private=True)
    more = ""
    if found.total > number * PAGE:
        more = say("list.next", "Next: {line}", line=f"/moderation reports page={number + 1}")
    label = {DONE: wording("button.report_done", "done: {job}")}
    buttons = [
        (await _rulings(engine, context.owner, each.job, label, job=each.job))[0]
        for each in found.shown[: context.capabilities.buttons]
    ]
    how = say("reports.how", "/show with an id brings the picture.")
    return Outbound(
        title=say_count(
            "reports.title", found.total, one="{n} open report", other="{n} open reports"
        ),
        text=f"{how} {more}".strip(),
        lines=tuple(map(_open_line, found.shown)),
        buttons=tuple(buttons),
        private=True,
        is_secret=True,
    )


def _open_line(found: OpenReport) -> Line:
    by = listed(list(dict.fromkeys(plain(each.name, 40) for each in found.said)))
    reasons = "; ".join(quoted(each.reason, 120) for each in found.said if each.reason)
    told = say_count(
        "reports.by",
        found.times,
        one="reported by {names}",
        other="reported {n} times, by {names}",
        names=by,
    )
    return Line(
        name=f"{found.job}, {moment(found.since)}", value=f"{told}: {reasons}" if reasons else told
    )
