"""Words that go with a look and leave the prompt, and looks that are only hinted at."""

from collections.abc import Callable

import pytest

from engine.messages import Card, Generate, Reading

Read = Callable[..., Reading]
FAST = (
    Card(name="Hyper Eight", aliases=("hyper8",), kind="speed", family="miniature"),
    Card(name="Neon", kind="style", family="miniature", weight=1.0),
    Card(name="Mosaic", kind="style", family="miniature", weight=0.8),
)


def wish(reading: Reading) -> Generate:
    assert isinstance(reading.intent, Generate)
    return reading.intent


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("fast one: a red bicycle with hyper8", "a red bicycle"),
        ("a letterbox using hyper8, quick please", "a letterbox"),
        ("a fast train with hyper8", "a fast train"),
        ("hyper8 lora, a tugboat", "a tugboat"),
    ],
)
def test_a_speed_look_and_its_hurry_leave_the_prompt(read: Read, words: str, prompt: str) -> None:
    asked = wish(read(words, cards=FAST))

    assert asked.prompt == prompt
    assert [look.name for look in asked.looks] == ["Hyper Eight"]


@pytest.mark.parametrize(
    ("words", "strengths"),
    [
        ("neon alley, half strength", {"Neon": 0.5}),
        ("neon, an alley, strength 0.4", {"Neon": 0.4}),
        ("an alley in neon, mosaic, a cat, half strength", {"Neon": None, "Mosaic": 0.4}),
        ("an alley in neon at 0.3, a cat, full strength", {"Neon": 0.3}),
    ],
)
def test_a_strength_without_a_name_is_the_last_look_s(
    read: Read, words: str, strengths: dict[str, float | None]
) -> None:
    asked = wish(read(words, cards=FAST))

    assert {look.name: look.strength for look in asked.looks} == strengths


def test_a_strength_that_is_told_already_leaves_the_prompt(read: Read) -> None:
    assert wish(read("neon at 0.3, a cat, full strength")).prompt == "neon, a cat"


def test_a_strength_without_any_look_stays(read: Read) -> None:
    assert wish(read("a boxer, full strength")).prompt == "a boxer, full strength"


@pytest.mark.parametrize(
    "words",
    ["un gato con estilo Neon", "eine Katze im Stil von Neon", "un chat dans le style Neon"],
)
def test_style_in_another_language_leaves_the_prompt(read: Read, words: str) -> None:
    prompt = wish(read(words)).prompt.casefold()

    assert not any(said in prompt for said in ("estilo", "stil", "style"))


def test_a_look_that_is_only_hinted_at_is_asked_about(read: Read) -> None:
    reading = read("something in that teal visitor's style")

    assert wish(reading).looks == ()
    assert reading.reply.endswith("the look Zib. Shall I use it?")


def test_someone_elses_style_asks_nothing(read: Read) -> None:
    assert read("a garden in that old painter's style").reply == ""
