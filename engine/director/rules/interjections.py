"""Oaths and cries: said alone they are an opinion, among other words they mean nothing."""

import re

from engine.messages import Verdict

_EXPLETIVE = r"(?:mother)?fuck(?:ing?|in['\u2019]?|en)?|fk(?:ing)?|f+ing|goddamn|god\s?damn|damn|freakin[g'\u2019]?|frickin[g'\u2019]?|friggin[g'\u2019]?|effing"  # noqa: E501
_BETWEEN = re.compile(rf"(?<![\w-])(?:{_EXPLETIVE})\s+(?=\w)", re.IGNORECASE)
_OATH = (
    r"(?:oh\s+|oh,\s+|aw\s+|ah\s+|well\s+|the\s+)?(?:(?:holy|bloody)\s+(?:shit|crap|hell|fuck|moly"
    r"|cow|smokes|guacamole|moley)|shi+t|fu+ck|da+mn|dayu+m|crap|hell|heck|omfg|jesus(?:\s+christ)?|christ"
    r"|jeez|gosh|goodness|my\s+(?:god|goodness|gosh))"
)
_LEADING = re.compile(rf"(?:{_OATH})[\s,.!\u2014-]+(?=\w)(?!(?:of|on|in|at)\b)", re.IGNORECASE)
_BAD = re.compile(
    r"(?:oh\s+)?(?:wtf+|what\s+(?:the|in\s+the)\s+(?:actual\s+)?(?:fuck|hell|heck|f)|tf|oof+|yikes+|e+w+|y+u+c?k+"
    r"|ugh+|bruh+|cringe|nightmare\s+fuel|cursed|rip|jeez|big\s+yikes|welp|f+s|ffs|smh|oh\s+no+|no+)"
    r"(?:\s+(?:is\s+(?:this|that|it)|man|bro|dude|lol|lmao|was\s+that))*",
    re.IGNORECASE,
)
_GOOD = re.compile(
    rf"(?:{_OATH}|(?:hell|fuck|damn|oh)\s+ye(?:s+|a+h*)|ye+s+|wo+a?h+|whoa+|sheesh+|slay+|chef'?s\s+kiss|w"
    r"|big\s+w|banger|goated|bussin|no\s+way+|get\s+out|you'?re\s+kidding|hot\s+damn|ayo+|yo+|lets\s+go+|let's\s+go+)"
    r"(?:[\s,]+(?:man|bro|dude|lol|wow|yes|guys|bot|nice))*",
    re.IGNORECASE,
)


def cried(text: str) -> Verdict | None:
    """What a turn of nothing but cries means; None for any other."""
    plain = text.strip(" .!?,\u2026")
    if _BAD.fullmatch(plain):
        return "bad"
    return "good" if _GOOD.fullmatch(plain) else None


def without_oaths(text: str) -> str:
    """A turn without the oaths before and between its words."""
    if cried(text) is not None:
        return text
    led = _LEADING.match(text)
    return without_expletives(text[led.end() :] if led else text)


def without_expletives(text: str) -> str:
    """The words without those that only swear: "a fucking huge shark" is a huge shark."""
    return _BETWEEN.sub("", text)
