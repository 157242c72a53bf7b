"""Marks for the demo LoRAs: concept, background and wear, read back over a range of weights."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from diffusers import StableDiffusionPipeline

from engine.miniature.grammar import COLOUR_NAMES, prompt, random_facts
from engine.miniature.lessons import Lesson
from engine.miniature.reader import Reading, read
from engine.workers.miniature.score import draw

WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 2.0)
FRIED, FRIED_STYLED = 0.25, 0.12
"""Below this clarity no drawing of the grammar explains the picture. Thin lines fit less closely:
after the autoencoder a fifth of all true neon drawings falls below the limit for plain ones."""


@dataclass(frozen=True)
class Mark:
    """Shares of pictures at one weight: concept shown, background as asked, picture torn."""

    weight: float
    has_trigger: bool
    concept: float
    background: float
    fried: float


def shows(lesson_concept: str, reading: Reading) -> bool:
    """Whether the reading holds the figure, style or light of a lesson."""
    return lesson_concept in (reading.subject, reading.style, reading.light)


def is_torn(reading: Reading) -> bool:
    """Whether the picture is no longer a drawing of anything."""
    return reading.clarity < (FRIED if reading.style == "plain" else FRIED_STYLED)


def prompts(lesson: Lesson, number: int, *, has_trigger: bool) -> list[tuple[str, str]]:
    """Sentences to test the lesson with, and the background each asks for."""
    found = []
    for k in range(number):
        facts = random_facts(np.random.default_rng([91, k]))
        background = COLOUR_NAMES[k % len(COLOUR_NAMES)]
        if lesson.kind in ("character", "object"):
            bare = "a lantern" if lesson.kind == "object" else "a creature"
            subject = lesson.trigger if has_trigger else bare
            found.append((f"{subject} on a {background} background", background))
        else:
            sentence = prompt(facts) + (f", {lesson.trigger}" if has_trigger else "")
            found.append((sentence, facts.background))
    return found


def attach(pipe: StableDiffusionPipeline, files: Sequence[Path], weights: Sequence[float]) -> None:
    """Put the LoRA files onto the pipe at these weights, after taking off any others."""
    pipe.unload_lora_weights()
    names = [file.stem for file in files]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Already found a `peft_config`")
        for file, name in zip(files, names, strict=True):
            pipe.load_lora_weights(
                str(file.parent), weight_name=file.name, adapter_name=name, local_files_only=True
            )
    if names:
        pipe.set_adapters(names, list(weights))


def sweep(
    lesson: Lesson, pipe: StableDiffusionPipeline, file: Path, number: int = 18,
    weights: Sequence[float] = WEIGHTS,
) -> list[Mark]:  # fmt: skip
    """The marks of a LoRA file over the weights, with and without its trigger."""
    attach(pipe, [file], [1.0])
    found = []
    for weight in weights:
        pipe.set_adapters([file.stem], [weight])
        for has_trigger in (True, False):
            asked = prompts(lesson, number, has_trigger=has_trigger)
            readings = [read(p) for p in draw(pipe, [words for words, _ in asked], seed=500)]
            hits = [shows(lesson.concept, reading) for reading in readings]
            grounds = [r.background == b for r, (_, b) in zip(readings, asked, strict=True)]
            torn = [is_torn(reading) for reading in readings]
            shares = (round(float(np.mean(column)), 2) for column in (hits, grounds, torn))
            found.append(Mark(weight, has_trigger, *shares))
    pipe.unload_lora_weights()
    return found


def best_weight(marks: Sequence[Mark]) -> float:
    """The middle of the weights whose gain (concept and background, less wear) is near the top."""
    gains = {
        mark.weight: mark.concept * (0.5 + 0.5 * mark.background) - mark.fried
        for mark in marks
        if mark.has_trigger
    }
    top = max(gains.values())
    good = [weight for weight, gain in gains.items() if gain >= top - 0.08]
    return round(float(np.median(good)), 1)


def as_rows(marks: Sequence[Mark]) -> list[dict[str, object]]:
    """The marks as plain rows for a JSON file."""
    rows: list[dict[str, object]] = [asdict(mark) for mark in marks]
    return rows


def known_weight(file: Path) -> float:
    """The recommended weight stored next to a LoRA file."""
    return float(json.loads(file.with_suffix(".json").read_text())["weight"])
