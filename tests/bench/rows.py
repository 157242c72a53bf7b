"""One line of the benchmark table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and what it is held against in the same run when there is a baseline."""

    bench: str
    what: str
    value: float
    unit: str
    baseline: str = ""
    ratio: float | None = None
    aim: str = ""
