"""Changes of a picture's colours as a whole: "the colors are too strong", "less saturated"."""

import re
from typing import Final

MUTED: Final = "muted colors"
VIVID: Final = "vivid colors"
_ADV = r"(?:(?:a\s+(?:bit|little|tad|touch|lot)|much|way|slightly|far|just|still|really|so)\s+)*"
_COLORS = r"(?:(?:the|these|those|all(?:\s+the)?|its|her|his)\s+)?colou?rs?"
_MAKE = r"(?:(?:can|could)\s+you\s+)?(?:(?:make|have|get|keep)\s+(?:it|them|that|this)\s+)?"
_ARE = r"\s*(?:(?:is|are|look|looks|feel|feels|seem|seems|came\s+out|['\u2019]re)\s+)?"
_SOME = r"(?:\s+(?:a\s+(?:bit|little|tad|lot)|some|please|colou?rs?|tones|overall|then))*"
_LOUD = (
    r"(?:strong|bright|saturated|oversaturated|vivid|intense|loud|garish|much|harsh|bold|vibrant"
    r"|flashy|gaudy|heavy|extreme)"
)
_DULL = r"(?:weak|dull|pale|flat|washed[\s-]out|muted|faded|gray|grey|drab|boring|desaturated)"
_SATURATED = r"(?:saturated|saturation|colou?rful|vivid|vibrant|garish)"
_DOWN = r"(?:tone|turn|dial|bring|take)\s+(?:them|it|that|the\s+colou?rs)\s+down"
_UP = r"(?:turn|dial|bring|crank)\s+(?:them|it|that|the\s+colou?rs)\s+up"
_LEADS = re.compile(r"(?:and|but|so|hm+|please|can\s+you|could\s+you)\s+", re.IGNORECASE)
_CLAUSES = re.compile(r"\s*[,.;!:]\s*|\s+(?:and|but|so)\s+", re.IGNORECASE)
_CHANGES: Final = tuple(
    (re.compile(own, re.IGNORECASE), re.compile(also, re.IGNORECASE), words)
    for own, also, words in (
        (
            rf"{_COLORS}{_ARE}{_ADV}too\s+{_LOUD}|{_ADV}too\s+colou?rful"
            rf"|{_MAKE}{_ADV}less\s+{_SATURATED}{_SOME}|{_MAKE}{_ADV}more\s+muted{_SOME}"
            rf"|{_MAKE}{_ADV}(?:less|weaker|softer|calmer|quieter)\s+(?:strong\s+|intense\s+"
            rf"|bright\s+)?colou?rs{_SOME}"
            rf"|(?:desaturate|mute|tone\s+down|soften|reduce|lower)\s+(?:it|them|{_COLORS}"
            rf"|the\s+saturation){_SOME}|desaturate{_SOME}",
            rf"{_DOWN}{_SOME}",
            MUTED,
        ),
        (
            rf"{_COLORS}{_ARE}{_ADV}(?:too\s+{_DULL}|washed[\s-]out)"
            rf"|{_MAKE}{_ADV}more\s+(?:saturated|saturation|vibrant|vivid){_SOME}"
            rf"|{_MAKE}{_ADV}(?:stronger|bolder|brighter|richer)\s+colou?rs{_SOME}"
            rf"|(?:saturate|boost|intensify)\s+(?:it|them|{_COLORS}|the\s+saturation){_SOME}",
            rf"{_UP}{_SOME}",
            VIVID,
        ),
    )
)
MOST_WORDS = 20


def color_change(text: str) -> str:
    """The words for the prompt when a turn asks for other colours and nothing else."""
    if len(text.split()) > MOST_WORDS:
        return ""
    clauses = [_unled(clause) for clause in _CLAUSES.split(text.strip(" ,.!?")) if clause]
    for own, also, words in _CHANGES:
        asked = [bool(own.fullmatch(clause)) for clause in clauses]
        if any(asked) and all(
            is_own or also.fullmatch(clause) for is_own, clause in zip(asked, clauses, strict=True)
        ):
            return words
    return ""


def asks_for_colors(text: str) -> bool:
    """Whether some part of a turn asks for other colours: it is more than an opinion."""
    parts = _CLAUSES.split(text.strip(" ,.!?")) if len(text.split()) <= MOST_WORDS else []
    return any(color_change(part) for part in parts)


def _unled(clause: str) -> str:
    match = _LEADS.match(clause)
    return clause[match.end() :] if match else clause
