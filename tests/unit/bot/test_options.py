"""Options parsed from text."""

import pytest

from bot.commands import COMMANDS
from bot.commands.create import CreateOptions
from engine.errors import BadRequest


def test_words_and_named_options_are_told_apart() -> None:
    given = COMMANDS.get("create").parse('a cat size=64x48 negative="dark, blurry" at night')
    assert given == {"words": "a cat at night", "size": "64x48", "negative": "dark, blurry"}


def test_names_of_no_option_stay_words() -> None:
    assert COMMANDS.get("create").parse("E=mc2 on a wall") == {"words": "E=mc2 on a wall"}


def test_the_last_positional_takes_the_rest() -> None:
    assert COMMANDS.get("lora").parse("info The Mascot") == {"action": "info", "name": "The Mascot"}


def test_a_side_alone_is_a_square() -> None:
    assert CreateOptions.from_text({"words": "x", "size": "64"}).size == (64, 64)


@pytest.mark.parametrize(
    ("given", "name", "valid"),
    [
        ({"words": "x", "size": "huge"}, "size", "like 64x64, or 64"),
        ({"words": "x", "count": "99"}, "count", "a number from 1 to 16"),
        ({"words": "x", "seed": "-1"}, "seed", "a whole number, 0 or more"),
        ({"words": "x", "guidance": "nan"}, "guidance", "a number from 0 to 30"),
        ({}, "words", "your words, at most 2000 characters"),
    ],
)
def test_a_bad_value_names_the_option_and_what_works(
    given: dict[str, str], name: str, valid: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        CreateOptions.from_text(given)
    assert caught.value.facts["name"] == name
    assert caught.value.facts["valid"] == valid


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadRequest, match="sise") as caught:
        CreateOptions.from_text({"words": "x", "sise": "64"})
    assert "size" in str(caught.value.facts["valid"])
