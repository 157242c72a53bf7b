"""What admins set for their space: read from what they typed, checked, shown."""

import re
from collections.abc import Awaitable, Callable, Mapping

from bot.acts.linking import link_lines
from bot.command import Context
from bot.escape import plain
from bot.figures import listed
from bot.kinds import rating
from bot.messages import Line, Outbound
from bot.texts import LOCALES, Wording, say, say_count, wording
from engine.api import HouseRules, Quota
from engine.errors import BadRequest

NOTHING = frozenset({"none", "default", "all", "off", "-", "nobody", "reset"})
HERE = "here"
_MENTION = re.compile(r"^<(?:#|@&?)(\d+)>$")
MOST_ID_CHARS = 80
MOST_DAYS = 3650
NAMES: dict[str, Wording] = {
    "base": wording("settings.base", "base"),
    "look": wording("settings.look", "look"),
    "channels": wording("settings.channels", "channels"),
    "makers": wording("settings.makers", "who may draw"),
    "moderators": wording("settings.moderators", "moderators, too"),
    "admins": wording("settings.admins", "admins, too"),
    "rating": wording("settings.rating", "strongest rating"),
    "restricted_rating": wording("settings.restricted_rating", "in age-restricted channels"),
    "quotas": wording("settings.quotas", "shares"),
    "language": wording("settings.language", "language"),
    "keep_days": wording("settings.keep_days", "kept for"),
    "talk_days": wording("settings.talk_days", "talk is kept for"),
    "reports_to": wording("settings.reports_to", "reports and new looks go to"),
}


async def shown(context: Context, rules: HouseRules, remark: str = "") -> Outbound:
    """All of them on one card, for the admin alone; channels and roles are those of this place."""
    home = context.inbound.home
    rules = rules.at(home.id if home else None)
    values = {
        "base": plain(rules.base, 100) or say("settings.base_none", "the installation's"),
        "look": plain(rules.look, 80) or say("settings.none", "none"),
        "channels": _ids(rules.channels) or say("settings.channels_all", "all"),
        "makers": _ids(rules.makers) or say("settings.makers_all", "everyone"),
        "moderators": _ids(rules.moderators) or say("settings.none", "none"),
        "admins": _ids(rules.admins) or say("settings.none", "none"),
        "rating": rating(rules.rating),
        "restricted_rating": rating(rules.restricted_rating),
        "quotas": "; ".join(map(_quota_told, rules.quotas)) or say("settings.none", "none"),
        "language": LOCALES.get(rules.language) or say("settings.language_none", "each their own"),
        "keep_days": _days(rules.keep_days),
        "talk_days": _days(rules.talk_days)
        if rules.talk_days
        else say("settings.talk_as_pictures", "as long as pictures"),
        "reports_to": say("settings.reports_set", "the channel that was chosen")
        if rules.reports_to
        else say("settings.none", "none"),
    }
    lines = tuple(Line(name=NAMES[name].say(), value=value) for name, value in values.items())
    title = say("settings.title", "Settings of this place")
    lines += await link_lines(context)
    return Outbound(title=title, text=remark, lines=lines, private=True)


async def changes_of(context: Context, given: Mapping[str, str]) -> dict[str, object]:
    """Fields of `HouseRules` out of what was typed; raises `BadRequest` naming what works."""
    changed: dict[str, object] = {}
    for name, typed in given.items():
        if typed:
            changed[name] = await READERS[name](context, typed)
    return changed


def with_quota(rules: HouseRules, role: str, limits: Mapping[str, int | None]) -> tuple[Quota, ...]:
    """The quotas with this role's set anew; without any limit the role has none."""
    others = tuple(quota for quota in rules.quotas if quota.role != role)
    if all(limit is None for limit in limits.values()):
        return others
    return (*others, Quota.model_validate({"role": role, **limits}))


def role_id(typed: str) -> str:
    """A role's id out of a mention or what was typed; empty for everyone."""
    return "" if typed.casefold() in NOTHING | {"everyone", "@everyone"} else _id(typed)


async def base_named(context: Context, typed: str) -> str:
    """A base by its name, empty for none; raises `BadRequest` with those that there are."""
    if typed.casefold() in NOTHING:
        return ""
    names = [base.name for base in await context.engine.bases()]
    return _one_of("base", typed, names)


async def look_named(context: Context, typed: str) -> str:
    """A look of this place by its name, empty for none; raises `BadRequest`."""
    if typed.casefold() in NOTHING:
        return ""
    space = context.owner.space
    names = [card.name for card in await context.engine.looks(space)]
    names += [look.name for look in await context.engine.word_looks(space)]
    try:
        return _one_of("look", typed, names)
    except BadRequest as error:
        valid = say("settings.look_valid", "the name of a look: /looks shows them, or none")
        raise BadRequest(name="look", value=typed[:80], valid=valid) from error


