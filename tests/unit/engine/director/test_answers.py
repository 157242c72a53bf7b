"""A question of ours and the answer to it."""

from collections.abc import Callable

import pytest

from engine.director.reader import Turn
from engine.messages import Generate, JobId, Plan, Reading

Read = Callable[..., Reading]


@pytest.mark.parametrize(
    ("first", "answer", "look", "prompt"),
    [
        ("a fox in an anime style", "the first one", "flat_anime_v2", "a fox in an anime style"),
        ("a fox in an anime style", "Ghostly Anime", "Ghostly Anime", "a fox in an anime style"),
        ("a fox in an anime style", "ghostly please", "Ghostly Anime", "a fox in an anime style"),
        ("Zib or Mira on a hill", "Mira", "Mira", "Mira on a hill"),
        ("Zib or Mira on a hill", "the first", "Zib", "Zib on a hill"),
        ("a fox in neon or linocut", "linocut!", "Linocut", "a fox in linocut"),
    ],
)
def test_the_chosen_look_joins_the_wish_that_was_asked_about(
    read: Read, first: str, answer: str, look: str, prompt: str
) -> None:
    asked = Turn(words=first, reply=read(first).reply)
    reading = read(answer, asked)

    assert isinstance(reading.intent, Generate)
    assert [wish.name for wish in reading.intent.looks] == [look]
    assert reading.intent.prompt == prompt
    assert reading.reply == ""


def test_neither_draws_it_without(read: Read) -> None:
    asked = Turn(words="a fox in an anime style", reply=read("a fox in an anime style").reply)
    reading = read("neither", asked)

    assert isinstance(reading.intent, Generate)
    assert (reading.intent.looks, reading.reply) == ((), "")


def test_another_wish_is_no_answer(read: Read) -> None:
    asked = Turn(words="a fox in an anime style", reply=read("a fox in an anime style").reply)
    intent = read("a castle on a hill", asked).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == "a castle on a hill"


def test_a_setting_alone_changes_the_last_picture(read: Read) -> None:
    plan = Plan(
        base="miniature",
        family="miniature",
        prompt="a fox",
        width=64,
        height=64,
        steps=12,
        guidance=4,
        scheduler="ddim",
        seed=5,
        wish=Generate(words="a fox", prompt="a fox"),
    )
    turn = Turn(words="a fox", plan=plan, job=JobId("j"))
    intent = read("16:9, 20 steps", turn).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == "a fox"
    assert (intent.settings.aspect, intent.settings.steps, intent.settings.seed) == ("16:9", 20, 5)
