"""Prompts for encoders that know no weights: the words alone, with notes of what was left out."""

from typing import Any, Final

from engine.families.emphasis import is_weighted, plain

SHOWN: Final = 6
"""Words that are quoted of what an encoder does not read."""


def taken(prompt: str, tokenizer: Any, longest: int, what: str = "prompt") -> tuple[str, list[str]]:
    """The words without weights, and what people should know of how they were taken."""
    notes = []
    words = plain(prompt)
    if is_weighted(prompt):
        notes.append(f"this base knows no weights: the {what} was read as plain words")
    count, lost = unread(words, tokenizer, longest)
    if lost:
        notes.append(
            f"the {what} has {count} tokens, this base reads {longest}: it was cut at “{lost}”"
        )
    return words, notes


def partly(words: str, tokenizer: Any, longest: int, what: str = "prompt") -> list[str]:
    """What people should know where some encoders stop early and another one reads on."""
    count, lost = unread(words, tokenizer, longest)
    if not lost:
        return []
    return [
        f"the {what} has {count} tokens, two of three encoders stop at {longest}: what begins at "
        f"“{lost}” counts for less"
    ]


def unread(words: str, tokenizer: Any, longest: int) -> tuple[int, str]:
    """Tokens in all, and the beginning of what an encoder of this length does not read."""
    if tokenizer is None or not words:
        return 0, ""
    each = words.split()
    whole = _tokens(each, tokenizer)
    if whole <= longest:
        return whole, ""
    low, high = 0, len(each) - 1
    while low < high:  # the most words that fit
        middle = (low + high + 1) // 2
        fits = _tokens(each[:middle], tokenizer) <= longest
        low, high = (middle, high) if fits else (low, middle - 1)
    lost = each[low:]
    return whole, " ".join(lost[:SHOWN]) + (" …" if len(lost) > SHOWN else "")


def _tokens(words: list[str], tokenizer: Any) -> int:
    """As an encoder counts them, its own marks included."""
    return len(tokenizer(" ".join(words), truncation=False, verbose=False).input_ids)
