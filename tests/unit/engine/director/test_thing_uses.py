"""Names of looks that are things as well: drawn as things, used as looks, or asked about."""

from collections.abc import Callable

import pytest

from engine.messages import Card, Generate, LoraKind, Reading

Read = Callable[..., Reading]
NAMED: tuple[tuple[str, LoraKind], ...] = (
    ("Graham Cracker", "style"),
    ("Fish Kettle", "style"),
    ("Oil Spill", "style"),
    ("Barn Dust", "effect"),
    ("Pollen", "effect"),
    ("Snap Shot", "speed"),
    ("Hot Mustard", "character"),
    ("Mustard", "character"),
    ("Turnstone", "character"),
    ("Parsnip", "character"),
    ("June", "character"),
    ("Hollow King", "character"),
    ("Falk Odin", "character"),
)
CARDS = (
    *(Card(name=name, kind=kind, family="miniature") for name, kind in NAMED),
    Card(name="Penny Ash", kind="character", family="miniature", aliases=("Penny",)),
    Card(name="Arcade Days", kind="style", family="miniature", tags=("80s",)),
    Card(name="Doctor Oddly", kind="character", family="miniature", tags=("professor",)),
)


def chosen(reading: Reading) -> list[str]:
    assert isinstance(reading.intent, Generate)
    return [look.name for look in reading.intent.looks]


@pytest.mark.parametrize(
    "words",
    [
        "a child eating graham cracker",
        "a box of graham cracker on a shelf",
        "the graham cracker was broken in two",
        "graham cracker with milk and honey, top down photo",
        "grandma's old fish kettle on the stove",
        "a rusty fish kettle in the grass",
        "a cook scrubbing the fish kettle",
        "a fish kettle parked on a table",
        "a gull covered in oil spill and mud",
        "an oil spill near the coast",
        "a boy sweeping the barn dust",
        "a boy taking a snap shot of his dog",
        "hot dogs with hot mustard and onions",
        "hot mustard in a small bowl",
        "a jar of hot mustard",
        "a pretzel with cheese and mustard on a tray",
        "a cook making mustard in his kitchen",
        "roast beef with parsnip and potatoes",
        "parsnip with butter and herbs",
        "a garden in june",
        "june 1944, a beach",
        "our history professor at the blackboard",
        "80s arcade with teenagers",
        "bird feeding a small turnstone",
        "a page of graham cracker",
        "dinner served on fish kettle",
        "a tray with parsnip and candles",
        "a boy showing his graham cracker",
        "a crumpled graham cracker on the floor",
        "a hiker with a fish kettle and binoculars",
        "breaking the graham cracker of a child",
        "a scarecrow made of parsnip",
        "a bear roasting turnstone",
    ],
)
def test_a_thing_is_drawn_and_nothing_is_chosen(read: Read, words: str) -> None:
    reading = read(words, cards=CARDS)

    assert chosen(reading) == []
    assert reading.reply == ""


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("graham cracker, a knight", ["Graham Cracker"]),
        ("a knight, graham cracker", ["Graham Cracker"]),
        ("a knight in graham cracker style", ["Graham Cracker"]),
        ("use the graham cracker for a knight", ["Graham Cracker"]),
        ("a knight in graham cracker", ["Graham Cracker"]),
        ("graham cracker knight", ["Graham Cracker"]),
        ("make me a fish kettle of a harbour", ["Fish Kettle"]),
        ("a harbour, make it a fish kettle", ["Fish Kettle"]),
        ("a ship in the style of an oil spill", ["Oil Spill"]),
        ("a farm with barn dust", ["Barn Dust"]),
        ("hot mustard riding a bull", ["Hot Mustard"]),
        ("the duel of parsnip and mustard", ["Parsnip", "Mustard"]),
        ("a picnic with parsnip and mustard", ["Parsnip", "Mustard"]),
        ("penny with pancakes", ["Penny Ash"]),
        ("a hat on parsnip's head", ["Parsnip"]),
        ("make parsnip arm wrestle a bear", ["Parsnip"]),
        ("june on a bicycle", ["June"]),
        ("snap shot, a bowl of cherries", ["Snap Shot"]),
    ],
)
def test_the_same_name_used_as_a_look_is_chosen(read: Read, words: str, names: list[str]) -> None:
    assert chosen(read(words, cards=CARDS)) == names


@pytest.mark.parametrize("words", ["a knight in a graham cracker", "a graham cracker"])
def test_words_that_could_be_both_are_asked_about(read: Read, words: str) -> None:
    reading = read(words, cards=CARDS)

    assert chosen(reading) == []
    assert "could mean the look Graham Cracker" in reading.reply


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ein Haus voller Efeu", []),
        ("falk following a bear", ["Falk Odin"]),
        ("a plate with two hot mustards", []),
    ],
)
def test_no_real_word_is_taken_for_a_misspelt_name(
    read: Read, words: str, names: list[str]
) -> None:
    assert chosen(read(words, cards=CARDS)) == names
