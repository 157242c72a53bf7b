"""`/moderation`: words that are not drawn here, people who pause, and who did what."""

from typing import Literal

from pydantic import Field

from bot.acts.moderating import audit_page, pause, paused_person, ruled
from bot.acts.reporting import open_reports
from bot.command import Context, command
from bot.messages import Level, Outbound
from bot.options import Options
from bot.permissions import allow
from bot.texts import say
from engine.errors import BadRequest
from engine.messages import PersonId


class ModerationOptions(Options):
    """What to do, and about whom or which words."""

    action: Literal["show", "block", "unblock", "pause", "resume", "reports", "audit"] = Field(
        "show", description="What to do"
    )
    about: str = Field("", max_length=200, description="Words to block, or the person to pause")
    hours: float | None = Field(None, gt=0, le=87_600, description="How long a pause lasts")
    reason: str = Field("", max_length=300, description="Why, as the person is told")
    page: int = Field(1, ge=1, le=50, description="Which page of reports or audit")


async def handle(context: Context, options: ModerationOptions) -> Outbound:
    """Only moderators; each change is in the audit and can be taken back."""
    allow(context, "moderate")
    house, space, actor = context.engine.house, context.owner.space, context.owner.person
    match options.action:
        case "audit":
            return await audit_page(context, options.page)
        case "reports":
            return await open_reports(context, options.page)
        case "block":
            return await ruled(context, await house.block(space, actor, options.about))
        case "unblock":
            return await ruled(context, await house.unblock(space, actor, options.about))
        case "pause":
            return await pause(context, _person(context, options), options.hours, options.reason)
        case "resume":
            person = await paused_person(context, options.about.strip())
            person = person or _person(context, options)
            return await ruled(context, await house.resume(space, actor, person))
        case _:
            return await ruled(context, context.rules)


def _person(context: Context, options: ModerationOptions) -> PersonId:
    """A person by mention or id; without a platform it is the one at hand."""
    typed = options.about.strip().strip("<@!>").strip()
    if not typed or any(each.isspace() for each in typed):
        valid = say("moderation.who", "a mention of the person, or their id as the audit shows it")
        raise BadRequest(name="about", value=options.about, valid=valid)
    platform = context.owner.person.partition(":")[0]
    return PersonId(typed if ":" in typed else f"{platform}:{typed}")


MODERATION = command(
    name="moderation",
    summary="Blocked words, paused people, and who did what here",
    options=ModerationOptions,
    handle=handle,
    positional=("action", "about"),
    level=Level.MODERATOR,
    about="Blocked words are found whole, also in disguise. A pause cancels what waits.",
    examples=(
        "/moderation",
        "/moderation block some words",
        "/moderation pause @someone hours=24 reason=spam",
        "/moderation reports",
        "/moderation audit",
    ),
)
