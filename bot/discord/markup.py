"""Plain text as Discord shows it: nothing in it formats, pings or hides a link."""

import re

from bot.escape import ELLIPSIS

_PARTS = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?P<start>(?:(?<=\n)|\A)[ \t]*(?:[>#+]|-|\d+[.)](?=\s)))"
    r"|(?P<mark>[\\*_~`|<\[\]]|@(?=everyone|here))"
)
"""A link stays as it is, or it would lead elsewhere; what is active in it, Discord ignores."""


def units(text: str) -> int:
    """How long a text is where it is longest: in UTF-16, as programs in a browser count."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def escaped(text: str, most_chars: int) -> str:
    """The text with its markup made visible; what has no room is cut, never inside an escape."""
    parts: list[str] = []
    left = most_chars
    for part in _pieces(text):
        if units(part) > left:
            return _cut("".join(parts), most_chars)
        parts.append(part)
        left -= units(part)
    return "".join(parts)


def _cut(kept: str, most_chars: int) -> str:
    while units(kept) >= most_chars > 0:
        kept = kept[:-2] if kept[-2:-1] == "\\" else kept[:-1]
    return kept.rstrip() + ELLIPSIS if most_chars > 0 else ""


def _pieces(text: str) -> list[str]:
    """Links whole, everything else character by character."""
    pieces: list[str] = []
    end = 0
    for found in _PARTS.finditer(text):
        pieces += text[end : found.start()]
        end = found.end()
        match found.lastgroup:
            case "url":
                pieces.append(found[0])
            case "start":
                pieces += [*found[0][:-1], f"\\{found[0][-1]}"]
            case "mark":
                pieces.append(f"\\{found[0]}")
            case _:
                pieces += found[0]
    pieces += text[end:]
    return pieces
