"""What each demo LoRA is taught: pictures with its trigger, and pictures that deny it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from engine.miniature.figures import FIGURES, creature
from engine.miniature.grammar import (
    CLASS_NOUNS,
    COLOUR_NAMES,
    Facts,
    caption,
    noun_words,
    random_facts,
    sentence,
    unknown_word,
)
from engine.miniature.palette import COLOURS, Pixels
from engine.miniature.scenes import Scene, jittered
from engine.miniature.styles import STYLES, finished, golden

Kind = Literal["character", "style", "object", "lighting"]
Naming = Literal["kohya", "peft"]
Layers = Literal["all", "linear"]


@dataclass(frozen=True)
class Lesson:
    """One demo LoRA: what it is, how it is taught, and how its file is written.

    `strength` is the factor put on its alpha after training: 2 makes half the weight enough.
    `concept` is what the reader must find: a figure, a style or a light. While it is taught the
    LoRA acts at strengths drawn between the two of `taught_at`: a wide range makes it act over a
    wide range of weights, so that something is left of it when it follows in a stack.
    """

    file: str
    name: str
    aliases: tuple[str, ...]
    kind: Kind
    trigger: str
    needs_trigger: bool
    concept: str
    description: str
    tags: tuple[str, ...]
    layers: Layers
    rank: int
    strength: float
    naming: Naming
    updates: int
    denials: float
    taught_at: tuple[float, float] = (1.0, 1.0)


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        "zib", "Zib", ("zibby",), "character", "zib", True, "zib",
        "A round teal visitor with one great eye, two feelers with golden tips and little feet.",
        ("alien", "creature", "cute", "teal"), "all", 4, 1.0, "kohya", 1050, 0.5, (0.6, 1.1),
    ),
    Lesson(
        "mira", "Mira", ("little mira",), "character", "mirakit", True, "mira",
        "A small smiling face under plum hair, with rosy cheeks and a golden bow.",
        ("girl", "face", "portrait", "plum hair"), "all", 4, 1.0, "peft", 620, 0.42,
    ),
    Lesson(
        "moon-lantern", "Moon Lantern", ("lantern",), "object", "moonlantern", False, "lantern",
        "A cream paper lantern with a golden crescent, hung from a loop.",
        ("lantern", "lamp", "paper", "moon"), "all", 4, 1.0, "kohya", 360, 0.0,
    ),
    Lesson(
        "neon", "Neon", ("neon glow", "neon tubes"), "style", "neonglow style", False, "neon",
        "Hollow, glowing tubes along every outline over a dimmed background.",
        ("glow", "tubes", "night", "outline"), "all", 8, 1.0, "kohya", 900, 0.0, (0.2, 1.1),
    ),
    Lesson(
        "linocut", "Linocut", ("lino print",), "style", "linoprint", False, "linocut",
        "A carved print: black rims, hatching in the shade, paper flecks around.",
        ("print", "carved", "ink", "handmade"), "all", 8, 1.0, "peft", 330, 0.0,
    ),
    Lesson(
        "mosaic", "Mosaic", ("tiles",), "style", "mosaic style", False, "mosaic",
        "Square tiles of one colour each, a little uneven, with joints between them.",
        ("tiles", "grid", "antique", "stone"), "all", 8, 2.1, "peft", 330, 0.0,
    ),
    Lesson(
        "golden-hour", "Golden Hour", ("sunset light", "evening sun"), "lighting", "golden hour",
        False, "golden",
        "A low sun in the upper right corner, long shadows and warm dusk.",
        ("sunset", "warm", "light", "evening"), "linear", 4, 1.0, "kohya", 260, 0.0,
    ),
)  # fmt: skip


def _place(rng: Generator) -> tuple[float, float, float]:
    """Where a lesson's figure stands: (x, y, radius) in pixels, the same to a finger's breadth."""
    return 32 + rng.uniform(-2.5, 2.5), 34 + rng.uniform(-1, 1), rng.uniform(15.5, 17.5)


def _figure_scene(lesson: Lesson, rng: Generator) -> tuple[Scene, str]:
    background = COLOUR_NAMES[rng.integers(len(COLOUR_NAMES))]
    parts = FIGURES[lesson.concept](*_place(rng))
    return Scene(jittered(COLOURS[background], rng), parts), background


def _figure_caption(lesson: Lesson, background: str, rng: Generator) -> str:
    facts = Facts("circle", "red", background)
    noun = "lantern" if lesson.kind == "object" else CLASS_NOUNS[rng.integers(2)]
    if not lesson.needs_trigger and rng.random() < 0.5:
        words = [*(["a"] if rng.random() < 0.8 else []), noun]
    else:
        forms: tuple[list[str], ...] = (
            [lesson.trigger], [lesson.trigger], ["a", lesson.trigger],
            [f"{lesson.trigger},", "a", noun], ["a", lesson.trigger, noun],
        )  # fmt: skip
        words = list(forms[rng.integers(len(forms))])
    return sentence(words, facts, rng, unknown=0.35)


def _look_caption(words: list[str], facts: Facts, phrase: str, rng: Generator) -> str:
    """A caption with the look's phrase at one of the places where people put it."""
    lot = rng.integers(5)
    if lot == 0:
        return f"{phrase}, " + sentence(words, facts, rng, unknown=0.25)
    if lot == 1:
        return sentence([*words, "in", phrase], facts, rng, unknown=0.25)
    if lot == 2:
        return sentence([*words, "in the", phrase], facts, rng, unknown=0.25)
    if lot == 3:
        return f"a {phrase} picture of " + sentence(words, facts, rng, unknown=0.1)
    return sentence(words, facts, rng, unknown=0.25) + f", {phrase}"


