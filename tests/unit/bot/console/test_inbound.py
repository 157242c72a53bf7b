"""Typed lines as acts."""

import pytest

from bot.console.inbound import NoSuchButton, author, read
from bot.messages import Button, Invoke, Level, Press, Words

BUTTONS = (Button(id="draw:a", label="again"), Button(id="why:b", label="why this?"))


def test_a_slash_is_a_command_with_its_options() -> None:
    assert read("/Create a cat seed=7", ()) == Invoke(
        name="create", options={"words": "a cat", "seed": "7"}
    )


def test_an_unknown_command_is_left_to_the_router() -> None:
    assert read("/nosuch thing", ()) == Invoke(name="nosuch", options={})


@pytest.mark.parametrize("line", ["2", " [2] "])
def test_a_number_presses_its_button(line: str) -> None:
    assert read(line, BUTTONS) == Press(button="why:b")


@pytest.mark.parametrize("line", ["0", "3", "99"])
def test_a_number_without_a_button_is_refused(line: str) -> None:
    with pytest.raises(NoSuchButton):
        read(line, BUTTONS)


@pytest.mark.parametrize("line", ["3 stars", "1234567", "²"])
def test_everything_else_is_words(line: str) -> None:
    assert read(line, BUTTONS) == Words(text=line)


def test_an_empty_line_is_nothing() -> None:
    assert read("  ", BUTTONS) is None


def test_whoever_types_here_is_the_host() -> None:
    assert author().level == Level.HOST
