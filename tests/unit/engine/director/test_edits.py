"""A conversation about the last picture: what changes, what stays."""

from collections.abc import Callable

import pytest

from engine.director import planner
from engine.director.reader import Turn
from engine.families import FAMILIES
from engine.messages import Base, Card, Generate, JobId, Plan, Reading, Reroll

Read = Callable[..., Reading]


@pytest.fixture
def after(read: Read, cards: tuple[Card, ...], bases: tuple[Base, ...]) -> Callable[..., Turn]:
    """A turn that led to a plan, as the engine would keep it."""

    def drawn(words: str, *before: Turn) -> Turn:
        intent = read(words, *before).intent
        assert isinstance(intent, Generate)
        plan = planner.plan(intent, cards=cards, bases=bases, families=FAMILIES.all(), seed=77)
        return Turn(words=words, plan=plan, job=JobId(f"job-{len(before)}"))

    return drawn


RED = "a red circle on a blue background"
CHANGES = [
    (RED, "the colors are too strong, less saturated", f"{RED}, muted colors"),
    (RED, "the colours are way too bright, tone them down", f"{RED}, muted colors"),
    (RED, "the colors look washed out", f"{RED}, vivid colors"),
    (RED, "colors too strong and the sky is too dark", f"{RED}, muted colors, bright"),
    (RED, "desaturate it a bit", f"{RED}, muted colors"),
    (RED, "make it yellow instead please", "a yellow circle on a blue background"),
    (RED, "same but on a green background", "a red circle on a green background"),
    (RED, "on a green background", "a red circle on a green background"),
    (RED, "make it yellow", "a yellow circle on a blue background"),
    (RED, "bigger", "a large red circle on a blue background"),
    ("a large red circle", "a bit smaller please", "a medium red circle"),
    ("a fox in a forest", "same but at night", "a fox in a forest at night"),
    ("a fox at dawn", "the same at night", "a fox at night"),
    ("a fox in a forest", "add a red hat", "a fox in a forest with a red hat"),
    ("a fox in a forest", "now with snow", "a fox in a forest with snow"),
    ("a fox in a forest", "replace the fox with a wolf", "a wolf in a forest"),
    ("a fox with a red hat", "without the red hat", "a fox"),
    ("a fox in the snow", "make it a wolf", "a wolf in the snow"),
    ("Zib with Mira", "without Mira", "Zib"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "then", "prompt"), CHANGES, ids=[f"{row[0]} / {row[1]}" for row in CHANGES]
)
def test_a_change_is_worked_into_the_last_prompt(
    read: Read, after: Callable[..., Turn], first: str, then: str, prompt: str
) -> None:
    intent = read(then, after(first)).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == prompt
    assert intent.settings.seed == 77


@pytest.mark.parametrize("said", ["less neon", "a bit less neon please", "neon is too strong"])
def test_less_of_a_look_lowers_only_its_weight(
    read: Read, after: Callable[..., Turn], said: str
) -> None:
    first = after("Zib in neon")
    intent = read(said, first).intent

    assert isinstance(intent, Generate)
    strengths = {look.name: look.strength for look in intent.looks}
    assert strengths["Zib"] is None
    assert strengths["Neon"] is not None
    assert strengths["Neon"] < weight(first.plan, "Neon")
    assert intent.settings.seed == 77


def test_more_of_a_look_raises_its_weight(read: Read, after: Callable[..., Turn]) -> None:
    first = after("Zib in neon")
    intent = read("stronger neon", first).intent

    assert isinstance(intent, Generate)
    strengths = {look.name: look.strength or 0.0 for look in intent.looks}
    assert strengths["Neon"] > weight(first.plan, "Neon")


@pytest.mark.parametrize("said", ["without neon", "drop the neon", "no neon", "remove neon please"])
def test_a_dropped_look_leaves_stack_and_words(
    read: Read, after: Callable[..., Turn], said: str
) -> None:
    intent = read(said, after("Zib in neon on a hill")).intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Zib"]
    assert intent.prompt == "Zib on a hill"
    assert intent.settings.seed == 77


@pytest.mark.parametrize("said", ["add Mira", "same but with Mira", "now with Mira"])
def test_an_added_look_joins_the_others(read: Read, after: Callable[..., Turn], said: str) -> None:
    intent = read(said, after("Zib in neon")).intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Zib", "Neon", "Mira"]
    assert intent.prompt == "Zib in neon with Mira"


