"""What a LoRA is besides its base: sub-family, kind, and the strength its maker names."""

import re
from collections.abc import Mapping

from engine.formats.claim import Claim
from engine.formats.metadata import said

_NAME_KEYS = ("ss_output_name", "modelspec.title", "ss_sd_model_name")
_SPEED = re.compile(r"(\b|_)(lcm|lightning|hyper[-_ ]?(sd|flux)?|turbo|dmd2?|tcd|pcm)(\b|_)")
_SLIDER = re.compile(r"slider")
_HINT = re.compile(
    r"(?:weight|strength)s?\s*(?:of|is|at|:|=|~)?\s*(\d(?:\.\d{1,3})?)", re.IGNORECASE
)
_SDXL: tuple[tuple[str, str], ...] = (
    (r"noob", "noobai"),
    (r"illustrious|ilxl", "illustrious"),
    (r"pony", "pony"),
)


def sub_family(base: str | None, claim: Claim, metadata: Mapping[str, str]) -> str | None:
    """Which branch of a base it was trained on, as far as layers prove or metadata claim it."""
    if base == "flux1":
        return _flux(claim, metadata)
    if base == "sdxl":
        return _sdxl(metadata)
    return None


def kind_of(metadata: Mapping[str, str], file_stem: str) -> str:
    """`slider` or `speed` by its name, else `lora`; a name never decides more than that."""
    names = " ".join([file_stem, *(said(metadata, key) for key in _NAME_KEYS[:2])]).lower()
    if _SLIDER.search(names):
        return "slider"
    return "speed" if _SPEED.search(names) else "lora"


def recommended_weight(metadata: Mapping[str, str]) -> float | None:
    """A strength in the maker's usage hint (ModelSpec), between 0 and 2."""
    match = _HINT.search(said(metadata, "modelspec.usage_hint"))
    weight = float(match[1]) if match else 0.0
    return weight if 0 < weight <= 2 else None


def _flux(claim: Claim, metadata: Mapping[str, str]) -> str | None:
    if any("guidance_embedder" in module.path for module in claim.modules):
        return "flux1-dev"
    architecture = said(metadata, "modelspec.architecture").lower()
    for name in ("dev", "schnell"):
        if re.search(rf"flux.?1-{name}", architecture):
            return f"flux1-{name}"
    return None


def _sdxl(metadata: Mapping[str, str]) -> str | None:
    name = " ".join(
        said(metadata, key) for key in ("ss_sd_model_name", "ss_base_model_version")
    ).lower()
    for pattern, family in _SDXL:
        if re.search(pattern, name):
            is_v = said(metadata, "modelspec.prediction_type").lower().startswith("v")
            is_v |= bool(re.search(r"v.?pred", name))
            return "noobai-vpred" if family == "noobai" and is_v else family
    return None
