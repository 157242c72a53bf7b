"""SD3-like bases: a transformer over image and text tokens, three text encoders, flow matching."""

from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Told, Words
from engine.workers.pipelines.plain_words import partly, taken
from engine.workers.pipelines.shift import shift_of
from engine.workers.schedulers import Sampler

MAX_SHIFT = 1.16
LONG_PROMPT = 256
"""Tokens that T5 reads here; CLIP reads as many as it was made for (77)."""


class MmditPipeline(Pipeline):
    """SD3 and SD3.5."""

    denoiser_name = "transformer"
    text_parts = ("text_encoder", "text_encoder_2", "text_encoder_3")

    def encode(self, words: Words) -> Conditioning:
        """All encoders that are there."""
        guided = words.guidance > 1
        prompt, notes = self._taken(words.prompt)
        unwanted, more = self._taken(words.negative, "negative prompt")
        positive, negative, pooled, negative_pooled = self.parts.encode_prompt(
            prompt=prompt,
            prompt_2=None,
            prompt_3=None,
            device=self.device,
            do_classifier_free_guidance=guided,
            negative_prompt=unwanted or None,
            max_sequence_length=LONG_PROMPT,
        )
        return Conditioning(
            positive={"encoder_hidden_states": positive, "pooled_projections": pooled},
            negative={
                "encoder_hidden_states": negative,
                "pooled_projections": negative_pooled,
            }
            if guided
            else None,
            notes=(*notes, *(more if guided else ())),
        )

    def _taken(self, prompt: str, what: str = "prompt") -> tuple[str, list[str]]:
        """The words, and what falls off: of what CLIP does not read T5 reads most, where it is."""
        clip, short = self.parts.tokenizer, self.parts.tokenizer_max_length
        if self.parts.text_encoder_3 is None:
            return taken(prompt, clip, short, what)
        words, notes = taken(prompt, self.parts.tokenizer_3, LONG_PROMPT, what)
        return words, [*notes, *partly(words, clip, short, what)]

    def begin(self, sampler: Sampler, steps: int, latents: Tensor) -> None:
        """Timesteps, shifted by the picture's size where the base asks for it."""
        options: dict[str, object] = {}
        if sampler.config.get("use_dynamic_shifting"):
            patch: int = self.parts.transformer.config.patch_size
            tokens = (latents.shape[2] // patch) * (latents.shape[3] // patch)
            options["mu"] = shift_of(tokens, sampler.config, MAX_SHIFT)
        sampler.begin(steps, self.device, **options)

    def denoise(self, latents: Tensor, timesteps: Tensor, told: Told) -> Tensor:
        """One forward of the transformer."""
        predicted: Tensor = self.parts.transformer(
            hidden_states=latents, timestep=timesteps, return_dict=False, **told
        )[0]
        return predicted
