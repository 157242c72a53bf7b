"""Bases that were taught to draw in few steps: how each kind wants to be drawn with.

Figures are those of their makers' cards (Stability, ByteDance, Latent Consistency, Black Forest
Labs); of merges by others (`turbo` on SDXL) those that their cards agree on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engine.families.facts import Family, Size
from engine.families.speed import ALONE, Pace


@dataclass(frozen=True, slots=True)
class Distilled:
    """One kind of few-step base."""

    name: str
    title: str
    families: tuple[str, ...]
    pace: Pace
    most_steps: int
    """Steps that it was made for, at most: more cost time and rarely help."""
    most_guidance: float
    words: str = ""
    """What its names have in them; empty for one that no name proves."""
    size: Size | None = None
    """Its own default size, where that is not its family's."""

    @property
    def told(self) -> str:
        """Steps, guidance and sampler in one line."""
        pace = self.pace
        return f"{pace.steps} steps, guidance {pace.guidance:g}, {pace.scheduler}"


_LCM: Final = r"(?<![a-z])lcm|lcm(?![a-z])"
_HYPER: Final = r"hyper(?![\W_]?(?:real|detail|net|ion|spac|punk))"
_XL: Final = ("sdxl",)
_HALF: Final = Size(512, 512)
DISTILLED: Final[tuple[Distilled, ...]] = (
    Distilled(
        "schnell", "FLUX.1 schnell", ("flux1-schnell",), Pace("schnell", 4, ALONE, "Flow Euler"),
        4, 1.0,
    ),
    Distilled(
        "sdxl-turbo", "SDXL Turbo", _XL, Pace("Turbo", 4, ALONE, "Euler a SGM Uniform"), 4, 1.0,
        r"sd[\W_]?xl[\W_]?turbo", _HALF,
    ),
    Distilled(
        "turbo", "SDXL Turbo (merged)", _XL, Pace("Turbo", 6, 2.0, "DPM++ SDE Karras"), 8, 3.0,
        r"turbo",
    ),
    Distilled(
        "sd-turbo", "SD Turbo", ("sd2",), Pace("Turbo", 4, ALONE, "Euler SGM Uniform"), 4, 1.0,
        r"turbo", _HALF,
    ),
    Distilled(
        "sd35-turbo", "SD 3.5 Turbo", ("sd35-large", "sd35-medium"),
        Pace("Turbo", 4, ALONE, "Flow Euler"), 8, 1.0, r"turbo",
    ),
    Distilled(
        "flux-turbo", "FLUX.1 Turbo", ("flux1",), Pace("Turbo", 8, 3.5, "Flow Euler"), 12, 5.0,
        r"turbo",
    ),
    Distilled(
        "lightning", "SDXL Lightning", _XL, Pace("Lightning", 4, ALONE, "Euler SGM Uniform"), 8,
        2.0, r"lightning",
    ),
    Distilled(
        "hyper", "Hyper-SD", ("sd1", "sdxl"), Pace("Hyper-SD", 8, ALONE, "DDIM SGM Uniform"), 8,
        2.0, _HYPER,
    ),
    Distilled(
        "flux-hyper", "FLUX.1 Hyper", ("flux1",), Pace("Hyper", 8, 3.5, "Flow Euler"), 16, 5.0,
        _HYPER,
    ),
    Distilled("dmd2", "DMD2", _XL, Pace("DMD2", 4, ALONE, "LCM"), 8, 1.0, r"dmd2?(?![a-z])"),
    Distilled("lcm", "LCM", ("sd1", "sdxl"), Pace("LCM", 6, 1.5, "LCM"), 8, 2.0, _LCM),
    # Taught with guidance as an input, so it takes more of it, at the cost of no second row.
    Distilled("lcm-guided", "LCM", ("sd1", "sdxl"), Pace("LCM", 4, 8.0, "LCM"), 8, 14.0),
)  # fmt: skip
"""In the order in which names are read: the narrower words stand first."""


def kinds_of(family: str) -> tuple[str, ...]:
    """Names of the few-step kinds of a family."""
    return tuple(kind.name for kind in DISTILLED if family in kind.families)


def kind_of(family: str, name: str) -> Distilled | None:
    """What a base is, by its family and the kind it was taken in as; schnell is one by itself."""
    wanted = name or ("schnell" if family == "flux1-schnell" else "")
    found = (kind for kind in DISTILLED if kind.name == wanted and family in kind.families)
    return next(found, None)


def named(family: str, names: Iterable[str]) -> tuple[Distilled, str] | None:
    """The kind that one of these names says, and that name; None when none says one."""
    for said in names:
        for kind in DISTILLED:
            is_one = bool(kind.words) and family in kind.families
            if is_one and re.search(kind.words, said.lower()):
                return kind, said
    return None


def as_distilled(family: Family, name: str) -> Family:
    """The facts of a family as they are for a base of this kind; unchanged for any other base."""
    kind = kind_of(family.name, name)
    if kind is None:
        return family
    others = (each for each in family.schedulers if each != kind.pace.scheduler)
    sizes = family.sizes
    if kind.size is not None:
        sizes = (kind.size, *(size for size in sizes if size != kind.size))
    return replace(
        family,
        title=kind.title,
        sizes=sizes,
        steps=kind.pace.steps,
        guidance=kind.pace.guidance,
        schedulers=(kind.pace.scheduler, *others),
    )
