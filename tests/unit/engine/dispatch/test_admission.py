"""What a plan costs and which plans may not enter."""

import pytest

from engine.dispatch.admission import Limits, check, cost
from engine.errors import BadRequest
from engine.messages import Plan

LIMITS = Limits(most_count=4, most_steps=50, most_pixels=1024 * 1024, most_prompt_chars=100)


def plan(**changes: object) -> Plan:
    values: dict[str, object] = {
        "base": "miniature",
        "family": "miniature",
        "prompt": "a red circle",
        "width": 64,
        "height": 64,
        "steps": 12,
        "guidance": 4.0,
        "scheduler": "DDIM",
        "seed": 7,
    }
    return Plan.model_validate(values | changes)


def test_two_pictures_cost_twice_as_much() -> None:
    one = cost(plan(width=512, height=512, steps=20))
    assert cost(plan(width=512, height=512, steps=20, count=2)) == pytest.approx(2 * one)


def test_guidance_doubles_the_work() -> None:
    without = cost(plan(width=512, height=512, guidance=1.0))
    assert cost(plan(width=512, height=512, guidance=4.0)) == pytest.approx(2 * without)


def test_nothing_is_free() -> None:
    assert cost(plan(steps=1)) > 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"count": 5}, "count"),
        ({"steps": 51}, "steps"),
        ({"width": 2048, "height": 2048}, "size"),
        ({"prompt": "x" * 101}, "prompt"),
    ],
)
def test_a_plan_beyond_a_limit_is_refused_with_the_limit(
    changes: dict[str, object], name: str
) -> None:
    with pytest.raises(BadRequest) as refusal:
        check(plan(**changes), LIMITS)
    assert refusal.value.facts["name"] == name
    assert "at most" in str(refusal.value.facts["valid"])


def test_a_plan_at_the_limit_passes() -> None:
    check(plan(count=4, steps=50, width=1024, height=1024, prompt="x" * 100), LIMITS)
