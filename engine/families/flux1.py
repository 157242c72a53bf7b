"""FLUX.1 (dev): guidance is an input of the network, so there is no negative prompt."""

from engine.families.architectures.encoders import CLIP_L, T5_XXL
from engine.families.architectures.flux import Flux
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import FLOW_SHIFTED

FAMILY = Family(
    name="flux1",
    title="FLUX.1",
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
    steps=28,
    most_steps=100,
    guidance=3.5,
    guidance_range=(0.0, 10.0),
    schedulers=FLOW_SHIFTED,
    has_negative_prompt=False,
    fingerprint=Fingerprint(
        denoiser=Flux(), text={"text_encoder": CLIP_L, "text_encoder_2": T5_XXL}
    ),
)
