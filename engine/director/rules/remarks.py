"""Remarks on the picture that no list of words foresees: "it looks like a potato"."""

import re

from engine.director.reader import Room
from engine.director.rules import turn_words as known
from engine.director.rules.edits import Edit
from engine.director.rules.opinions import feeling
from engine.director.rules.text import folded_words
from engine.director.rules.turn_scope import drawn_words, last_job
from engine.messages import Reading, Verdict

MOST_WORDS = 14
_OF_IT = re.compile(
    r"(?:(?:lol|lmao|ha+|heh+|haha+|hmm*|uh+|um+|wow|ok(?:ay)?|well|so|but|and|honestly|tbh|ngl|oh|damn|omg)[\s,.!]+)*"
    r"(?:(?:(?:looks?|feels?|seems?)\s+(?:like|more\s+like|kinda|so|weirdly|just|exactly)|reminds\s+me"
    r"|(?:came|turned)\s+out|gives\s+me)\b.*|(?:he|she)\s+looks?\s+(?:so|like|kinda|super|exactly|nothing)\b.*"
    r"|i\s+(?:really\s+|kinda\s+|also\s+)?(?:like|love|dig|hate|dislike)\s+(?:the|how|his|her|its)\b.*|(?:this|that|it|these|those|they|(?:this|that|the)\s+(?:one|picture|image|pic|result|thing|last\s+one))"
    r"(?:(?:['\u2019]?s|['\u2019]re)\s+(?:giving|like|so|such|kinda|kind\s+of|just|totally|literally|basically|not|way|really)\b"
    r"|\s+(?:really\s+|kinda\s+|just\s+|literally\s+|totally\s+|honestly\s+|actually\s+|all\s+|also\s+|still\s+)*"
    r"(?:looks?|reminds?|feels?|seems?|gives?|came|turned|ended|screams|smells|reads|hits|slaps|rocks|rules|sucks"
    r"|made|makes|deserves|needs\s+work|fits|works|doesn['\u2019]?t|didn['\u2019]?t|isn['\u2019]?t|ain['\u2019]?t))\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_LIKED = re.compile(r"\bi\s+(?:really\s+|kinda\s+|also\s+)?(?:like|dig)\b", re.IGNORECASE)
_WISHES = re.compile(
    r"\b(?:too|more|less|should|must|needs?(?!\s+work)|could|would|want|better\s+(?:if|with|in|as|without|at)|with(?:out)?|make|add"
    r"|change|instead|enough|please|pls|bit\s+much|remove|again|\w+er\s+please)\b",
    re.IGNORECASE,
)
"""Words of an order: then it is no remark."""
_STATED = re.compile(
    r"(?P<what>(?:the|her|his|its|their)\s+[\w'-]+(?:\s[\w'-]+)?)\s+(?P<verb>is|are|looks?|has|have|seems?|feels?)\s+"
    r"(?P<rest>.{2,80})",
    re.IGNORECASE,
)
_TOO_MUCH_OF_A_LOOK = re.compile(
    r"(?:(?:it|that|this)(?:['\u2019]?s|\s+is|\s+looks?|\s+feels?)?\s+)?(?:(?:way|a\s+bit|a\s+little|kinda|just|much|still"
    r"|far)\s+)*too\s+(?P<what>[\w-]+(?:\s[\w-]+)?)(?:\s+(?:now|for\s+me|imo|tbh|lol|tho))*",
    re.IGNORECASE,
)
_MUCH = re.compile(
    r"(?:(?:a\s+)?(?:bit|little|tad)|way|kind\s+of|kinda|just|rather|somewhat|so)\s+(?:too\s+)?(?:much|strong|heavy|intense|over\s+the\s+top|ott)"
    r"(?:\s+(?:for\s+me|imo|here|now|tbh|lol))*|overdone|over\s+the\s+top|killing\s+it|doing\s+too\s+much|all\s+over\s+the\s+place|everywhere",
    re.IGNORECASE,
)


def remark_on(text: str, room: Room) -> Reading | None:
    """What is thought of the newest picture, told by what the sentence is about."""
    if last_job(room) is None or len(text.split()) > MOST_WORDS or _WISHES.search(text):
        return None
    return feeling(_verdict(text), text, room) if _OF_IT.fullmatch(text.strip()) else None


def stated(text: str, room: Room) -> Edit | None:
    """Something in the picture, said to be otherwise: a change, if it is drawn there."""
    too = _TOO_MUCH_OF_A_LOOK.fullmatch(text.strip(" .!?\u2026"))
    if too is not None:
        return Edit("weaker", too["what"])
    match = _STATED.fullmatch(text.strip(" .!?\u2026"))
    if match is None or len(text.split()) > MOST_WORDS:
        return None
    if _MUCH.fullmatch(match["rest"].strip(" .!")):
        return Edit(
            "weaker", re.sub(r"^(?:the|her|his|its|their)\s+", "", match["what"], flags=re.I)
        )
    drawn = drawn_words(room)
    head = folded_words(match["what"])[1:]
    if not drawn or not head or head[-1] not in drawn:
        return None
    return Edit("change", f"{match['what']} {match['verb']} {match['rest']}")


def _verdict(text: str) -> Verdict:
    words = set(folded_words(text))
    is_good = bool(words & known.GOOD or _LIKED.search(text)) and not words & (
        known.NEGATORS | known.BAD
    )
    return "good" if is_good else "bad"