@pytest.mark.parametrize(("said", "kept"), [("make it night", True), ("at night, seed 5", False)])
def test_a_change_of_a_variation_keeps_its_noise_unless_the_seed_is_new(
    read: Read,
    after: Callable[..., Turn],
    cards: tuple[Card, ...],
    bases: tuple[Base, ...],
    said: str,
    *,
    kept: bool,
) -> None:
    turn = after("Zib in neon")
    assert turn.plan is not None
    varied = planner.vary(turn.plan, 0, 99)

    wish = read(said, turn.model_copy(update={"plan": varied})).intent
    assert isinstance(wish, Generate)
    made = planner.plan(wish, cards=cards, bases=bases, families=FAMILIES.all(), seed=1)

    assert (made.variation == varied.variation) is kept


def test_a_look_named_again_takes_its_new_strength(read: Read, after: Callable[..., Turn]) -> None:
    intent = read("same but neon at 0.4", after("Zib in neon")).intent

    assert isinstance(intent, Generate)
    assert {look.name: look.strength for look in intent.looks} == {"Zib": None, "Neon": 0.4}
    assert intent.prompt == "Zib in neon"


def test_no_people_is_remembered_as_unwanted(read: Read, after: Callable[..., Turn]) -> None:
    intent = read("no people", after("a street")).intent

    assert isinstance(intent, Generate)
    assert (intent.prompt, intent.negative_prompt) == ("a street", "people")


def test_changes_add_up_over_turns(read: Read, after: Callable[..., Turn]) -> None:
    first = after("a red circle on a blue background")
    second = after("same but on a green background", first)
    intent = read("make it yellow", first, second).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == "a yellow circle on a green background"


@pytest.mark.parametrize("said", ["a wolf on a mountain", "Mira in linocut", "now a red fox"])
def test_a_new_subject_starts_a_new_picture(
    read: Read, after: Callable[..., Turn], said: str
) -> None:
    intent = read(said, after("Zib in neon")).intent

    assert isinstance(intent, Generate)
    assert "Zib" not in {look.name for look in intent.looks}
    assert intent.settings.seed is None


def test_a_retired_look_is_not_brought_back(
    read: Read, after: Callable[..., Turn], cards: tuple[Card, ...]
) -> None:
    left = tuple(card for card in cards if card.name != "Neon")
    intent = read("same but at night", after("Zib in neon"), cards=left).intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Zib"]


def test_less_without_a_picture_asks(read: Read) -> None:
    reading = read("less neon")

    assert reading.intent.kind == "chat"
    assert reading.reply


def weight(plan: Plan | None, name: str) -> float:
    assert plan is not None
    return next(lora.weight for lora in plan.loras if lora.name == name)


STEPS = [
    (
        "a fox in the snow",
        "make it night, add a red hat and no people",
        "a fox in the snow at night with a red hat",
    ),
    (
        "a fox in a forest",
        "replace the fox with a wolf and make it winter",
        "a wolf in a forest in winter",
    ),
]


@pytest.mark.parametrize(("first", "then", "prompt"), STEPS, ids=[row[1] for row in STEPS])
def test_several_changes_in_one_turn_are_made_one_after_another(
    read: Read, after: Callable[..., Turn], first: str, then: str, prompt: str
) -> None:
    intent = read(then, after(first)).intent

    assert isinstance(intent, Generate)
    assert (intent.kind, intent.prompt) == ("edit", prompt)


def test_a_burnt_picture_makes_the_next_try_gentler(read: Read, after: Callable[..., Turn]) -> None:
    first = after("Zib in neon")
    burnt = Turn(words="it looks burnt", reply="Noted.")

    reading = read("again", first, burnt)

    assert isinstance(reading.intent, Reroll)
    assert reading.intent.ease is not None
    assert first.plan is not None
    again = planner.reroll(first.plan, 5, ease=reading.intent.ease)
    assert all(
        new.weight < old.weight for new, old in zip(again.loras, first.plan.loras, strict=True)
    )
    assert any(reason.choice == "weights" for reason in again.reasons)


def test_a_new_style_takes_the_place_of_the_old_one_unless_it_is_added(
    read: Read, after: Callable[..., Turn]
) -> None:
    swapped = read("try linocut", after("Zib in neon")).intent
    added = read("add linocut", after("Zib in neon")).intent

    assert isinstance(swapped, Generate)
    assert isinstance(added, Generate)
    assert [look.name for look in swapped.looks] == ["Zib", "Linocut"]
    assert [look.name for look in added.looks] == ["Zib", "Neon", "Linocut"]


def test_dropping_a_look_keeps_the_base_that_it_had_moved_to(
    read: Read, after: Callable[..., Turn], cards: tuple[Card, ...], bases: tuple[Base, ...]
) -> None:
    first = after("a fox in ink wash")
    intent = read("without the ink wash", first).intent

    assert isinstance(intent, Generate)
    plan = planner.plan(intent, cards=cards, bases=bases, families=FAMILIES.all(), seed=1)
    assert first.plan is not None
    assert (plan.base, plan.seed, plan.loras) == (first.plan.base, first.plan.seed, ())
