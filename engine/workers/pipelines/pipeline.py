"""What the step loop needs of a base's pipeline: encode, timesteps, one forward, decode."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.workers import failures, memory, schedulers
from engine.workers.schedulers import Sampler

Told = dict[str, Tensor]
"""Keyword tensors of one forward, one leading row each."""


@dataclass(frozen=True)
class Words:
    """What a row asks for: everything that is encoded once, before the first step."""

    prompt: str
    negative: str
    width: int
    height: int
    guidance: float
    clip_skip: int = 1
    """Which layer of a CLIP encoder is used, counted from its end; 1 is the last."""


@dataclass(frozen=True)
class Conditioning:
    """What the denoiser is told; `negative` is None when guidance costs no second row."""

    positive: Told
    negative: Told | None = None
    attached: tuple[str, ...] = ()
    """What else acts at every step, such as a control network: only its like may come along."""
    notes: tuple[str, ...] = ()
    """What people should know of how their words were taken."""

    @property
    def shape(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Rows of one shape can share a forward."""
        return tuple(
            sorted((name, tuple(value.shape[1:])) for name, value in self.positive.items())
        )


class Pipeline(ABC):
    """One loaded base. `parts` is the diffusers pipeline, used for its parts, never called."""

    denoiser_name: str
    text_parts: tuple[str, ...] = ("text_encoder",)

    # Any: diffusers ships no types; nothing of it leaves this package.
    def __init__(self, parts: Any, device: torch.device, dtype: torch.dtype) -> None:
        self.parts = parts
        self.device = device
        self.dtype = dtype

    # --- what a LoRA may touch ------------------------------------------------------------

    @property
    def roots(self) -> dict[str, nn.Module]:
        """The modules that LoRA paths start from, by the first word of the path."""
        names = (self.denoiser_name, *self.text_parts)
        return {
            name: part for name in names if (part := getattr(self.parts, name, None)) is not None
        }

    @property
    def denoiser(self) -> nn.Module:
        """The network that is called at every step."""
        part: nn.Module = getattr(self.parts, self.denoiser_name)
        return part

    # --- before the first step ------------------------------------------------------------

    @abstractmethod
    def encode(self, words: Words) -> Conditioning:
        """Encode prompt and negative prompt."""

    @property
    def _latent_channels(self) -> int:
        channels: int = self.denoiser.config.in_channels  # type: ignore[union-attr, assignment]
        return channels

    @property
    def pixels_per_latent(self) -> int:
        """How many pixels wide one latent is."""
        factor: int = self.parts.vae_scale_factor
        return factor

    def latent_shape(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Shape (1, channels, height, width) of one row's latents for a size in pixels."""
        factor = self.pixels_per_latent
        return (1, self._latent_channels, height // factor, width // factor)

    def sampler(self, name: str) -> Sampler:
        """A fresh sampler from the base's own scheduler configuration."""
        return schedulers.make(name, self._scheduler_config())

    def _scheduler_config(self) -> Mapping[str, object]:
        config = dict(self.parts.scheduler.config)
        return {**config, "_class_name": type(self.parts.scheduler).__name__}

    def begin(self, sampler: Sampler, steps: int, latents: Tensor) -> None:
        """Set a row's timesteps; some bases shift them by the size of the picture."""
        sampler.begin(steps, self.device)

    # --- every step -----------------------------------------------------------------------

    @abstractmethod
    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward: latents (n, channels, h, w), timesteps (n,), told (n, ...) each."""

    # --- after the last step --------------------------------------------------------------

    @property
    def can_be_more_precise(self) -> bool:
        """Whether decoding in float32 would differ from the usual decoding."""
        return self.dtype != torch.float32

    def decode(self, latents: Tensor, *, precise: bool = False) -> Tensor:
        """Pixels (n, 3, height, width) from -1 to 1 in float32; `precise` decodes in float32."""
        vae = self.parts.vae
        overflows = self.dtype == torch.float16 and getattr(vae.config, "force_upcast", False)
        dtype = torch.float32 if precise or overflows else self.dtype
        if dtype != self.dtype:
            vae.to(dtype)
        try:
            pixels = memory.decoded(vae, self._unscaled(latents).to(dtype), self._free)
        finally:
            if dtype != self.dtype:
                vae.to(self.dtype)
        return pixels.float()

    def _free(self) -> None:
        failures.free_memory(self.device)

    def _unscaled(self, latents: Tensor) -> Tensor:
        """Latents as the autoencoder knows them (diffusers' `latents_mean` and `_std` included)."""
        config = self.parts.vae.config
        scale: float = config.scaling_factor
        mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
        if mean is not None and std is not None:
            channels = (1, -1, 1, 1)
            spread, middle = (latents.new_tensor(value).view(channels) for value in (std, mean))
            return latents * spread / scale + middle
        shift: float = getattr(config, "shift_factor", None) or 0.0
        return latents / scale + shift
