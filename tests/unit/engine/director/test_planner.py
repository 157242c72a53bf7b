"""Plans: the right base, a stack that fits, sizes that work, and a reason for every choice."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.director import planner
from engine.errors import BadRequest, LookDoesNotFit, LookNotApproved, NotFound
from engine.families import FAMILIES
from engine.families.emphasis import as_letters, is_weighted, plain
from engine.messages import (
    Base,
    Card,
    Generate,
    LookWish,
    LoraKind,
    Plan,
    Settings,
    Sha256,
    Trigger,
)
from engine.recipe import plan_of_image
from engine.registry.compat import Refused, fits

Planned = Callable[..., Plan]


@pytest.fixture
def plan(cards: tuple[Card, ...], bases: tuple[Base, ...]) -> Planned:
    """Plan a wish with this space's cards."""

    def made(prompt: str, *looks: str | LookWish, negative: str = "", **wanted: object) -> Plan:
        wishes = tuple(
            look if isinstance(look, LookWish) else LookWish(name=look, said=look) for look in looks
        )
        wish = Generate(
            words=prompt,
            prompt=prompt,
            negative_prompt=negative,
            looks=wishes,
            settings=Settings.model_validate(wanted),
        )
        return planner.plan(wish, cards=cards, bases=bases, families=FAMILIES.all(), seed=3)

    return made


def test_a_plain_wish_takes_the_defaults_and_needs_no_reasons(plan: Planned) -> None:
    made = plan("a red circle")

    family = FAMILIES.get("miniature")
    assert (made.base, made.width, made.height) == ("miniature", 64, 64)
    assert (made.steps, made.guidance, made.scheduler) == (
        family.steps,
        family.guidance,
        family.schedulers[0],
    )
    assert (made.seed, made.count, made.loras, made.reasons) == (3, 1, (), ())


def test_the_plan_moves_to_the_base_where_all_its_looks_live(plan: Planned) -> None:
    made = plan("a fox in ink wash", "Ink Wash", "Film Grain")

    assert made.base == "sdxl-house"
    assert "Ink Wash" in reason(made, "base")


def test_a_named_base_is_kept_and_a_look_that_cannot_come_is_refused(plan: Planned) -> None:
    with pytest.raises(LookDoesNotFit) as refused:
        plan("a fox", "Ink Wash", base="miniature")

    assert refused.value.facts["name"] == "Ink Wash"
    assert refused.value.facts["fits"] == ("sdxl-house",)


def test_looks_of_two_bases_cannot_share_a_plan(plan: Planned) -> None:
    with pytest.raises(LookDoesNotFit) as refused:
        plan("Zib in ink wash", "Zib", "Ink Wash")

    assert refused.value.facts["fits"]


def test_an_unknown_base_is_refused_with_those_there_are(plan: Planned) -> None:
    with pytest.raises(NotFound) as refused:
        plan("a fox", base="sd9")

    assert refused.value.facts["near"] == ("miniature", "sdxl-house")


def test_a_look_that_is_not_in_the_space_is_never_planned(plan: Planned) -> None:
    with pytest.raises(NotFound) as refused:
        plan("a fox", "Secret Look of Others")

    assert refused.value.facts["name"] == "Secret Look of Others"


def test_a_subjects_trigger_takes_the_place_of_its_name(plan: Planned) -> None:
    made = plan("Zib on a skateboard", "Zib")

    assert made.prompt == "zibz creature on a skateboard"
    assert made.loras[0].trigger == "zibz creature"
    assert "zibz creature" in reason(made, "prompt")


def test_a_styles_trigger_is_added_and_its_name_makes_room(plan: Planned) -> None:
    wish = LookWish(name="Neon", said="neon")

    assert plan("a fox in neon on a hill", wish).prompt == "a fox on a hill, nuvo neon"
    assert plan("a neon fox", wish).prompt == "a fox, nuvo neon"
    assert plan("a fox in the style of neon", wish).prompt == "a fox, nuvo neon"
    assert plan("neon", wish).prompt == "nuvo neon"


def test_a_trigger_that_was_typed_is_not_doubled(plan: Planned) -> None:
    assert plan("zibz creature at sea", "Zib").prompt == "zibz creature at sea"


