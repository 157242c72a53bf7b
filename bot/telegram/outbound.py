"""An Outbound as Telegram shows it: plain text with entities, rows of buttons, never markup."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.messages import Button, Outbound

TEXT_CHARS = 4096
CAPTION_CHARS = 1024
MOST_PARTS = 4
ROW_CHARS = 34
ROW_BUTTONS = 4
LABEL_CHARS = 60
STYLES = {"primary": "primary", "danger": "danger", "plain": None}
BAR_CELLS = 10
ELLIPSIS = "\u2026"
_MENTION = re.compile(r"@(?=\w)")
SPLIT = "\u2060"
"""Draws nothing; put behind an @, so that nobody is called by what somebody else wrote."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text with the stretches of it that are bold, counted in characters."""

    text: str = ""
    bold: tuple[tuple[int, int], ...] = ()

    def __add__(self, other: "Words") -> "Words":
        """Both, one after the other."""
        at = len(self.text)
        moved = tuple((start + at, length) for start, length in other.bold)
        return Words(self.text + other.text, self.bold + moved)

    @property
    def entities(self) -> list[MessageEntity]:
        """As Telegram counts them: in UTF-16."""
        return [
            MessageEntity(
                MessageEntity.BOLD,
                offset=units(self.text[:start]),
                length=units(self.text[start : start + length]),
            )
            for start, length in self.bold
            if length > 0
        ]


def units(text: str) -> int:
    """How long Telegram takes a text to be."""
    return len(text.encode("utf-16-le")) // 2


def harmless(text: str) -> str:
    """Nobody is called by it; all else in a plain text is no markup for Telegram."""
    return _MENTION.sub(f"@{SPLIT}", text)


def words_of(outbound: Outbound) -> Words:
    """Title, text, bar and lines of a message."""
    parts: list[Words] = []
    if outbound.title:
        title = harmless(outbound.title)
        parts.append(Words(title, ((0, len(title)),)))
    if outbound.text:
        parts.append(Words(harmless(outbound.text)))
    if outbound.job is not None and outbound.progress:
        parts.append(Words(bar(outbound.progress)))
    rows = Words()
    for place, line in enumerate(outbound.lines):
        name, value = harmless(line.name), harmless(line.value)
        row = Words(f"{name}: {value}" if value else name, ((0, len(name)),))
        rows = rows + Words("\n" if place else "") + row
    if rows.text:
        parts.append(rows)
    return _joined(parts, "\n" if outbound.progress is not None else "\n\n")


def _joined(parts: Sequence[Words], between: str) -> Words:
    whole = Words()
    for place, part in enumerate(parts):
        whole = whole + Words(between if place else "") + part
    return whole


def bar(progress: float) -> str:
    """How far a picture is."""
    full = round(progress * BAR_CELLS)
    return "\u25b0" * full + "\u25b1" * (BAR_CELLS - full) + f" {progress:.0%}"


def cut(words: Words, most: int) -> Words:
    """The beginning that fits, with an ellipsis when something is missing."""
    if units(words.text) <= most:
        return words
    text = _fitting(words.text, most - 1).rstrip()
    return Words(text + ELLIPSIS, _clipped(words.bold, 0, len(text)))


def split(words: Words, most: int = TEXT_CHARS) -> list[Words]:
    """Parts that fit into a message each, broken at lines where there are any."""
    parts: list[Words] = []
    at = 0
    while at < len(words.text):
        rest = words.text[at:]
        if units(rest) <= most:
            end = len(words.text)
        elif len(parts) == MOST_PARTS - 1:
            last = Words(rest, _clipped(words.bold, at, len(words.text)))
            return [*parts, cut(last, most)]
        else:
            fitting = _fitting(rest, most)
            line_break = fitting.rfind("\n")
            end = at + (line_break if line_break > 0 else len(fitting))
        if words.text[at:end].strip():  # Telegram refuses a message of nothing visible
            parts.append(Words(words.text[at:end], _clipped(words.bold, at, end)))
        at = end
        while at < len(words.text) and words.text[at] == "\n":
            at += 1
    return parts or [Words()]


def _fitting(text: str, most: int) -> str:
    """The longest beginning of at most so many UTF-16 units; never half a character."""
    return text.encode("utf-16-le")[: most * 2].decode("utf-16-le", errors="ignore")


def _clipped(
    bold: tuple[tuple[int, int], ...], start: int, end: int
) -> tuple[tuple[int, int], ...]:
    found = []
    for at, length in bold:
        first, last = max(at, start), min(at + length, end)
        if first < last:
            found.append((first - start, last - first))
    return tuple(found)


# --- buttons ----------------------------------------------------------------------------------


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Rows of buttons that can be read on a telephone; None without any."""
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for button in buttons:
        label = button.label[:LABEL_CHARS].strip() or "\u2022"
        width = len(label) + 4
        if not rows or room < width or len(rows[-1]) >= ROW_BUTTONS:
            rows.append([])
            room = ROW_CHARS
        rows[-1].append(
            InlineKeyboardButton(label, callback_data=button.id, style=STYLES[button.style])
        )
        room -= width
    return InlineKeyboardMarkup(rows) if rows else None
