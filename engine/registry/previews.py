"""What a preview shows: the base beside the LoRA, same seeds, with and without its trigger."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.families.emphasis import as_letters
from engine.families.facts import Family
from engine.messages import Base, Card, LoraKind, Message, Plan, PlannedLora, Probe
from engine.registry.compat import Fits, Refused, suits
from engine.tuning.strength import PROBED

SEED: Final = 20_250
SEEDS: Final = 2
"""Pictures of each cell: one could be luck."""
STRENGTHS: Final = (0.5, 1.0, 1.5)
"""Parts of its own weight that a LoRA is shown at."""
MOST_WEIGHT: Final = 2.0
PROBE_STEPS: Final = 10
"""Steps of the bare base on whose way a LoRA is measured: its pictures are not looked at."""
BARE, WOKEN = "without trigger", "with trigger"
_SUBJECTS: Final[frozenset[LoraKind]] = frozenset({"character", "object", "concept"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A neutral prompt of a family; `{}` is where a subject's trigger stands."""

    bare: str
    subject: str


SCENES: Final[Mapping[str, Scene]] = MappingProxyType(
    {"miniature": Scene("a red circle on a blue background", "{} on a blue background")}
)
PEOPLE: Final = Scene("a portrait of a person in a garden, daylight", "{}, in a garden, daylight")
PLACES: Final = Scene("a house beside a lake, a tree, daylight", "{}, in a garden, daylight")


class Cell(Message):
    """One place of the sheet: which row, which weight (None: the base alone)."""

    row: str
    weight: float | None = None

    @property
    def title(self) -> str:
        """What stands above it."""
        return "base alone" if self.weight is None else f"weight {self.weight:g}"


@dataclass(frozen=True, slots=True)
class Preview:
    """A job to be: its place on the sheet and its plan."""

    cell: Cell
    plan: Plan


def choose_base(card: Card, bases: tuple[Base, ...]) -> Base | None:
    """The first base (the default comes first) that this LoRA was made for.

    Else the first that it acts on with a warning.
    """
    able = [base for base in bases if not isinstance(suits(card, base), Refused)]
    made_for = [base for base in able if isinstance(suits(card, base), Fits)]
    return next(iter((*made_for, *able)), None)


def weights(card: Card) -> tuple[float, ...]:
    """The weights that a LoRA is shown at: a slider goes both ways."""
    if card.kind == "slider":
        return (-card.weight, card.weight, min(MOST_WEIGHT, 2 * card.weight))
    found = (round(part * card.weight, 2) for part in STRENGTHS)
    return tuple(max(-MOST_WEIGHT, min(MOST_WEIGHT, weight)) for weight in found)


def previews(card: Card, base: Base, family: Family) -> tuple[Preview, ...]:
    """Every job of the sheet, row by row: first the base alone, then the LoRA's weights."""
    trigger = ", ".join(each.word for each in card.triggers[:1])
    rows = ((BARE, ""), (WOKEN, trigger)) if trigger else ((BARE, ""),)
    return tuple(
        Preview(Cell(row=row, weight=weight), _plan(card, base, family, woken_by, weight))
        for row, woken_by in rows
        for weight in (None, *weights(card))
    )


def probe(card: Card, base: Base, family: Family) -> Plan:
    """The job that measures how far a LoRA moves a base, without its trigger and with it."""
    trigger = ", ".join(each.word for each in card.triggers[:1])
    words = [prompt(card.kind, each, base.family) for each in ("", trigger)[: 1 + bool(trigger)]]
    plan = _plan(card, base, family, "", 1.0)
    asked = Probe(weights=PROBED, prompts=tuple(words))
    steps = min(family.steps, PROBE_STEPS)
    return plan.model_copy(update={"probe": asked, "steps": steps})


def prompt(kind: LoraKind, trigger: str, family: str) -> str:
    """The neutral prompt of a kind of LoRA, with a trigger in it when there is one."""
    scene = SCENES.get(family, PEOPLE if kind == "character" else PLACES)
    if not trigger:
        return scene.bare
    word = as_letters(trigger)
    return scene.subject.format(word) if kind in _SUBJECTS else f"{scene.bare}, {word}"


def _plan(card: Card, base: Base, family: Family, trigger: str, weight: float | None) -> Plan:
    lora = PlannedLora(
        name=card.name,
        weight=weight or 0.0,
        trigger=trigger,
        reason="its own preview",
        kind=card.kind,
        sha256=card.sha256,
        entry=card.entry,
    )
    return Plan(
        base=base.name,
        family=base.family,
        prompt=prompt(card.kind, trigger, base.family),
        negative_prompt=family.negative_prompt,
        loras=() if weight is None else (lora,),
        width=family.size.width,
        height=family.size.height,
        steps=family.steps,
        guidance=family.guidance,
        scheduler=family.schedulers[0],
        seed=SEED,
        count=SEEDS,
        words=f"preview of {card.name}",
    )
