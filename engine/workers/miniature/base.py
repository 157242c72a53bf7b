"""The base: UNet and text encoder, trained together on pictures drawn from the grammar."""

import copy
import logging
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from engine.miniature.grammar import Facts, caption, random_facts
from engine.miniature.palette import Field, Pixels
from engine.miniature.styles import STYLES, finished
from engine.workers.miniature import course, naming
from engine.workers.miniature.score import base_rates
from engine.workers.miniature.vae import LATENT_CHANNELS, as_tensor
from engine.workers.miniature.words import TEXT_WIDTH, new_encoder, new_tokenizer, token_ids

log = logging.getLogger(__name__)

POOL = 32_000
BATCH = 16
PLAN = course.Plan(updates=13_000, rate=1.3e-3, warm_up=200, keep_every=1500)
LEAN_EARLY, LEAN_LATE, LEAN_UNTIL = 0.4, 0.6, 0.6
"""How far the training times lean to the noisy end, and until which share of the updates."""
NAMING_WEIGHT = 0.02
"""Weight of the text encoder's own task beside the pictures."""
SUBJECT_WEIGHT = 4.0
"""How much more a latent cell on or near the subject counts than the bare background."""


def new_unet() -> UNet2DConditionModel:
    """An untrained UNet: three levels, cross-attention on each, the text in the time signal too."""
    return UNet2DConditionModel(
        sample_size=8, in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS,
        block_out_channels=(64, 96, 128), layers_per_block=1, norm_num_groups=8,
        cross_attention_dim=TEXT_WIDTH, attention_head_dim=4,
        addition_embed_type="text", addition_embed_type_num_heads=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3,
    )  # fmt: skip


def new_scheduler() -> DDIMScheduler:
    """v-prediction on a cosine schedule that ends in pure noise."""
    return DDIMScheduler(
        beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction", clip_sample=False,
        rescale_betas_zero_snr=True, timestep_spacing="trailing", set_alpha_to_one=True,
        steps_offset=1,
    )  # fmt: skip


def pipeline(
    vae: AutoencoderTiny,
    tokenizer: CLIPTokenizer,
    encoder: CLIPTextModel,
    unet: UNet2DConditionModel,
) -> StableDiffusionPipeline:
    """The parts as the genuine pipeline."""
    return StableDiffusionPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=unet, scheduler=new_scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def drawn(index: int, seed: int) -> tuple[Facts, Pixels, Field]:
    """Picture number `index`: its facts, its pixels and its subject's cover in 8x8 cells."""
    rng = np.random.default_rng([seed, index])
    facts = random_facts(rng)
    scene = facts.scene(rng)
    near = (scene.subject() < 2.5).reshape(8, 8, 8, 8).any(axis=(1, 3))
    return facts, finished(STYLES["plain"](scene, rng)), np.asarray(near, dtype=np.float32)


class Drawings:
    """The base's pictures as latents, with their facts and subject masks; encoded once."""

    def __init__(self, vae: AutoencoderTiny, kept: Path, size: int = POOL, seed: int = 11) -> None:
        """Draw and encode `size` pictures, or read them from the file `kept`."""
        self.facts = [random_facts(np.random.default_rng([seed, k])) for k in range(size)]
        if kept.exists():
            tensors = load_file(kept)
        else:
            latents, masks = [], []
            for start in range(0, size, 500):
                rows = [drawn(k, seed) for k in range(start, min(start + 500, size))]
                masks.append(torch.from_numpy(np.stack([row[2] for row in rows])))
                batch = as_tensor([row[1] for row in rows]).to(vae.device)
                with torch.no_grad():
                    latents.append(vae.encode(batch).latents.half().cpu())
            tensors = {"latents": torch.cat(latents).contiguous(), "masks": torch.cat(masks)}
            kept.parent.mkdir(parents=True, exist_ok=True)
            save_file(tensors, kept)
        self.latents, self.masks = tensors["latents"], tensors["masks"]

    def batch(self, picked: NDArray[np.int64]) -> tuple[list[Facts], Tensor, Tensor]:
        """These pictures' facts, latents, and the weight of each latent cell."""
        weight = 1 + (SUBJECT_WEIGHT - 1) * self.masks[picked]
        facts = [self.facts[k] for k in picked]
        return facts, self.latents[picked].float(), weight / weight.mean()


