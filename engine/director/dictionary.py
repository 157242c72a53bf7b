"""Ordinary words and proper names: what is never taken for a misspelt LoRA."""

from functools import cache
from importlib.resources import files


@cache
def words() -> frozenset[str]:
    """Ordinary English words, folded."""
    return _load("english.txt") | _load("more.txt")


@cache
def names() -> frozenset[str]:
    """Names of people and places, folded."""
    return _load("names.txt") | _load("more_names.txt")


def is_ordinary(word: str) -> bool:
    """Whether a folded word is an ordinary one (or a plain plural of one), or a number."""
    if len(word) < 3 or word.isdigit():
        return True
    known = words()
    if word in known:
        return True
    if word.endswith("es") and word[:-2] in known:
        return True
    return word.endswith("s") and word[:-1] in known


@cache
def foreign() -> frozenset[str]:
    """Frequent words of German, French, Spanish and Italian, folded."""
    return _load("foreign.txt")


def is_real(word: str) -> bool:
    """Whether a folded word is ordinary or a proper name: then it is spelt as it was meant."""
    return is_ordinary(word) or word in names() or word in foreign()


def _load(name: str) -> frozenset[str]:
    text = files("engine.director").joinpath("words", name).read_text(encoding="utf-8")
    return frozenset(text.split())
