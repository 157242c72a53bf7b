"""Misspelt names: optimal string alignment within one or two edits, never for real words."""

from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.director.dictionary import is_real
from engine.director.rules.index import Handle, Index

MOST_WORDS = 24
"""Unknown words of one turn that are looked up: the bound of the work."""
SHORT = 5
"""Up to this many letters one edit is forgiven, above it two (science notes 1a)."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A handle that the words from `first` on spell with some edits."""

    handle: Handle
    first: int
    size: int
    edits: int


def may_be_wrong(word: str) -> bool:
    """Whether a folded word is long enough and unknown enough to be a misspelling."""
    return 3 <= len(word) <= 24 and any(c.isalpha() for c in word) and not is_real(word)


def edits_allowed(word: str) -> int:
    """How many edits a word of this length forgives."""
    return 1 if len(word) <= SHORT else 2


def is_near(typed: str, meant: str) -> int | None:
    """Edits between two words when they are within the limit, else None."""
    limit = min(edits_allowed(typed), edits_allowed(meant))
    if min(len(typed), len(meant)) <= 3 and typed[:1] != meant[:1]:
        return None
    distance = int(OSA.distance(typed, meant, score_cutoff=limit))
    return distance if distance <= limit else None


def near(place: int, words: tuple[str, ...], index: Index) -> list[Fix]:
    """Handles that contain a word near `words[place]` and whose other words stand beside it."""
    fixes = []
    typed = words[place]
    for meant, edits in _near_words(typed, index.near_vocabulary(typed)):
        for phrase in index.phrases_with.get(meant, ()):
            if len(phrase) == 1 and len(typed) <= 3 and len(typed) != len(meant):
                continue
            for at, word in enumerate(phrase):
                if word != meant:
                    continue
                first = place - at
                total = _edits_around(words, first, phrase, place, edits)
                if total is not None:
                    fixes += [
                        Fix(h, first, len(phrase), total)
                        for h in index.calls[phrase]
                        if h.way != "part" and not _is_other_sound(typed, meant, h)
                    ]
    return fixes


def _is_other_sound(typed: str, meant: str, handle: Handle) -> bool:
    """A trigger without vowels ("stdrm") is never meant by a word with some ("Sturm")."""
    if handle.way != "trigger":
        return False
    return any(char in "aeiouy" for char in typed) != any(char in "aeiouy" for char in meant)


def _near_words(typed: str, vocabulary: tuple[str, ...]) -> list[tuple[str, int]]:
    hits = process.extract(
        typed, vocabulary, scorer=OSA.distance, score_cutoff=edits_allowed(typed), limit=8
    )
    found = []
    for meant, _, _ in hits:
        edits = is_near(typed, meant)
        if edits:
            found.append((meant, edits))
    return found


def _edits_around(
    words: tuple[str, ...], first: int, phrase: tuple[str, ...], place: int, edits: int
) -> int | None:
    """Edits of a whole phrase laid over the words at `first`; None when it doesn't fit."""
    if first < 0 or first + len(phrase) > len(words):
        return None
    total = edits
    for at, meant in enumerate(phrase):
        typed = words[first + at]
        if first + at == place or typed == meant:
            continue
        more = is_near(typed, meant) if may_be_wrong(typed) else None
        if more is None:
            return None
        total += more
    return total
