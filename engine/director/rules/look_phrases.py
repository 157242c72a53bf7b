"""Words that go with a look and are no part of the picture, and looks that are only hinted at."""

import re

from engine.director.rules.index import Index
from engine.director.rules.mentions import Doubt, Found, Mention
from engine.director.rules.strengths import LEVELS, Strength
from engine.director.rules.text import Script, folded_words
from engine.director.rules.vocabulary import GENERIC, STRONG, WEAK

_WINDOW = 40
_OF = r"(?:\s+(?:de\s+la|de\s+los|de|del|da|do|di|von|vom|der|des|du)|\s+d['\u2019])?"
_FOREIGN_BEFORE = re.compile(
    r",?\s*\b(?:(?:con|en|com|em)\s+(?:(?:el|un|o|um)\s+)?estilo|(?:al|ao|no)\s+estilo"
    r"|(?:im|in)\s+(?:dem\s+)?stile?|(?:nello|con\s+lo)\s+stile|dans\s+(?:le|un)\s+style"
    r"|(?:au|avec\s+(?:le|un))\s+style|en\s+style)"
    rf"{_OF}\s*[\"\u201c]?$",
    re.IGNORECASE,
)
_FOREIGN_AFTER = re.compile(
    r"[\s-]*(?:stil|estilo|stile)\b|\s*\u98a8?\u306e?(?:\u30b9\u30bf\u30a4\u30eb|\u753b\u98a8"
    r"|\u7d75\u67c4|\u30bf\u30c3\u30c1)(?:\u3067|\u306e|\u306b)?|\s*\u98a8(?:\u3067|\u306e|\u306b|(?=[\s,\u3001\u3002]|$))",
    re.IGNORECASE,
)
_IN_GERMAN = re.compile(r"\b(?:im|in|nel)\s+$", re.IGNORECASE)
_WITH_SPEED = re.compile(
    r",?\s*(?:\b(?:with|using|via|in|on|and|plus|use|at|by)\s+)?(?:(?:the|some)\s+)?$",
    re.IGNORECASE,
)
_SPEED_AFTER = re.compile(r"\s+(?:speed|mode|lora|on|please)\b", re.IGNORECASE)
_HURRY = re.compile(
    r"(?:^|,)\s*(?:make\s+it\s+|and\s+|but\s+)?(?:quick(?:ly)?|fast)(?:\s+(?:one|please|pls))?"
    r"(?=\s*(?:[,;.!]|$))",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"(?:^|[,;.])\s*(?:(?:but|and|at|with|only|just|a|make\s+it)\s+){0,3}"
    r"(?:(?P<level>half|full|low|lower|high|higher|max|maximum|minimum|reduced|double)[\s-]+"
    r"(?:strength|weight|power|intensity)"
    r"|(?:strength|weight|intensity)(?:\s+of|\s+at)?\s*[:=]?\s*(?P<number>\d?\.\d+|[01]"
    r"|\d{1,3}(?=\s?%))(?P<percent>\s?%)?"
    r"|(?:make\s+it\s+|keep\s+it\s+|very\s+|really\s+|quite\s+)?(?P<word>subtly|subtle|lightly|slightly|faintly|gently"
    r"|mildly|heavily|strongly|strong|weak|a\s+(?:little|tad|bit)|a\s+(?:touch|hint))(?:\s+of\s+it)?"
    r"|(?P<easy>go\s+easy(?:\s+on\s+(?:it|that))?|not\s+too\s+(?:much|strong|heavy)(?:\s+of\s+it)?"
    r"|don['\u2019]?t\s+(?:overdo|go\s+overboard(?:\s+with)?)\s*(?:it|that)?)"
    r"|(?P<number2>\d?\.\d+|\d{1,3}(?=\s?%))(?P<percent2>\s?%)?\s+(?:strength|weight"
    r"|intensity)|(?P<number3>0?\.\d{1,2}|\d{1,3}(?=\s?%))(?P<percent3>\s?%)?)"
    r"(?:\s+(?:please|pls))?(?=\s*(?:[,;.!?\n]|$))"
    r"|(?<=\s)(?P<number4>0?\.\d{1,2})(?=\s*$)",
    re.IGNORECASE,
)
_SOMEONES = re.compile(
    r"\b(?:in|with|using|like)\s+(?:that|this|the|our)\s+(?P<who>[\w' -]{3,40}?)(?:['\u2019]s?)\s+"
    r"(?:own\s+)?(?:style|look|manner|aesthetic|vibe)\b"
    r"|\b(?:in|with)\s+the\s+(?:style|look|manner|aesthetic|vibe)\s+of\s+(?:that|this|our)\s+"
    r"(?P<who2>[\w' -]{3,40}?)(?=\s*(?:[,;.!?]|$))",
    re.IGNORECASE,
)
_MOST_MEANT = 3
_MOST_COMPARED = 100


