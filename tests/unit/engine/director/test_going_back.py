"""Back to an earlier picture, and changes said in other languages."""

from collections.abc import Callable

import pytest

from engine.director.reader import Turn
from engine.director.rules.foreign_edits import in_english
from engine.messages import Chat, Generate, JobId, Plan, Reading

Read = Callable[..., Reading]


def turn(number: int, prompt: str) -> Turn:
    plan = Plan(
        base="miniature", family="miniature", prompt=prompt, width=64, height=64, steps=12,
        guidance=4, scheduler="ddim", seed=number, words=prompt,
        wish=Generate(words=prompt, prompt=prompt),
    )  # fmt: skip
    return Turn(words=prompt, plan=plan, job=JobId(f"j{number}"))


FOX, NIGHT, RED = turn(1, "a fox"), turn(2, "a fox at night"), turn(3, "a red fox at night")


@pytest.mark.parametrize(
    "said",
    [
        "undo",
        "undo that",
        "go back to the one before",
        "nah go back",
        "revert",
        "mach das rückgängig",
    ],
)
def test_going_back_draws_the_earlier_picture_with_its_seed(read: Read, said: str) -> None:
    intent = read(said, FOX, NIGHT).intent

    assert isinstance(intent, Generate)
    assert (intent.kind, intent.prompt, intent.settings.seed) == ("edit", "a fox", 1)


def test_going_back_again_goes_further(read: Read) -> None:
    intent = read("undo", FOX, NIGHT, RED, NIGHT).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == "a fox"


def test_back_to_the_first_one(read: Read) -> None:
    intent = read("the first one was better, go back", FOX, NIGHT, RED).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == "a fox"


def test_before_the_first_picture_there_is_none(read: Read) -> None:
    reading = read("undo that", FOX)

    assert isinstance(reading.intent, Chat)
    assert "first picture" in reading.reply


@pytest.mark.parametrize(
    "said",
    ["a man looking back at the camera", "back view", "dial the neon back", "view from the back"],
)
def test_other_backs_are_no_going_back(read: Read, said: str) -> None:
    intent = read(said, FOX, NIGHT).intent

    assert isinstance(intent, Generate)
    assert intent.prompt != "a fox"


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("das gleiche aber im winter", "same but in winter"),
        ("la même chose mais la nuit", "same but at night"),
        ("lo mismo pero de noche", "same but at night"),
        ("mach es ein bisschen heller bitte", "make it brighter"),
        ("plus sombre", "darker"),
        ("más claro", "brighter"),
        ("もっと明るくして", "make it brighter"),
        ("夜にして", "at night"),
        ("ohne den Hut", "without Hut"),
        ("un chat noir sur un toit", ""),
        ("a red fox", ""),
    ],
)
def test_the_frame_of_a_change_is_translated(said: str, english: str) -> None:
    assert in_english(said) == english
