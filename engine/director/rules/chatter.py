"""Politeness and orders around a wish: "hi, could you please draw me a picture of ...?"."""

import re

_HEADS = re.compile(
    r"\s*(?:"
    r"(?:hi|hey|hello|yo|good\s+(?:morning|evening|afternoon))(?:\s+(?:there|bot|atelier|all"
    r"|everyone|again))?(?=[\s,!.])"
    r"|(?:ok(?:ay)?|so|well|um+|hmm+|uh|right|alright|cool|great|nice|perfect|thanks"
    r"|thank\s+you|thx|oh|ah|yes|yeah)(?=[\s,!.])"
    r"|(?:would|do)\s+you\s+mind(?=\s)"
    r"|(?:please|pls|plz|kindly|maybe|perhaps|quickly|just)\b"
    r"|(?:can|could|would|will)\s+(?:you|u|we|i)(?:\s+(?:please|pls|maybe|possibly|kindly|just"
    r"|also|quickly|get|have|see|be\s+able\s+to|try\s+to))*(?=\s)"
    r"|(?:i|we)(?:['\u2019]d|\s+would)?\s+(?:really\s+)?(?:want|wanna|need|like|love"
    r"|wish)(?:\s+(?:to\s+(?:see|have|get|try)|you\s+to))?(?=\s)"
    r"|i['\u2019]?m\s+(?:looking\s+for|after|thinking\s+of|in\s+the\s+mood\s+for)(?=\s)"
    r"|(?:let['\u2019]?s|let\s+us|let\s+me)(?:\s+(?:see|have|try|get|do|make))?(?=\s)"
    r"|(?:how|what)\s+about(?=\s)"
    r"|(?:show|give|get|send|bring)\s+(?:me|us)(?=\s)|gimme(?=\s)"
    r"|now(?=\s+(?:draw|create|paint|show|generate)\s)"
    r"|/?imagine(?=[\s:])(?:\s+prompt)?|/(?:create|draw|gen|generate)\b|prompt\s*(?=:)"
    r"|(?:drawing|generating|creating|making|painting)(?:\s+(?:me|us))?(?=\s+(?:a|an|the|some)\s)"
    r"|(?:draw|create|generate|produce|whip\s+up|come\s+up\s+with|put\s+together)(?:\s+(?:me"
    r"|us))?(?=\s)(?!\s+bridge)"
    r"|(?:make|paint|render|sketch|design|do|illustrate|try|give)(?:\s+(?:me|us)(?=\s)"
    r"|(?=\s+(?:a|an|the|some|my|our|another|one|two|three|four|\d+)\b))"
    r"|an?\s+(?:(?:nice|cool|quick|new|beautiful|good|great|awesome)\s+)?(?:pictures?|images?"
    r"|pics?)\s+(?:of|with|showing|where|that\s+shows)(?=\s)"
    r"|(?:some\s+)?(?:pictures|images|pics)\s+of(?=\s)"
    r"|something\s+like(?=\s+an?\s)"
    r"|[,:;!.\u2026-]+"
    r")",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"(?:[\s,.!?]|^)(?:please|pls|plz|thanks(?:\s+a\s+lot|\s+so\s+much|\s+in\s+advance)?"
    r"|thank\s+you(?:\s+so\s+much|\s+very\s+much)?|"
    r"thx|ty|cheers|for\s+me|if\s+(?:you\s+can|possible|that['\u2019]?s\s+ok(?:ay)?"
    r"|you\s+don['\u2019]?t\s+mind)|would\s+be\s+"
    r"(?:nice|great|cool|lovely)|asap|lol|haha|ok(?:ay)?\?)[\s.!?,:)\u2026]*$",
    re.IGNORECASE,
)
_INSIDE = re.compile(r",\s*(?:please|pls|thanks|thank\s+you)\s*(?=,)", re.IGNORECASE)
MOST_HEADS = 12


def bare(text: str) -> str:
    """A text without politeness at its ends; the text itself when nothing else was said."""
    start, end = _head_end(text), _tail_start(text)
    rest = _INSIDE.sub("", text[start:end]).strip(" ,:;") if start < end else ""
    return rest if any(char.isalnum() for char in rest) else text.strip(" ,:;")


def _head_end(text: str) -> int:
    end = 0
    for _ in range(MOST_HEADS):
        match = _HEADS.match(text, end)
        if match is None or match.end() >= len(text):
            break
        end = match.end()
    return end


def _tail_start(text: str) -> int:
    end = len(text)
    for _ in range(4):
        offset = max(0, end - 60)
        match = _TAILS.search(text[offset:end])
        if match is None or offset + match.start() <= 0:
            break
        end = offset + match.start()
    return end
