"""SDXL-like bases: a UNet told by two text encoders, a pooled vector and the picture's size."""

import torch
from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Told, Words
from engine.workers.pipelines.unet import UnetPipeline
from engine.workers.prompt_weights import Chunk, ClipText, as_long

Chunks = list[list[Chunk]]
"""A prompt's chunks for each encoder."""


class UnetXlPipeline(UnetPipeline):
    """As `UnetPipeline`, with the added conditions of SDXL."""

    text_parts = ("text_encoder", "text_encoder_2")

    def encode(self, words: Words) -> Conditioning:
        """Both encoders; an empty negative prompt is zeros where the base was trained so."""
        distilled = self._guidance_row(words.guidance)
        guided = words.guidance > 1 and not distilled
        told, other = self._chunks(words)
        positive, pooled = self._both(told, words.clip_skip - 1)
        sizes = self._sizes(words, positive, pooled)
        return Conditioning(
            positive={
                "encoder_hidden_states": positive, "text_embeds": pooled, "time_ids": sizes,
                **distilled,
            },
            negative=self._negative(words, other, positive, pooled, sizes) if guided else None,
        )  # fmt: skip

    def _negative(
        self, words: Words, told: Chunks, positive: Tensor, pooled: Tensor, sizes: Tensor
    ) -> Told:
        zeros = self.parts.config.force_zeros_for_empty_prompt and not words.negative
        states, vector = (
            (torch.zeros_like(positive), torch.zeros_like(pooled))
            if zeros
            else self._both(told, words.clip_skip - 1)
        )
        return {"encoder_hidden_states": states, "text_embeds": vector, "time_ids": sizes}

    @property
    def _texts(self) -> list[ClipText]:
        """The encoders that are there; a refiner has the second alone."""
        pairs = (
            (self.parts.tokenizer, self.parts.text_encoder),
            (self.parts.tokenizer_2, self.parts.text_encoder_2),
        )
        return [ClipText(*pair, is_penultimate=True) for pair in pairs if pair[1] is not None]

    def _chunks(self, words: Words) -> tuple[Chunks, Chunks]:
        """Chunks of both prompts for each encoder, all with as many of them."""
        told = [text.chunks(words.prompt) for text in self._texts]
        other = [text.chunks(words.negative) for text in self._texts]
        most = max(len(chunks) for chunks in (*told, *other))
        filled = [as_long(chunks, [Chunk()] * most)[0] for chunks in (*told, *other)]
        return filled[: len(told)], filled[len(told) :]

    def _both(self, told: Chunks, skip: int) -> tuple[Tensor, Tensor]:
        """States of both encoders side by side, and the pooled vector of the last."""
        states, pooled = zip(
            *(
                text.encode(chunks, self.device, skip)
                for text, chunks in zip(self._texts, told, strict=True)
            ),
            strict=True,
        )
        return torch.cat(states, dim=-1), pooled[-1]

    def _sizes(self, words: Words, positive: Tensor, pooled: Tensor) -> Tensor:
        second = self.parts.text_encoder_2
        width = pooled.shape[-1] if second is None else second.config.projection_dim
        size = (words.height, words.width)
        sizes: Tensor = self.parts._get_add_time_ids(
            size, (0, 0), size, dtype=positive.dtype, text_encoder_projection_dim=int(width)
        )
        return sizes.to(self.device)

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward of the UNet."""
        added = {name: told[name] for name in ("text_embeds", "time_ids")}
        rest = {name: value for name, value in told.items() if name not in added}
        predicted: Tensor = self.parts.unet(
            latents, timesteps, added_cond_kwargs=added, return_dict=False, **rest
        )[0]
        return predicted
