"""A plan in a form, and back."""

import pytest

from bot.acts.editing import fields_of, revision
from engine.errors import BadRequest
from engine.messages import Job, PlannedLora, Settings
from tests.fakes.jobs import job


def drawn() -> Job:
    found = job("k7hd2m9q")
    lora = PlannedLora(name="Neon: the glow", weight=0.7, reason="asked for")
    return found.model_copy(
        update={"plan": found.plan.model_copy(update={"loras": (lora,), "negative_prompt": "fog"})}
    )


def test_the_form_holds_the_plan_as_it_is() -> None:
    held = {field.name: field.value for field in fields_of(drawn())}
    assert held["weight:Neon: the glow"] == "0.7"
    assert (held["prompt"], held["negative"]) == ("a red circle", "fog")
    assert (held["size"], held["seed"], held["steps"]) == ("64x64", "7", "20")


def test_sent_back_untouched_it_changes_nothing_but_says_everything() -> None:
    given = {field.name: field.value for field in fields_of(drawn())}
    asked = revision(drawn(), given)
    assert asked.weights == {"Neon: the glow": 0.7}
    assert asked.settings == Settings(width=64, height=64, seed=7, steps=20, guidance=4.0, count=1)


def test_an_empty_weight_leaves_its_look_out_and_an_empty_field_changes_nothing() -> None:
    asked = revision(drawn(), {"weight:Neon: the glow": " ", "prompt": "", "negative": ""})
    assert asked.weights == {"Neon: the glow": None}
    assert asked.prompt is None
    assert asked.negative_prompt == ""


def test_a_comma_is_a_decimal_point() -> None:
    assert revision(drawn(), {"weight:Neon: the glow": "0,5"}).weights["Neon: the glow"] == 0.5


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"weight:Neon": "strong"}, "weight of Neon"),
        ({"weight:Neon": "nan"}, "weight of Neon"),
        ({"weight:Neon": "1e99"}, "weight of Neon"),
        ({"size": "big"}, "size"),
        ({"seed": "-1"}, "seed"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_can_not_be_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(BadRequest) as refused:
        revision(drawn(), given)
    assert refused.value.facts["name"] == named
