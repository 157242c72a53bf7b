"""Questions that no pattern knows: never a picture, but about looks, the last one, or the world."""

import re
from typing import Literal

Topic = Literal["search", "info", "status", "help", "chat"]
_ASKS = re.compile(
    r"(?:what|which|who|whose|why|how|where|when)(?:['\u2019]?(?:s|re))?\s+(?:is|are|am|was"
    r"|were|do|does|did|can|could"
    r"|should|would|will|has|have|had|much|many|long|far|come|to|i|my|your|else|kinds?|sorts?"
    r"|types?|loras?|looks?"
    r"|styles?|characters?|options?|won|made|makes|day|time|year)\b"
    r"|(?:is|are|am|was|were|does|did|has|should|may|can|could)\s+(?:i|you|we|it|this|that"
    r"|there|the|my|your|\w+\s+(?:an?|the)\s)"
    r"|do\s+(?:you|i|we|they)\b|(?:does|will|would|do|can|could)\s+(?:the\s+)?[\w'-]+(?:\s[\w'-]+)?\s+"
    r"(?:work|fit|go|run|combine|mix|act|play\s+well)\s+(?:on|with|for|together|well|alongside)\b|(?:suggest|recommend|propose)\b|tell\s+me\s+(?:why|how|what|who"
    r"|when|where)\b"
    r"|explain\s+(?:what|how|why)\b",
    re.IGNORECASE,
)
_QUERY_WORDS = re.compile(
    r"^(?:what|which|who|whose|why|how|where|when|is|are|am|was|were|does"
    r"|did)\b[^?]*\?\s*$",
    re.IGNORECASE,
)
_NO_QUESTION = re.compile(
    r"what\s+(?:if|about|an?)\b|how\s+about\b|what\s+would\s+.{1,40}\s+look\b|(?:can"
    r"|could)\s+(?:you|we|u|it|she|he|they|i"
    r"\s+(?:have|get|see))\b|(?:could|can|should)\s+(?:the|her|his|their)\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"\b(?:loras?|looks?|styles?|characters?|effects?|lightings?|options?"
    r"|presets?)\b",
    re.IGNORECASE,
)
_CHOOSING = re.compile(
    r"\b(?:what\s+can\s+you|which\s+of|should\s+i|can\s+i|could\s+i|new|exists?|available"
    r"|suggest|recommend|propose|best"
    r"|good\s+for|fits?|are\s+there|my\s+options)\b",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"\b(?:next|front|ahead|queue|turn|wait(?:ing)?|done|ready|finished|coming"
    r"|time\s+(?:is\s+)?left|in\s+line|take"
    r"|taking|eta)\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:left|i|me|my|mine|it|this|that)\b", re.IGNORECASE)
_PICTURE = re.compile(
    r"\b(?:this|that|it|picture|image|pic|seed|prompt|settings?|base|weights?|lora|used?|made?"
    r"|chose|choose|pick(?:ed)?|last)\b",
    re.IGNORECASE,
)
_HOW_TO = re.compile(
    r"^(?:how|where)\s+(?:do|can|could|should|would|to)\b|\b(?:commands?|instructions?"
    r"|this\s+bot|you\s+do|work|explain\s+(?:what|how)\s+(?:you|this|it))\b",
    re.IGNORECASE,
)
MOST_WORDS = 16


def topic_of(text: str, *, names_look: bool, has_job: bool) -> Topic | None:
    """What a question is about; None when it is none, or asks for a picture."""
    plain = text.strip(" ,.!")
    if len(plain.split()) > MOST_WORDS or _NO_QUESTION.match(plain):
        return None
    if not _ASKS.match(plain) and not _QUERY_WORDS.match(plain):
        return None
    if _LOOKS.search(plain) and _CHOOSING.search(plain):
        return "search"
    if names_look:
        return "info"
    if _WAITING.search(plain) and _MINE.search(plain) and not _HOW_TO.search(plain):
        return "status"
    if has_job and _PICTURE.search(plain) and not _HOW_TO.search(plain):
        return "info"
    return "help" if _HOW_TO.search(plain) else "chat"