def velocity_loss(
    unet: UNet2DConditionModel,
    text: Tensor,
    latents: Tensor,
    weight: Tensor,
    course_seed: int,
    lean: float = 0.6,
) -> Tensor:
    """Weighted squared error of the predicted velocity at stratified times.

    The smaller `lean`, the more of the times are noisy ones, where the layout is decided.
    """
    generator = torch.Generator().manual_seed(course_seed)
    rows = len(latents)
    spread = (torch.arange(rows) + torch.rand(rows, generator=generator)) / rows
    times = (spread**lean * 1000).long().clamp(0, 999)
    noise = torch.randn(latents.shape, generator=generator)
    signal = _SIGNAL[times].view(-1, 1, 1, 1)
    spoil = (1 - signal**2).sqrt()
    device = text.device
    noisy = (signal * latents + spoil * noise).to(device)
    target = (signal * noise - spoil * latents).to(device)
    guess = unet(noisy, times.to(device), encoder_hidden_states=text, return_dict=False)[0]
    error = (guess - target).square().mean(dim=1)
    loss: Tensor = (error * weight.to(device)).mean()
    return loss


_SIGNAL = new_scheduler().alphas_cumprod.sqrt()


def train(vae: AutoencoderTiny, work: Path, device: torch.device) -> StableDiffusionPipeline | None:
    """Run the course (or go on with it); the finished base, or None when stopped."""
    torch.manual_seed(1)
    tokenizer = new_tokenizer()
    encoder, unet = new_encoder(tokenizer).to(device), new_unet().to(device)
    heads = naming.new_heads().to(device)
    if not naming.train(encoder, heads, tokenizer, work):
        return None
    pipe = pipeline(vae, tokenizer, encoder, unet)
    drawings = Drawings(vae, work / "latents.safetensors")

    def loss_at(update: int) -> Tensor:
        rng = np.random.default_rng([13, update])
        picked = rng.integers(len(drawings.facts), size=BATCH)
        facts, latents, weight = drawings.batch(picked)
        ids = token_ids(tokenizer, [caption(f, rng) for f in facts])
        text = encoder(ids.to(device))[0]
        lean = LEAN_EARLY if update < LEAN_UNTIL * PLAN.updates else LEAN_LATE
        named = naming.naming_loss(text, heads, ids, facts, torch.Generator().manual_seed(update))
        return velocity_loss(unet, text, latents, weight, update, lean) + NAMING_WEIGHT * named

    def on_keep(_update: int) -> str:
        return str(base_rates(pipe, 64))

    modules = {"unet": unet, "text": encoder, "heads": heads}
    done = course.run(modules, PLAN, loss_at, work / "base", on_keep)
    return pipe if done else None


def store(pipe: StableDiffusionPipeline, folder: Path) -> None:
    """Write the base as half-precision safetensors in the pipeline's own folder layout."""
    halves = {
        name: copy.deepcopy(getattr(pipe, name)).half() for name in ("vae", "text_encoder", "unet")
    }
    pipeline(halves["vae"], pipe.tokenizer, halves["text_encoder"], halves["unet"]).save_pretrained(
        folder, safe_serialization=True
    )


def load(folder: Path) -> StableDiffusionPipeline:
    """A stored base, computing in full precision."""
    return StableDiffusionPipeline.from_pretrained(
        folder, dtype=torch.float32, safety_checker=None, requires_safety_checker=False,
        local_files_only=True,
    )  # fmt: skip
