"""The port for whatever turns words into an Intent."""

from typing import Protocol

from pydantic import Field

from engine.messages import Base, Card, JobId, Message, Plan, Reading


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


class Reader(Protocol):
    """Turns words into an Intent; never decides compatibility, approval or weights."""

    async def read(self, words: str, room: Room) -> Reading:
        """Read one turn. Never raises for what a person may type: asks instead."""
        ...
