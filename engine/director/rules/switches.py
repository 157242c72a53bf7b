"""Looks switched off as a whole: "no loras please", "without any styles", "loras off"."""

import re
from typing import Literal

from engine.director.rules.text import tidy

Off = Literal["all", "styles"]
_LORAS = r"(?:loras?|presets)"
_STYLES = (
    r"(?:styles|(?<=any\s)style"
    r"|(?:specific|particular|special|fancy)\s+styles?|stile|estilos)"
)
_NOT = (
    r"(?:(?:(?:but|and|just)\s+)?(?:i\s+)?(?:(?:please\s+)?(?:do\s+not|don['\u2019]?t|never)\s+"
    r"(?:want(?:\s+(?:to\s+use|you\s+to\s+use))?|use|need|add|apply|include|put)"
    r"|(?:with\s+)?(?:no|zero)|without(?:\s+using)?|not\s+using|skip|disable|avoid"
    r"|(?:turn|switch)\s+off|(?:drop|remove|lose|ditch)(?=\s+(?:all|any|every|loras\b))"
    r"|ohne|sans|sin|sem|senza|keine?)"
    r"(?:\s+(?:any|all|of|the|your|those|these|irgendwelche|ning[u\u00fa]n|aucune?))*)"
)
_MORE = (
    r"(?:\s+(?:at\s+all|(?:on|for|in)\s+(?:this|it|that)(?:\s+(?:one|picture|time))?|whatsoever"
    r"|this\s+time|here|please|pls|bitte|thanks|anymore|involved|applied|used|needed))*"
)
_END = r"(?=\s*(?:[,;.!?:()\n]|$|\b(?:just|only|but|and|make|draw)\b))"
_EXCEPT = (
    r"\s+(?:except(?:\s+for)?|besides|other\s+than|apart\s+from|but)\s+"
    r"(?!(?:make|draw|with|keep|leave|in|at|on|no|still)\b)"
)
_ONE: dict[Off, str] = {"all": "lora", "styles": "(?:style|filter)"}
"""Said alone in a clause: "no style, just a photo"."""
_NOUNS: tuple[tuple[Off, str], ...] = (("all", _LORAS), ("styles", _STYLES))
_SWITCHES = tuple(
    (
        off,
        re.compile(
            rf"[,;]?\s*(?<!\w){_NOT}\s+{nouns}{_MORE}{_END}"
            rf"|[,;]?\s*(?<!\w)(?:(?:turn|switch|take|leave)\s+)?(?:all\s+)?(?:(?:of\s+)?the\s+)?"
            rf"{nouns}\s+(?:off|out|away){_MORE}{_END}"
            rf"|(?<!\w){nouns}[\s-]free{_END}"
            rf"|(?:^|[,;.!])\s*no\s+{_ONE[off]}(?=\s*(?:[,;.!?]|$))",
            re.IGNORECASE,
        ),
    )
    for off, nouns in _NOUNS
)
_ONLY_THOSE = re.compile(
    rf"(?<!\w){_NOT}\s+(?:(?:other|more|further|extra|additional)\s+(?:{_LORAS}|{_STYLES}){_END}"
    rf"|(?:other\s+)?(?:{_LORAS}|{_STYLES}){_EXCEPT})",
    re.IGNORECASE,
)


def read_switch(text: str) -> tuple[str, Off | None]:
    """The text without the words that switch looks off, and which looks they mean.

    "No other loras" and "no loras except X" only leave: nothing is ever added unasked.
    """
    rest = _ONLY_THOSE.sub("", text)
    found: Off | None = None
    for off, pattern in _SWITCHES:
        cut = pattern.sub(",", rest)
        if cut != rest:
            found, rest = found or off, cut
    return (tidy(rest, head_cut=True, tail_cut=True) if rest != text else text), found
