"""Speed LoRAs: steps, guidance and sampler that each kind was made for, as their makers say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.families.facts import Family

ALONE: Final = 1.0
"""Guidance that costs no second row: distilled LoRAs have it within."""
_STEPS = re.compile(r"(?<!\d)(\d{1,2})[\s_-]*steps?\b")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a speed LoRA wants to be drawn with."""

    kind: str
    steps: int
    guidance: float
    scheduler: str


_SD: Final = ("sd1", "sd2", "sdxl")
_FLOWING: Final = ("sd3-medium", "sd35-medium", "sd35-large", "flux1")
PACES: Final[tuple[tuple[str, tuple[str, ...], Pace], ...]] = (
    (r"lightning", _SD, Pace("Lightning", 4, ALONE, "Euler SGM Uniform")),
    (r"dmd", _SD, Pace("DMD2", 4, ALONE, "LCM")),
    (r"hyper", _SD, Pace("Hyper-SD", 8, ALONE, "DDIM SGM Uniform")),
    (r"hyper", ("flux1",), Pace("Hyper", 8, 3.5, "Flow Euler")),
    (r"hyper", _FLOWING, Pace("Hyper", 8, 3.0, "Flow Euler")),
    (r"turbo", _SD, Pace("Turbo", 4, ALONE, "Euler a SGM Uniform")),
    (r"turbo", _FLOWING, Pace("Turbo", 8, 3.5, "Flow Euler")),
    (r"tcd", _SD, Pace("TCD", 4, ALONE, "TCD")),
    (r"lcm", _SD, Pace("LCM", 6, 1.5, "LCM")),
    (r"lightning|\b[48][\s_-]*steps?", ("qwen-image",), Pace("Lightning", 8, ALONE, "Flow Euler")),
)
"""Word in its name, families, pace: the first that fits. Steps in its name win."""


def pace_of(names: Iterable[str], family: Family) -> Pace | None:
    """The pace of a speed LoRA with these names on a family; None when no kind is known by them."""
    words = " ".join(names).lower()
    for pattern, families, pace in PACES:
        if family.name not in families or not re.search(pattern, words):
            continue
        told = _STEPS.search(words)
        steps = int(told[1]) if told and int(told[1]) else pace.steps
        low, high = family.guidance_range
        return Pace(
            pace.kind,
            min(steps, family.most_steps),
            min(max(pace.guidance, low), high),
            pace.scheduler if pace.scheduler in family.schedulers else family.schedulers[0],
        )
    return None
