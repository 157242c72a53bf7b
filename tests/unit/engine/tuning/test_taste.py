"""What people said of a look moves its weight a little, within bounds, whatever the order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messages import PersonId, Verdict
from engine.tuning.taste import FARTHEST, FARTHEST_FOR_ALL, REMEMBERED, STEPS, Opinion, nudges

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME, ANN, BOB, CAT = (PersonId(f"x:{name}") for name in ("me", "ann", "bob", "cat"))


def said(person: PersonId, verdict: Verdict, times: int = 1, days: float = 1) -> list[Opinion]:
    at = NOW - timedelta(days=days)
    return [Opinion(person, "Neon", verdict, at + timedelta(seconds=n)) for n in range(times)]


@pytest.mark.parametrize(
    ("verdict", "factor"), [("too_strong", 0.92), ("too_weak", 1.08), ("overdone", 0.95)]
)
def test_one_opinion_is_one_small_step(verdict: Verdict, factor: float) -> None:
    (nudge,) = nudges(said(ME, verdict), ME, NOW).values()

    assert nudge.factor == factor
    assert "you found it" in nudge.why


@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_praise_and_complaint_move_nothing(verdict: Verdict) -> None:
    assert nudges(said(ME, verdict, 5), ME, NOW) == {}


def test_what_was_said_long_ago_is_forgotten() -> None:
    days = REMEMBERED.days + 1
    assert nudges(said(ME, "too_strong", days=days), ME, NOW) == {}


def test_one_other_person_moves_nothing_for_me() -> None:
    assert nudges(said(ANN, "too_strong", 8), ME, NOW) == {}


def test_several_who_agree_move_it_for_everybody_but_less_far() -> None:
    everybody = said(ANN, "too_strong", 8) + said(BOB, "too_strong", 8) + said(CAT, "too_weak")

    (nudge,) = nudges(everybody, ME, NOW).values()

    assert nudge.factor == pytest.approx(1 - FARTHEST_FOR_ALL)
    assert "people here" in nudge.why


def test_a_place_that_disagrees_moves_nothing() -> None:
    assert nudges(said(ANN, "too_strong") + said(BOB, "too_weak"), ME, NOW) == {}


def test_my_own_opinion_goes_before_that_of_the_place() -> None:
    theirs = said(ANN, "too_strong", 4) + said(BOB, "too_strong", 4)

    (nudge,) = nudges(theirs + said(ME, "too_weak"), ME, NOW).values()

    assert nudge.factor > 1


OPINIONS = st.lists(
    st.builds(
        Opinion,
        st.sampled_from([ME, ANN, BOB, CAT]),
        st.sampled_from(["Neon", "Zib"]),
        st.sampled_from([*STEPS, "good", "bad"]),
        st.integers(0, 80).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=40,
)


@given(OPINIONS, st.randoms())
def test_no_opinions_move_a_weight_far_and_their_order_is_nothing(said, mix) -> None:  # type: ignore[no-untyped-def]
    found = nudges(said, ME, NOW)
    mixed = list(said)
    mix.shuffle(mixed)

    assert all(abs(nudge.factor - 1) <= FARTHEST + 1e-9 for nudge in found.values())
    assert nudges(mixed, ME, NOW) == found
