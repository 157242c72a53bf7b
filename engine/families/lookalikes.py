"""Bases that nothing is drawn with yet, but whose LoRAs look like those of one that is.

Facts: meta-instantiated diffusers classes (see `tests/integration/engine/families`). A base
that becomes drawable moves from here to a family file of its own.
"""

from engine.families.architectures.encoders import (
    CLIP_L_PROJECTED,
    OPENCLIP_G,
    OPENCLIP_H,
    T5_XXL,
)
from engine.families.architectures.flux import Flux, Flux2
from engine.families.architectures.mmdit import Mmdit
from engine.families.architectures.unet import Unet
from engine.families.facts import Fingerprint, TextPart
from engine.families.layers import Architecture

_SD35_TEXT: dict[TextPart, Architecture] = {
    "text_encoder": CLIP_L_PROJECTED,
    "text_encoder_2": OPENCLIP_G,
    "text_encoder_3": T5_XXL,
}

LOOKALIKES: dict[str, Fingerprint] = {
    "sd2": Fingerprint(
        denoiser=Unet(
            channels=(320, 640, 1280, 1280),
            depths=(1, 1, 1, 0),
            mid_depth=1,
            context=1024,
            linear_projection=True,
        ),
        text={"text_encoder": OPENCLIP_H},
    ),
    "kolors": Fingerprint(
        # Its text encoder is a ChatGLM, whose LoRAs nobody writes.
        denoiser=Unet(
            channels=(320, 640, 1280),
            depths=(0, 2, 10),
            mid_depth=10,
            context=2048,
            linear_projection=True,
            added=5632,
        ),
    ),
    "sd35-medium": Fingerprint(denoiser=Mmdit(blocks=24, width=1536, dual=13), text=_SD35_TEXT),
    "sd35-large": Fingerprint(denoiser=Mmdit(blocks=38, width=2432), text=_SD35_TEXT),
    "chroma": Fingerprint(
        denoiser=Flux(guidance_embedder=False, distilled_modulation=5120),
        text={"text_encoder": T5_XXL},
    ),
    "flux2-klein-4b": Fingerprint(
        denoiser=Flux2(double=5, single=20, width=3072, context=7680, guidance_embedder=False),
    ),
}
