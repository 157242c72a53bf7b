"""Every base whose LoRAs can be told apart, and its layers: the families, and some look-alikes."""

from functools import cache
from types import MappingProxyType

from engine.families import FAMILIES
from engine.families.architectures.unet import Unet
from engine.families.facts import Fingerprint, TextPart
from engine.families.layers import Layer, Layers
from engine.families.lookalikes import LOOKALIKES


@cache
def fingerprints() -> dict[str, Fingerprint]:
    """Base -> fingerprint: what can be drawn with first, in the table's order."""
    drawable = {name: family.fingerprint for name, family in FAMILIES.all().items()}
    recognised = {name: found for name, found in LOOKALIKES.all().items() if name not in drawable}
    return drawable | recognised


@cache
def layers_of(base: str) -> Layers:
    """Canonical path -> layer, for every linear and convolution layer of a base.

    Canonical: diffusers' naming behind `unet.`, `transformer.`, `text_encoder.`,
    `text_encoder_2.` and so on; CLIP layers always with `text_model.`.
    """
    fingerprint = fingerprints()[base]
    found: dict[str, Layer] = {}
    if fingerprint.denoiser is not None:
        part = denoiser_part(base)
        found |= {f"{part}.{path}": at for path, at in fingerprint.denoiser.layers().items()}
    for name, text in fingerprint.text.items():
        found |= {f"{name}.{path}": layer for path, layer in text.layers().items()}
    return MappingProxyType(found)


def denoiser_part(base: str) -> str:
    """First word of the canonical paths of a base's denoiser: `unet` or `transformer`."""
    return "unet" if isinstance(fingerprints()[base].denoiser, Unet) else "transformer"


def text_parts(base: str) -> tuple[TextPart, ...]:
    """The text encoders of a base, in order."""
    return tuple(fingerprints()[base].text)
