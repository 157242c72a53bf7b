"""Weights of a stack: bounded, fair by role, restored when one leaves; wishes win."""

from math import isclose, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.tuning.stack import LEAST_SHARE, Member, balance

KINDS = ["character", "style", "lighting", "effect", "object", "concept", "speed", "slider"]
members = st.lists(
    st.builds(
        Member,
        name=st.text(min_size=1, max_size=5),
        kind=st.sampled_from(KINDS),
        alone=st.floats(0.2, 1.6),
        asked=st.none() | st.floats(0.1, 2.0),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda member: member.name,
)
unasked = members.map(lambda stack: [Member(m.name, m.kind, m.alone) for m in stack])


def test_alone_a_lora_keeps_its_own_weight() -> None:
    share = balance([Member("Neon", "style", 0.9)])["Neon"]

    assert share.weight == 0.9
    assert share.why == ""


@pytest.mark.parametrize("size", [2, 3, 4])
def test_equals_share_by_the_root_of_their_number(size: int) -> None:
    shares = balance([Member(str(n), "style", 1.0) for n in range(size)])

    assert all(isclose(share.weight, 1 / sqrt(size), abs_tol=0.006) for share in shares.values())


def test_the_subject_leads_and_the_others_follow() -> None:
    shares = balance(
        [Member("Zib", "character", 1.0), Member("A", "style", 1.0), Member("B", "style", 1.0)]
    )

    assert shares["Zib"].weight > 0.75
    assert shares["A"].weight == shares["B"].weight < 0.5
    assert "leads" in shares["Zib"].why
    assert "follows" in shares["A"].why


def test_speed_and_sliders_stand_beside_the_stack() -> None:
    shares = balance([Member("Zib", "character", 1.0), Member("Fast", "speed", 1.0)])

    assert (shares["Zib"].weight, shares["Fast"].weight) == (1.0, 1.0)


@given(members)
def test_what_a_person_asked_for_is_given(stack: list[Member]) -> None:
    shares = balance(stack)

    for member in stack:
        if member.asked is not None:
            assert shares[member.name].weight == member.asked


@given(members, st.randoms())
def test_the_order_does_not_matter(stack: list[Member], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(stack)
    random.shuffle(shuffled)

    assert balance(shuffled) == balance(stack)


@given(members)
def test_weights_are_bounded_and_every_change_is_explained(stack: list[Member]) -> None:
    for member, share in ((m, balance(stack)[m.name]) for m in stack if m.asked is None):
        assert member.alone * LEAST_SHARE - 0.006 <= share.weight <= member.alone + 0.006
        assert share.why or share.weight == member.alone


@given(unasked)
def test_without_wishes_the_budget_of_one_is_spent(stack: list[Member]) -> None:
    sharing = [member for member in stack if member.kind not in ("speed", "slider")]
    parts = [balance(stack)[member.name].weight / member.alone for member in sharing]
    if sharing and all(part > LEAST_SHARE + 0.05 for part in parts):
        assert isclose(sum(part**2 for part in parts), 1.0, abs_tol=0.15)


def character(name: str, asked: float | None = None) -> Member:
    return Member(name, "character", 1.0, asked)


@given(members)
@example([character("a", 0.25), character("b"), character("c", 1.0)])
@example([character("a"), Member("b", "style", 1.0, 0.3), character("c", 1.0)])
def test_a_lora_that_leaves_weakens_nobody_and_coming_back_restores_all(
    stack: list[Member],
) -> None:
    whole = balance(stack)
    for leaver in stack:
        rest = [member for member in stack if member is not leaver]
        left = balance(rest)

        for member in rest:
            assert left[member.name].weight >= whole[member.name].weight - 1e-9
        assert balance([*rest, leaver]) == whole


def test_asking_for_less_of_one_leaves_more_for_the_others() -> None:
    plain = balance([Member("Zib", "character", 1.0), Member("Neon", "style", 1.0)])
    hinted = balance([Member("Zib", "character", 1.0), Member("Neon", "style", 1.0, asked=0.1)])
    heavy = balance([Member("Zib", "character", 1.0), Member("Neon", "style", 1.0, asked=1.5)])

    assert hinted["Zib"].weight > plain["Zib"].weight
    assert heavy["Zib"].weight == plain["Zib"].weight
