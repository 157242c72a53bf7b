"""Teaches the text encoder to name what a caption says before any picture is drawn from it.

Alone with the UNet's faint gradients the encoder needs tens of thousands of pictures to tell
positions and shapes apart; asked directly it takes a minute, and the UNet then learns from words
that already mean something.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from engine.miniature.grammar import (
    COLOUR_NAMES,
    NUMBERS,
    POSITION_NAMES,
    SHAPES,
    SIZE_NAMES,
    Facts,
    caption,
    prompt,
    random_facts,
)
from engine.workers.miniature import course
from engine.workers.miniature.words import TEXT_LENGTH, TEXT_WIDTH, token_ids

BATCH = 48
PLAN = course.Plan(updates=1000, rate=2e-3, averaging=0.99, flat_share=0.4, keep_every=250)
_CHOICES: dict[str, Sequence[object]] = {
    "shape": SHAPES,
    "colour": COLOUR_NAMES,
    "background": COLOUR_NAMES,
    "size": SIZE_NAMES,
    "position": POSITION_NAMES,
    "count": (1, *NUMBERS),
}


def new_heads() -> nn.ModuleList:
    """One linear reader for each attribute."""
    return nn.ModuleList([nn.Linear(TEXT_WIDTH, len(choices)) for choices in _CHOICES.values()])


def _labels(facts: Sequence[Facts]) -> Tensor:
    rows = [[c.index(getattr(f, name)) for name, c in _CHOICES.items()] for f in facts]
    return torch.tensor(rows)


def naming_loss(
    text: Tensor, heads: nn.ModuleList, ids: Tensor, facts: Sequence[Facts], draw: torch.Generator
) -> Tensor:
    """Cross-entropy of the attributes read from one of the caption's closing tokens each.

    `text` is (captions, TEXT_LENGTH, TEXT_WIDTH). Every token from the end mark on has seen the
    whole caption, so each of them must carry all of it. Empty captions name nothing.
    """
    end_mark = int(ids[0, -1])
    length = (ids != end_mark).sum(dim=1)
    room = (TEXT_LENGTH - length).clamp(min=1)
    place = length + (torch.rand(len(ids), generator=draw) * room).long()
    chosen = text[torch.arange(len(ids)), place.clamp(max=TEXT_LENGTH - 1)]
    said, labels = (length > 1).to(text.device), _labels(facts).to(text.device)
    losses = [
        functional.cross_entropy(head(chosen)[said], labels[said, k])
        for k, head in enumerate(heads)
    ]
    return torch.stack(losses).sum()


def train(
    encoder: CLIPTextModel, heads: nn.ModuleList, tokenizer: CLIPTokenizer, work: Path
) -> bool:
    """Run the course (or go on with it) in place; False when it was stopped on the way."""

    def loss_at(update: int) -> Tensor:
        rng = np.random.default_rng([17, update])
        facts = [random_facts(rng) for _ in range(BATCH)]
        ids = token_ids(tokenizer, [caption(f, rng) for f in facts])
        text = encoder(ids.to(encoder.device))[0]
        return naming_loss(text, heads, ids, facts, torch.Generator().manual_seed(update))

    def on_keep(_update: int) -> str:
        rng = np.random.default_rng(18)
        facts = [random_facts(rng) for _ in range(200)]
        ids = token_ids(tokenizer, [prompt(f) for f in facts])
        last = encoder(ids.to(encoder.device))[0][:, -1]
        named = [head(last).argmax(dim=1).cpu() for head in heads]
        right = (torch.stack(named, dim=1) == _labels(facts)).float().mean(dim=0)
        return str(dict(zip(_CHOICES, right.tolist(), strict=True)))

    return course.run({"text": encoder, "heads": heads}, PLAN, loss_at, work / "text", on_keep)
