"""What a plan may be made of, and its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.director.catalogue import WordLook, built_in
from engine.families.facts import Family
from engine.messages import EVERY_RATING, Base, Card, Rating
from engine.tuning.taste import Nudge


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
    catalogue: tuple[WordLook, ...] = field(default_factory=built_in)
    nudges: Mapping[str, Nudge] = field(default_factory=dict)
    """Factors on the weights of looks, by name, from what people said of them."""
    ratings: frozenset[Rating] = EVERY_RATING
    """Ratings that the place allows."""
