"""SD3-like bases: a transformer over image and text tokens, three text encoders, flow matching."""

from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Told, Words
from engine.workers.pipelines.shift import shift_of
from engine.workers.schedulers import Sampler

MAX_SHIFT = 1.16


class MmditPipeline(Pipeline):
    """SD3 and SD3.5."""

    denoiser_name = "transformer"
    text_parts = ("text_encoder", "text_encoder_2", "text_encoder_3")

    def encode(self, words: Words) -> Conditioning:
        """All encoders that are there."""
        guided = words.guidance > 1
        positive, negative, pooled, negative_pooled = self.parts.encode_prompt(
            prompt=words.prompt,
            prompt_2=None,
            prompt_3=None,
            device=self.device,
            do_classifier_free_guidance=guided,
            negative_prompt=words.negative or None,
        )
        return Conditioning(
            positive={"encoder_hidden_states": positive, "pooled_projections": pooled},
            negative={
                "encoder_hidden_states": negative,
                "pooled_projections": negative_pooled,
            }
            if guided
            else None,
        )

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
