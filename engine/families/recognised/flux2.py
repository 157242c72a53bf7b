"""FLUX.2: dev and the two kleins differ by width and by the number of blocks."""

from engine.families.architectures.flux import Flux2
from engine.families.facts import Fingerprint

FLUX2_DEV = Fingerprint(denoiser=Flux2(double=8, single=48, width=6144, context=15360))
FLUX2_KLEIN_9B = Fingerprint(
    denoiser=Flux2(double=8, single=24, width=4096, context=12288, guidance_embedder=False)
)
FLUX2_KLEIN_4B = Fingerprint(
    denoiser=Flux2(double=5, single=20, width=3072, context=7680, guidance_embedder=False)
)
