"""The engine's own sentences, known again and said in another language."""

import ast
import re
from pathlib import Path

import pytest

import engine
from bot.phrases import PHRASES, clauses, phrase, phrases
from bot.texts import speaking

FACT = re.compile(r"\{\w+\}")
PARTS = {
    "phrase.made_for_it", "phrase.all_made_for_it", "phrase.weight_asked", "phrase.leads",
    "phrase.follows", "phrase.may_shift", "phrase.valid.most", "phrase.valid.pixels",
    "phrase.valid.chars", "phrase.finding.nothing", "phrase.finding.faint",
    "phrase.you_strong", "phrase.you_weak", "phrase.all_strong", "phrase.all_weak",
    "phrase.finding.strong", "phrase.finding.clear", "phrase.finding.layout_rank",
    "phrase.finding.proposed", "phrase.you_found", "phrase.people_found",
    "phrase.problem.stranger", "phrase.problem.short", "phrase.problem.more_claimed",
    "phrase.problem.ended", "phrase.problem.gap", "phrase.problem.not_json",
    "phrase.problem.damaged", "phrase.base.nearest", "phrase.valid.state_over",
    "phrase.doctor.up_down", "phrase.valid.range_chars", "phrase.valid.range_bytes",
    "phrase.problem.says_but",
    "phrase.finding.agrees", "phrase.finding.differs",
}  # fmt: skip
"""Put together by the engine from parts, or one row for several of its sentences."""


def test_english_is_left_alone() -> None:
    assert phrase("you asked for it") == "you asked for it"


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("you asked for it", "du wolltest es so"),
        ("you said “neon”", "du sagtest „neon“"),
        ("trigger “zib” in place of “Zib”", "Trigger „zib“ statt „Zib“"),
        ("at most 1000 characters", "höchstens 1000 Zeichen"),
        ("0 to 2", "0 bis 2"),
        (
            "broken numbers (NaN or infinity) in the file",
            "kaputte Zahlen (NaN oder unendlich) in der Datei",
        ),
        (
            "Careful on pony: made for sdxl: on pony the look may shift.",
            "Vorsicht auf pony: gemacht für sdxl: Auf pony kann der Look sich verschieben.",
        ),
        (
            "It shows a real person; nobody said who allowed it.",
            "Es zeigt eine echte Person; niemand hat gesagt, wer es erlaubt hat.",
        ),
        ("something nobody foresaw", "something nobody foresaw"),
        ("you said “{said} {0}”", "du sagtest „{said} {0}“"),
    ],
)
def test_a_sentence_is_known_by_its_form(said: str, german: str) -> None:
    with speaking("de"):
        assert phrase(said) == german


def test_sentences_and_reasons_are_said_one_by_one() -> None:
    with speaking("de"):
        told = phrases("I read “zibb” as Zib. “neon” could be Neon or Glow. Which one do you mean?")
        why = clauses("you said “zib”; leads in a stack of 2: 0.8 instead of 0.9; who knows")
    assert told == (
        "Ich habe „zibb“ als Zib gelesen. „neon“ könnte Neon or Glow sein. Was meinst du?"
    )
    assert why == "du sagtest „zib“; führt in einem Stack aus 2: 0.8 statt 0.9; who knows"


def test_long_text_is_not_searched() -> None:
    with speaking("ja"):
        assert phrase("you said “" + "a" * 5000 + "”").startswith("you said")


def sentences_of_the_engine() -> str:
    """Every text in its code, facts as `{}`, and every text in its option descriptions."""
    found = []
    for folder in (Path(engine.__file__).parent, Path(engine.__file__).parents[1] / "bot"):
        for file in folder.rglob("*.py"):
            if file.name != "phrases.py":
                found += _texts(ast.parse(file.read_text(encoding="utf-8")))
    return "\n".join(found)


def _texts(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            ]
            found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(FACT.sub("{}", node.value))
    return found


def test_every_form_is_one_that_the_engine_says() -> None:
    """A sentence that is changed there must be changed here, or it stays English."""
    said = sentences_of_the_engine()
    forms = {each.key: FACT.sub("{}", each.english) for each in PHRASES}
    gone = {key for key, form in forms.items() if key not in PARTS and form not in said}
    assert gone == set()
