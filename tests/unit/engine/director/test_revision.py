"""A plan changed by hand: what is named changes, all else stays, nothing escapes the limits."""

import pytest

from engine.director.revision import revise
from engine.director.stock import PlanLimits
from engine.errors import BadRequest, NotFound
from engine.families import FAMILIES
from engine.messages import Base, JobId, Plan, PlannedLora, Reason, Revise, Settings, Variation

JOB = JobId("k7hd2m9q")
BASES = (Base(name="miniature", family="miniature", folder="m"),)
PLAN = Plan(
    base="miniature",
    family="miniature",
    prompt="zib on a blue background, nuvo neon",
    loras=(
        PlannedLora(name="Zib", weight=0.9, trigger="zib", reason="you said Zib"),
        PlannedLora(name="Neon", weight=0.7, trigger="nuvo neon", reason="you said neon"),
    ),
    width=64,
    height=64,
    steps=12,
    guidance=4.0,
    scheduler="DDIM",
    seed=7,
    reasons=(
        Reason(choice="look", value="Zib", why="you said Zib"),
        Reason(choice="look", value="Neon", why="you said neon"),
        Reason(choice="seed", value="7", why="you named it or kept it"),
    ),
)


def changed(**changes: object) -> Plan:
    asked = Revise(job=JOB, **changes)  # type: ignore[arg-type]  # test shorthand
    return revise(PLAN, asked, BASES, FAMILIES.all(), PlanLimits())


def test_nothing_changed_is_the_same_plan() -> None:
    assert changed() == PLAN


def test_a_weight_changes_alone_and_says_who_did_it() -> None:
    plan = changed(weights={"Neon": 0.3})
    assert [(lora.name, lora.weight) for lora in plan.loras] == [("Zib", 0.9), ("Neon", 0.3)]
    assert plan.loras[1].reason == "you set it by hand"
    assert [reason.value for reason in plan.reasons] == ["Zib", "7", "Neon 0.3"]
    assert (plan.prompt, plan.seed) == (PLAN.prompt, 7)


def test_a_look_left_out_takes_its_trigger_along() -> None:
    plan = changed(weights={"Neon": None})
    assert [lora.name for lora in plan.loras] == ["Zib"]
    assert plan.prompt == "zib on a blue background"
    assert [reason.value for reason in plan.reasons] == ["Zib", "7", "no Neon"]


def test_a_subject_stays_when_its_look_goes() -> None:
    assert changed(weights={"Zib": None}).prompt == PLAN.prompt


def test_a_prompt_set_by_hand_is_taken_as_it_is() -> None:
    plan = changed(prompt=" a cat, nuvo neon ", weights={"Neon": None})
    assert plan.prompt == "a cat, nuvo neon"


def test_a_new_seed_lets_the_variation_go() -> None:
    turned = PLAN.model_copy(update={"variation": Variation(seed=3, strength=0.25)})
    same = revise(turned, Revise(job=JOB, prompt="a cat"), BASES, FAMILIES.all(), PlanLimits())
    assert same.variation == turned.variation
    other = Revise(job=JOB, settings=Settings(seed=8))
    assert revise(turned, other, BASES, FAMILIES.all(), PlanLimits()).variation is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"settings": Settings(width=63, height=64)}, "size"),
        ({"settings": Settings(steps=100_000)}, "steps"),
        ({"settings": Settings(count=99)}, "count"),
        ({"weights": {"Neon": 9.0}}, "weight of Neon"),
        ({"weights": {"Neon": -1.0}}, "weight of Neon"),
        ({"prompt": "  "}, "prompt"),
    ],
)
def test_what_is_out_of_range_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(BadRequest) as refused:
        changed(**changes)
    assert refused.value.facts["name"] == named
    assert refused.value.facts["valid"]


def test_a_look_that_is_not_in_the_plan_can_not_be_added_by_hand() -> None:
    with pytest.raises(NotFound):
        changed(weights={"Secret": 1.0})
