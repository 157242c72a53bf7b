"""What admins chose for their space, and people for themselves: frozen values, no I/O."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from engine.messages import Message, PersonId, Rating, SpaceId

RATINGS: Final[tuple[Rating, ...]] = ("general", "suggestive", "mature")
"""From the mildest to the strongest."""
MOST_NAMES: Final = 50
MOST_BLOCKED: Final = 500
MOST_PAUSED: Final = 500
EVERYONE: Final = ""
"""Stands for every role in a quota."""


class Quota(Message):
    """How much one person with a role may draw; None is no limit of this kind."""

    role: str = Field(default=EVERYONE, max_length=80)
    per_hour: int | None = Field(default=None, ge=0, le=100_000)
    per_day: int | None = Field(default=None, ge=0, le=100_000)
    at_once: int | None = Field(default=None, ge=1, le=1_000)


class Pause(Message):
    """A person who may not ask for pictures in a space for a while."""

    person: PersonId
    until: AwareDatetime | None = None
    """None is until a moderator ends it."""
    reason: str = Field(default="", max_length=300)


class PlaceRules(Message):
    """What is chosen in the ids of one platform, for a place that joined a space."""

    place: SpaceId
    channels: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    makers: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    moderators: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    admins: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)


OF_A_PLACE: Final = frozenset(PlaceRules.model_fields) - {"place"}
"""Rules that each of several linked places has for itself."""


class HouseRules(Message):
    """What the admins of a space chose; what they left alone has its default here.

    Channels and roles are ids of one platform: these are those of the space's own place, and
    `places` has those of the places that joined it.
    """

    base: str = Field(default="", max_length=100)
    """Drawn with where nobody names one; empty is the installation's."""
    look: str = Field(default="", max_length=80)
    """Taken where nobody names or describes any; empty is none."""
    channels: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    """Ids of the channels that pictures are made in; empty is all."""
    makers: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    """Roles that may make pictures; empty is everyone."""
    moderators: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    """Roles that count as moderators, beside those whom the platform says."""
    admins: tuple[str, ...] = Field(default=(), max_length=MOST_NAMES)
    rating: Rating = "general"
    """Strongest in places that carry no age restriction."""
    restricted_rating: Rating = "mature"
    """Strongest in places that do."""
    quotas: tuple[Quota, ...] = Field(default=(), max_length=MOST_NAMES)
    language: str = Field(default="", max_length=20)
    keep_days: int | None = Field(default=None, ge=1, le=3650)
    """Requests older than that go, with their words and pictures; None keeps them."""
    talk_days: int | None = Field(default=None, ge=1, le=3650)
    """What was said goes after so long; None is as long as requests are kept."""
    reports_to: str = Field(default="", max_length=1000)
    """`platform address` of the moderators' channel, for reports and looks that wait."""
    blocked: tuple[Annotated[str, Field(max_length=80)], ...] = Field(
        default=(), max_length=MOST_BLOCKED
    )
    """Words that are not drawn here: `engine.blocklist`."""
    paused: tuple[Pause, ...] = Field(default=(), max_length=MOST_PAUSED)
    places: tuple[PlaceRules, ...] = Field(default=(), max_length=MOST_NAMES)

    @property
    def desk(self) -> tuple[str, str] | None:
        """Platform and address of the moderators' channel; None where none was chosen."""
        platform, _, address = self.reports_to.partition(" ")
        return (platform, address) if address else None

    def at(self, place: SpaceId | None) -> "HouseRules":
        """The rules as they hold in a place that joined the space; None is the space's own."""
        if place is None:
            return self
        found = next((each for each in self.places if each.place == place), PlaceRules(place=place))
        return self.model_copy(update=found.model_dump(include=set(OF_A_PLACE)))


def set_at(
    rules: HouseRules, place: SpaceId | None, changes: Mapping[str, object]
) -> dict[str, object]:
    """Changes as fields of the space's rules: what is a place's own goes to the place."""
    if place is None or not changes.keys() & OF_A_PLACE:
        return dict(changes)
    own = {name: value for name, value in changes.items() if name in OF_A_PLACE}
    there = {**rules.at(place).model_dump(include=set(OF_A_PLACE)), **own, "place": place}
    others = tuple(each.model_dump() for each in rules.places if each.place != place)
    rest = {name: value for name, value in changes.items() if name not in OF_A_PLACE}
    return {**rest, "places": (*others, there)}


class Wishes(Message):
    """What a person chose for themselves, everywhere."""

    base: str = Field(default="", max_length=100)
    look: str = Field(default="", max_length=80)
    size: str = Field(default="", max_length=20)
    """A format such as `portrait` or `16:9`, or pixels such as `768x512`."""
    language: str = Field(default="", max_length=20)
    is_private: bool = False
    """Answers come to the person alone where the platform can, and galleries leave them out."""


def pause_of(rules: HouseRules, person: PersonId, now: datetime) -> Pause | None:
    """The pause that holds for a person now."""
    return next(
        (each for each in running_pauses(rules, now) if each.person == person),
        None,
    )


def running_pauses(rules: HouseRules, now: datetime) -> tuple[Pause, ...]:
    """Pauses that are not over."""
    return tuple(each for each in rules.paused if each.until is None or each.until > now)


def up_to(most: Rating) -> frozenset[Rating]:
    """A rating and all that are milder."""
    return frozenset(RATINGS[: RATINGS.index(most) + 1])


def strongest(ratings: Iterable[Rating]) -> Rating:
    """The strongest of these; `general` when there is none."""
    return max(ratings, key=RATINGS.index, default="general")


def quota_of(quotas: Iterable[Quota], roles: Iterable[str]) -> Quota | None:
    """What holds for somebody with these roles: of each limit the most generous one of a role.

    A role's own limits come before those of everyone; no limit at all is the most generous.
    """
    held = set(roles)
    given = tuple(quotas)
    mine = [quota for quota in given if quota.role in held and quota.role != EVERYONE]
    mine = mine or [quota for quota in given if quota.role == EVERYONE]
    if not mine:
        return None
    return Quota(
        per_hour=_most(quota.per_hour for quota in mine),
        per_day=_most(quota.per_day for quota in mine),
        at_once=_most(quota.at_once for quota in mine),
    )


def _most(limits: Iterable[int | None]) -> int | None:
    given = list(limits)
    return None if None in given else max(each for each in given if each is not None)
