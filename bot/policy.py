"""Who may do what where, at which rating: one pure function over place, level, rating and action.

The adapters say what a place is and what a person's platform rights are; the admins of a space say
the rest (`HouseRules`). Asked when something is wanted, and again before a picture is posted.
"""

from dataclasses import dataclass
from typing import Final, Literal

from bot.messages import Author, Level, Place
from engine.api import RATINGS, HouseRules, up_to
from engine.messages import Rating

Action = Literal["create", "see", "deliver", "bring", "vet", "settle", "moderate"]
Showing = Literal["open", "covered", "refused"]
Rule = Literal["visited", "level", "channel", "role", "rating"]
ACTIONS: Final[tuple[Action, ...]] = (
    "create", "see", "deliver", "bring", "vet", "settle", "moderate",
)  # fmt: skip
LEVELS: Final[dict[Action, Level]] = {
    "create": Level.MEMBER,
    "see": Level.MEMBER,
    "deliver": Level.MEMBER,
    "bring": Level.MEMBER,
    "vet": Level.MODERATOR,
    "settle": Level.ADMIN,
    "moderate": Level.MODERATOR,
}
OF_THE_HOUSE: Final[frozenset[Action]] = frozenset({"bring", "vet", "settle", "moderate"})
"""Not where somebody only brought the bot along: nobody there speaks for the space."""
SHOWS_PICTURES: Final[frozenset[Action]] = frozenset({"create", "see", "deliver"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule, and what it asks for."""

    rule: Rule
    level: Level = Level.MEMBER
    """Enough for it, where the rule is `level`."""
    most: Rating = "general"
    """The strongest rating that the place takes, where the rule is `rating`."""


def ceiling(place: Place, rules: HouseRules) -> Rating:
    """The strongest rating that may be seen in a place.

    Where the bot was only brought along nobody vouches for who looks on: general. A direct
    conversation is a space of its own, with its own rules.
    """
    if place.kind == "visited":
        return "general"
    return rules.restricted_rating if place.is_age_restricted else rules.rating


def ratings(place: Place, rules: HouseRules) -> frozenset[Rating]:
    """All ratings that may be seen in a place."""
    return up_to(ceiling(place, rules))


def refusal(
    action: Action, author: Author, place: Place, rules: HouseRules, rating: Rating = "general"
) -> Refusal | None:
    """What stands against it, the first rule that does; None when nothing does."""
    if place.kind == "visited" and action in OF_THE_HOUSE:
        return Refusal("visited")
    if author.level < LEVELS[action]:
        return Refusal("level", level=LEVELS[action])
    if action == "create" and (found := _not_a_maker(author, place, rules)):
        return found
    most = ceiling(place, rules)
    if action in SHOWS_PICTURES and RATINGS.index(rating) > RATINGS.index(most):
        return Refusal("rating", most=most)
    return None


def showing(
    action: Action, author: Author, place: Place, rules: HouseRules, rating: Rating
) -> Showing:
    """How a picture is shown in a place.

    Covered is the strongest that a place takes, where others look on: whoever scrolls by chooses.
    """
    if refusal(action, author, place, rules, rating) is not None:
        return "refused"
    if rating == "general" or place.kind == "direct":
        return "open"
    return "covered" if rating == ceiling(place, rules) else "open"


def _not_a_maker(author: Author, place: Place, rules: HouseRules) -> Refusal | None:
    """Channels and roles that the admins chose; moderators may draw everywhere."""
    if author.level >= Level.MODERATOR:
        return None
    if rules.channels and place.kind == "channel" and place.id not in rules.channels:
        return Refusal("channel")
    if rules.makers and not set(rules.makers) & set(author.roles):
        return Refusal("role")
    return None


def raised(author: Author, rules: HouseRules) -> Author:
    """The author with the level that the space gives to their roles, never less than they had."""
    held = set(author.roles)
    level = author.level
    if held & set(rules.moderators):
        level = max(level, Level.MODERATOR)
    if held & set(rules.admins):
        level = max(level, Level.ADMIN)
    return author if level == author.level else author.model_copy(update={"level": level})
