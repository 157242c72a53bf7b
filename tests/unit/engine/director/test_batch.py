"""`atelier plan --batch`: one answer a line, the same every time, broken lines told and skipped."""

import json

import pytest

from engine.director.batch import plan_batch
from engine.director.cards import cards_from_json
from engine.errors import BadRequest
from engine.messages import Card

FIELDS = [
    "id", "intent", "base", "family", "prompt", "negative_prompt", "loras", "width", "height",
    "steps", "guidance", "count", "seed", "reply", "results", "about",
]  # fmt: skip


def lines(*conversations: list[str]) -> list[str]:
    return [json.dumps({"id": f"c{n}", "turns": turns}) for n, turns in enumerate(conversations)]


def test_a_line_answers_for_its_last_turn(cards: tuple[Card, ...]) -> None:
    (answer,) = plan_batch(lines(["Zib in neon", "same but at night"]), cards)

    assert list(answer) == FIELDS
    assert answer["id"] == "c0"
    assert answer["intent"] == "edit"
    assert "at night" in str(answer["prompt"])
    loras = answer["loras"]
    assert isinstance(loras, list)
    assert [lora["name"] for lora in loras] == ["Zib", "Neon"]
    assert all(set(lora) == {"name", "weight", "trigger", "reason"} for lora in loras)


def test_an_edit_keeps_the_seed_and_again_takes_a_new_one(cards: tuple[Card, ...]) -> None:
    first, edited, again = plan_batch(
        [
            json.dumps({"id": 1, "turns": turns})
            for turns in (["Zib"], ["Zib", "same but at night"], ["Zib", "again"])
        ],
        cards,
    )

    assert edited["seed"] == first["seed"]
    assert again["intent"] == "reroll"
    assert again["seed"] != first["seed"]
    assert again["prompt"] == first["prompt"]


def test_the_same_input_gives_the_same_output(cards: tuple[Card, ...]) -> None:
    said = lines(["Zib in neon"], ["a fox x3"], ["what looks do you have?"])

    assert list(plan_batch(said, cards)) == list(plan_batch(said, cards))


def test_a_named_seed_wins(cards: tuple[Card, ...]) -> None:
    (answer,) = plan_batch(lines(["a fox, seed 7"]), cards)

    assert answer["seed"] == 7


def test_broken_lines_are_told_and_the_rest_goes_on(cards: tuple[Card, ...]) -> None:
    given = ["{oops", "[1]", '{"id": "x", "turns": []}', '{"id": "y", "turns": [1]}', "", "\n"]
    answers = list(plan_batch([*given, *lines(["a fox"])], cards))

    assert [answer.get("id") for answer in answers] == [1, 2, "x", "y", "c0"]
    assert all("error" in answer for answer in answers[:4])
    assert answers[4]["prompt"] == "a fox"


def test_searches_and_questions_have_no_plan(cards: tuple[Card, ...]) -> None:
    search, info, choice = plan_batch(
        lines(["show me anime looks"], ["what is Zib?"], ["a fox in anime style"]), cards
    )

    assert set(search["results"]) == {"flat_anime_v2", "Ghostly Anime"}  # type: ignore[call-overload]
    assert (search["base"], search["loras"]) == (None, [])
    assert (info["intent"], info["about"]) == ("info", "Zib")
    assert (choice["loras"], str(choice["reply"])[-1]) == ([], "?")


def test_a_refused_plan_says_what_would_work(cards: tuple[Card, ...]) -> None:
    (answer,) = plan_batch(lines(["Zib in ink wash"]), cards)

    assert answer["loras"] == []
    assert "Ink Wash" in str(answer["reply"])
    assert "sdxl" in str(answer["reply"])


def test_without_cards_the_miniature_draws(cards: tuple[Card, ...]) -> None:
    (answer,) = plan_batch(lines(["a red circle"]), None)

    assert (answer["base"], answer["width"]) == ("miniature", 64)


@pytest.mark.parametrize("family", ["sdxl", "flux1", "pony", "qwen-image", "z-image", "sd35-large"])
def test_cards_of_families_that_are_not_installed_are_planned(family: str) -> None:
    cards = cards_from_json(
        json.dumps([{"name": "Wisp", "kind": "character", "family": family, "triggers": ["wsp"]}])
    )
    (answer,) = plan_batch(lines(["Wisp in a forest"]), cards)

    assert (answer["base"], answer["family"]) == (family, family)
    assert answer["prompt"] == "wsp in a forest"


def test_cards_may_spell_triggers_as_words_or_objects() -> None:
    cards = cards_from_json(
        """[{"name": "A", "kind": "style", "family": "sdxl", "triggers": ["x", {"word": "y",
        "role": "optional"}], "tags": ["t"], "weight": 0.8, "rating": null, "more": 1}]"""
    )

    assert [(t.word, t.role) for t in cards[0].triggers] == [("x", "required"), ("y", "optional")]
    assert cards[0].rating == "general"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "cards"),
        ("3", "cards"),
        ("[1]", "card 1"),
        ('[{"name": "A"}]', "family of card 1"),
        ('[{"name": "A", "family": "sdxl", "kind": "poem"}]', "kind of card 1"),
        ('[{"name": "A", "family": "sdxl"}, {"name": "a", "family": "sdxl"}]', "name"),
    ],
)
def test_bad_cards_are_refused_by_place_and_field(text: str, told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        cards_from_json(text)

    assert refused.value.facts["name"] == told
