"""Chroma: FLUX.1 without modulation layers, with one small network in their place, and guidance.

Its call differs from FLUX.1's by masks and a negative prompt: `engine/workers/pipelines/chroma.py`.
"""

from engine.families.architectures.encoders import T5_XXL
from engine.families.architectures.flux import Flux
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import FLOW

FAMILY = Family(
    name="chroma",
    title="Chroma",
    pipeline="chroma",
    diffusers_class="ChromaPipeline",
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
    steps=30,
    most_steps=100,
    guidance=4.0,
    guidance_range=(1.0, 12.0),
    schedulers=FLOW,
    has_negative_prompt=True,
    fingerprint=Fingerprint(
        denoiser=Flux(guidance_embedder=False, distilled_modulation=5120),
        text={"text_encoder": T5_XXL},
    ),
)
