"""Looks of the catalogue in a text: only where a look is asked for, never where words coincide."""

import re
from collections.abc import Iterable

from engine.director.catalogue import WordLook
from engine.director.rules.text import Script, folded_words
from engine.director.rules.vocabulary import DETERMINERS, LOOK_NOUNS

_NOUNS = LOOK_NOUNS | {"styles", "looks", "aesthetic", "vibe", "vibes", "treatment", "styling"}
_ASKING = re.compile(
    r"\b(?:in\s+the\s+(?:style|look|manner)\s+of(?:\s+an?)?|look\s*[:=]|style\s*[:=]"
    r"|(?:use|apply|with|try|add)\s+the)\s+$",
    re.IGNORECASE,
)
MOST = 3
"""Looks of the catalogue in one request."""


def find_word_looks(
    script: Script, shelf: Iterable[WordLook], taken: Iterable[str]
) -> tuple[str, ...]:
    """Names of the looks that a text asks for: "film noir style", "in the style of ukiyo-e".

    `taken` are words that call a LoRA already: a LoRA of the space goes before the catalogue.
    """
    words = tuple(token.folded for token in script.tokens)
    used = {word for said in taken for word in folded_words(said)}
    found: dict[str, None] = {}
    for look in shelf:
        for said in look.called:
            phrase = folded_words(said)
            if used.isdisjoint(phrase) and _is_asked_for(script, words, phrase):
                found.setdefault(look.name)
                break
    return tuple(found)[:MOST]


def _is_asked_for(script: Script, words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    for first in range(len(words) - len(phrase) + 1):
        last = first + len(phrase) - 1
        if words[first : last + 1] != phrase:
            continue
        start, end = script.tokens[first].start, script.tokens[last].end
        if script.is_written(start, end):
            continue
        after = words[last + 1] if last + 1 < len(words) else ""
        before = words[first - 1] if first else ""
        if after in _NOUNS and before not in ("no", "not", "without", "less"):
            return True
        head = script.text[max(0, start - 40) : start]
        if _ASKING.search(head) and (not after or after in DETERMINERS or after in _NOUNS):
            return True
    return False
