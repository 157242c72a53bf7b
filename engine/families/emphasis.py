r"""Weights inside a prompt, as the A1111 web UI reads them: pure rules.

`(word)` is 1.1 times as strong, `((word))` 1.21, `[word]` 1/1.1, `(word:1.3)` exactly 1.3 times;
`\(` and its kin are the letters themselves; what is not closed counts to the end. `BREAK` in
capitals fills the rest of a chunk, so that what follows begins a new one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

STRONGER: Final = 1.1
MOST: Final = 10.0
"""No weight is larger, however many brackets there are."""
BEYOND: Final = 1e6
BREAK: Final = re.compile(r"\s*\bBREAK\b\s*")
_PARTS: Final = re.compile(
    r"(?P<escaped>\\[()\[\]\\])|(?P<open>[(\[])|:\s*(?P<weight>[+-]?\d*\.?\d+)\s*\)"
    r"|(?P<close>[)\]])|(?P<words>[^\\()\[\]:]+|.)",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\([()\[\]])")
_CLOSES: Final = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one weight; `breaks` when a new chunk begins before them."""

    words: str
    weight: float = 1.0
    breaks: bool = False


@dataclass(slots=True)
class _Run:
    words: str
    weight: float = 1.0


def pieces(prompt: str) -> tuple[Piece, ...]:
    """The prompt as runs of one weight each, brackets taken off."""
    runs = _runs(prompt)
    found: list[Piece] = []
    for run in runs:
        weight = min(max(run.weight, -MOST), MOST)
        for place, words in enumerate(BREAK.split(run.words)):
            piece = Piece(words, weight, breaks=place > 0)
            before = found[-1] if found else None
            if before is not None and before.weight == weight and not piece.breaks:
                found[-1] = Piece(before.words + words, weight, before.breaks)
            elif words or piece.breaks:
                found.append(piece)
    return tuple(found)


def plain(prompt: str) -> str:
    """The words alone: weights, escapes and breaks taken off."""
    return " ".join("".join(_spaced(pieces(prompt))).split())


def is_weighted(prompt: str) -> bool:
    """Whether some words weigh more or less than others, or a break is in it."""
    return any(piece.weight != 1.0 or piece.breaks for piece in pieces(prompt))


def escaped(words: str) -> str:
    """Words that shall be read as they are."""
    return re.sub(r"([()\[\]\\])", r"\\\1", words)


def as_letters(word: str) -> str:
    """A trigger word with its brackets as letters, whether its file had escaped them or not."""
    return escaped(_ESCAPED.sub(r"\1", word))


def _spaced(found: tuple[Piece, ...]) -> Iterator[str]:
    for piece in found:
        yield f" {piece.words}" if piece.breaks else piece.words


def _runs(prompt: str) -> list[_Run]:
    runs: list[_Run] = []
    opened: list[tuple[str, int]] = []
    for part in _PARTS.finditer(prompt):
        if part["escaped"]:
            runs.append(_Run(part["escaped"][1]))
        elif part["open"]:
            opened.append((part["open"], len(runs)))
        elif part["weight"] is not None and opened and opened[-1][0] == "(":
            _scale(runs, opened.pop()[1], float(part["weight"]))
        elif part["close"] and opened and opened[-1][0] == _CLOSES[part["close"]]:
            _scale(runs, *_bracket(opened.pop()))
        else:
            runs.append(_Run(part[0]))
    for left in reversed(opened):
        _scale(runs, *_bracket(left))
    return runs


def _bracket(opened: tuple[str, int]) -> tuple[int, float]:
    letter, start = opened
    return start, STRONGER if letter == "(" else 1 / STRONGER


def _scale(runs: list[_Run], start: int, factor: float) -> None:
    for run in runs[start:]:
        # Bounded at every step: what a stranger nests must not become infinite.
        run.weight = min(max(run.weight * factor, -BEYOND), BEYOND)
