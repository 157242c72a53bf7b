"""Stable Diffusion 1.x, trained at 512 pixels; countless fine-tunes share its layers."""

from engine.families.architectures.encoders import CLIP_L
from engine.families.architectures.unet import Unet
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import first

FAMILY = Family(
    name="sd1",
    title="Stable Diffusion 1.5",
    pipeline="unet",
    diffusers_class="StableDiffusionPipeline",
    denoiser="unet",
    prediction="epsilon",
    sizes=(Size(512, 512), Size(512, 768), Size(768, 512), Size(512, 640), Size(640, 512)),
    size_step=8,
    least_side=256,
    # Above this the picture repeats its subject: the base never saw more than 512 at once.
    most_pixels=896 * 896,
    steps=25,
    most_steps=100,
    guidance=7.0,
    guidance_range=(1.0, 20.0),
    schedulers=first("DPM++ 2M Karras", "Euler a"),
    has_negative_prompt=True,
    most_clip_skip=4,
    negative_prompt="lowres, blurry, bad anatomy, extra fingers, jpeg artifacts, watermark, text",
    fingerprint=Fingerprint(
        denoiser=Unet(
            channels=(320, 640, 1280, 1280), depths=(1, 1, 1, 0), mid_depth=1, context=768
        ),
        text={"text_encoder": CLIP_L},
    ),
)
