"""What the picture shall not show: "no people", "without any text", "--no cars, trees"."""

import re

from engine.director.rules.text import Script, tidy

_FLAG = re.compile(
    r"(?:--(?:no|neg|negative)[\s=]+|\bnegative(?:\s+prompt)?\s*:\s*)(?P<what>[^\n]{1,1500}?)"
    r"(?=\s--|\n|$|[\s,.]*\b(?:steps|sampler|cfg(?:\s+scale)?|seed|size|model|clip\s+skip)\s*[:=])",
    re.IGNORECASE,
)
_STOP = (
    r"(?=\s*(?:[,;.!?\n()]|$|\b(?:in|on|at|with|while|but|under|over|near|behind|beside|against|"
    r"inside|during|by|from|for|please|standing|sitting|just|only|and|or|nor|no|without|make"
    r"|use|und|oder|auf|im|mit|et|ou|avec|dans|y|con|en|ni|bitte)\b))"
)
_THING = r"(?P<what>[^\W_][\w'\u2019-]*(?:\s+[\w'\u2019-]+){0,3}?)" + _STOP
_NOT = re.compile(
    r"(?:\bi\s+(?=do))?\b(?:neither|ohne|sans|sin|sem|senza|kein(?:e[nrms]?)?|with\s+no|without|with\s+zero"
    r"|no|avoid|avoiding|exclude|excluding|free\s+of|minus|"
    r"don['\u2019]?t\s+(?:want|add|include|show|draw|put(?:\s+in)?)|"
    r"do\s+not\s+(?:want|add|include|show|draw)|not\s+any|not\s+(?:in|wearing|with|holding)|"
    r"(?:there\s+)?(?:should|must)\s+(?:be\s+no|not\s+be(?:\s+any)?)|leave\s+out|omit)\s+"
    r"(?:(?:any|a|an|the|some|extra|no|de|du|des|la|le|les|el|los)\s+){0,2}" + _THING,
    re.IGNORECASE,
)
_AND_NOT = re.compile(
    r"\s*(?:,\s*)?(?:and|or|nor)\s+(?:no\s+|without\s+|any\s+"
    r"|an?\s+){0,2}" + _THING,
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"no\s+(?:one|entry|parking|smoking|man|way|matter|longer|signal|problem|doubt|exit|other"
    r"|more|"
    r"trespassing|vacancy|rush|worries|idea|\d)\b",
    re.IGNORECASE,
)
_SAID = re.compile(r"\b(?:say|says|saying|said|sign|yes\s+or|yes\s+and)\s+$", re.IGNORECASE)
_VERB = re.compile(r"\w+ing\b", re.IGNORECASE)
_THERE = re.compile(
    r"\s+in\s+(?:it|there|here|this|that|the\s+(?:picture|image|shot|scene))\b", re.IGNORECASE
)
MOST_CHARS = 1_500


def read_negations(script: Script) -> str:
    """What is unwanted, comma separated; taken out of the script. At most 1,500 characters."""
    found: list[str] = []
    for match in _FLAG.finditer(script.text):
        first, end = match.start("what"), script.free_until(*match.span("what"))
        if script.is_free(match.start(), first) and end > first:
            found += [tidy(piece) for piece in script.text[first:end].split(",")]
            script.take(match.start(), end)
    for match in script.find(_NOT):
        before = script.text[max(0, match.start() - 12) : match.start()]
        if _IDIOM.match(match[0]) or _SAID.search(before) or _VERB.match(match["what"]):
            continue
        found.append(tidy(match["what"]))
        there = _THERE.match(script.text, match.end())
        script.take(match.start(), there.end() if there else match.end())
        found += _joined(script, match.end())
    return ", ".join(dict.fromkeys(thing for thing in found if thing))[:MOST_CHARS]


def _joined(script: Script, end: int) -> list[str]:
    """More things of the same negation: "no people or cars", "without text and no frame"."""
    more: list[str] = []
    while (match := _AND_NOT.match(script.text, end)) and len(more) < 10:
        is_same = re.match(r"\s*(?:,\s*)?(?:or|nor|and\s+(?:no|without|any))\b", match[0], re.I)
        plain_and = re.match(r"\s*and\s", match[0], re.I) and _ends_here(script, match.end())
        if not (is_same or plain_and) or not script.is_free(match.start(), match.end()):
            break
        more.append(tidy(match["what"]))
        script.take(*match.span())
        end = match.end()
    return more


def _ends_here(script: Script, end: int) -> bool:
    """After "no people and cars" nothing of the picture follows in the same breath."""
    return not script.text[end:].strip() or script.text[end:].lstrip()[:1] in ",;.!?\n"
