"""SDXL-like bases: a UNet told by two text encoders, a pooled vector and the picture's size."""

from torch import Tensor

from engine.workers.pipelines.pipeline import Conditioning, Told, Words
from engine.workers.pipelines.unet import UnetPipeline


class UnetXlPipeline(UnetPipeline):
    """As `UnetPipeline`, with the added conditions of SDXL."""

    text_parts = ("text_encoder", "text_encoder_2")

    def encode(self, words: Words) -> Conditioning:
        """Both encoders; an empty negative prompt is zeros where the base was trained so."""
        distilled = self._guidance_row(words.guidance)
        guided = words.guidance > 1 and not distilled
        positive, negative, pooled, negative_pooled = self.parts.encode_prompt(
            prompt=words.prompt,
            device=self.device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=guided,
            negative_prompt=words.negative or None,
        )
        sizes = self._sizes(words, positive, pooled)
        return Conditioning(
            positive={
                "encoder_hidden_states": positive, "text_embeds": pooled, "time_ids": sizes,
                **distilled,
            },
            negative={
                "encoder_hidden_states": negative, "text_embeds": negative_pooled,
                "time_ids": sizes,
            }
            if guided
            else None,
        )  # fmt: skip

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
