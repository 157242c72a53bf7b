"""Which LoRAs act on which bases: the compatibility table of the field notes, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.families.distilled import kind_of
from engine.messages import Base, Card

_XL = ("sdxl", "pony", "illustrious", "noobai", "noobai-vpred", "animagine")
_FLUX = ("flux1", "flux1-dev", "flux1-schnell", "flux1-kontext", "flux1-krea", "flux1-fill")
_VELOCITY = frozenset({"noobai-vpred"})
"""Branches that predict velocity: what was trained on noise looks washed out there."""
_DISTILLED = frozenset({"flux1-schnell", "z-image-turbo"})
"""Branches that draw in few steps by themselves."""
_QWEN = ("qwen-image", "qwen-image-edit", "qwen-image-edit-2509")
_Z_IMAGE = ("z-image", "z-image-turbo", "z-image-base")
_WAN = ("wan-14b", "wan2.2", "wan2.2-high-noise", "wan2.2-low-noise")


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
    why: Literal["family", "few_steps"] = "family"
    """Made for another family, or a speed LoRA where the base draws in few steps by itself."""


Verdict = Fits | FitsWithWarning | Refused


def _alike(names: Iterable[str], warning: str) -> dict[tuple[str, str], str]:
    """Every one of these on every other, with a warning that may name the first."""
    listed = tuple(names)
    return {
        (lora, base): warning.format(lora=lora, base=base)
        for lora in listed
        for base in listed
        if lora != base
    }


_SHIFTS = "made for {lora}: on {base} the look may shift"
_RELATED: dict[tuple[str, str], str] = {
    **_alike(_XL, _SHIFTS),
    **{
        (lora, base): f"made for {lora}: {base} predicts another way, colours may break"
        for lora in _XL
        for base in _XL
        if (lora in _VELOCITY) != (base in _VELOCITY)
    },
    **_alike(_FLUX, _SHIFTS),
    **{
        (lora, "flux1-schnell"): f"made for {lora}: schnell draws in few steps, use 0.8 to 1.0"
        for lora in _FLUX
        if lora != "flux1-schnell"
    },
    **{(lora, "chroma"): "made for FLUX.1: modulation layers are dropped" for lora in _FLUX},
    **{("chroma", base): "made for Chroma: the look may shift" for base in _FLUX},
    ("sd3-medium", "sd35-medium"): "made for SD3 medium: the look may shift",
    ("sd35-medium", "sd3-medium"): "made for SD3.5 medium: works only without its second attention",
    **_alike(_QWEN, _SHIFTS),
    **_alike(_Z_IMAGE, _SHIFTS),
    **_alike(_WAN, _SHIFTS),
    **_alike(("auraflow", "pony-v7"), _SHIFTS),
}
"""(LoRA's family, base's family) -> warning: the cells "loads, degraded" of the table."""
_SAME: frozenset[frozenset[str]] = frozenset({frozenset({"flux1", "flux1-dev"})})
"""Two names for one thing."""


def fits(lora_family: str, base_family: str, kind: str = "") -> Verdict:
    """Whether a LoRA of one family acts on a base of another; families as in the field notes.

    Sub-families (pony, illustrious, noobai, flux1-schnell ...) count as families of their own.
    A family that the table doesn't know fits only itself; `ambiguous:a|b` fits nothing. A `speed`
    LoRA goes with a number of steps and a sampler, so it always fits with a warning, and not at
    all where the base itself draws in few steps.
    """
    is_speed = kind == "speed"
    if is_speed and base_family in _DISTILLED:
        able = tuple(name for name in families_for(lora_family) if name not in _DISTILLED)
        return Refused(able, "few_steps")
    warning = _RELATED.get((lora_family, base_family))
    is_same = lora_family == base_family or frozenset({lora_family, base_family}) in _SAME
    if lora_family.startswith("ambiguous") or not (is_same or warning):
        return Refused(families_for(lora_family))
    if is_speed:
        told = "a speed LoRA: it needs its own number of steps and guidance"
        return FitsWithWarning(told if is_same or not warning else f"{told}; {warning}")
    if is_same:
        return Fits()
    return FitsWithWarning(warning or "")


def family_named(base: str, sub_family: str | None) -> str:
    """The family that the table knows a file by: its branch, where that is one, else its base."""
    known = {name for pair in _RELATED for name in pair}
    return sub_family if sub_family in known and sub_family is not None else base


def acts_as(base: Base) -> str:
    """The family that the table knows a base by: its branch (Pony, Illustrious ...), if any."""
    return family_named(base.family, base.sub_family or None)


def suits(card: Card, base: Base) -> Verdict:
    """Whether a LoRA acts on a base, asked of all that is known of both: family, branch, pace."""
    acts, kind = acts_as(base), kind_of(base.family, base.distilled)
    verdict = fits(card.family, acts, card.kind)
    if kind is None or isinstance(verdict, Refused):
        return verdict
    if card.kind == "speed":
        return Refused(families_for(card.family), "few_steps")
    if isinstance(verdict, Fits) and card.family not in _DISTILLED:
        return FitsWithWarning(f"{kind.title} draws in few steps, use 0.8 to 1.0")
    return verdict


def all_suit(cards: Iterable[Card], base: Base) -> bool:
    """Whether every one of these LoRAs acts on a base."""
    return not any(isinstance(suits(card, base), Refused) for card in cards)


def families_for(lora_family: str) -> tuple[str, ...]:
    """Families on which a LoRA acts, its own first."""
    if lora_family.startswith("ambiguous"):
        return ()
    related = sorted(base for lora, base in _RELATED if lora == lora_family)
    return (lora_family, *related)
