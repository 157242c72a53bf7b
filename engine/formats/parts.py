"""What stands in front of a layer's name: a part of a pipeline, or kohya's prefix."""

import re

from engine.formats.header import Header

_PART = re.compile(r"(unet|transformer|text_encoder(_[23])?)\.")

_KOHYA = re.compile(r"lora_(unet|te[1-3]?)_")


def starts_like_kohya(key: str) -> bool:
    """Whether a name begins with `lora_unet_`, `lora_te_` or a numbered one."""
    return _KOHYA.match(key) is not None


def starts_with_part(key: str) -> bool:
    """Whether a name begins with `unet.`, `transformer.`, `text_encoder.` or a numbered one."""
    return _PART.match(key) is not None


def has_only_parts(header: Header) -> bool:
    """Whether every tensor is behind a part of a pipeline."""
    return bool(header.tensors) and all(starts_with_part(key) for key in header.tensors)
