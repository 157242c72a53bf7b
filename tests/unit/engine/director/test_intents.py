"""What a turn wants: a picture, or something else."""

from collections.abc import Callable

import pytest

from engine.director.reader import Turn
from engine.messages import Info, JobId, Plan, Reading, Reroll, Search, Vary

Read = Callable[..., Reading]

OTHER = [
    ("what looks do you have?", "search"),
    ("show me anime looks", "search"),
    ("which styles are there", "search"),
    ("list loras", "search"),
    ("do you have any woodcut styles?", "search"),
    ("what characters can I use?", "search"),
    ("find me a watercolor lora", "search"),
    ("what is Zib?", "info"),
    ("who is captain brass?", "info"),
    ("tell me about Neon", "info"),
    ("why?", "info"),
    ("why did you use neon?", "info"),
    ("what made this?", "info"),
    ("what seed was that?", "info"),
    ("status", "status"),
    ("where is my picture?", "status"),
    ("how long will it take?", "status"),
    ("is it done yet?", "status"),
    ("cancel", "cancel"),
    ("stop it please", "cancel"),
    ("never mind", "cancel"),
    ("cancel my last job", "cancel"),
    ("help", "help"),
    ("how does this work?", "help"),
    ("what can you do?", "help"),
    ("how do I add a lora?", "help"),
    ("?", "help"),
    ("hi", "chat"),
    ("good morning!", "chat"),
    ("thanks!", "chat"),
    ("thank you so much", "chat"),
    ("wow, love it", "chat"),
    ("who are you?", "chat"),
    ("\U0001f98a\U0001f98a", "chat"),
    ("", "chat"),
    ("...", "chat"),
    # pictures that sound like something else
    ("stop sign in the rain", "generate"),
    ("a queue of people at a bus stop", "generate"),
    ("show me a cat", "generate"),
    ("help me draw a cat", "generate"),
    ("a thank you card with flowers", "generate"),
    ("a woman who looks sad", "generate"),
    ("cancelled stamp on a letter", "generate"),
    ("again and again the waves", "generate"),
    ("a status symbol, gold watch", "generate"),
    ("hello kitty on a bike", "generate"),
]


@pytest.mark.parametrize(("said", "kind"), OTHER, ids=[repr(row[0]) for row in OTHER])
def test_the_intent_is_recognised(read: Read, said: str, kind: str) -> None:
    assert read(said).intent.kind == kind


def drawn() -> Turn:
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
    )
    return Turn(words="a fox", plan=plan, job=JobId("j1"))


@pytest.mark.parametrize(
    "said", ["again", "another one", "one more please", "reroll", "try again", "new seed", "more"]
)
def test_again_draws_the_last_job_with_a_new_seed(read: Read, said: str) -> None:
    assert read(said, drawn()).intent == Reroll(job=JobId("j1"))


@pytest.mark.parametrize("said", ["vary it", "make a variation", "more like this", "variations"])
def test_a_variation_is_of_the_last_job(read: Read, said: str) -> None:
    assert read(said, drawn()).intent == Vary(job=JobId("j1"))


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("4 more like that", 4),
        ("three more variations", 3),
        ("give me two variations of this", 2),
        ("some more like this", None),
        ("a few more variations", None),
    ],
)
def test_as_many_variations_as_were_asked_for(read: Read, said: str, count: int | None) -> None:
    assert read(said, drawn()).intent == Vary(job=JobId("j1"), count=count)


def test_again_without_a_picture_asks_for_one(read: Read) -> None:
    reading = read("again")

    assert reading.intent.kind == "chat"
    assert reading.reply.endswith("?")


def test_a_search_says_what_it_found_best_first(read: Read) -> None:
    reading = read("show me anime looks")

    assert isinstance(reading.intent, Search)
    assert reading.intent.query == "anime"
    assert set(reading.results) == {"flat_anime_v2", "Ghostly Anime"}


def test_a_search_for_nothing_in_particular_finds_everything(read: Read) -> None:
    assert len(read("what looks do you have?").results) == 16


def test_a_search_that_finds_nothing_says_so(read: Read) -> None:
    reading = read("do you have any claymation looks?")

    assert reading.results == ()
    assert "claymation" in reading.reply


@pytest.mark.parametrize(
    ("said", "about"),
    [("what is Zib?", "Zib"), ("why neon?", "Neon"), ("tell me about ink wash", "Ink Wash")],
)
def test_info_names_the_look(read: Read, said: str, about: str) -> None:
    reading = read(said)

    assert reading.intent == Info(about=about)
    assert reading.about == about


def test_info_about_an_unknown_look_says_so(read: Read) -> None:
    reading = read("what is the Zorblax look?")

    assert reading.intent.kind == "info"
    assert "Zorblax" in reading.reply
