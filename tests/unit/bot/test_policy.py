"""Who may do what where: every cell of the matrix, written out."""

import itertools

import pytest

from bot.messages import Author, Level, Place
from bot.policy import ACTIONS, Action, Refusal, raised, refusal, showing
from engine.choices import RATINGS, HouseRules
from engine.messages import PersonId, Rating

PLACES = {
    "channel": Place(id="c1"),
    "restricted": Place(id="c2", is_age_restricted=True),
    "direct": Place(kind="direct"),
    "visited": Place(id="c3", kind="visited"),
}
DEFAULT = HouseRules()
TABLE = """
place      action    member  moderator admin   host
channel    create    gRR     gRR       gRR     gRR
channel    see       gRR     gRR       gRR     gRR
channel    deliver   gRR     gRR       gRR     gRR
channel    bring     gsm     gsm       gsm     gsm
channel    vet       LLL     gsm       gsm     gsm
channel    settle    LLL     LLL       gsm     gsm
channel    moderate  LLL     gsm       gsm     gsm
restricted create    gsm     gsm       gsm     gsm
restricted see       gsm     gsm       gsm     gsm
restricted deliver   gsm     gsm       gsm     gsm
restricted bring     gsm     gsm       gsm     gsm
restricted vet       LLL     gsm       gsm     gsm
restricted settle    LLL     LLL       gsm     gsm
restricted moderate  LLL     gsm       gsm     gsm
direct     create    gRR     gRR       gRR     gRR
direct     see       gRR     gRR       gRR     gRR
direct     deliver   gRR     gRR       gRR     gRR
direct     bring     gsm     gsm       gsm     gsm
direct     vet       LLL     gsm       gsm     gsm
direct     settle    LLL     LLL       gsm     gsm
direct     moderate  LLL     gsm       gsm     gsm
visited    create    gRR     gRR       gRR     gRR
visited    see       gRR     gRR       gRR     gRR
visited    deliver   gRR     gRR       gRR     gRR
visited    bring     VVV     VVV       VVV     VVV
visited    vet       VVV     VVV       VVV     VVV
visited    settle    VVV     VVV       VVV     VVV
visited    moderate  VVV     VVV       VVV     VVV
"""
"""For ratings general, suggestive, mature: the letter of the rating where it is allowed, else the
rule that refuses: R rating, L level, V visited."""
RULES = {"R": "rating", "L": "level", "V": "visited"}


def who(level: Level, *roles: str) -> Author:
    return Author(id=PersonId("fake:ada"), name="Ada", level=level, roles=roles)


def cells() -> list[tuple[str, Action, Level, Rating, str]]:
    found: list[tuple[str, Action, Level, Rating, str]] = []
    for line in TABLE.strip().splitlines()[1:]:
        place, name, *by_level = line.split()
        (action,) = [each for each in ACTIONS if each == name]
        for level, letters in zip(Level, by_level, strict=True):
            for rating, letter in zip(RATINGS, letters, strict=True):
                found.append((place, action, level, rating, letter))
    return found


def test_the_table_has_every_cell() -> None:
    written = {(place, action, level, rating) for place, action, level, rating, _ in cells()}
    assert written == set(itertools.product(PLACES, ACTIONS, Level, RATINGS))


@pytest.mark.parametrize("place", PLACES)
def test_each_cell_is_as_written(place: str) -> None:
    wrong = []
    for where, action, level, rating, letter in cells():
        if where != place:
            continue
        found = refusal(action, who(level), PLACES[place], DEFAULT, rating)
        told = found.rule if found else None
        if told != RULES.get(letter):
            wrong.append((action, level.name, rating, letter, told))
    assert wrong == []


def test_admins_may_allow_more_outside_and_less_inside() -> None:
    rules = HouseRules(rating="suggestive", restricted_rating="suggestive")
    ada = who(Level.MEMBER)
    assert refusal("create", ada, PLACES["channel"], rules, "suggestive") is None
    assert refusal("create", ada, PLACES["restricted"], rules, "mature") == Refusal(
        "rating", most="suggestive"
    )


def test_a_visited_place_is_general_whatever_the_rules_say() -> None:
    rules = HouseRules(rating="mature")
    found = refusal("deliver", who(Level.HOST), PLACES["visited"], rules, "suggestive")
    assert found == Refusal("rating", most="general")


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("channel", ("open", "covered", "refused")),
        ("restricted", ("open", "open", "covered")),
        ("direct", ("open", "open", "refused")),
        ("visited", ("open", "refused", "refused")),
    ],
)
def test_the_strongest_that_a_place_takes_is_covered_where_others_look_on(
    place: str, shown: tuple[str, ...]
) -> None:
    rules = HouseRules(rating="suggestive")
    here, ada = PLACES[place], who(Level.MEMBER)
    assert tuple(showing("deliver", ada, here, rules, each) for each in RATINGS) == shown


@pytest.mark.parametrize(("place", "rule"), [("c9", "channel"), ("c1", None)])
def test_members_draw_in_the_channels_that_were_chosen(place: str, rule: str | None) -> None:
    rules = HouseRules(channels=("c1",))
    found = refusal("create", who(Level.MEMBER), Place(id=place), rules)
    assert (found.rule if found else None) == rule


def test_members_draw_with_a_role_that_was_chosen() -> None:
    rules = HouseRules(makers=("artists",))
    here = PLACES["channel"]
    assert refusal("create", who(Level.MEMBER), here, rules) == Refusal("role")
    assert refusal("create", who(Level.MEMBER, "artists"), here, rules) is None
    assert refusal("create", who(Level.MODERATOR), here, rules) is None


def test_roles_raise_a_level_and_never_lower_it() -> None:
    rules = HouseRules(moderators=("helpers",), admins=("crew",))
    assert raised(who(Level.MEMBER, "helpers"), rules).level == Level.MODERATOR
    assert raised(who(Level.MEMBER, "helpers", "crew"), rules).level == Level.ADMIN
    assert raised(who(Level.HOST, "helpers"), rules).level == Level.HOST
    assert raised(who(Level.MEMBER, "else"), rules).level == Level.MEMBER
