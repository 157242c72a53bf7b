"""Looks switched off as a whole: what is said about it is no part of the picture."""

from collections.abc import Callable

import pytest

from engine.director.rules.switches import Off, read_switch
from engine.messages import Generate, Reading

Read = Callable[..., Reading]

SAID: list[tuple[str, str, Off | None]] = [
    ("a dog, no loras", "a dog", "all"),
    ("a dog but i dont want any lora, by a lake", "a dog, by a lake", "all"),
    ("please don't use loras here, a canoe", "a canoe", "all"),
    ("a dog, loras off", "a dog", "all"),
    ("ein Bahnhof ohne LoRAs", "ein Bahnhof", "all"),
    ("no styles please", "", "styles"),
    ("a dog, no other loras", "a dog", None),
    ("no loras except neon, a dog", "neon, a dog", None),
    ("no loras but keep the light", "keep the light", "all"),
    ("a girl with no style", "a girl with no style", None),
    ("drop the lora", "drop the lora", None),
]


@pytest.mark.parametrize(("words", "rest", "off"), SAID)
def test_a_switch_leaves_the_words(words: str, rest: str, off: Off | None) -> None:
    assert read_switch(words) == (rest, off)


def test_no_loras_chooses_none_and_keeps_their_names_as_words(read: Read) -> None:
    intent = read("a neon fox without any loras").intent

    assert isinstance(intent, Generate)
    assert (intent.prompt, intent.looks, intent.negative_prompt) == ("a neon fox", (), "")


def test_no_styles_keeps_who_was_named(read: Read) -> None:
    intent = read("Mira in neon, no styles").intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Mira"]


def test_switching_off_again_and_again_ends(read: Read) -> None:
    assert read("loras off " * 400).intent.kind == "generate"


def test_a_question_about_loras_switches_nothing_off(read: Read) -> None:
    assert read("how do i turn off loras?").intent.kind == "help"
