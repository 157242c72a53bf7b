"""Ways to run a language model: one row each, imported when a reader first needs it."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.director.language.port import Understander
from engine.registration import Table
from engine.settings import DirectorSettings


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes an understander of the settings."""

    make: Callable[[DirectorSettings], Understander]


UNDERSTANDERS: Table[Maker] = Table(
    "language models", Maker, {"pydantic-ai": "engine.director.language.agent:MAKER"}
)
