"""Whether a word is meant as a look here, or only as the ordinary word that it also is."""

from engine.director.rules.text import Script
from engine.director.rules.vocabulary import (
    COLLOCATIONS,
    COLORS,
    DETERMINERS,
    LIGHT_NOUNS,
    MATERIALS,
    MEDIUM_NOUNS,
    NOT_A_PLACE_FOR_LOOKS,
    PICTURE_MEDIA,
    SHADES,
    STYLE_NOUNS,
)
from engine.messages import Card, LoraKind

SUBJECTS: frozenset[LoraKind] = frozenset({"character", "object"})
_BREAKS = ",;.!?:()\n"
_AFTER_MEDIUM = frozenset({"of", "with", "showing", "at", "in", "on", "by"})
_NO_NOUN = _AFTER_MEDIUM | {"and", "or", "is", "festival", "but", "for"}
_CALLING = frozenset({"use", "using", "apply", "add", "with", "plus", "like", "want", "try"})
_NEGATING = frozenset({"without", "no", "less", "more", "drop", "remove", "not", "minus", "lose"})
_WRITTEN = frozenset({"says", "saying", "reads", "reading", "titled"})
_OWN = frozenset({"our", "server", "community", "club", "team"})


def _word(words: tuple[str, ...], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""


def _breaks_before(script: Script, first: int) -> bool:
    """The phrase starts the text or follows a comma or the like."""
    if first == 0:
        return True
    gap = script.text[script.tokens[first - 1].end : script.tokens[first].start]
    return any(mark in gap for mark in _BREAKS)


def _breaks_after(script: Script, last: int) -> bool:
    if last + 1 >= len(script.tokens):
        return True
    gap = script.text[script.tokens[last].end : script.tokens[last + 1].start]
    return any(mark in gap for mark in _BREAKS)


def is_cued(script: Script, words: tuple[str, ...], first: int, last: int) -> bool:
    """Something beside the phrase says that a look is meant: "X style", "in X", "a X of"."""
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    if before == "in" and after in STYLE_NOUNS:
        return True
    if after in COLLOCATIONS.get(words[last], ()):
        return False
    if after in STYLE_NOUNS or (after in MEDIUM_NOUNS and before != "the"):
        return True
    if _is_whole_medium(before, after, words[first], words, first):
        return True
    if words[first] in NOT_A_PLACE_FOR_LOOKS:
        return False
    ends = not after or after in ("and", "with", "on", "at", "please", "but", "by", "for")
    return ends and (before == "in" or (before in ("of", "like") and _is_style_of(words, first)))


def _is_whole_medium(
    before: str, after: str, word: str, words: tuple[str, ...], first: int
) -> bool:
    """Forms such as "a linocut of a fox" and "as a woodcut"."""
    if before in ("a", "an") and after == "of" and word not in NOT_A_PLACE_FOR_LOOKS:
        return word in PICTURE_MEDIA or first <= 3
    return before in ("a", "an") and _word(words, first - 2) == "as" and not after


def _is_style_of(words: tuple[str, ...], first: int) -> bool:
    return words[max(0, first - 3) : first - 1] in (("the", "style"), ("the", "look"), ("a", "la"))


def cued_at(script: Script, words: tuple[str, ...], first: int, last: int, kind: LoraKind) -> bool:
    """Whether a tag or description word means a LoRA of this kind here."""
    if kind in SUBJECTS:
        before = words[max(0, first - 3) : first]
        owned = bool(before) and (before[-1] in _OWN or "our" in before)
        return owned or (bool(before) and before[-1] in ("the", "my") and words[last] == "mascot")
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    phrase = words[first : last + 1]
    is_medium = not (PICTURE_MEDIA | MATERIALS).isdisjoint(phrase)
    if after in COLLOCATIONS.get(words[last], frozenset()):
        return False
    if after in STYLE_NOUNS:
        return after not in LIGHT_NOUNS or kind == "lighting" or is_medium
    if is_medium and is_cued(script, words, first, last):
        return True
    if not after and _is_style_of(words, first):
        return True
    alone = not after and _breaks_before(script, first)
    is_adjective = bool(after) and after not in _NO_NOUN
    return not PICTURE_MEDIA.isdisjoint(phrase) and (is_adjective or alone)


def is_ordinary_use(
    script: Script, words: tuple[str, ...], first: int, last: int, card: Card
) -> bool:
    """Whether a name of ordinary words is meant as those words: "a red rose", "a neon sign"."""
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    if after in COLLOCATIONS.get(words[last], frozenset()):
        return not (before == "in" and after in STYLE_NOUNS)
    if last > first:
        return False
    if card.kind == "character":
        typed = script.text[script.tokens[first].start]
        return typed.islower() and (before in DETERMINERS or before in COLORS or before in SHADES)
    if card.kind == "object":
        return False
    if is_cued(script, words, first, last):
        return False
    if before in _WRITTEN or _is_plural(words[last]):
        return True
    if before in _CALLING:
        return False
    if not _NEGATING.isdisjoint(words[max(0, first - 2) : first]):
        return False
    if after:
        return before in DETERMINERS and after in _AFTER_MEDIUM
    return before in DETERMINERS or before in ("on", "under", "behind", "near", "from", "into")


def _is_plural(word: str) -> bool:
    """Things in plain words: "tiles on a roof", "a bath with tiles"."""
    return word.endswith("s") and not word.endswith("ss")
