"""From a file's name of a layer to the network it is in and its name there.

Networks are called by the names that files use for them: `denoiser`, diffusers' `text_encoder_2`,
kohya's `te1`, ComfyUI's `clip_l`. Which text encoder of a base that is, `naming` knows.
"""

import re
from typing import NamedTuple

_DENOISERS = re.compile(
    r"((model\.)?diffusion_model|unet|transformer(_2)?|prior|net|conditional_transformer)\."
)
_BASE_MODEL = "base_model.model."
_TEXT_PART = re.compile(r"(text_encoder(?:_[234])?)\.")
_TEXT_COMFY = re.compile(r"text_encoders\.([A-Za-z0-9_]+)\.(?:transformer\.)?")
_COMFY_NAMES = frozenset({"clip_l", "clip_g", "clip_h", "t5xxl"})
_LEVELS = re.compile(r"(?:(?:text_model|model|language_model)[._])+")
"""Levels in front of a text encoder's layers that some classes have and others leave out."""
_FLAT = re.compile(
    r"(?:lora|oft)_(?P<network>unet|transformer|prior_unet|te[1-4]?|prior_te)_+|lycoris_(?:unet_)?"
    r"|Hunyuan_video_(?:I2V_)?lora_"
)


class Place(NamedTuple):
    """A network and a name in it; `flat` when its dots are underscores."""

    network: str
    name: str
    is_flat: bool = False


def dotted(name: str) -> Place:
    """The place of a name with dots, behind whatever fronts it has."""
    rest, network = name, "any"
    for _ in range(3):
        text = _TEXT_PART.match(rest) or _TEXT_COMFY.match(rest)
        if text is not None:
            inner = rest[text.end() :].removeprefix(_BASE_MODEL)
            is_other = rest.startswith("text_encoders.") and text[1] not in _COMFY_NAMES
            return Place("llm" if is_other else text[1], without_levels(inner))
        front = _DENOISERS.match(rest)
        if rest.startswith(_BASE_MODEL):
            rest = rest[len(_BASE_MODEL) :]
        elif front is not None:
            rest, network = rest[front.end() :], "denoiser"
        else:
            break
    # diffusers gives Anima's adapter a part of its own; its makers have it in the denoiser.
    if rest.startswith("text_conditioner."):
        rest = "llm_adapter." + rest.removeprefix("text_conditioner.")
    return Place(network, rest)


def flat(name: str) -> Place:
    """The place of a name with underscores; anything else is taken for a name with dots."""
    front = _FLAT.match(name)
    if front is None:
        return dotted(name)
    network = front["network"] or "unet"
    is_denoiser = network in ("unet", "transformer", "prior_unet")
    if is_denoiser:
        return Place("denoiser", name[front.end() :], is_flat=True)
    return Place(network, without_levels(name[front.end() :]), is_flat=True)


def without_levels(name: str) -> str:
    """A text encoder's layer without the levels that only some classes have."""
    return (
        _LEVELS.sub("", name, count=1) if name.startswith(("text_model", "model", "lang")) else name
    )
