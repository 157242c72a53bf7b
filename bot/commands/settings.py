"""`/settings`: what admins choose for their place: see it, change it, undo it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bot.acts.linking import link, unlink
from bot.acts.settling import changes_of, role_id, shown, with_quota
from bot.command import Context, command
from bot.messages import Level, Outbound
from bot.options import Options
from bot.permissions import allow
from bot.texts import say
from engine.api import Changes, HouseRules, set_at

Rated = Literal["general", "suggestive", "mature"]
LIMITS = ("per_hour", "per_day", "at_once")
NO_RULES = {"action", "code", "confirm", "bring", "place", "for_role", *LIMITS}


class SettingsOptions(Options):
    """What to set; what is left out stays as it is."""

    action: Literal["show", "undo", "link", "unlink"] = Field(
        "show", description="See them, undo the last change, join another place or leave it"
    )
    code: str = Field("", max_length=40, description="With link: the code of the other place")
    confirm: Literal["yes", "no"] = Field("no", description="With link: you read what happens")
    bring: Literal["yes", "no"] = Field(
        "no", description="With link: the looks approved here come along"
    )
    place: str = Field(
        "",
        max_length=200,
        description="With unlink: the joined place to put out, by number or name",
    )
    base: str = Field(
        "",
        max_length=100,
        description="Base that is drawn with; none for the installation's",
        json_schema_extra={"suggests": "bases"},
    )
    look: str = Field(
        "",
        max_length=80,
        description="Look of pictures whose words name none; none for none",
        json_schema_extra={"suggests": "looks"},
    )
    channels: str = Field(
        "", max_length=500, description="Where pictures are made: channels, here, or all"
    )
    makers: str = Field("", max_length=500, description="Roles that may make pictures, or all")
    moderators: str = Field("", max_length=500, description="Roles that count as moderators")
    admins: str = Field("", max_length=500, description="Roles that count as admins")
    rating: Rated | None = Field(None, description="Strongest rating of looks outside")
    restricted_rating: Rated | None = Field(
        None, description="Strongest rating in age-restricted channels"
    )
    language: str = Field("", max_length=40, description="Language of this place; none for none")
    keep_days: str = Field("", max_length=10, description="Days that pictures are kept, or forever")
    talk_days: str = Field("", max_length=10, description="Days that talk is kept, or as pictures")
    reports_to: str = Field(
        "", max_length=10, description="Where reports and new looks go: here, or off"
    )
    per_hour: int | None = Field(None, ge=0, le=100_000, description="Pictures an hour, per person")
    per_day: int | None = Field(None, ge=0, le=100_000, description="Pictures a day, per person")
    at_once: int | None = Field(None, ge=1, le=1_000, description="Requests at once, per person")
    for_role: str = Field(
        "", max_length=80, description="Whose share per_hour, per_day and at_once are; or everyone"
    )


async def handle(context: Context, options: SettingsOptions) -> Outbound:
    """Show, change or undo; only admins, and each change is in the audit."""
    allow(context, "settle")
    space, actor = context.owner.space, context.owner.person
    if options.action == "link":
        brings = options.bring == "yes"
        return await link(context, options.code, is_sure=options.confirm == "yes", brings=brings)
    if options.action == "unlink":
        return await unlink(context, options.place)
    if options.action == "undo":
        rules = await context.engine.house.undo(space, actor)
        return await shown(context, rules, say("settings.undone", "The last change is undone."))
    changes = await _changes(context, options)
    if changes is None:
        return await shown(context, await context.engine.house.rules(space))
    rules = await context.engine.house.change(space, actor, changes)
    remark = say("settings.changed", "Changed. /settings undo takes it back.")
    return await shown(context, rules, remark)


async def _changes(context: Context, options: SettingsOptions) -> Changes | None:
    """What was asked for, worked out when it is written; None when nothing was."""
    typed = options.model_dump(exclude=NO_RULES, exclude_none=True)
    fields = await changes_of(context, typed)
    limits = options.model_dump(include=set(LIMITS))
    has_share = bool(options.for_role) or any(limit is not None for limit in limits.values())
    if not fields and not has_share:
        return None
    home = context.inbound.home

    def changes(rules: HouseRules) -> Mapping[str, object]:
        shares: dict[str, object] = {}
        if has_share:
            shares["quotas"] = with_quota(rules, role_id(options.for_role), limits)
        return {**set_at(rules, home.id if home else None, fields), **shares}

    return changes


SETTINGS = command(
    name="settings",
    summary="What holds in this place: base, looks, channels, roles, ratings, shares",
    options=SettingsOptions,
    handle=handle,
    positional=("action",),
    level=Level.ADMIN,
    examples=(
        "/settings",
        "/settings base=miniature language=de",
        "/settings per_day=50 for_role=everyone",
        "/settings undo",
    ),
    about="What is left out stays as it is. Every change is kept with who made it.",
)
