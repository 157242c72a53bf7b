"""Stable Diffusion 2.x: as 1.x with a wider text; 2.1 was trained at 768 pixels on velocity."""

from engine.families.architectures.encoders import OPENCLIP_H
from engine.families.architectures.unet import Unet
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import first

FAMILY = Family(
    name="sd2",
    title="Stable Diffusion 2.1",
    pipeline="unet",
    diffusers_class="StableDiffusionPipeline",
    denoiser="unet",
    prediction="v_prediction",
    sizes=(Size(768, 768), Size(640, 896), Size(896, 640), Size(512, 512)),
    size_step=8,
    least_side=256,
    most_pixels=1024 * 1024,
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
            channels=(320, 640, 1280, 1280),
            depths=(1, 1, 1, 0),
            mid_depth=1,
            context=1024,
            linear_projection=True,
        ),
        text={"text_encoder": OPENCLIP_H},
    ),
)
