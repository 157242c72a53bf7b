"""What people say about a LoRA when they bring it: the part of a card that no file can tell."""

from pydantic import Field, ValidationError

from engine.errors import BadRequest
from engine.messages import LoraKind, Message, Rating, Trigger


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


def facts_from_json(text: str, file: str) -> CardFacts:
    """The facts in a card file; fields of other programs are ignored.

    Raises `BadRequest` naming the file and the field that is wrong.
    """
    try:
        return _Loose.model_validate_json(text).facts()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "card"
        raise BadRequest(name=f"{where} of {file}", value="?", valid=first["msg"]) from error


class _Loose(CardFacts, extra="ignore"):
    """The same, but tolerant of more fields (figures, notes)."""

    def facts(self) -> CardFacts:
        return CardFacts.model_validate(self.model_dump())
