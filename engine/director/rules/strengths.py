"""How strongly a look is wished: "a hint of neon", "Neon at 0.7", "half strength linocut"."""

import re
from dataclasses import dataclass

from engine.director.rules.text import Script
from engine.director.rules.vocabulary import STRONG, WEAK

_NUMBER = r"(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+))(?P<percent>\s?%)?"
_AFTER_NUMBER = re.compile(
    r"\s*(?:,\s*)?(?:(?:style|look|lora|effect|filter)\s*)?"
    r"(?:(?:at|@|with|to|=|:)?\s*(?:a\s+)?(?:strength|weight|scale)(?:\s+of)?\s*[:=]?\s*"
    r"|(?:at|@|=|:)\s*|(?:down\s+|up\s+)?to\s+(?=\d*\.\d|\d+\s?%|1\b))"
    + _NUMBER
    + r"(?![\w:/]|\.\d|\s?(?:px|pm|am|o'clock|steps?)\b)"
    r"(?:\s*(?:strength|weight|power|intensity))?",
    re.IGNORECASE,
)
_AFTER_BARE = re.compile(
    r"\s+(?P<number>[+-]\d(?:\.\d+)?|[01]?\.\d+|\d{1,3}(?=\s?%))(?P<percent>\s?%)?(?!\w)"
    r"(?:\s*(?:strength|weight))?",
    re.IGNORECASE,
)
_AFTER_PERCENT = re.compile(
    r"\s*,?\s*(?:but\s+)?(?:(?:only|just|like|about|around|maybe|at|to|say)\s+)+"
    r"(?P<number>\d{1,3})(?P<percent>\s?%)",
    re.IGNORECASE,
)
_AFTER_SLIDER = re.compile(r"\s+(?P<number>[+-]?[0-3])(?=\s*(?:[,;!?\n]|\.(?!\d)|$|and\b|with\b))")
_AFTER_WORDS = re.compile(
    r"\s*,?\s*(?:(?:style|look|lora|effect|filter)\s*,?\s*)?(?:but\s+)?(?:only\s+"
    r"|just\s+)?(?:make\s+it\s+"
    r"|keep\s+it\s+)?"
    r"(?:(?:at|with|to|on)?\s*(?P<level>half|full|low|high|max|maximum|minimum|reduced|double)\s+"
    r"(?:strength|weight|power|intensity)"
    r"|(?:very\s+|really\s+|quite\s+|just\s+)?(?P<word>subtly|subtle|lightly|slightly|faintly"
    r"|mildly|"
    r"gently|strongly|heavily|intensely|boldly)(?=\s*(?:[,.;!]|$|\bon\b|\bin\b|\bwith\b|\band\b))"
    r"|turned\s+(?P<turned>down|up))",
    re.IGNORECASE,
)
_BEFORE_NUMBER = re.compile(_NUMBER + r"\s*(?:of\s+)?(?:the\s+)?$")
_BEFORE_LEVEL = re.compile(
    r"(?:at\s+)?\b(?P<level>half|full|low|high|maximum|max)[\s-]+(?:strength|power|intensity"
    r"|weight)\s+"
    r"(?:of\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_BEFORE_WORDS = re.compile(
    r"(?:\b(?:just|only)\s+)?"
    r"(?:\b(?:a|the)\s+)?(?:\b(?:very|really|quite|tiny|little|slight|small|faint|strong|heavy"
    r"|whole)\s+)?"
    r"\b(?P<word>hint|touch|dash|trace|whisper|pinch|bit|little|tad|lots|lot|loads|tons|plenty)"
    r"(?:\s+bit)?\s+of\s+(?:the\s+)?$"
    r"|(?:\b(?:very|really|quite|so|super|extremely|rather)\s+)?\b(?P<adjective>subtle|subtly"
    r"|slight|slightly|faint|faintly|mild|mildly|gentle|gently"
    r"|lightly|"
    r"barely|understated|delicate|strong|strongly|heavy|heavily|intense|intensely|bold|boldly|"
    r"extreme|extremely|extra|very|super|really|half|overpowering|powerful|dramatic|max|maximum"
    r"|softly|weak)"
    r"[\s-]+(?:the\s+)?$"
    r"|\b(?:go\s+|be\s+)?(?P<on>heavy|easy|light|strong|big|hard)\s+on\s+(?:the\s+)?$"
    r"|(?P<little>\ba\s+(?:little|bit))\s+$",
    re.IGNORECASE,
)
LEVELS = {
    "half": 0.5, "full": 1.0, "low": 0.5, "reduced": 0.6, "high": 1.25, "max": 1.4, "maximum": 1.4,
    "minimum": 0.4, "double": 2.0, "down": 0.6, "up": 1.3,
}  # fmt: skip
"""Words for a level -> factor on the LoRA's own weight."""
_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Strength:
    """An explicit weight, or a factor on the LoRA's own weight."""

    weight: float | None = None
    factor: float | None = None

    def of(self, own_weight: float) -> float:
        """The wished weight of a LoRA whose own weight is given."""
        if self.weight is not None:
            return self.weight
        return round(own_weight * (self.factor if self.factor is not None else 1.0), 3)


