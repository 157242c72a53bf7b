"""Stable Diffusion 3 medium: joint picture-and-text blocks, rectified flow."""

from engine.families.architectures.encoders import CLIP_L_PROJECTED, OPENCLIP_G, T5_XXL
from engine.families.architectures.mmdit import Mmdit
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import FLOW

FAMILY = Family(
    name="sd3-medium",
    title="Stable Diffusion 3 medium",
    pipeline="mmdit",
    diffusers_class="StableDiffusion3Pipeline",
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
    least_side=512,
    most_pixels=1440 * 1440,
    steps=28,
    most_steps=100,
    guidance=7.0,
    guidance_range=(1.0, 15.0),
    schedulers=FLOW,
    has_negative_prompt=True,
    fingerprint=Fingerprint(
        denoiser=Mmdit(blocks=24, width=1536),
        text={
            "text_encoder": CLIP_L_PROJECTED,
            "text_encoder_2": OPENCLIP_G,
            "text_encoder_3": T5_XXL,
        },
        # Its first two text encoders are those of SDXL.
        yields_to=("sdxl",),
    ),
)
