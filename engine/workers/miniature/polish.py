"""Goes on from the stored base: a course at a low rate over pictures that it has not seen."""

from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor

from engine.miniature.grammar import caption
from engine.workers.miniature import course
from engine.workers.miniature.base import POOL, Drawings, velocity_loss
from engine.workers.miniature.score import base_rates
from engine.workers.miniature.words import token_ids

BATCH = 32
PLAN = course.Plan(updates=4400, rate=5e-4, warm_up=200, flat_share=0.1, keep_every=1100)
LEAN = 0.5
"""Shape, the last attribute to come, is decided at noisy times."""
SEED = 12
"""The base's own course drew its pictures from another."""


def train(pipe: StableDiffusionPipeline, work: Path) -> bool:
    """Run the course (or go on with it) on the pipe in place; False when it was stopped."""
    torch.manual_seed(2)
    drawings = Drawings(pipe.vae, work / "polish-latents.safetensors", POOL, SEED)
    device = pipe.unet.device

    def loss_at(update: int) -> Tensor:
        rng = np.random.default_rng([SEED, update])
        facts, latents, weight = drawings.batch(rng.integers(POOL, size=BATCH))
        ids = token_ids(pipe.tokenizer, [caption(f, rng) for f in facts])
        text = pipe.text_encoder(ids.to(device))[0]
        return velocity_loss(pipe.unet, text, latents, weight, update, LEAN)

    def on_keep(_update: int) -> str:
        return str(base_rates(pipe))

    modules = {"unet": pipe.unet, "text": pipe.text_encoder}
    return course.run(modules, PLAN, loss_at, work / "polish", on_keep)
