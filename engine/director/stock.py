"""What a plan may be made of, and its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.families.facts import Family
from engine.messages import Base, Card


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What one plan may ask for."""

    most_pictures: int = 4
    most_looks: int = 6
    most_weight: float = 2.0
    """Largest strength of a LoRA; sliders may go as far below zero."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What a plan may be made of: this space's approved cards, the bases (default first)."""

    cards: tuple[Card, ...]
    bases: tuple[Base, ...]
    families: Mapping[str, Family]
    limits: PlanLimits = field(default_factory=PlanLimits)
