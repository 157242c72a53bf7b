"""Words that a space does not draw: found whole, however they are written; no I/O.

Only whole words count ("ass" blocks neither "class" nor "assassin"). What is folded away before
looking: case, accents, full-width and other compatibility forms, letters of other scripts that look
Latin, invisible characters, digits and signs that stand for letters, letters that are spaced out.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

LOOKALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03b1\u03bf\u03b5\u03b9\u03ba\u03c1\u03c5\u0131",
    "aeopcyxijsaoeikpui",
)
"""Cyrillic and Greek letters that look Latin."""
STANDS_FOR: Final = str.maketrans("013457@$!|", "oieastasii")
GAP: Final = r"[\s.\-_*]{1,2}"
"""What is put between single letters to hide a word: "b a d", "b.a.d"."""
UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def blocked_by(words: str, blocked: Sequence[str]) -> int | None:
    """The place of the first rule that these words break, from 1; None when they break none."""
    said = folded(words)
    variants = (said, said.translate(STANDS_FOR))
    for place, rule in enumerate(blocked, start=1):
        if any(_rule(rule).search(variant) for variant in variants):
            return place
    return None


def folded(text: str) -> str:
    """Lower case, without accents and invisible characters, lookalikes written Latin."""
    decomposed = unicodedata.normalize("NFKD", text)
    visible = (
        " " if each.isspace() else each
        for each in decomposed
        if unicodedata.category(each) not in ("Cf", "Mn", "Cc") or each.isspace()
    )  # fmt: skip
    return "".join(visible).casefold().translate(LOOKALIKES)


@lru_cache(maxsize=4096)
def _rule(rule: str) -> re.Pattern[str]:
    """Whole words, any space between them; scripts without spaces have no word ends."""
    parts = folded(rule).split()
    if not parts:
        return re.compile(r"(?!)")
    whole = r"\s+".join(re.escape(part) for part in parts)
    if not all(_is_spaced(part) for part in parts):
        return re.compile(whole)
    letters = GAP.join(re.escape(each) for part in parts for each in part)
    return re.compile(rf"(?<!\w)(?:{whole}|{letters})(?!\w)")


def _is_spaced(part: str) -> bool:
    return not any(unicodedata.name(each, "").startswith(UNSPACED) for each in part)