def beside(script: Script, start: int, end: int, *, is_slider: bool = False) -> Strength | None:
    """The strength said before or after a look's words; its words are taken out of the prompt.

    A whole number right behind a slider is its setting: "muscle slider 2".
    """
    whole = _AFTER_SLIDER.match(script.text, end) if is_slider else None
    if whole is not None and script.is_free(*whole.span()):
        script.take(*whole.span(), " ")
        return Strength(weight=float(whole["number"]))
    return _number_before(script, start) or _after(script, end) or _before(script, start)


def _after(script: Script, end: int) -> Strength | None:
    tail = script.text[end : end + _WINDOW]
    for pattern in (_AFTER_NUMBER, _AFTER_PERCENT, _AFTER_BARE):
        match = pattern.match(tail)
        if match and script.is_free(end, end + match.end()):
            if tail[0] == ":" and _is_attention(script.text, end, end + match.end()):
                return None
            script.take(end, end + match.end(), " ")
            return Strength(weight=_number(match))
    match = _AFTER_WORDS.match(tail)
    if match and script.is_free(end, end + match.end()):
        script.take(end, end + match.end(), " ")
        said = match["level"] or match["turned"]
        return Strength(factor=LEVELS[said.lower()] if said else _factor(match["word"]))
    return None


def _is_attention(text: str, end: int, last: int) -> bool:
    """Whether the number weighs words of the prompt, not the LoRA: "(glowing neon:1.2)"."""
    opened = text.rfind("(", 0, end) > text.rfind(")", 0, end)
    return opened and text[last : last + 1] == ")"


def _number_before(script: Script, start: int) -> Strength | None:
    """Numbers as in "80% neon" and "0.7 neon"; one without dot or percent sign is a count."""
    offset = max(0, start - _WINDOW)
    match = _BEFORE_NUMBER.search(script.text[offset:start])
    if match is None or not script.is_free(offset + match.start(), start):
        return None
    if match["percent"] is None and "." not in match["number"]:
        return None
    script.take(offset + match.start(), start, " ")
    return Strength(weight=_number(match))


def _before(script: Script, start: int) -> Strength | None:
    offset = max(0, start - _WINDOW)
    head = script.text[offset:start]
    for pattern in (_BEFORE_LEVEL, _BEFORE_WORDS):
        match = pattern.search(head)
        if match is None or not script.is_free(offset + match.start(), start):
            continue
        if pattern is _BEFORE_LEVEL:
            strength = Strength(factor=LEVELS[match["level"].lower()])
        else:
            said = match["word"] or match["adjective"] or match["on"] or "little"
            strength = Strength(factor=_factor(said))
        script.take(offset + match.start(), start, " ")
        return strength
    return None


def _number(match: re.Match[str]) -> float:
    value = float(match["number"])
    return round(value / 100, 4) if match["percent"] else value


def _factor(word: str) -> float:
    folded = {"easy": "lightly", "light": "lightly", "big": "heavy", "hard": "heavy"}.get(
        word.lower(), word.lower()
    )
    return WEAK.get(folded) or STRONG.get(folded, 1.0)