def test_a_misspelt_trigger_is_mended_and_said_so(plan: Planned) -> None:
    made = plan("zibx creature at sea", "Zib")

    assert made.prompt == "zibz creature at sea"
    assert "zibx" in reason(made, "prompt")


def test_a_look_without_trigger_leaves_the_words_alone(plan: Planned) -> None:
    assert plan("a peacock, mosaic", "Mosaic").prompt == "a peacock, mosaic"


BRACKETED = "zib (robot)"


@pytest.mark.parametrize("written", [BRACKETED, r"zib \(robot\)"])
@pytest.mark.parametrize("kind", ["character", "style"])
@pytest.mark.parametrize(
    ("typed", "weight"),
    [
        ("a boat, Bolty", False),
        ("zib (robot) in a boat", False),
        (r"zib \(robot\) in a boat", False),
        ("zib robot in a boat", False),
        ("Bolty in a boat, (rain:1.3)", True),
        ("(zib (robot):1.3) in a boat", True),
    ],
)
def test_brackets_of_a_trigger_are_letters_and_a_persons_own_are_weights(
    bases: tuple[Base, ...], written: str, kind: LoraKind, typed: str, *, weight: bool
) -> None:
    card = Card(
        name="Bolty", kind=kind, family="sdxl", triggers=(Trigger(word=written),), weight=0.8
    )
    wish = Generate(words=typed, prompt=typed, looks=(LookWish(name="Bolty", said="Bolty"),))
    made = planner.plan(wish, cards=(card,), bases=bases, families=FAMILIES.all(), seed=1)

    assert is_weighted(made.prompt) is weight
    assert plain(made.prompt).casefold().count(BRACKETED) == 1
    assert made.loras[0].trigger == written


def test_only_needed_triggers_go_in(bases: tuple[Base, ...]) -> None:
    card = Card(
        name="Outfits",
        kind="concept",
        family="miniature",
        triggers=(
            Trigger(word="outfz", role="required"),
            Trigger(word="redcape", role="pick_one"),
            Trigger(word="bluehat", role="pick_one"),
            Trigger(word="extra sparkle", role="optional"),
        ),
    )
    wish = Generate(words="", prompt="a fox", looks=(LookWish(name="Outfits", said=""),))
    made = planner.plan(wish, cards=(card,), bases=bases, families=FAMILIES.all(), seed=1)

    assert made.prompt == "a fox, outfz, redcape"


def test_a_stack_gives_the_lead_to_the_subject(plan: Planned) -> None:
    made = plan("Zib in neon at golden hour", "Zib", "Neon", "Golden Hour")

    weights = {lora.name: lora.weight for lora in made.loras}
    assert weights["Zib"] > weights["Neon"] > 0
    assert weights["Neon"] < 1.0
    assert all(lora.reason for lora in made.loras)


def test_a_wished_strength_is_kept_exactly(plan: Planned) -> None:
    made = plan("Zib, neon", "Zib", LookWish(name="Neon", said="neon", strength=0.7))

    assert [lora.weight for lora in made.loras if lora.name == "Neon"] == [0.7]


