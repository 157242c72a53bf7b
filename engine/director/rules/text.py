"""The words of one turn while they are being read: tokens, and what was taken out of them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MOST_CHARS = 4_000
"""Longer words are cut: the bound of all work done on one turn."""

_WORD = re.compile(
    r"[A-Za-z0-9\u00c0-\u024f]+(?:['\u2019][A-Za-z]+)?|[^\W_A-Za-z0-9\u00c0-\u024f]+"
)
_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_MENTION = re.compile(r"<(?:@[!&]?|#|:|a:|id:|t:)[^<>\n]{0,80}>|@(?:everyone|here)\b")
_WITH = re.compile(r"(?<!\S)w/(?P<o>o\b)?[ \t]*", re.IGNORECASE)
"""w/o and w/ for without and with."""
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_PARTING = ",;.!?:()+&/|\n"
_QUOTED = re.compile(r"\"[^\"\n]{1,200}\"|\u201c[^\u201d\n]{1,200}\u201d")
_WRITTEN = re.compile(
    r"\b(?:writes?|spells?|says?|saying|said|reads?|reading|text|written|writing|titled"
    r"|entitled|word|words|"
    r"letters|lettering|caption|captioned|slogan|label(?:led|ed)?|spelling|sign|title)\W{0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: folded for comparing, and where it stands."""

    folded: str
    start: int
    end: int


def fold(word: str) -> str:
    """Lower case, no accents, no possessive ending, one spelling for colour and grey."""
    if not word.isascii():
        plain = unicodedata.normalize("NFKD", word.replace("\u2019", "'"))
        word = "".join(char for char in plain if not unicodedata.combining(char))
    word = word.casefold().removesuffix("'s")
    return word.replace("colour", "color").replace("grey", "gray")


def split(text: str) -> tuple[Token, ...]:
    """All words of a text, in order."""
    return tuple(Token(fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text))


def folded_words(text: str) -> tuple[str, ...]:
    """Only the folded words of a text."""
    if text.isascii() and "'" not in text:
        plain = text.lower()
        if "colour" in plain or "grey" in plain:
            plain = plain.replace("colour", "color").replace("grey", "gray")
        return tuple(_WORD.findall(plain))
    return tuple(token.folded for token in split(text))


def clean(words: str) -> str:
    """What a person typed, bounded, without control characters and platform mentions."""
    words = _CONTROL.sub("", words[: MOST_CHARS * 2].replace("\r\n", "\n").replace("\r", "\n"))
    words = _MENTION.sub(" ", words)
    words = _WITH.sub(lambda match: "without " if match["o"] else "with ", words)
    return _LINES.sub("\n", _SPACES.sub(" ", words))[:MOST_CHARS].strip()


class Script:
    """One text being read. What a recogniser understands it takes; the rest is the prompt."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = split(text)
        self._taken = bytearray(len(text))
        self._instead: dict[int, str] = {}
        self._quoted = [match.span() for match in _QUOTED.finditer(text)]
        self._written = [
            (start, end)
            for start, end in self._quoted
            if _WRITTEN.search(text[max(0, start - 40) : start])
        ]

    def is_free(self, start: int, end: int) -> bool:
        """Nothing of it was taken, and it isn't text to be written in the picture."""
        return not any(self._taken[start:end]) and not self.is_written(start, end)

    def free_until(self, start: int, end: int) -> int:
        """Where the first taken place of a stretch is; its end when none was taken."""
        taken = self._taken.find(1, start, end)
        return end if taken < 0 else taken

    def is_written(self, start: int, end: int) -> bool:
        """Part of a quotation that the picture shall show as text."""
        return any(first < end and start < last for first, last in self._written)

    def is_parted(self, place: int) -> bool:
        """Whether a comma or the like stands behind the token at this place."""
        gap = self.text[self.tokens[place].end : self.tokens[place + 1].start]
        return "--" in gap or any(mark in gap for mark in _PARTING)

    def is_cut_before(self, place: int) -> bool:
        """Nothing, or something already taken, stands before this place."""
        while place > 0 and self.text[place - 1] in " ,;":
            place -= 1
        if self.text[max(0, place - 4) : place].casefold() == " and":
            return self.is_cut_before(place - 4)
        return place == 0 or self._taken[place - 1] == 1

    def take(self, start: int, end: int, instead: str = "") -> None:
        """Take a stretch out of the prompt, or put something else in its place."""
        self._taken[start:end] = b"\x01" * (end - start)
        if instead:
            self._instead[start] = instead

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches of a pattern in what is still free."""
        for match in pattern.finditer(self.text):
            if match.end() > match.start() and self.is_free(match.start(), match.end()):
                yield match

    def rest(self) -> str:
        """What was not taken, tidied."""
        pieces: list[str] = []
        for place, char in enumerate(self.text):
            if place in self._instead:
                pieces.append(self._instead[place])
            if not self._taken[place]:
                pieces.append(char)
            elif pieces and pieces[-1] != " ":
                pieces.append(" ")
        whole = self.text.rstrip(" ,;:.!?\n")
        return tidy(
            "".join(pieces),
            head_cut=bool(self._taken[:1] == b"\x01"),
            tail_cut=bool(whole and self._taken[len(whole) - 1]),
        )


_GAPS = (
    (re.compile(r"\s*\n\s*"), ", "),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}"), " "),
    (re.compile(r"\s+([,;.!?])"), r"\1"),
    (re.compile(r"([,;.])(?:\s*[,;])+"), r"\1"),
    (re.compile(r"(?:^|(?<=,))\s*(?:and|but|or|with|in|at|plus|using|also|as|on)\s*(?=,|$)"), ""),
    (re.compile(r",(?:\s*,)+"), ","),
    (re.compile(r",\s*(?:and|but|plus|then)\s*,"), ","),
    (re.compile(r"\s+"), " "),
)
_LOOSE_HEAD = frozenset({"and", "but", "then", "or", "also", "with", "of", "that"})
_LOOSE_TAIL = frozenset(
    {"and", "but", "with", "in", "at", "on", "by", "of", "as", "using", "plus", "or", "the", "a"}
    | {"an", "my", "some", "any"}
)


def tidy(text: str, *, head_cut: bool = False, tail_cut: bool = False) -> str:
    """Close the gaps that taken words leave behind: spaces, lonely commas and joining words."""
    for pattern, instead in _GAPS:
        text = pattern.sub(instead, text)
    text = text.lstrip(" ,;:.!?&+").rstrip(" ,;:.!?&+-")
    while head_cut and (parts := text.split(" ", 1))[0].casefold() in _LOOSE_HEAD:
        text = parts[1].lstrip(" ,;:.!?&+") if len(parts) > 1 else ""
    while tail_cut and text and text.rsplit(" ", 1)[-1].casefold() in _LOOSE_TAIL:
        text = text[: -len(text.rsplit(" ", 1)[-1])].rstrip(" ,;:.!?&+-")
    return text