def take_foreign(script: Script, mention: Mention) -> None:
    """Take "con estilo", "im Stil von" and the like; the look's name stays."""
    offset = max(0, mention.start - _WINDOW)
    head = script.text[offset : mention.start]
    before = _FOREIGN_BEFORE.search(head)
    after = _FOREIGN_AFTER.match(script.text, mention.end)
    if before is None and after is not None:
        before = _IN_GERMAN.search(head)
    if before is not None and script.is_free(offset + before.start(), mention.start):
        script.take(offset + before.start(), mention.start, ", ")
    if after is not None and script.is_free(*after.span()):
        script.take(*after.span(), ", ")


def take_slider(script: Script, mention: Mention) -> None:
    """Take a slider's name and what ties it: what it does is no thing in the picture."""
    offset = max(0, mention.start - _WINDOW)
    before = _WITH_SPEED.search(script.text[offset : mention.start])
    script.take(offset + before.start() if before is not None else mention.start, mention.end)


def take_speed(script: Script, mention: Mention) -> None:
    """Take a speed LoRA and its hurry: neither is anything in the picture."""
    offset = max(0, mention.start - _WINDOW)
    before = _WITH_SPEED.search(script.text[offset : mention.start])
    after = _SPEED_AFTER.match(script.text, mention.end)
    start = offset + before.start() if before is not None else mention.start
    script.take(start, after.end() if after is not None else mention.end)
    for match in script.find(_HURRY):
        script.take(*match.span())


def loose_strength(script: Script) -> Strength | None:
    """A strength in a clause of its own that names no look: "neon alley, half strength"."""
    for match in script.find(_LOOSE):
        said = match["number"] or match["number2"] or match["number3"] or match["number4"]
        percent = match["percent"] or match["percent2"] or match["percent3"]
        script.take(*match.span(), ",")
        if match["easy"]:
            return Strength(factor=WEAK["subtle"])
        if match["word"]:
            word = match["word"].lower().split()[-1]
            return Strength(factor=WEAK.get(word) or STRONG.get(word, 1.0))
        if said is None:
            level = match["level"].lower().removesuffix("er")
            return Strength(factor=LEVELS[level])
        return Strength(weight=float(said) / 100 if percent else float(said))
    return None


def hinted_at(script: Script, index: Index, found: Found) -> tuple[Doubt, ...]:
    """Looks told by what they are, not by name: "in that steampunk captain's style"."""
    taken = {place for m in found.mentions for place in range(m.first, m.last + 1)}
    doubts = []
    for match in script.find(_SOMEONES):
        group = "who" if match["who"] else "who2"
        start, end = match.span(group)
        tokens = [at for at, token in enumerate(script.tokens) if start <= token.start < end]
        said = {word for word in folded_words(match[group]) if word not in GENERIC}
        if not said or not tokens or not taken.isdisjoint(tokens):
            continue
        meant = _answering(said, index)
        if 0 < len(meant) <= _MOST_MEANT:
            doubts.append(Doubt(match[group], meant, tokens[0], tokens[-1]))
    return tuple(doubts)


def _answering(said: set[str], index: Index) -> tuple[int, ...]:
    """Cards that say all of these words of themselves, found by the rarest word."""
    none: frozenset[int] = frozenset()
    hinted = [index.described.get(word, none) | index.tags.get((word,), none) for word in said]
    rarest = min(hinted, key=len)
    if len(rarest) > _MOST_COMPARED:
        return ()
    return tuple(sorted(place for place in rarest if said <= index.own_words(place)))
