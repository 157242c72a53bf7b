"""Kolors: the UNet of SDXL with another text encoder (a ChatGLM, whose LoRAs nobody writes)."""

from engine.families.architectures.unet import Unet
from engine.families.facts import Fingerprint

KOLORS = Fingerprint(
    denoiser=Unet(
        channels=(320, 640, 1280),
        depths=(0, 2, 10),
        mid_depth=10,
        context=2048,
        linear_projection=True,
        added=5632,
    ),
)
