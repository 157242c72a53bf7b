"""FLUX.1-like bases: packed image tokens, guidance as an input, flow matching."""

import numpy as np
import torch
from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Told, Words
from engine.workers.pipelines.plain_words import taken
from engine.workers.pipelines.shift import shift_of
from engine.workers.schedulers import Sampler

MAX_SHIFT = 1.15
LONG_PROMPT, SHORT_PROMPT = 512, 256
"""T5 tokens of the guided base (dev) and of the few-step one (schnell)."""


class FluxPipeline(Pipeline):
    """FLUX.1 dev and schnell: no negative prompt, one row a picture."""

    denoiser_name = "transformer"
    text_parts: tuple[str, ...] = ("text_encoder", "text_encoder_2")

    @property
    def _is_guided(self) -> bool:
        return bool(self.parts.transformer.config.guidance_embeds)

    @property
    def _latent_channels(self) -> int:
        channels: int = self.parts.transformer.config.in_channels
        return channels // 4

    def latent_shape(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Sides are even, because four latents make one token."""
        step = 2 * self.pixels_per_latent
        return (1, self._latent_channels, 2 * (height // step), 2 * (width // step))

    def encode(self, words: Words) -> Conditioning:
        """Both encoders; guidance goes in as a number."""
        longest = LONG_PROMPT if self._is_guided else SHORT_PROMPT
        prompt, notes = taken(words.prompt, self.parts.tokenizer_2, longest)
        states, pooled, _places = self.parts.encode_prompt(
            prompt=prompt, prompt_2=None, device=self.device, max_sequence_length=longest
        )
        told = {"encoder_hidden_states": states, "pooled_projections": pooled}
        if self._is_guided:
            told["guidance"] = torch.tensor([words.guidance], device=self.device)
        return Conditioning(positive=told, notes=tuple(notes))

    def begin(self, sampler: Sampler, steps: int, latents: Tensor) -> None:
        """Timesteps, shifted by the picture's size."""
        tokens = latents.shape[2] * latents.shape[3] // 4
        options: dict[str, object] = {"mu": shift_of(tokens, sampler.config, MAX_SHIFT)}
        if not sampler.spaces_itself:
            options["sigmas"] = np.linspace(1.0, 1 / steps, steps)
        sampler.begin(steps, self.device, **options)

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward: latents are packed into tokens and unpacked again."""
        rows, channels, height, width = latents.shape
        predicted = self.parts.transformer(
            hidden_states=_packed(latents),
            timestep=timesteps.to(latents.dtype) / 1000,
            txt_ids=latents.new_zeros(told["encoder_hidden_states"].shape[1], 3),
            img_ids=_places(height // 2, width // 2).to(latents),
            return_dict=False,
            **told,
        )[0]
        tokens: Tensor = predicted.view(rows, height // 2, width // 2, channels, 2, 2)
        return tokens.permute(0, 3, 1, 4, 2, 5).reshape(rows, channels, height, width)


def _packed(latents: Tensor) -> Tensor:
    """Two by two latents make a token: (n, c, h, w) to (n, h/2 * w/2, 4c)."""
    rows, channels, height, width = latents.shape
    blocks = latents.view(rows, channels, height // 2, 2, width // 2, 2)
    return blocks.permute(0, 2, 4, 1, 3, 5).reshape(rows, height * width // 4, 4 * channels)


def _places(height: int, width: int) -> Tensor:
    """Where each token is: (height * width, 3) with row and column in the last two."""
    down, across = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack((torch.zeros_like(down), down, across), dim=-1).reshape(-1, 3)
