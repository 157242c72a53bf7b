"""What a LoRA is besides its base: sub-family, kind, and the strength its maker names."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from engine.formats.claim import Claim
from engine.formats.metadata import json_object, said

Kind = Literal["lora", "slider", "speed", "control-lora"]

_NAME_KEYS = ("ss_output_name", "modelspec.title", "sidecar.name")
_SPEED = re.compile(
    r"(\b|_)(lcm|lightning|hyper[-_ .]?(sd|flux|1[._]58|sdxl)\w*|(?<!image[-_ ])turbo|dmd2?|"
    r"tcd|pcm|sdxl[-_]?flash|flash[-_ ]?sd\w*|lightx2v|causvid|accvid|fusionx|self[-_ ]?forcing|"
    r"(cfg|step)[-_ ]?distill\w*|[48][-_ ]?steps?)(\b|_)"
)
_SLIDER = re.compile(r"slider")
_CONTROL = re.compile(
    r"(\b|_)(control[-_ ]?lora|(depth|canny|pose|tile|inpaint)[-_ ]control)(\b|_)"
)
_HINT = re.compile(
    r"(?:weight|strength|multiplier|scale)s?\s*(?:of|is|at|:|=|~)?\s*(?:around|about|between)?\s*"
    r"(-?\d(?:\.\d{1,3})?)(?!\d)(?:\s*(?:-|\u2013|to|and)\s*(\d(?:\.\d{1,3})?))?",
    re.IGNORECASE,
)
_SDXL: tuple[tuple[str, str], ...] = (
    (r"noob", "noobai"),
    (r"illustrious|(\b|_)il(xl)?(\b|_)|\bwai", "illustrious"),
    (r"pony", "pony"),
    (r"animagine", "animagine"),
)


def sub_family(bases: Sequence[str], claim: Claim, metadata: Mapping[str, str]) -> str | None:
    """Which branch of a base it was trained on, as far as layers prove or metadata claim it."""
    if len(bases) != 1:
        return None
    words = " ".join(
        said(metadata, key)
        for key in (
            "ss_sd_model_name", "ss_base_model_version", "modelspec.architecture",
            "sidecar.base", "base_model",
        )
    ).lower()  # fmt: skip
    branch = _BRANCHES.get(bases[0])
    return branch(claim, words, metadata) if branch is not None else None


def kind_of(metadata: Mapping[str, str], file_stem: str, claim: Claim) -> Kind:
    """`control-lora` by its layers; `slider` or `speed` by its name; else `lora`."""
    if claim.traits & {"control", "picture-input"}:
        return "control-lora"
    names = " ".join([file_stem, *(said(metadata, key) for key in _NAME_KEYS)]).lower()
    if _CONTROL.search(names):
        return "control-lora"
    if _SLIDER.search(names):
        return "slider"
    return "speed" if _SPEED.search(names) else "lora"


def recommended_weight(metadata: Mapping[str, str]) -> float | None:
    """The strength that a file beside it or the maker's usage hint (ModelSpec) names."""
    beside = said(metadata, "sidecar.weight")
    try:
        weight = float(beside) if beside else 0.0
    except ValueError:
        weight = 0.0
    if not weight:
        hint = said(metadata, "modelspec.usage_hint")
        tips = json_object(metadata.get("modelspec.usage_hint", ""))
        told = tips.get("strength", tips.get("weight"))
        match = _HINT.search(hint)
        if isinstance(told, int | float) and not isinstance(told, bool):
            weight = float(told)
        elif match:
            low, high = float(match[1]), float(match[2] or match[1])
            weight = round((low + high) / 2, 3)
        elif re.fullmatch(r"-?\d(\.\d{1,3})?", hint):
            weight = float(hint)
    return weight if 0 < abs(weight) <= 2 else None


def _flux(claim: Claim, words: str, _: Mapping[str, str]) -> str | None:
    """FLUX.1's branches share all layers; only guidance layers prove dev."""
    is_control = "control" in claim.traits
    if is_control or "guidance" in claim.traits:
        return "flux1-dev-control" if is_control else "flux1-dev"
    for name in ("kontext", "fill", "krea", "schnell", "dev"):
        if re.search(rf"flux.*{name}|^{name}", words):
            return f"flux1-{name}"
    if re.search(r"flux\.?1.?s\b", words):
        return "flux1-schnell"
    return "flux1-dev" if re.search(r"flux\.?1.?d\b", words) else None


def _sdxl(_: Claim, words: str, metadata: Mapping[str, str]) -> str | None:
    for pattern, family in _SDXL:
        if re.search(pattern, words):
            is_v = said(metadata, "modelspec.prediction_type").lower().startswith("v")
            is_v |= said(metadata, "ss_v_parameterization").lower() == "true"
            is_v |= bool(re.search(r"v.?pred", words))
            return "noobai-vpred" if family == "noobai" and is_v else family
    return None


def _auraflow(_: Claim, words: str, __: Mapping[str, str]) -> str | None:
    return "pony-v7" if "pony" in words else None


def _qwen(_: Claim, words: str, __: Mapping[str, str]) -> str | None:
    if "2509" in words and "edit" in words:
        return "qwen-image-edit-2509"
    return "qwen-image-edit" if "edit" in words else None


def _z_image(_: Claim, words: str, __: Mapping[str, str]) -> str | None:
    if "turbo" in words:
        return "z-image-turbo"
    return "z-image-base" if "base" in words else None


def _wan(_: Claim, words: str, metadata: Mapping[str, str]) -> str | None:
    if not re.search(r"wan(.?video)?.?(2[._]2|22)", words):
        return None
    names = " ".join([words, *(said(metadata, key).lower() for key in _NAME_KEYS)])
    for noise in ("high", "low"):
        if re.search(rf"{noise}([_ -]?noise)?", names):
            return f"wan2.2-{noise}-noise"
    return "wan2.2"


_BRANCHES: Mapping[str, Callable[[Claim, str, Mapping[str, str]], str | None]] = {
    "flux1": _flux,
    "sdxl": _sdxl,
    "auraflow": _auraflow,
    "qwen-image": _qwen,
    "z-image": _z_image,
    "wan-14b": _wan,
    "wan-14b-i2v": _wan,
}
