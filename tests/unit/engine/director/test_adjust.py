"""What may take a look's place, and whether a ready plan still holds: as the choosing asks."""

import pytest

from engine.director.adjust import alternatives
from engine.director.planner import plan, recheck
from engine.errors import LookDoesNotFit, NotFound
from engine.families import FAMILIES
from engine.messages import Base, Card, Generate, LookWish, Plan

MANY = Base(name="house", family="sdxl", folder="/house")
FEW = MANY.model_copy(update={"distilled": "lightning"})
PONY = Base(name="house", family="sdxl", sub_family="pony", folder="/house")
LCM = Card(name="LCM", kind="speed", family="sdxl")
HYPER = Card(name="Hyper", kind="speed", family="pony")
FLUX = Card(name="Fluxy", kind="speed", family="flux1")
CARDS = (LCM, HYPER, FLUX)


def drawn(look: Card, base: Base = MANY) -> Plan:
    wish = Generate(words="a cat", prompt="a cat", looks=(LookWish(name=look.name, said=""),))
    return plan(wish, cards=CARDS, bases=(base,), families=FAMILIES.all(), seed=1)


def names(found: tuple[Card, ...]) -> list[str]:
    return [card.name for card in found]


def test_another_look_is_one_that_acts_on_the_base() -> None:
    assert names(alternatives(drawn(LCM), "LCM", CARDS, (MANY,))) == ["Hyper"]
    assert names(alternatives(drawn(LCM), "LCM", CARDS, (PONY,))) == ["Hyper"]


def test_another_look_is_offered_by_what_the_base_is_now() -> None:
    made = drawn(LCM)
    assert alternatives(made, "LCM", CARDS, (FEW,)) == ()
    assert alternatives(made, "LCM", CARDS, ()) == ()


def test_a_replay_is_refused_where_the_choosing_would_refuse() -> None:
    made = drawn(LCM)
    recheck(made, CARDS, (MANY,))
    other = MANY.model_copy(update={"name": "other"})
    with pytest.raises(LookDoesNotFit) as refused:
        recheck(made, CARDS, (FEW, other))
    assert refused.value.facts["why"] == "few_steps"
    assert refused.value.facts["fits"] == ("other",)
    with pytest.raises(NotFound):
        recheck(made, CARDS, (other,))


def test_a_replay_asks_the_branch_and_not_what_the_plan_was_called() -> None:
    v7 = Base(name="house", family="auraflow", sub_family="pony-v7", folder="/house")
    made = drawn(LCM)
    with pytest.raises(LookDoesNotFit) as refused:
        recheck(made, CARDS, (v7,))
    assert refused.value.facts["why"] == "family"
