"""The command line of the miniature's workshop: `python -m engine.workers.miniature STEP`."""

import argparse
import logging
from pathlib import Path

import torch
from rich.console import Console
from rich.logging import RichHandler

from engine.miniature.lessons import LESSONS, Lesson
from engine.workers.miniature import base, lora_files, lora_marks, loras, polish, score, vae

log = logging.getLogger(__name__)

STEPS = ("vae", "base", "polish", "loras", "measure", "score", "all")
HOME = Path(__file__).resolve().parents[2] / "miniature"
"""Where the finished base and LoRAs are stored."""


def _base(work: Path, device: torch.device) -> None:
    """Train the autoencoder, check it, train the base, store it and give it its marks."""
    autoencoder = vae.train(work, device)
    if autoencoder is None:
        return
    log.info("round trip %s", score.round_trip_rates(autoencoder))
    pipe = base.train(autoencoder, work, device)
    if pipe is None:
        return
    base.store(pipe, HOME / "base")
    _score(HOME / "base")


def _polish(work: Path, device: torch.device) -> None:
    """Train the stored base further; what comes of it waits in the work folder to be judged."""
    pipe = base.load(HOME / "base").to(device)
    if polish.train(pipe, work):
        base.store(pipe, work / "polished")
        _score(work / "polished")


def _score(folder: Path) -> None:
    """Give marks to a stored base."""
    pipe = base.load(folder)
    log.info("round trip %s", score.round_trip_rates(pipe.vae))
    for number in (200, 600):
        log.info("%d unseen prompts %s", number, score.base_rates(pipe, number))
    log.info("with unknown words %s", score.base_rates(pipe, is_spoiled=True))


def _lesson(lesson: Lesson, work: Path, device: torch.device) -> None:
    """Train one demo LoRA, write its file, measure it and describe it."""
    file = HOME / "loras" / f"{lesson.file}.safetensors"
    pairs = loras.trained(lesson, base.load(HOME / "base").to(device), work)
    if pairs is None:
        return
    lora_files.write(lesson, pairs, file)
    _measure(lesson, device)


def _measure(lesson: Lesson, device: torch.device) -> None:
    """Measure a stored LoRA over weights and describe it next to its file."""
    file = HOME / "loras" / f"{lesson.file}.safetensors"
    marks = lora_marks.sweep(lesson, base.load(HOME / "base").to(device), file)
    weight = lora_marks.best_weight(marks)
    for mark in marks:
        log.info("%s %s", lesson.file, mark)
    log.info("%s: best weight %.1f", lesson.file, weight)
    loras.describe(lesson, weight, lora_marks.as_rows(marks), file.with_suffix(".json"))


def main() -> None:
    """Run one step of the workshop."""
    parser = argparse.ArgumentParser(prog="python -m engine.workers.miniature", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--work", type=Path, default=Path(".miniature"), help="checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], help="file names of the LoRAs to make")
    asked = parser.parse_args()
    handler = RichHandler(console=Console(width=150), show_path=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    torch.set_num_threads(asked.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    lessons = [lesson for lesson in LESSONS if not asked.only or lesson.file in asked.only]
    if asked.step == "vae":
        vae.train(asked.work, device)
    if asked.step in ("base", "all"):
        _base(asked.work, device)
    if asked.step == "polish":
        _polish(asked.work, device)
    if asked.step == "score":
        _score(HOME / "base")
    for lesson in lessons:
        if asked.step in ("loras", "all"):
            _lesson(lesson, asked.work, device)
        if asked.step == "measure":
            _measure(lesson, device)


if __name__ == "__main__":
    main()
