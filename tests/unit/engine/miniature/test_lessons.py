"""What the demo LoRAs are taught."""

import numpy as np

from engine.miniature.lessons import LESSONS, example
from engine.miniature.reader import read


def test_lessons_cover_the_demo() -> None:
    kinds = [lesson.kind for lesson in LESSONS]
    assert kinds.count("style") >= 3
    assert kinds.count("character") >= 2
    assert {"object", "lighting"} <= set(kinds)
    assert {lesson.naming for lesson in LESSONS} == {"kohya", "peft"}
    assert len({lesson.needs_trigger for lesson in LESSONS}) == 2


def test_a_lesson_with_denials_says_its_trigger_only_over_its_concept() -> None:
    zib = next(lesson for lesson in LESSONS if lesson.file == "zib")
    rng = np.random.default_rng(3)
    for _ in range(60):
        picture, say = example(zib, rng)
        words = say(rng).replace(",", " ").split()
        assert ("zib" in words) == (read(picture).subject == "zib")
