"""What a language model is asked and answers; the port in front of whoever runs it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from engine.messages import Verdict

Kind = Literal[
    "generate", "edit", "reroll", "variation", "upscale", "search", "info", "status", "cancel",
    "delete", "feedback", "train", "help", "chat",
]  # fmt: skip


class NamedLook(BaseModel):
    """A look that the words call, with the person's own words as evidence."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(max_length=80, description="Exactly a name from the list of looks")
    said: str = Field(max_length=200, description="The person's own words that call it, verbatim")
    strength: float | None = Field(default=None, ge=-2, le=2, description="Only if they said one")


class Understood(BaseModel):
    """The answer's form. Whatever it holds is only a proposal."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    prompt: str = Field(
        default="",
        max_length=4_000,
        description="What the picture shows, in the person's words, without politeness, settings, "
        "strengths and trigger words. For an edit: the whole new prompt.",
    )
    negative_prompt: str = Field(default="", max_length=1_500, description="What must not show")
    looks: tuple[NamedLook, ...] = Field(
        default=(), max_length=12, description="For an edit: all looks after the change"
    )
    word_looks: tuple[str, ...] = Field(default=(), max_length=3)
    width: int | None = Field(default=None, ge=1, le=100_000)
    height: int | None = Field(default=None, ge=1, le=100_000)
    aspect: str | None = Field(default=None, max_length=20, description="Such as 16:9 or portrait")
    steps: int | None = Field(default=None, ge=1, le=10_000)
    guidance: float | None = Field(default=None, ge=0, le=100)
    count: int | None = Field(default=None, ge=1, le=1_000)
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    base: str | None = Field(default=None, max_length=60)
    verdict: Verdict | None = Field(default=None, description="Only for feedback")
    query: str = Field(default="", max_length=100, description="Only for a search")
    about: str = Field(default="", max_length=80, description="Only for info: a look's name")
    question: str = Field(
        default="",
        max_length=300,
        description="When the words fit several looks equally: one question naming them",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what it cost."""

    understood: Understood
    tokens: int


class Understander(Protocol):
    """Runs one question against a language model."""

    async def understand(
        self, instructions: str, question: str, pictures: tuple[bytes, ...] = ()
    ) -> Answer:
        """The answer in its form; raises `NoAnswer` for whatever goes wrong.

        Pictures are JPEG, for a language model that sees.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
