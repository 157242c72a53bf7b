"""PixArt sigma: a transformer that predicts noise from latents, told by T5 with a mask."""

from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Told, Words
from engine.workers.pipelines.plain_words import taken

LONG_PROMPT = 300
"""T5 tokens it was trained with."""


class PixartPipeline(Pipeline):
    """PixArt sigma; of what it predicts the second half is a spread that no sampler here uses."""

    denoiser_name = "transformer"

    def encode(self, words: Words) -> Conditioning:
        """T5 of both prompts, each with the mask of its words."""
        guided = words.guidance > 1
        prompt, notes = taken(words.prompt, self.parts.tokenizer, LONG_PROMPT)
        unwanted, more = taken(words.negative, self.parts.tokenizer, LONG_PROMPT, "negative prompt")
        states, mask, negative, negative_mask = self.parts.encode_prompt(
            prompt,
            guided,
            negative_prompt=unwanted,
            device=self.device,
            clean_caption=False,
            max_sequence_length=LONG_PROMPT,
        )
        return Conditioning(
            positive={"encoder_hidden_states": states, "encoder_attention_mask": mask},
            negative={"encoder_hidden_states": negative, "encoder_attention_mask": negative_mask}
            if guided
            else None,
            notes=(*notes, *(more if guided else ())),
        )

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward of the transformer."""
        predicted: Tensor = self.parts.transformer(
            latents,
            timestep=timesteps,
            added_cond_kwargs={"resolution": None, "aspect_ratio": None},
            return_dict=False,
            **told,
        )[0]
        return predicted[:, : self._latent_channels]
