"""Which LoRAs act on which bases: the compatibility table of the field notes, as data."""

from collections.abc import Iterable
from dataclasses import dataclass

_XL = ("sdxl", "pony", "illustrious", "noobai", "noobai-vpred")
_FLUX = ("flux1", "flux1-dev", "flux1-schnell", "flux1-kontext", "flux1-krea", "flux1-fill")


@dataclass(frozen=True, slots=True)
class Fits:
    """Made for it."""


@dataclass(frozen=True, slots=True)
class FitsWithWarning:
    """It loads and acts, but was made for a relative."""

    warning: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It can't act there; `fits` are the families where it can."""

    fits: tuple[str, ...]


Verdict = Fits | FitsWithWarning | Refused

_RELATED: dict[tuple[str, str], str] = {
    **{
        (lora, base): f"made for {lora}: on {base} the look may shift"
        for lora in _XL
        for base in _XL
        if lora != base
    },
    **{
        ("flux1", base): "made for FLUX.1 dev: the look may shift"
        for base in _FLUX
        if base not in ("flux1", "flux1-dev")
    },
    **{
        (lora, base): f"made for {lora}: on {base} the look may shift"
        for lora in _FLUX
        for base in _FLUX
        if lora not in (base, "flux1") and {lora, base} != {"flux1", "flux1-dev"}
    },
    **{(lora, "chroma"): "made for FLUX.1: modulation layers are dropped" for lora in _FLUX},
    **{("chroma", base): "made for Chroma: the look may shift" for base in _FLUX},
    ("sd3-medium", "sd35-medium"): "made for SD3 medium: the look may shift",
    ("sd35-medium", "sd3-medium"): "made for SD3.5 medium: works only without its second attention",
    ("qwen-image", "qwen-image-edit"): "made for Qwen-Image: the look may shift",
    ("qwen-image-edit", "qwen-image"): "made for Qwen-Image-Edit: the look may shift",
}
"""(LoRA's family, base's family) -> warning: the cells "loads, degraded" of the table."""
_SAME: frozenset[frozenset[str]] = frozenset({frozenset({"flux1", "flux1-dev"})})
"""Two names for one thing."""


def fits(lora_family: str, base_family: str) -> Verdict:
    """Whether a LoRA of one family acts on a base of another; families as in the field notes.

    Sub-families (pony, illustrious, noobai, flux1-schnell ...) count as families of their own.
    A family that the table doesn't know fits only itself; `ambiguous:a|b` fits nothing.
    """
    if lora_family == base_family or frozenset({lora_family, base_family}) in _SAME:
        return Fits()
    warning = _RELATED.get((lora_family, base_family))
    if warning is not None:
        return FitsWithWarning(warning)
    return Refused(families_for(lora_family))


def families_for(lora_family: str) -> tuple[str, ...]:
    """Families on which a LoRA acts, its own first."""
    if lora_family.startswith("ambiguous"):
        return ()
    related = sorted(base for lora, base in _RELATED if lora == lora_family)
    return (lora_family, *related)


def fits_all(lora_families: Iterable[str], base_family: str) -> bool:
    """Whether every one of these LoRAs acts on a base."""
    return not any(isinstance(fits(family, base_family), Refused) for family in lora_families)
