"""FLUX.1 schnell: FLUX.1 in four steps; it has no guidance, not even as an input."""

from engine.families.architectures.encoders import CLIP_L, T5_XXL
from engine.families.architectures.flux import Flux
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import FLOW

FAMILY = Family(
    name="flux1-schnell",
    title="FLUX.1 schnell",
    pipeline="flux",
    diffusers_class="FluxPipeline",
    denoiser="transformer",
    prediction="flow",
    sizes=(
        Size(1024, 1024),
        Size(832, 1216),
        Size(1216, 832),
        Size(896, 1152),
        Size(1152, 896),
        Size(768, 1344),
        Size(1344, 768),
    ),
    # One token is 2x2 latents of 8x8 pixels.
    size_step=16,
    least_side=256,
    most_pixels=2 * 1024 * 1024,
    steps=4,
    most_steps=20,
    guidance=1.0,
    guidance_range=(0.0, 1.0),
    schedulers=FLOW,
    has_negative_prompt=False,
    fingerprint=Fingerprint(
        denoiser=Flux(guidance_embedder=False),
        text={"text_encoder": CLIP_L, "text_encoder_2": T5_XXL},
        # All its layers are FLUX.1's.
        yields_to=("flux1",),
    ),
    loads_as=frozenset({"flux1"}),
)
