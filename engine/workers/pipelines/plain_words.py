"""Prompts for encoders that know no weights: the words alone, with notes of what was left out."""

from typing import Any

from engine.families.emphasis import is_weighted, plain


def taken(prompt: str, tokenizer: Any, longest: int, what: str = "prompt") -> tuple[str, list[str]]:
    """The words without weights, and what people should know of how they were taken."""
    notes = []
    words = plain(prompt)
    if is_weighted(prompt):
        notes.append(f"this base knows no weights: the {what} was read as plain words")
    if tokenizer is not None and words:
        count = len(tokenizer(words, truncation=False, verbose=False).input_ids)
        if count > longest:
            told = f"the {what} has {count} tokens, this base reads {longest}: the rest was cut"
            notes.append(told)
    return words, notes
