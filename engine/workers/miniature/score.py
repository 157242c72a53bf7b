"""Marks for the miniature: pictures drawn by it are read back and compared with their prompts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from PIL import Image

from engine.miniature.grammar import Facts, prompt, random_facts, unknown_word
from engine.miniature.palette import Pixels
from engine.miniature.reader import Reading, read
from engine.miniature.styles import STYLES, finished
from engine.workers.miniature.vae import as_pixels, as_tensor

STEPS = 12
GUIDANCE = 4.0
"""The family's default settings, at which all marks are given."""


def draw(
    pipe: StableDiffusionPipeline,
    prompts: Sequence[str],
    seed: int = 0,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    at_once: int = 32,
    scale: float | None = None,
) -> list[Pixels]:
    """One picture a prompt; picture k has the seed `seed + k`, so batching changes nothing."""
    pipe.set_progress_bar_config(disable=True)
    pictures: list[Pixels] = []
    for start in range(0, len(prompts), at_once):
        batch = list(prompts[start : start + at_once])
        seeds = [torch.Generator().manual_seed(seed + start + k) for k in range(len(batch))]
        out = pipe(
            batch, num_inference_steps=steps, guidance_scale=guidance, generator=seeds,
            output_type="pt", height=64, width=64,
            cross_attention_kwargs=None if scale is None else {"scale": scale},
        )  # fmt: skip
        pictures += list(as_pixels(out.images.float() * 2 - 1))
    return pictures


def marks(facts: Facts, reading: Reading) -> dict[str, bool]:
    """Which attributes of the reading are as asked; size and position only for a single shape."""
    found = {
        "shape": reading.shape == facts.shape,
        "colour": reading.colour == facts.colour,
        "background": reading.background == facts.background,
        "count": reading.count == facts.count,
    }
    if facts.count == 1:
        found["size"] = reading.size == facts.size
        found["position"] = reading.position == facts.position
    found["all"] = all(found.values())
    return found


def rates(rows: Sequence[dict[str, bool]]) -> dict[str, float]:
    """The share of hits per attribute, over the rows that have it."""
    hits: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in rows:
        hits.update({name: int(hit) for name, hit in row.items()})
        asked.update(row.keys())
    return {name: round(hits[name] / asked[name], 3) for name in asked}


def unseen(number: int, seed: int = 77) -> list[Facts]:
    """Facts for prompts whose pictures and noise no course has seen."""
    return [random_facts(np.random.default_rng([seed, k])) for k in range(number)]


def with_unknown_words(sentence: str, rng: np.random.Generator) -> str:
    """The sentence with one to three meaningless words at random places."""
    words = sentence.split()
    for _ in range(rng.integers(1, 4)):
        words.insert(int(rng.integers(len(words) + 1)), unknown_word(rng))
    return " ".join(words)


def base_rates(
    pipe: StableDiffusionPipeline, number: int = 200, *, is_spoiled: bool = False
) -> dict[str, float]:
    """Hit rates of the base over unseen prompts, if asked with unknown words strewn in."""
    asked = unseen(number)
    prompts = [prompt(facts) for facts in asked]
    if is_spoiled:
        rng = np.random.default_rng(5)
        prompts = [with_unknown_words(sentence, rng) for sentence in prompts]
    pictures = draw(pipe, prompts, seed=10_000)
    return rates([marks(f, read(p)) for f, p in zip(asked, pictures, strict=True)])


def round_trip_rates(vae: AutoencoderTiny, number: int = 200) -> dict[str, float]:
    """Hit rates of true drawings after the autoencoder alone: the ceiling of any base."""
    asked = unseen(number)
    pictures = []
    for k, facts in enumerate(asked):
        rng = np.random.default_rng([78, k])
        pictures.append(finished(STYLES["plain"](facts.scene(rng), rng)))
    with torch.no_grad():
        again = as_pixels(vae.decoder(vae.encoder(as_tensor(pictures).to(vae.device))))
    return rates([marks(f, read(p)) for f, p in zip(asked, again, strict=True)])


def sheet(pictures: Sequence[Pixels], columns: int, path: Path, enlarge: int = 2) -> None:
    """Write the pictures as one contact sheet."""
    blank = np.full_like(pictures[0], 255)
    full = [*pictures, *[blank] * (-len(pictures) % columns)]
    rows = [np.concatenate(full[k : k + columns], axis=1) for k in range(0, len(full), columns)]
    image = Image.fromarray(np.concatenate(rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize((image.width * enlarge, image.height * enlarge), Image.Resampling.LANCZOS).save(
        path
    )
