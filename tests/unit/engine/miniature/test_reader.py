"""The reader gets back from the pixels what was drawn."""

from collections import Counter

import numpy as np
import pytest

from engine.miniature.figures import FIGURES
from engine.miniature.grammar import COLOUR_NAMES, Facts, random_facts
from engine.miniature.palette import COLOURS, Pixels
from engine.miniature.reader import read
from engine.miniature.scenes import Scene, jittered
from engine.miniature.styles import STYLES, finished, golden
from engine.miniature.wide_pictures import figure_place, random_figure


def _drawn(facts: Facts, style: str, seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    scene = facts.scene(rng)
    if style == "golden":
        return finished(golden(STYLES["plain"](scene, rng), scene, rng))
    return finished(STYLES[style](scene, rng))


def test_every_attribute_of_a_plain_drawing_is_read_back() -> None:
    misses: Counter[str] = Counter()
    for seed in range(70):
        facts = random_facts(np.random.default_rng([41, seed]))
        reading = read(_drawn(facts, "plain", seed))
        seen = Facts(
            reading.shape,
            reading.colour,
            reading.background,
            reading.size if facts.count == 1 else facts.size,
            reading.position,
            reading.count,
        )
        misses["any"] += seen != facts
    assert misses["any"] <= 2


@pytest.mark.parametrize("style", ["neon", "linocut", "mosaic", "golden"])
def test_look_and_background_are_read_under_every_look(style: str) -> None:
    hits = 0
    for seed in range(16):
        facts = random_facts(np.random.default_rng([43, seed]))
        reading = read(_drawn(facts, style, seed))
        look = reading.light if style == "golden" else reading.style
        hits += look == style and reading.background == facts.background
    assert hits >= 14


def test_no_plain_picture_is_called_styled() -> None:
    styles: Counter[str] = Counter()
    for seed in range(40):
        rng = np.random.default_rng([44, seed])
        scene = random_figure(rng) if seed % 2 else random_facts(rng).scene(rng)
        styles[read(finished(STYLES["plain"](scene, rng))).style] += 1
    assert styles == {"plain": 40}


@pytest.mark.parametrize("style", ["neon", "linocut", "mosaic"])
def test_style_is_read_on_figures_too(style: str) -> None:
    hits = 0
    for seed in range(16):
        rng = np.random.default_rng([45, seed])
        hits += read(finished(STYLES[style](random_figure(rng), rng))).style == style
    assert hits >= 15


@pytest.mark.parametrize("figure", list(FIGURES))
def test_figure_is_told_from_shapes_on_every_background(figure: str) -> None:
    rng = np.random.default_rng(5)
    readings = []
    for name in COLOUR_NAMES:
        scene = Scene(jittered(COLOURS[name], rng), FIGURES[figure](*figure_place(rng)))
        readings.append(read(finished(STYLES["plain"](scene, rng))))
    hits = sum(r.subject == figure and r.background == name
               for r, name in zip(readings, COLOUR_NAMES, strict=True))  # fmt: skip
    assert hits >= len(COLOUR_NAMES) - 1


def test_nothing_is_read_from_a_bare_background() -> None:
    bare = np.full((64, 64, 3), COLOURS["green"], dtype=np.uint8)

    reading = read(bare)

    assert (reading.subject, reading.count, reading.background) == ("", 0, "green")


def test_noise_is_not_mistaken_for_a_clear_drawing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    assert read(noise).clarity < 0.3


def test_same_pixels_give_the_same_reading() -> None:
    picture = _drawn(Facts("heart", "pink", "blue", "large", "left"), "neon", 3)

    assert read(picture) == read(picture.copy())
