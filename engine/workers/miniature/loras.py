"""Trains the demo LoRAs on the finished base with peft, and measures them over weights."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor
from torch.nn import functional

from engine.miniature.lessons import Layers, Lesson, example
from engine.workers.miniature import course, lora_files
from engine.workers.miniature.base import velocity_loss
from engine.workers.miniature.vae import as_tensor
from engine.workers.miniature.words import token_ids

log = logging.getLogger(__name__)

BATCH = 16
EXAMPLES = 640
_ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
_LINEAR = [*_ATTENTION, "net.0.proj", "net.2", "proj_in", "proj_out"]
TARGETS: dict[Layers, list[str]] = {"linear": _LINEAR, "all": [*_LINEAR, "conv1", "conv2"]}
"""Which layers of the UNet a lesson may change."""
TEXT_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj"]
RATE = 2e-3
LOOK_LEAN, FIGURE_LEAN = 1.0, 0.6
"""How training times lean to the noisy end: a style is fine detail, a figure is layout."""
LOOK_WEIGHT, FIGURE_WEIGHT = 2.0, 3.0
"""How much more a latent cell of the subject counts than its background."""


def _add_adapters(pipe: StableDiffusionPipeline, lesson: Lesson) -> None:
    for part, targets in ((pipe.unet, TARGETS[lesson.layers]), (pipe.text_encoder, TEXT_TARGETS)):
        part.requires_grad_(False)
        part.add_adapter(LoraConfig(r=lesson.rank, lora_alpha=lesson.rank, target_modules=targets))


def _act_at(strength: float, layers: Sequence[BaseTunerLayer]) -> None:
    """Let the adapters act at this strength; rank and alpha are equal, so 1 is their own."""
    for layer in layers:
        layer.scaling["default"] = strength


def trained(lesson: Lesson, pipe: StableDiffusionPipeline, work: Path) -> lora_files.Pairs | None:
    """Teach the lesson to fresh adapters on the base; None when it was stopped on the way.

    The pipe carries the adapters afterwards: load a fresh one for the next lesson.
    """
    seed = int.from_bytes(lesson.file.encode()[:4], "big")
    torch.manual_seed(seed)
    _add_adapters(pipe, lesson)
    device = pipe.unet.device
    rng = np.random.default_rng(seed)
    rows = [example(lesson, rng) for _ in range(EXAMPLES)]
    with torch.no_grad():
        pixels = as_tensor([row[0] for row in rows])
        near = functional.max_pool2d((pixels - pixels[:, :, :1, :1]).abs().amax(1) / 0.3, 8).clamp(
            max=1
        )
        latents = torch.cat(
            [pipe.vae.encoder(part.to(device)).cpu() for part in torch.split(pixels, 64)]
        )

    layers = [
        part
        for module in (pipe.unet, pipe.text_encoder)
        for part in module.modules()
        if isinstance(part, BaseTunerLayer)
    ]
    is_figure = lesson.kind in ("character", "object")

    def loss_at(update: int) -> Tensor:
        fresh = np.random.default_rng([seed, update])
        _act_at(float(np.exp(fresh.uniform(*np.log(lesson.taught_at)))), layers)
        picked = fresh.integers(len(rows), size=BATCH)
        captions = [rows[k][1](fresh) for k in picked]
        text = pipe.text_encoder(token_ids(pipe.tokenizer, captions).to(device))[0]
        weight = 1 + ((FIGURE_WEIGHT if is_figure else LOOK_WEIGHT) - 1) * near[picked]
        weight = weight / weight.mean()
        lean = FIGURE_LEAN if is_figure else LOOK_LEAN
        return velocity_loss(pipe.unet, text, latents[picked], weight, update, lean)

    plan = course.Plan(
        updates=lesson.updates, rate=RATE, warm_up=20, flat_share=0.3, averaging=0.99,
        weight_decay=0.0, keep_every=1000,
    )  # fmt: skip
    modules = {"unet": pipe.unet, "text_encoder": pipe.text_encoder}
    folder = work / f"lora-{lesson.file}"
    if not course.run(modules, plan, loss_at, folder, lambda _update: ""):
        return None
    return {part: _own_weights(module) for part, module in modules.items()}


def _own_weights(module: torch.nn.Module) -> dict[str, Tensor]:
    """The adapter's tensors under PEFT's names, whole: attention, feed-forward and projections."""
    weights: dict[str, Tensor] = get_peft_model_state_dict(module, adapter_name="default")
    layers = sum(isinstance(part, BaseTunerLayer) for part in module.modules())
    if len(weights) != 2 * layers:
        raise AssertionError(f"{layers} adapted layers, but {len(weights)} tensors")
    return {key.removeprefix("base_model.model."): value for key, value in weights.items()}


def describe(lesson: Lesson, weight: float, figures: list[dict[str, object]], path: Path) -> None:
    """Write what is known of the LoRA next to its file."""
    role = "required" if lesson.needs_trigger else "optional"
    facts = {
        "name": lesson.name,
        "aliases": list(lesson.aliases),
        "kind": lesson.kind,
        "family": "miniature",
        "triggers": [{"word": lesson.trigger, "role": role}],
        "tags": list(lesson.tags),
        "description": lesson.description,
        "weight": weight,
        "rating": "general",
        "licence": "Apache-2.0",
        "real_person": "no",
        "figures": figures,
    }
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
