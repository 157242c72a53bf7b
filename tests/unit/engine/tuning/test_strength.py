"""A weight from how far a LoRA moves its base."""

import pytest

from engine.messages import Displacement, Moved
from engine.tuning.strength import (
    ASSUMED,
    SPREAD,
    Target,
    moved_by,
    propose,
    target,
    without_trigger,
)


def curve(*moved: float, bare: float = 1.0) -> Displacement:
    """Moved at 0.25, 0.5, 1.0 and 1.5 with the trigger; without it a part of that."""
    weights = (0.25, 0.5, 1.0, 1.5)
    points = zip(weights, moved, strict=True)
    return Displacement(
        moved=tuple(Moved(weight=weight, bare=d * bare, woken=d) for weight, d in points)
    )


EVEN = curve(0.1, 0.2, 0.4, 0.6)


@pytest.mark.parametrize(
    ("d", "weight"), [(0.4, 1.0), (0.2, 0.5), (0.3, 0.75), (0.05, 0.1), (0.8, 2.0), (0.7, 1.75)]
)
def test_the_weight_that_moves_a_base_as_far_as_it_should(d: float, weight: float) -> None:
    found = propose(EVEN, Target(d, "measured"))
    assert found is not None
    assert (found.weight, found.at_one) == (weight, 0.4)


def test_a_curve_that_bends_back_is_met_on_its_way_up() -> None:
    found = propose(curve(0.1, 0.4, 0.5, 0.3), Target(0.4, "measured"))
    assert found is not None
    assert found.weight == 0.5


def test_what_does_nothing_has_no_weight() -> None:
    assert propose(curve(0.0, 0.001, 0.002, 0.003), Target(0.4, "measured")) is None


@pytest.mark.parametrize(
    ("strength", "weight"), [(1.0, 1.0), (0.35, 1.0), (2.1, 1.0), (4.0, 0.55), (0.15, 2.0)]
)
def test_an_assumed_target_corrects_only_what_is_far_off(strength: float, weight: float) -> None:
    found = propose(
        curve(*(strength * d for d in (0.1, 0.2, 0.4, 0.6))), Target(ASSUMED, "assumed")
    )
    assert found is not None
    assert found.weight == weight
    assert ASSUMED / SPREAD - 0.02 <= found.at_one * weight <= ASSUMED * SPREAD + 0.05


def test_what_moderators_left_others_at_teaches_the_target() -> None:
    approved = [(EVEN, 0.5), (EVEN, 1.0), (curve(0.2, 0.4, 0.8, 1.2), 0.5)]
    assert target("sdxl", "style", approved) == Target(0.4, "learned")
    assert target("sdxl", "style", approved[:2]) == Target(ASSUMED, "assumed")
    assert target("miniature", "style", ()).basis == "measured"
    nothing = [(curve(0, 0, 0, 0), 1.0)] * 5
    assert target("sdxl", "style", nothing).basis == "assumed"


def test_a_trigger_that_changes_nothing_is_seen() -> None:
    assert without_trigger(curve(0.1, 0.2, 0.4, 0.6, bare=0.95)) == pytest.approx(0.95)
    assert without_trigger(curve(0.1, 0.2, 0.4, 0.6, bare=0.4)) == pytest.approx(0.4)
    alone = Displacement(moved=(Moved(weight=1.0, bare=0.4),))
    assert without_trigger(alone) is None
    assert moved_by(alone, -0.5) == pytest.approx(0.2)
