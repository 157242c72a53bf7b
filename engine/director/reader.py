"""The port for whatever turns words into an Intent."""

from typing import Protocol

from pydantic import Field

from engine.director.catalogue import WordLook, built_in
from engine.messages import Base, Card, JobId, Message, Plan, Reading, SpaceId


class Turn(Message):
    """One earlier turn: what was said, and the plan and job it led to, when it did."""

    words: str
    plan: Plan | None = None
    job: JobId | None = None
    reply: str = ""


class Room(Message):
    """What a reader may know: this space's approved cards, the bases, the talk so far."""

    cards: tuple[Card, ...] = ()
    bases: tuple[Base, ...] = ()
    turns: tuple[Turn, ...] = Field(default=(), max_length=100)
    catalogue: tuple[WordLook, ...] = Field(default_factory=built_in)
    """Looks in words that this space may use."""
    pictures: tuple[bytes, ...] = Field(default=(), max_length=8)
    """What was shown with the words, for a reader that sees: small and re-encoded."""
    space: SpaceId | None = None
    """Whose budget a reader spends; None is nobody's."""


class Reader(Protocol):
    """Turns words into an Intent; never decides compatibility, approval or weights."""

    @property
    def sees(self) -> bool:
        """Whether it looks at the pictures of a room."""
        ...

    async def read(self, words: str, room: Room) -> Reading:
        """Read one turn. Never raises for what a person may type: asks instead."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...
