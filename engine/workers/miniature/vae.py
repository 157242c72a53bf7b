"""The autoencoder: 64x64 pixels to 8x8 latents of 16 channels and back."""

import functools
import logging
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor

from engine.miniature.palette import Pixels
from engine.miniature.wide_pictures import wide_picture
from engine.workers.miniature import course

log = logging.getLogger(__name__)

LATENT_CHANNELS = 16
POOL = 16_000
POLISH = course.Plan(
    updates=3000, rate=8e-4, warm_up=50, flat_share=0.2, averaging=0.998, keep_every=500
)
"""A second course for the decoder alone: latents stay as they are, edges get crisper."""
PLAN = course.Plan(updates=6000, rate=1.5e-3, flat_share=0.3, averaging=0.998, keep_every=500)
BATCH = 16


def new() -> AutoencoderTiny:
    """An untrained autoencoder."""
    return AutoencoderTiny(
        encoder_block_out_channels=(48, 48, 48, 48),
        decoder_block_out_channels=(48, 48, 48, 48),
        latent_channels=LATENT_CHANNELS,
        num_encoder_blocks=(0, 1, 1, 2),
        num_decoder_blocks=(2, 1, 1, 0),
    )


def as_tensor(pictures: "list[Pixels] | Pixels") -> Tensor:
    """Pictures (n, height, width, 3) as a (n, 3, height, width) tensor from -1 to 1."""
    stacked = torch.from_numpy(np.ascontiguousarray(np.stack(list(pictures))))
    return stacked.permute(0, 3, 1, 2).float() / 127.5 - 1


def as_pixels(batch: Tensor) -> Pixels:
    """The inverse of `as_tensor`."""
    scaled = ((batch.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    pixels: Pixels = scaled.permute(0, 2, 3, 1).cpu().numpy()
    return pixels


@functools.cache
def pool(size: int = POOL, seed: int = 1) -> Pixels:
    """The pictures of the course, drawn once."""
    rng = np.random.default_rng(seed)
    return np.stack([wide_picture(rng) for _ in range(size)])


def loss_of(vae: AutoencoderTiny, pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Pixel and edge errors after a slightly noisy latent, and a pull to latents of spread one."""
    latents = vae.encoder(pictures)
    spread, middle = torch.std_mean(latents, dim=(0, 2, 3))
    noise = torch.randn(latents.shape, generator=generator).to(latents.device)
    again = vae.decoder(latents + 0.06 * noise)
    error = again - pictures
    edges = (error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()) * 0.5
    loss: Tensor = (
        error.abs().mean() + 2 * error.square().mean() + edges
        + 0.01 * ((spread - 1).square().mean() + middle.square().mean())
    )  # fmt: skip
    return loss


def _psnr(vae: AutoencoderTiny, pictures: Tensor) -> tuple[float, Tensor]:
    """Mean signal-to-noise ratio in dB after a round trip, and the latents on the way."""
    latents = vae.encoder(pictures)
    error = (vae.decoder(latents) - pictures).div(2).square().mean(dim=(1, 2, 3))
    return float((-10 * error.log10()).mean()), latents


def train(work: Path, device: torch.device) -> AutoencoderTiny | None:
    """Run both courses (or go on with them); the finished autoencoder, or None when stopped."""
    torch.manual_seed(0)
    vae = new().to(device, memory_format=torch.channels_last)
    held_out = as_tensor(pool(256, 2)).to(device)

    def batch_at(pictures: Pixels, update: int) -> tuple[Tensor, torch.Generator]:
        generator = torch.Generator().manual_seed(update)
        picked = torch.randint(len(pictures), (BATCH,), generator=generator)
        batch = as_tensor(pictures[picked.numpy()]).to(device)
        if update % 2:
            batch = batch.flip(3)
        return batch.contiguous(memory_format=torch.channels_last), generator

    def loss_at(update: int) -> Tensor:
        batch, generator = batch_at(pool(), update)
        with torch.autocast(device.type, torch.bfloat16):
            return loss_of(vae, batch, generator)

    def on_keep(_update: int) -> str:
        psnr, latents = _psnr(vae, held_out)
        spread = latents.std(dim=(0, 2, 3))
        return f"psnr {psnr:.2f} dB, spread {float(spread.min()):.2f}-{float(spread.max()):.2f}"

    if not course.run({"vae": vae}, PLAN, loss_at, work / "vae", on_keep):
        return None
    vae.encoder.requires_grad_(False)

    def polish_at(update: int) -> Tensor:
        batch, generator = batch_at(pool(POOL, 3), update)
        with torch.autocast(device.type, torch.bfloat16):
            return loss_of(vae, batch, generator)

    done = course.run({"decoder": vae.decoder}, POLISH, polish_at, work / "decoder", on_keep)
    return vae if done else None
