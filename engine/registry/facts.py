"""What people say about a LoRA when they bring it: the part of a card that no file can tell."""

from typing import Literal

from pydantic import Field, ValidationError

from engine.errors import BadRequest
from engine.messages import LoraKind, Message, Rating, Trigger
from engine.validity import first_problem

UNNAMED = "unnamed"
"""Stands for a name that nobody said: the file's own is taken."""
Answer = Literal["unasked", "no", "yes"]


class CardFacts(Message):
    """A card to be. `family` is only compared: the file's tensors decide."""

    name: str = Field(min_length=1, max_length=80)
    aliases: tuple[str, ...] = Field(default=(), max_length=50)
    kind: LoraKind = "style"
    family: str | None = None
    triggers: tuple[Trigger, ...] = Field(default=(), max_length=50)
    tags: tuple[str, ...] = Field(default=(), max_length=100)
    description: str = Field(default="", max_length=4_000)
    weight: float = Field(default=1.0, ge=-2, le=2)
    rating: Rating = "general"
    licence: str = Field(default="", max_length=200)
    consent: str = Field(default="", max_length=200)
    """Who allowed it, where a real person or a brand is shown."""
    creator: str = Field(default="", max_length=200)
    source: str = Field(default="", max_length=500)
    """Where it was published."""
    real_person: Answer = "unasked"
    brand: Answer = "unasked"
    replaces: str = Field(default="", max_length=80)
    """Name of the look whose newer version this is."""


def facts_from_json(text: str, file: str) -> CardFacts:
    """The facts in a card file; fields of other programs are ignored.

    Raises `BadRequest` naming the file and the field that is wrong.
    """
    try:
        return _Loose.model_validate_json(text).facts()
    except ValidationError as error:
        name, _, valid = first_problem(error)
        where = name or "card"
        raise BadRequest(name=f"{where} of {file}", value="?", valid=valid) from error


class _Loose(CardFacts, extra="ignore"):
    """The same, but tolerant of more fields (figures, notes)."""

    def facts(self) -> CardFacts:
        return CardFacts.model_validate(self.model_dump())