async def language_named(_: Context, typed: str) -> str:
    """A language of ours by its code or name, empty for none; raises `BadRequest`."""
    if typed.casefold() in NOTHING:
        return ""
    for locale, name in LOCALES.items():
        if typed.casefold() in (locale.casefold(), name.casefold(), locale[:2].casefold()):
            return locale
    raise BadRequest(name="language", value=typed[:40], valid=listed(tuple(LOCALES)))


async def _channels(context: Context, typed: str) -> tuple[str, ...]:
    return tuple(_place_id(context, each) for each in _several(typed))


async def _roles(_: Context, typed: str) -> tuple[str, ...]:
    return tuple(_id(each) for each in _several(typed))


async def _rating(context: Context, typed: str) -> str:
    if typed == "mature" and context.capabilities.has_age_flags:
        valid = say(
            "settings.rating_valid",
            "general or suggestive; age-restricted channels have restricted_rating",
        )
        raise BadRequest(name="rating", value=typed, valid=valid)
    return typed


async def _as_typed(_: Context, typed: str) -> str:
    return typed


async def _keep_days(_: Context, typed: str) -> int | None:
    valid = say("settings.keep_valid_days", "1 to 3650 days, or forever")
    return _number_of_days("keep_days", typed, {"ever", "forever"}, valid)


async def _talk_days(_: Context, typed: str) -> int | None:
    valid = say("settings.talk_valid", "1 to 3650 days, or pictures: for as long as those")
    return _number_of_days("talk_days", typed, {"pictures", "as pictures"}, valid)


def _number_of_days(name: str, typed: str, no_limit: set[str], valid: str) -> int | None:
    if typed.casefold() in NOTHING | no_limit:
        return None
    if not (typed.isdecimal() and 1 <= int(typed) <= MOST_DAYS):
        raise BadRequest(name=name, value=typed[:40], valid=valid)
    return int(typed)


async def _reports(context: Context, typed: str) -> str:
    if typed.casefold() in NOTHING:
        return ""
    if typed.casefold() == HERE:
        return f"{context.inbound.platform} {context.inbound.address}"
    valid = say("settings.reports_valid", "here (this channel), or off")
    raise BadRequest(name="reports_to", value=typed[:40], valid=valid)


READERS: dict[str, Callable[[Context, str], Awaitable[object]]] = {
    "base": base_named,
    "look": look_named,
    "channels": _channels,
    "makers": _roles,
    "moderators": _roles,
    "admins": _roles,
    "rating": _rating,
    "restricted_rating": _as_typed,
    "language": language_named,
    "keep_days": _keep_days,
    "talk_days": _talk_days,
    "reports_to": _reports,
}


def _one_of(name: str, typed: str, names: list[str]) -> str:
    found = next((each for each in names if each.casefold() == typed.casefold()), None)
    if found is None:
        raise BadRequest(name=name, value=typed[:80], valid=listed(tuple(names[:12])))
    return found


def _several(typed: str) -> list[str]:
    if typed.casefold() in NOTHING:
        return []
    return [each for each in re.split(r"[\s,;]+", typed) if each]


def _place_id(context: Context, typed: str) -> str:
    if typed.casefold() != HERE:
        return _id(typed)
    if not context.inbound.place.id:
        valid = say("settings.channels_valid", "ids or mentions of channels, or all")
        raise BadRequest(name="channels", value=typed, valid=valid)
    return context.inbound.place.id


def _id(typed: str) -> str:
    mention = _MENTION.match(typed)
    return mention[1] if mention else plain(typed.lstrip("@#"), MOST_ID_CHARS)


def _ids(ids: tuple[str, ...]) -> str:
    return listed(tuple(plain(each, MOST_ID_CHARS) for each in ids)) if ids else ""


def _days(days: int | None) -> str:
    if days is None:
        return say("settings.keep_forever", "as long as there is room")
    return say_count("settings.kept_days", days, one="{n} day", other="{n} days")


def _quota_told(quota: Quota) -> str:
    told = []
    if quota.per_hour is not None:
        told.append(say("settings.quota_hour", "{n} an hour", n=quota.per_hour))
    if quota.per_day is not None:
        told.append(say("settings.quota_day", "{n} a day", n=quota.per_day))
    if quota.at_once is not None:
        told.append(say("settings.quota_at_once", "{n} at once", n=quota.at_once))
    whose = plain(quota.role, MOST_ID_CHARS) or say("settings.makers_all", "everyone")
    return f"{whose}: {', '.join(told)}"
