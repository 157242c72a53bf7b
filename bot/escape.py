"""Makes words of people harmless: no control characters, nothing invisible, bounded."""

import re
import unicodedata

from bot.texts import current

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that draw nothing: controls, bidi marks, zero-width, unassigned."""
JOINER = "\u200d"
"""Kept between two visible characters: family and flag emoji are built with it."""
ELLIPSIS = "…"
QUOTES: dict[str, tuple[str, str]] = {
    "en": ("\u201c", "\u201d"),
    "de": ("\u201e", "\u201c"),
    "fr": ("\u00ab\u00a0", "\u00a0\u00bb"),
    "ja": ("\u300c", "\u300d"),
}
"""Quotation marks by language; the others use the English ones."""
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")
_MARK = r"[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]"
_MARKS = re.compile(rf"({_MARK}{{3}}){_MARK}+")


def plain(words: str, most_chars: int = 2000) -> str:
    """One line of visible text, at most `most_chars` long; a cut is shown by an ellipsis.

    Pings and markup are the platform's to neutralise: what is one differs from place to place.
    """
    return cut(_SPACES.sub(" ", _visible(words.replace("\r", " ").replace("\n", " "))), most_chars)


def paragraphs(words: str, most_chars: int = 4000) -> str:
    """Like `plain`, but keeps line breaks (never more than one empty line)."""
    lines = [_SPACES.sub(" ", _visible(line)) for line in words.splitlines()]
    return cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)), most_chars)


def cut(text: str, most_chars: int) -> str:
    """The text, shortened at the end when it is too long."""
    text = text.strip()
    if len(text) <= most_chars:
        return text
    return text[: max(0, most_chars - 1)].rstrip() + ELLIPSIS


def quoted(words: str, most_chars: int = 80) -> str:
    """A person's words inside ours: short, and in quotation marks that they can't close.

    The marks are those of the language at hand.
    """
    opening, closing = QUOTES.get(current(), QUOTES["en"])
    inside = plain(words, most_chars)
    for mark in (opening, closing):
        inside = inside.replace(mark.strip(), '"')
    return f"{opening}{inside}{closing}"


def _visible(words: str) -> str:
    kept = "".join(
        char
        for char in words.replace("\t", " ")
        if char == JOINER or unicodedata.category(char) not in HIDDEN
    )
    return _MARKS.sub(r"\1", kept.strip(JOINER))
