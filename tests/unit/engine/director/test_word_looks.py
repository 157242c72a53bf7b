"""Looks that need no LoRA: named as looks they join the plan, coinciding words do nothing."""

from collections.abc import Callable

import pytest

from engine.director import planner
from engine.director.catalogue import built_in
from engine.director.settings_choice import ASPECT_RATIOS
from engine.director.word_look_choice import add_word_looks
from engine.families import FAMILIES
from engine.messages import Base, Generate, Plan, Reading, Reason

Read = Callable[..., Reading]
XL = (Base(name="sdxl-house", family="sdxl", folder="sdxl"),)


def planned(read: Read, said: str) -> Plan:
    intent = read(said, cards=()).intent
    assert isinstance(intent, Generate)
    return planner.plan(intent, cards=(), bases=XL, families=FAMILIES.all(), seed=1)


def test_there_are_at_least_forty_and_each_is_whole() -> None:
    looks = built_in()

    assert len(looks) >= 40
    assert len({look.name.casefold() for look in looks}) == len(looks)
    for look in looks:
        assert look.prompt
        assert look.tags
        assert look.negative
        assert all(said == said.lower() for said in look.called)
        assert look.aspect is None or look.aspect in ASPECT_RATIOS or ":" in look.aspect


@pytest.mark.parametrize("look", built_in(), ids=lambda look: look.name)
def test_every_look_is_recognised_by_each_of_its_names(read: Read, look: object) -> None:
    for said in getattr(look, "called", ()):
        intent = read(f"a cat in {said} style", cards=()).intent
        assert isinstance(intent, Generate)
        assert getattr(look, "name", "") in intent.word_looks, said


@pytest.mark.parametrize(
    "said",
    [
        "a film noir detective",
        "an oil lamp",
        "a mosaic floor",
        "a stained glass window",
        "an embroidered pillow",
        "a comic book shop",
        "a lighthouse in the fog",
    ],
)
def test_words_that_only_coincide_change_nothing(read: Read, said: str) -> None:
    plan = planned(read, said)

    assert plan.prompt == said
    assert plan.negative_prompt == FAMILIES.get("sdxl").negative_prompt


def test_a_look_adds_its_words_its_format_and_a_reason(read: Read) -> None:
    plan = planned(read, "a portrait of a cat in film noir style")

    assert "venetian blind shadows" in plan.prompt
    assert plan.prompt.startswith("a portrait of a cat")
    assert plan.width > plan.height
    assert plan.loras == ()
    assert "Film Noir" in {reason.value for reason in plan.reasons}


def test_a_named_format_goes_before_the_looks(read: Read) -> None:
    plan = planned(read, "a cat in film noir style, portrait format")

    assert plan.height > plan.width


def test_bases_taught_with_tags_get_tags() -> None:
    reasons: list[Reason] = []
    look = next(look for look in built_in() if look.name == "Watercolor")

    prompt = add_word_looks("1girl", (look,), FAMILIES.get("sd1"), reasons)

    assert "watercolor (medium)" in prompt


def test_a_lora_of_the_space_goes_before_the_catalogue(read: Read) -> None:
    intent = read("a fox in linocut style").intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Linocut"]
    assert intent.word_looks == ()
