"""Stable Diffusion XL, trained at 1024 pixels; Pony, Illustrious and NoobAI share its layers."""

from engine.families.architectures.encoders import CLIP_L, OPENCLIP_G
from engine.families.architectures.unet import Unet
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import first

FAMILY = Family(
    name="sdxl",
    title="Stable Diffusion XL",
    pipeline="unet-xl",
    diffusers_class="StableDiffusionXLPipeline",
    denoiser="unet",
    prediction="epsilon",
    # The buckets it was trained on (SDXL report, appendix I).
    sizes=(
        Size(1024, 1024),
        Size(832, 1216),
        Size(1216, 832),
        Size(896, 1152),
        Size(1152, 896),
        Size(768, 1344),
        Size(1344, 768),
    ),
    size_step=8,
    least_side=512,
    most_pixels=1536 * 1536,
    steps=30,
    most_steps=100,
    guidance=6.0,
    guidance_range=(1.0, 15.0),
    schedulers=first("DPM++ 2M Karras", "Euler a"),
    has_negative_prompt=True,
    most_clip_skip=4,
    negative_prompt="lowres, blurry, jpeg artifacts, watermark, text",
    fingerprint=Fingerprint(
        denoiser=Unet(
            channels=(320, 640, 1280),
            depths=(0, 2, 10),
            mid_depth=10,
            context=2048,
            linear_projection=True,
            added=2816,
        ),
        text={"text_encoder": CLIP_L, "text_encoder_2": OPENCLIP_G},
    ),
)
