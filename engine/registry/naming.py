"""Names and trigger words that files and sites give: bounded, one line, nothing invisible."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

NAME_CHARS = 80
WORD_CHARS = 100
MOST_WORDS = 20
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def one_line(text: str, most: int) -> str:
    """Text as people can read it: visible, on one line, at most so long."""
    kept = (
        " " if char in "\t\r\n" else char
        for char in unicodedata.normalize("NFC", text[: 40 * most])
        if char in "\t\r\n" or unicodedata.category(char) not in _HIDDEN
    )
    return " ".join("".join(kept).split())[:most].strip()


def name_of(file_name: str) -> str:
    """A name for people from a file's: `neon_glow-v2.safetensors` is "neon glow v2"."""
    stem = PurePosixPath(file_name.replace("\\", "/")).name
    stem = re.sub(r"\.(safetensors|pt|ckpt|bin)$", "", stem, flags=re.IGNORECASE)
    return one_line(re.sub(r"[_\-\s]+", " ", stem), NAME_CHARS) or "unnamed"


def trigger_words(found: Iterable[str]) -> tuple[str, ...]:
    """Trigger words fit to be kept, each once; what is too long to be one is left out."""
    words = (one_line(word, WORD_CHARS + 1) for word in found)
    kept = dict.fromkeys(word for word in words if 0 < len(word) <= WORD_CHARS)
    return tuple(kept)[:MOST_WORDS]
