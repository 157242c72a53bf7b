"""SD1-like bases and the miniature: a UNet told by one text encoder."""

import torch
from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Told, Words
from engine.workers.prompt_weights import ClipText, as_long


class UnetPipeline(Pipeline):
    """Epsilon or v-prediction; AutoencoderKL or AutoencoderTiny."""

    denoiser_name = "unet"

    def encode(self, words: Words) -> Conditioning:
        """Prompts of one encoder; without guidance the negative prompt costs nothing."""
        distilled = self._guidance_row(words.guidance)
        guided = words.guidance > 1 and not distilled
        text = ClipText(self.parts.tokenizer, self.parts.text_encoder)
        told, other = as_long(text.chunks(words.prompt), text.chunks(words.negative))
        skip = words.clip_skip - 1
        positive, _ = text.encode(told, self.device, skip)
        negative, _ = text.encode(other, self.device, skip) if guided else (None, None)
        return Conditioning(
            positive={"encoder_hidden_states": positive, **distilled},
            negative=None if negative is None else {"encoder_hidden_states": negative},
        )

    def _guidance_row(self, guidance: float) -> Told:
        """Guidance as an input of the UNet, for those distilled to take it (LCM)."""
        width = getattr(self.parts.unet.config, "time_cond_proj_dim", None)
        if width is None:
            return {}
        scale = torch.tensor([guidance - 1])
        row: Tensor = self.parts.get_guidance_scale_embedding(scale, embedding_dim=width)
        return {"timestep_cond": row.to(self.device, self.dtype)}

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward of the UNet."""
        predicted: Tensor = self.parts.unet(latents, timesteps, return_dict=False, **told)[0]
        return predicted
