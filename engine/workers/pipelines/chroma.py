"""Chroma: FLUX.1's tokens with T5 alone, a mask over its words, and a negative prompt."""

import torch
from torch import Tensor

from engine.workers.pipelines.flux import LONG_PROMPT, FluxPipeline
from engine.workers.pipelines.pipeline import Conditioning, Told, Words
from engine.workers.pipelines.plain_words import taken


class ChromaPipeline(FluxPipeline):
    """Two rows a picture where guidance asks for it."""

    text_parts = ("text_encoder",)

    def encode(self, words: Words) -> Conditioning:
        """T5 of both prompts, each with the mask of its words."""
        guided = words.guidance > 1
        prompt, notes = taken(words.prompt, self.parts.tokenizer, LONG_PROMPT)
        unwanted, more = taken(words.negative, self.parts.tokenizer, LONG_PROMPT, "negative prompt")
        states, _places, mask, negative, _more, negative_mask = self.parts.encode_prompt(
            prompt=prompt,
            negative_prompt=unwanted,
            device=self.device,
            do_classifier_free_guidance=guided,
            max_sequence_length=LONG_PROMPT,
        )
        return Conditioning(
            positive={"encoder_hidden_states": states, "attention_mask": mask},
            negative={"encoder_hidden_states": negative, "attention_mask": negative_mask}
            if guided
            else None,
            notes=(*notes, *(more if guided else ())),
        )

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward; all tokens of the picture are seen, of the words those of the mask."""
        mask = told["attention_mask"]
        tokens = latents.shape[2] * latents.shape[3] // 4
        seen = torch.cat([mask, mask.new_ones(mask.shape[0], tokens)], dim=1)
        return super().denoise(latents, timesteps, {**told, "attention_mask": seen})
