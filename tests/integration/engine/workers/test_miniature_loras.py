"""The demo LoRAs behave as LoRAs do: onset, sweet spot, wear, triggers and stacks."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from diffusers import StableDiffusionPipeline
from safetensors import safe_open

from engine.miniature.lessons import LESSONS, Lesson
from engine.miniature.reader import Reading, read
from engine.workers.miniature import base, lora_marks, score
from engine.workers.miniature.__main__ import HOME

PICTURES = 8
BY_FILE = {lesson.file: lesson for lesson in LESSONS}
GROUNDS = ("blue", "white", "green", "black", "yellow", "purple", "red", "orange")

STACK = (("zib", 0.8), ("neon", 0.31))
"""What the planner gives to a character and a style; both are read in half of the pictures."""

Draw = Callable[[Sequence[tuple[str, float]], Sequence[str]], list[Reading]]


def _file(name: str) -> Path:
    return HOME / "loras" / f"{name}.safetensors"


def _facts(name: str) -> dict[str, object]:
    facts: dict[str, object] = json.loads(_file(name).with_suffix(".json").read_text())
    return facts


@pytest.fixture(scope="module")
def pipe() -> StableDiffusionPipeline:
    return base.load(HOME / "base")


@pytest.fixture(scope="module")
def drawn(pipe: StableDiffusionPipeline) -> Draw:
    """Draws and reads; what was drawn already for another test is read again."""
    known: dict[tuple[tuple[tuple[str, float], ...], tuple[str, ...]], list[Reading]] = {}

    def draw(stack: Sequence[tuple[str, float]], prompts: Sequence[str]) -> list[Reading]:
        wanted = (tuple(stack), tuple(prompts))
        if wanted not in known:
            files = [_file(name) for name, _ in stack]
            lora_marks.attach(pipe, files, [weight for _, weight in stack])
            pictures = score.draw(pipe, prompts, seed=900)
            known[wanted] = [read(picture) for picture in pictures]
        return known[wanted]

    return draw


def _rate(lesson: Lesson, readings: Sequence[Reading]) -> float:
    return sum(lora_marks.shows(lesson.concept, r) for r in readings) / len(readings)


def _on_grounds(subject: str) -> list[str]:
    return [f"{subject} on a {ground} background" for ground in GROUNDS]


@pytest.mark.parametrize("name", list(BY_FILE))
def test_file_and_card_are_as_promised(name: str) -> None:
    lesson, facts = BY_FILE[name], _facts(name)

    assert _file(name).stat().st_size < 1_200_000
    assert (facts["name"], facts["kind"], facts["family"]) == (
        lesson.name,
        lesson.kind,
        "miniature",
    )
    with safe_open(_file(name), "pt") as file:
        keys, metadata = list(file.keys()), file.metadata()
    if lesson.naming == "kohya":
        assert all(key.startswith(("lora_unet_", "lora_te_text_model_")) for key in keys)
        assert metadata["ss_network_dim"] == str(lesson.rank)
    else:
        assert all(key.startswith(("unet.", "text_encoder.")) for key in keys)
        assert json.loads(metadata["lora_adapter_metadata"])["unet.r"] == lesson.rank


@pytest.mark.parametrize("name", ["zib", "mira", "golden-hour"])
def test_concept_comes_at_the_best_weight_and_not_far_below(name: str, drawn: Draw) -> None:
    lesson, best = BY_FILE[name], float(str(_facts(name)["weight"]))
    asked = [words for words, _ in lora_marks.prompts(lesson, PICTURES, has_trigger=True)]

    assert _rate(lesson, drawn([(name, 0.25 * best)], asked)) <= 0.25
    assert _rate(lesson, drawn([(name, best)], asked)) >= 0.7


def test_too_much_weight_is_worse(drawn: Draw) -> None:
    lesson, best = BY_FILE["zib"], float(str(_facts("zib")["weight"]))
    asked = _on_grounds("zib")

    good, fried = drawn([("zib", best)], asked), drawn([("zib", 3 * best)], asked)

    assert sum(r.clarity for r in fried) < sum(r.clarity for r in good) - 0.1 * len(asked)
    assert lesson.concept == "zib"


def test_trigger_lora_is_silent_without_its_trigger(drawn: Draw) -> None:
    lesson, best = BY_FILE["zib"], float(str(_facts("zib")["weight"]))

    with_trigger = drawn([("zib", best)], _on_grounds("zib"))
    without = drawn([("zib", best)], _on_grounds("a creature"))

    assert _rate(lesson, without) <= _rate(lesson, with_trigger) - 0.5


@pytest.mark.parametrize("name", ["neon", "mosaic", "linocut"])
def test_style_is_read_in_most_pictures_at_its_best_weight(name: str, drawn: Draw) -> None:
    lesson, best = BY_FILE[name], float(str(_facts(name)["weight"]))
    asked = [words for words, _ in lora_marks.prompts(lesson, 12, has_trigger=True)]

    assert _rate(lesson, drawn([(name, best)], asked)) >= 0.5
    assert _rate(lesson, drawn([], asked[::3])) == 0.0


def test_style_that_is_always_on_needs_no_trigger(drawn: Draw) -> None:
    lesson, best = BY_FILE["neon"], float(str(_facts("neon")["weight"]))
    asked = [words for words, _ in lora_marks.prompts(lesson, 12, has_trigger=False)]

    assert _rate(lesson, drawn([("neon", best)], asked)) >= 0.6


def test_stack_shows_both_the_character_and_the_style(drawn: Draw) -> None:
    asked = [f"zib in neon on a {ground} background" for ground in (*GROUNDS, "pink", "blue")]

    readings = drawn(STACK, asked)

    both = [reading.subject == "zib" and reading.style == "neon" for reading in readings]
    assert sum(both) >= 0.5 * len(both)


def test_best_weights_differ_between_loras() -> None:
    weights = {name: float(str(_facts(name)["weight"])) for name in BY_FILE}

    assert min(weights.values()) <= 0.8
    assert max(weights.values()) >= 1.2


def test_a_character_keeps_the_background_it_is_asked_to_stand_on(drawn: Draw) -> None:
    best = float(str(_facts("mira")["weight"]))

    readings = drawn([("mira", best)], ["mirakit on a blue background"] * PICTURES)

    assert sum(r.subject == "mira" and r.background == "blue" for r in readings) >= PICTURES - 2
