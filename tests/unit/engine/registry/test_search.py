"""Finding looks by words."""

import pytest

from engine.messages import Card, Trigger
from engine.registry.search import near_names, rank

CARDS = (
    Card(name="Zib", kind="character", family="miniature", tags=("mascot", "alien")),
    Card(name="Ink Wash", family="sdxl", tags=("ink",), description="Loose brush, anime mountains"),
    Card(name="Flat Anime", aliases=("manga",), family="sdxl", tags=("flat colors",)),
    Card(name="Golden Hour", kind="lighting", family="sdxl", triggers=(Trigger(word="gldn"),)),
    Card(name="Rainy Window", kind="effect", family="sdxl", tags=("anime",)),
)


def names(query: str) -> list[str]:
    return [card.name for card in rank(query, CARDS)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("ink wash", "Ink Wash"),
        ("INK", "Ink Wash"),
        ("manga", "Flat Anime"),
        ("mascot", "Zib"),
        ("lighting", "Golden Hour"),
        ("characters", "Zib"),
        ("gldn", "Golden Hour"),
        ("golden", "Golden Hour"),
        ("brush", "Ink Wash"),
        ("windw", "Rainy Window"),
    ],
)
def test_the_best_match_comes_first(query: str, best: str) -> None:
    assert names(query)[0] == best


def test_a_name_outranks_a_tag_and_a_tag_a_description() -> None:
    assert names("anime") == ["Flat Anime", "Rainy Window", "Ink Wash"]


def test_nothing_asked_for_gives_everything_by_name() -> None:
    assert names("") == ["Flat Anime", "Golden Hour", "Ink Wash", "Rainy Window", "Zib"]
    assert names(" ?! ") == names("")


def test_what_is_not_there_is_not_found() -> None:
    assert names("submarine") == []


def test_near_names_are_offered_for_an_unknown_one() -> None:
    assert near_names("inkwash", CARDS) == ("Ink Wash",)
    assert near_names("submarine", CARDS) == ()
