"""Whatever a person types: no exception, bounded answers, the same answer again."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.director import planner
from engine.director.reader import Room, Turn
from engine.director.rules import RulesReader, spelling
from engine.errors import PersonError
from engine.families import FAMILIES
from engine.messages import Base, Card, Generate, JobId, Plan, Trigger

CARDS = (
    Card(name="Zib", kind="character", family="miniature", triggers=(Trigger(word="zibz"),)),
    Card(name="Neon", family="miniature", triggers=(Trigger(word="nuvo neon"),), tags=("glow",)),
    Card(name="Ink Wash", family="sdxl", tags=("ink",)),
    Card(name="\u200b<@1> \U0001f98a", family="sdxl", aliases=("...", "7", "the")),
    Card(name="(a+)+$", family="miniature", triggers=(Trigger(word="[^"),)),
)
BASES = (Base(name="miniature", family="miniature", folder="x"),)
PLAN = Plan(
    base="miniature",
    family="miniature",
    prompt="zibz in nuvo neon",
    width=64,
    height=64,
    steps=12,
    guidance=4,
    scheduler="ddim",
    seed=5,
)
TURNS = (Turn(words="zib", plan=PLAN, job=JobId("j")),)

PIECES = (
    "a ", ",", "\n", " ", "no ", "(", "neon ", "<lora:", "0.", "with ", "x", "please ", '"',
    "the style of ", "--", "1:", "but ", "less ", "same ", "!", "\u00e9", "\u5b57",
)  # fmt: skip
spoken = st.lists(
    st.sampled_from(
        [
            "Zib",
            "neon",
            "neom",
            "ink",
            "wash",
            "in",
            "a",
            "the",
            "of",
            "and",
            "or",
            ",",
            ".",
            ":",
            "(",
            ")",
            "<lora:neon:0.7>",
            "0.7",
            "70%",
            "x4",
            "no",
            "without",
            "not",
            "less",
            "more",
            "same",
            "but",
            "make",
            "it",
            "at",
            "half",
            "strength",
            "seed",
            "7",
            "steps",
            "cfg",
            "16:9",
            "768x512",
            "--ar",
            "--no",
            "again",
            "pictures",
            "three",
            "style",
            "look",
            "what",
            "is",
            "why",
            "show",
            "me",
            "looks",
            "background",
            "on",
            "green",
            '"sign"',
            "<@1>",
        ]
    ),
    max_size=60,
).map(" ".join)
anything = st.text(max_size=4_000) | st.text(string.printable, max_size=600) | spoken


@settings(max_examples=60, deadline=None)
@given(anything)
def test_any_words_are_read_without_an_exception(words: str) -> None:
    reader = RulesReader()
    for turns in ((), TURNS):
        room = Room(cards=CARDS, bases=BASES, turns=turns)
        reading = reader.read_now(words, room)

        assert reading == reader.read_now(words, room)
        if isinstance(reading.intent, Generate):
            assert {look.name for look in reading.intent.looks} <= {card.name for card in CARDS}
            assert len(reading.intent.prompt) <= 9_000


@settings(max_examples=50, deadline=None)
@given(spoken)
def test_any_wish_is_planned_or_refused_politely(words: str) -> None:
    reading = RulesReader().read_now(words, Room(cards=CARDS, bases=BASES, turns=TURNS))
    if not isinstance(reading.intent, Generate):
        return
    refusal: PersonError | None = None
    plan: Plan | None = None
    try:
        plan = planner.plan(
            reading.intent, cards=CARDS, bases=BASES, families=FAMILIES.all(), seed=1
        )
    except PersonError as error:
        refusal = error
    if plan is None:
        assert refusal is not None
        assert refusal.facts
        return
    assert {lora.name for lora in plan.loras} <= {look.name for look in reading.intent.looks}


def test_the_work_on_a_text_of_unknown_words_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    looked_up: list[int] = []
    real = spelling.near

    def counted(place, words, index):  # type: ignore[no-untyped-def]
        looked_up.append(place)
        return real(place, words, index)

    monkeypatch.setattr(spelling, "near", counted)
    words = " ".join(f"qx{number}zw" for number in range(600))

    RulesReader().read_now(words, Room(cards=CARDS, bases=BASES))

    assert len(looked_up) == spelling.MOST_WORDS


def test_patterns_do_not_run_away_on_repetitions() -> None:
    reader = RulesReader()
    room = Room(cards=CARDS, bases=BASES, turns=TURNS)
    for piece in PIECES:
        reading = reader.read_now(piece * (4_000 // len(piece)), room)
        assert reading.intent.kind