def test_a_strength_of_zero_leaves_the_look_out(plan: Planned) -> None:
    assert plan("a fox", LookWish(name="Neon", said="neon", strength=0)).loras == ()


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"width": 768, "height": 512}, "size"),
        ({"steps": 100_000}, "steps"),
        ({"guidance": 500.0}, "guidance"),
        ({"count": 999}, "count"),
        ({"count": 0}, "count"),
        ({"seed": 2**63}, "seed"),
        ({"scheduler": "nonsense"}, "scheduler"),
        ({"aspect": "0:0"}, "format"),
    ],
)
def test_what_is_out_of_range_is_refused_with_what_would_work(
    plan: Planned, wanted: dict[str, object], name: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        plan("a fox", **wanted)

    assert refused.value.facts["name"] == name
    assert refused.value.facts["valid"]


def test_too_strong_a_strength_is_refused(plan: Planned) -> None:
    with pytest.raises(BadRequest) as refused:
        plan("a fox", LookWish(name="Neon", said="neon", strength=5))

    assert refused.value.facts["valid"] == "0 to 2"


def test_a_slider_may_go_below_zero(plan: Planned) -> None:
    made = plan("a fox", LookWish(name="Detail Slider", said="detail slider", strength=-1))

    assert made.loras[0].weight == -1


def test_a_format_takes_the_nearest_size_and_says_so(plan: Planned) -> None:
    made = plan("a fox in ink wash", "Ink Wash", aspect="portrait")

    assert made.height > made.width
    assert "portrait" in reason(made, "size")
    assert "nearest" in reason(plan("a fox", aspect="16:9"), "size")


def test_a_family_without_negative_prompt_says_that_it_was_left_out(
    cards: tuple[Card, ...],
) -> None:
    bases = (Base(name="flux", family="flux1", folder="x"),)
    wish = Generate(words="", prompt="a street", negative_prompt="people")
    made = planner.plan(wish, cards=cards, bases=bases, families=FAMILIES.all(), seed=1)

    assert made.negative_prompt == ""
    assert "no negative prompt" in reason(made, "negative prompt")


XL_BASES = (
    Base(name="ponyxl", family="sdxl", sub_family="pony", folder="x"),
    Base(name="plain", family="sdxl", folder="x"),
)
TINTS = Card(
    name="Tints", kind="style", family="sdxl", sha256=Sha256("a" * 64),
    triggers=(Trigger(word="tints"),),
)  # fmt: skip


def made_with_tints(bases: tuple[Base, ...]) -> Plan:
    wish = Generate(words="", prompt="a hill", looks=(LookWish(name="Tints", said="Tints"),))
    return planner.plan(wish, cards=(TINTS,), bases=bases, families=FAMILIES.all(), seed=1)


def test_a_look_for_a_relative_of_the_base_says_what_to_expect() -> None:
    made = made_with_tints(XL_BASES[:1])

    assert made.base == "ponyxl"
    assert "made for sdxl: on pony the look may shift" in reason(made, "look")
    assert "made for sdxl" in made.loras[0].reason


def test_a_look_goes_to_the_branch_of_the_family_that_it_was_made_for() -> None:
    made = made_with_tints(XL_BASES)

    assert made.base == "plain"
    assert "made for" not in made.loras[0].reason


def test_a_reroll_changes_the_seed_only(plan: Planned) -> None:
    first = plan("Zib", "Zib")
    again = planner.reroll(first, 99)

    same = {"seed", "reasons"}
    assert again.seed == 99
    assert again.model_dump(exclude=same) == first.model_dump(exclude=same)
    assert reason(again, "seed")


def test_a_variation_keeps_the_picture_and_turns_the_noise(plan: Planned) -> None:
    first = plan("Zib", "Zib", count=2)
    varied = planner.vary(first, 1, 99)

    assert varied.seed == first.seed + 1
    assert varied.variation is not None
    assert varied.variation.seed == 99
    assert 0 < varied.variation.strength < 1
    with pytest.raises(BadRequest):
        planner.vary(first, 2, 99)


def test_a_variation_of_a_variation_turns_the_noise_of_that_one_further(plan: Planned) -> None:
    first = planner.vary(plan("a fox", seed=10), 0, 99, count=3)
    second = planner.vary(first, 2, 200)
    third = planner.vary(second, 1, 300)

    assert second.seed == third.seed == 10
    assert turns(second) == [101, 200]
    assert turns(third) == [101, 201, 300]
    assert turns(planner.vary(first, 0, 1)) == [99, 1]


def test_variations_of_variations_end_nowhere(plan: Planned) -> None:
    made = plan("a fox")
    for seed in range(40):
        made = Plan.model_validate(planner.vary(made, 0, seed).model_dump())

    assert turns(made)[-3:] == [37, 38, 39]


def test_a_new_seed_forgets_what_was_turned(plan: Planned) -> None:
    varied = planner.vary(plan("a fox"), 0, 99)

    assert planner.reroll(varied, 5).variation is None


def turns(made: Plan) -> list[int]:
    assert made.variation is not None
    return [turn.seed for turn in (*made.variation.before, made.variation)]


def test_a_ready_plan_is_checked_against_what_is_approved_now(
    plan: Planned, cards: tuple[Card, ...], bases: tuple[Base, ...]
) -> None:
    ready = plan("Zib in neon", "Zib", "Neon")
    planner.recheck(ready, cards, bases)

    with pytest.raises(LookNotApproved) as gone:
        planner.recheck(ready, [card for card in cards if card.name != "Neon"], bases)
    assert gone.value.facts["name"] == "Neon"

    swapped = [card.model_copy(update={"sha256": Sha256("0" * 64)}) for card in cards]
    with pytest.raises(LookNotApproved):
        planner.recheck(ready, swapped, bases)

    with pytest.raises(NotFound):
        planner.recheck(ready, cards, bases[1:])


cards_drawn = st.lists(
    st.builds(
        Card,
        name=st.sampled_from([f"Look {letter}" for letter in "ABCDEFGH"]),
        kind=st.sampled_from(["character", "style", "lighting", "effect", "object", "slider"]),
        family=st.sampled_from(["miniature", "sdxl", "pony", "flux1"]),
        triggers=st.lists(
            st.builds(Trigger, word=st.sampled_from(["zkw", "zkw red", "blue", "(x:1.2)"])),
            max_size=2,
        ).map(tuple),
        weight=st.sampled_from([0.4, 0.8, 1.0, 1.3]),
    ),
    max_size=6,
    unique_by=lambda card: card.name,
)
settings_drawn = st.builds(
    Settings,
    aspect=st.sampled_from([None, "portrait", "16:9"]),
    steps=st.sampled_from([None, 10]),
    guidance=st.sampled_from([None, 3.0]),
    count=st.sampled_from([None, 1, 3]),
    seed=st.sampled_from([None, 5]),
    base=st.sampled_from([None, None, "miniature", "sdxl"]),
)
ALL_BASES = tuple(
    Base(name=name, family=name, folder="x") for name in ("miniature", "sdxl", "flux1")
)


@settings(max_examples=60, deadline=None)
@given(cards_drawn, st.data(), settings_drawn)
def test_every_choice_has_a_reason_and_every_look_fits(
    cards: list[Card], data: st.DataObject, wanted: Settings
) -> None:
    names = data.draw(st.lists(st.sampled_from([card.name for card in cards] or ["none"])))
    looks = tuple(LookWish(name=name, said=name) for name in names)
    wish = Generate(words="w", prompt="a fox, Look A", looks=looks, settings=wanted)
    try:
        made = planner.plan(wish, cards=cards, bases=ALL_BASES, families=FAMILIES.all(), seed=9)
    except (BadRequest, NotFound, LookDoesNotFit):
        return

    by_name = {card.name: card for card in cards}
    family = FAMILIES.get(made.family)
    chosen = {r.choice for r in made.reasons}
    for lora in made.loras:
        assert not isinstance(fits(by_name[lora.name].family, made.family), Refused)
        assert lora.reason
        assert any(r.choice == "look" and r.value == lora.name for r in made.reasons)
        if lora.trigger:
            assert as_letters(lora.trigger.split(", ")[0]) in made.prompt
    assert made.base == "miniature" or "base" in chosen
    assert made.seed == 9 or "seed" in chosen
    assert made.count == 1 or "count" in chosen
    assert made.steps == family.steps or "steps" in chosen
    assert made.guidance == family.guidance or "guidance" in chosen
    assert (made.width, made.height) == (family.size.width, family.size.height) or "size" in chosen
    assert made.prompt == wish.prompt or "prompt" in chosen
    planner.recheck(made, cards, ALL_BASES)


def reason(made: Plan, choice: str) -> str:
    return "; ".join(r.why for r in made.reasons if r.choice == choice)


def test_variations_of_one_picture_keep_its_seed_and_turn_each_its_own_way(plan: Planned) -> None:
    first = plan("a fox", count=3, seed=10)

    varied = planner.vary(first, 2, 99, count=4)

    own = [plan_of_image(varied, index) for index in range(varied.count)]
    assert [each.seed for each in own] == [12, 12, 12, 12]
    assert [each.variation.seed for each in own if each.variation] == [99, 100, 101, 102]
    assert reason(varied, "count") == "you asked for that many"


def test_more_variations_than_there_may_be_are_as_many_as_may_be(plan: Planned) -> None:
    few = planner.PlanLimits(most_pictures=4)
    varied = planner.vary(plan("a fox"), 0, 99, count=9, limits=few)

    assert varied.count == 4
    assert "you asked for 9" in reason(varied, "count")


def test_a_variation_without_a_number_makes_as_many_as_before(plan: Planned) -> None:
    assert planner.vary(plan("a fox", count=3), 1, 99).count == 3
