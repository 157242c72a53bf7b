"""A look made of words, the looks that come with Atelier, and the port for a space's own."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Protocol

from pydantic import Field, field_validator

from engine.messages import LoraKind, Message, Search, SpaceId

UNTAUGHT = frozenset({"miniature"})
"""Families whose base knows none of these words."""
TAGGED = frozenset({"sd1", "pony", "illustrious", "noobai", "noobai-vpred"})
"""Families that were taught with tags, not with sentences."""


MOST_CALLED_CHARS = 80
_TAG = re.compile(r"<\s*(?:lora|lyco)\s*:", re.IGNORECASE)
_FORMAT = re.compile(r"\d{1,2}:\d{1,2}|[a-z]{4,12}", re.IGNORECASE)


class WordLook(Message):
    """A manner as prompt parts: no file, no trigger, no weight."""

    name: str = Field(min_length=1, max_length=80)
    kind: LoraKind = "style"
    called: tuple[str, ...] = Field(min_length=1, max_length=20)
    """What people say for it, lower case."""
    prompt: str = Field(min_length=1, max_length=400)
    tags: str = Field(default="", max_length=400)
    negative: str = Field(default="", max_length=200)
    aspect: str | None = Field(default=None, max_length=20)
    """Format that suits it, when the person names none; so are steps and guidance."""
    steps: int | None = Field(default=None, ge=1, le=150)
    guidance: float | None = Field(default=None, ge=0, le=30)
    is_own: bool = False
    """Whether the space wrote it itself, for its own bases."""

    @field_validator("name", "prompt", "tags", "negative")
    @classmethod
    def _is_plain(cls, text: str) -> str:
        """One line of words: no control characters, no LoRA tags of other programs."""
        plain = " ".join(
            "".join(char for char in text if char.isprintable() or char in " \n").split()
        )
        if _TAG.search(plain):
            raise ValueError("a LoRA tag")
        return plain

    @field_validator("called")
    @classmethod
    def _are_short(cls, called: tuple[str, ...]) -> tuple[str, ...]:
        if any(not 0 < len(said) <= MOST_CALLED_CHARS for said in called):
            raise ValueError("a name that is too long")
        return called

    @field_validator("aspect")
    @classmethod
    def _is_a_format(cls, aspect: str | None) -> str | None:
        if aspect and not _FORMAT.fullmatch(aspect):
            raise ValueError("not a format")
        return aspect or None

    def part(self, family: str) -> str:
        """Its words for a base of this family; a space's own are for the bases that it has."""
        if family in UNTAUGHT:
            return self.prompt if self.is_own else ""
        return self.tags if self.tags and family in TAGGED else self.prompt


class Catalogue(Protocol):
    """Where a space's looks in words come from."""

    async def looks(self, space: SpaceId) -> tuple[WordLook, ...]:
        """Looks that this space may use, its own before those of the house."""
        ...


class BuiltIn:
    """Implements `Catalogue`: the same looks for everybody."""

    async def looks(self, space: SpaceId) -> tuple[WordLook, ...]:
        """The looks that come with Atelier."""
        return built_in()


@cache
def built_in() -> tuple[WordLook, ...]:
    """The looks of `looks.toml`, in its order."""
    text = files("engine.director.catalogue").joinpath("looks.toml").read_text(encoding="utf-8")
    return tuple(WordLook.model_validate(row) for row in tomllib.loads(text)["look"])


def look_named(name: str, shelf: Iterable[WordLook]) -> WordLook | None:
    """The look of this name, in any case."""
    wanted = name.casefold()
    return next((look for look in shelf if look.name.casefold() == wanted), None)


def answering(search: Search, shelf: Iterable[WordLook]) -> tuple[WordLook, ...]:
    """Looks that a search means: of its kinds, and every word is in a name or what it is called.

    They act on every base that knows words at all.
    """
    words = search.query.casefold().split()
    is_untaught = bool(search.families) and UNTAUGHT.issuperset(search.families)
    found = []
    for look in shelf:
        if is_untaught and not look.is_own:
            continue
        if search.kinds and look.kind not in search.kinds:
            continue
        told = f"{look.name} {look.kind} {' '.join(look.called)}".casefold()
        if all(word.removesuffix("s") in told for word in words):
            found.append(look)
    return tuple(found)