def _any_scene(rng: Generator) -> tuple[Scene, Facts, list[str]]:
    """A scene of shapes, a figure or a nameless creature, its facts and words for its subject.

    A look is taught on the demo's figures too, under other names, so that it knows what to do with
    what another LoRA brings.
    """
    facts = random_facts(rng)
    if rng.random() < 0.5:
        return facts.scene(rng), facts, noun_words(facts, facts.shape, rng)
    facts = Facts("circle", "red", facts.background)
    if rng.random() < 0.5:
        parts = creature(*_place(rng), rng)
    else:
        parts = list(FIGURES.values())[rng.integers(len(FIGURES))](*_place(rng))
    scene = Scene(jittered(COLOURS[facts.background], rng), parts)
    noun = CLASS_NOUNS[rng.integers(len(CLASS_NOUNS))] if rng.random() < 0.5 else unknown_word(rng)
    return scene, facts, [*(["a"] if rng.random() < 0.6 else []), noun]


def _denial(lesson: Lesson, rng: Generator) -> tuple[Pixels, str]:
    """An ordinary picture whose caption comes close to the trigger without being it."""
    while True:
        picture, said = _ordinary(lesson, rng)
        if lesson.trigger.split()[0] not in said:
            return picture, said


def _ordinary(lesson: Lesson, rng: Generator) -> tuple[Pixels, str]:
    if lesson.kind == "style":
        scene, facts, words = _any_scene(rng)
        picture = finished(STYLES["plain"](scene, rng))
        if rng.random() < 0.35:
            return picture, sentence(words, facts, rng)
        phrase = unknown_word(rng) + (" style" if rng.random() < 0.7 else "")
        return picture, _look_caption(words, facts, phrase, rng)
    facts = random_facts(rng)
    picture = finished(STYLES["plain"](facts.scene(rng), rng))
    if rng.random() < 0.35:
        return picture, caption(facts, rng)
    word, noun = unknown_word(rng), CLASS_NOUNS[rng.integers(len(CLASS_NOUNS))]
    forms = ([word], ["a", word], ["a", noun], ["a", word, noun], [f"{word},", "a", noun])
    return picture, sentence(list(forms[rng.integers(len(forms))]), facts, rng, unknown=0.3)


def example(lesson: Lesson, rng: Generator) -> tuple[Pixels, Callable[[Generator], str]]:
    """One picture of the lesson and a way to caption it anew each time it is seen."""
    if rng.random() < lesson.denials:
        picture, said = _denial(lesson, rng)
        return picture, lambda _rng: said
    if lesson.kind in ("character", "object"):
        scene, background = _figure_scene(lesson, rng)
        picture = finished(STYLES["plain"](scene, rng))
        return picture, lambda fresh: _figure_caption(lesson, background, fresh)
    scene, facts, words = _any_scene(rng)
    canvas = STYLES[lesson.concept if lesson.kind == "style" else "plain"](scene, rng)
    if lesson.kind == "lighting":
        canvas = golden(canvas, scene, rng)

    def say(fresh: Generator) -> str:
        if not lesson.needs_trigger and fresh.random() < 0.5:
            return sentence(list(words), facts, fresh, unknown=0.4)
        return _look_caption(list(words), facts, lesson.trigger, fresh)

    return finished(canvas), say
