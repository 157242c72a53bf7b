"""Politeness and orders around a wish: "hi, could you please draw me a picture of ...?"."""

import re

from engine.director.dictionary import words
from engine.director.rules.interjections import without_expletives, without_oaths

_HEADS = re.compile(
    r"\s*(?:"
    r"(?:what(?:['\u2019]?s)?\s+up|sup|hi+|hey+a?|hello+|yo+|good\s+(?:morning|evening"
    r"|afternoon))(?:\s+(?:there|bot|atelier|all"
    r"|everyone|again))?(?=[\s,!.])"
    r"|(?:ok(?:ay)?|so|well|umm+|hmm+|uh|right|alright|cool|great|nice|perfect|thanks"
    r"|thank\s+you|thx|oh|ah|yes|yeah)(?=[\s,!.])"
    r"|um(?=\s*[,.!\u2026]|\s+(?:i|we|can|could|an?|the|maybe|draw|make|paint|show|please|what"
    r"|how|so|ok|like|is|do|give|just)\b)"
    r"|(?:would|do)\s+you\s+mind(?=\s)"
    r"|(?:do\s+you\s+think|is\s+there\s+(?:any|a)\s+way)\s+(?:(?:you|we|i)\s+(?:could|can"
    r"|might)|to)(?:\s+(?:get|have|see))?(?=\s)"
    r"|(?:be\s+)?so\s+(?:kind|good|nice)\s+(?:as\s+)?to(?=\s)|(?:are"
    r"|were)\s+you\s+able\s+to(?=\s)|may\s+(?:i|we)\s+(?:please\s+)?(?:have|get|see"
    r"|request|ask\s+for)(?=\s)"
    r"|(?:would|is)\s+it\s+(?:be\s+)?(?:possible|ok(?:ay)?|cool|alright)\s+(?:to|if\s+(?:you|we"
    r"|i))\s+(?:could\s+)?(?:get|have|see|make|do|draw|create)(?=\s)"
    r"|any\s+chance\s+(?:of|(?:you|i|we)\s+(?:could|can)(?:\s+(?:get|have|do|make|draw))?)(?=\s)"
    r"|(?:i|we)\s+(?:was|were|am|are)\s+(?:wondering|hoping|thinking)\s+(?:if|that"
    r"|about)(?:\s+(?:you|we|i)\s+(?:could|can|might))?(?=\s)"
    r"|(?:omg+|lol|lmao|bro|dude|guys|wow|bruh+|fam|lads|folks|chat|y['\u2019]?all|ayo+|aight|welp|girl(?=\s*[,!]))(?=[\s,!.])|pl+[sz]+\b"
    r"|(?:(?:i['\u2019]?m|im|i\s+am)\s+)?new\s+here(?=\s*[,.!])|(?:it['\u2019]?s\s+)?me\s+again(?=\s*[,.!])"
    r"|(?:first\s+time(?:\s+(?:here|user|using\s+this|trying\s+this))?|quick\s+question|sorry\s+to\s+bother(?:\s+you)?"
    r"|hope\s+(?:you['\u2019]?re|ur|you\s+are)\s+(?:well|good|ok)|how\s+are\s+you(?:\s+(?:doing|today))?|long\s+time\s+no\s+see"
    r"|not\s+sure\s+if\s+(?:this\s+works|you\s+can(?:\s+do\s+this)?|that['\u2019]?s\s+possible))(?=\s*[,.!?:])"
    r"|pretty\s+(?:please|pls|plz)\b|(?:get|have|see|request|order)(?=\s+(?:an?|the|some|one|two|three)\s)"
    r"|(?:please|pls|plz|kindly|maybe|perhaps|quickly|just)\b"
    r"|(?:can|could|would|will)\s+(?:you|u|we|i|someone|somebody|anyone|anybody|y['\u2019]?all)(?:\s+(?:please|pls|maybe|possibly|kindly|just"
    r"|also|quickly|get|have|see|be\s+able\s+to|try\s+to))*(?=\s)"
    r"|(?:i|we)(?:['\u2019]d|\s+would)?\s+(?:really\s+)?(?:want|wanna|need|like|love"
    r"|wish)(?:\s+(?:to\s+(?:see|have|get|try)|you\s+to))?(?=\s)"
    r"|i['\u2019]?m\s+(?:looking\s+for|after|thinking\s+of|in\s+the\s+mood\s+for)(?=\s)"
    r"|(?:let['\u2019]?s|let\s+us|let\s+me)(?:\s+(?:see|have|try|get|do|make))?(?=\s)"
    r"|(?:how|what)\s+about(?=\s)"
    r"|(?:show|give|get|send|bring)\s+(?:me|us)(?=\s)|gimme(?=\s)"
    r"|(?:and\s+)?now,?(?=\s+(?:draw|create|paint|show|generate|do|make|an?|the|some|one|two|three"
    r"|four|\d+|another)\s)"
    r"|(?:an?\s+)?(?:fast|quick)(?:\s+(?:one|pic|picture|image))?(?=\s*[:\u2013])"
    r"|(?:an?\s+)?(?:fast|quick)\s+one(?=\s*,|\s+(?:please|pls)\b)"
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
    r"|bitte\b|k(?:annst|\u00f6nntest)\s+du(?:\s+(?:mir|bitte))*(?=\s)|(?:zeichne|male|erstelle"
    r"|mach|generiere|zeig)(?:\s+(?:mir|uns|bitte))*(?=\s)"
    r"|ich\s+(?:m\u00f6chte|will|h\u00e4tte\s+gern(?:e)?|brauche)(?=\s)|(?:ein"
    r"|das)\s+bild\s+(?:von|mit)(?=\s)"
    r"|(?:dessine|fais|cr\u00e9e|g\u00e9n\u00e8re|montre)(?:[\s-]+moi)?(?=\s)|(?:peux"
    r"|pourrais)[\s-]tu(?:\s+me)?(?:\s+(?:dessiner|faire|cr\u00e9er))?(?=\s)|je\s+(?:voudrais"
    r"|veux)(?=\s)|une\s+image\s+(?:de|d['\u2019])"
    r"|(?:desenh[ae](?:[\s-]me)?|pint[ae](?:[\s-]me)?|fa[z\u00e7](?:a)?(?:[\s-]me)?|cri[ae]|ger[ae]|mostr[ae](?:[\s-]me)?"
    r"|quero|queria|pode\s+desenhar|disegna(?:mi)?|fammi|vorrei)(?=\s)"
    r"|(?:um[a]?|una|un['\u2019]?)\s+(?:imagem|foto|immagine)\s+d[eio]['\u2019]?(?=\s)"
    r"|(?:dib\u00fajame|dibuja|hazme|haz|crea|genera|mu\u00e9strame)(?:\s+a(?!\s+l[ao]s?\b))?(?=\s)|(?:puedes"
    r"|podr\u00edas)\s+(?:dibujar(?:me)?|hacer(?:me)?|crear)(?=\s)|quiero(?=\s)"
    r"|una\s+imagen\s+de(?=\s)"
    r"|[,:;!.\u2026-]+"
    r")",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"(?:[\s,.!?]|^)(?:bitte|danke|s['\u2019]?il\s+(?:te|vous)\s+pla[i\u00ee]t|svp|stp|merci"
    r"|por\s+favor|gracias|already|no\s+cap|lmao|fr|rn|(?:(?<=[,.!?])|(?<=[,.!?]\s)|(?<=thanks\s)|(?<=please\s)"
    r"|(?<=pls\s)|(?<=thx\s))(?:bro|dude|man)"
    r"|\u3092\u63cf\u3044\u3066(?:\u304f\u3060\u3055\u3044)?"
    r"|\u304a\u9858\u3044\u3057\u307e\u3059|please|pls|plz|(?:many\s+"
    r"|big\s+)?thanks(?:\s+a\s+lot|\s+so\s+much"
    r"|\s+in\s+advance)?"
    r"|thank\s+(?:you|u|ya)(?:\s+so\s+much|\s+very\s+much|\s+kindly)?(?:\s+in\s+advance)?|"
    r"thx|ty|cheers|for\s+me|if\s+(?:you\s+can|possible|that['\u2019]?s\s+ok(?:ay)?"
    r"|you\s+don['\u2019]?t\s+mind)|(?:i(?:['\u2019]?d|\s+would)?\s+)?(?:really\s+|much\s+"
    r"|greatly\s+)*appreciate(?:d)?(?:\s+(?:it|that|this))?|(?:that"
    r"|it)\s+would\s+be\s+(?:awesome|amazing|great|nice|cool|perfect|lovely)|if\s+you\s+could"
    r"|would\s+be\s+"
    r"(?:nice|great|cool|lovely)|asap|lol|haha|ok(?:ay)?\?)[\s.!?,:)\u2026]*$",
    re.IGNORECASE,
)
_INSIDE = re.compile(r",\s*(?:please|pls|thanks|thank\s+you)\s*(?=,)", re.IGNORECASE)
MOST_HEADS = 12


_REPEATED = re.compile(r"(\w)\1{2,}")
_SLANG = (
    (re.compile(r"\bu\b(?!['\u2019])", re.IGNORECASE), "you"),
    (re.compile(r"\bur\b", re.IGNORECASE), "your"),
    (re.compile(r"\br\b(?=\s+(?:you|there|these|those|we|they|your)\b)", re.IGNORECASE), "are"),
    (re.compile(r"\bgimme\b", re.IGNORECASE), "give me"),
    (re.compile(r"\b(?:wot|wat)\b", re.IGNORECASE), "what"),
    (re.compile(r"\b(?:nah+|nope|naw)\b", re.IGNORECASE), "no"),
    (re.compile(r"\b(?:yea|yeh|yup|ye)\b", re.IGNORECASE), "yes"),
    (re.compile(r"\bkinda\b", re.IGNORECASE), "kind of"),
    (re.compile(r"\bda\b(?=\s+\w)", re.IGNORECASE), "the"),
)


def unslanged(text: str) -> str:
    """A turn in plain spelling, for telling what it wants; never what is drawn."""
    text = without_oaths(_REPEATED.sub(_fewer_letters, text))
    for pattern, plain in _SLANG:
        text = pattern.sub(plain, text)
    return text


def _fewer_letters(match: re.Match[str]) -> str:
    """Of "yesss" and "cooool" as many letters as the words "yes" and "cool" have."""
    letter, text = match[1], match.string
    if letter.isdigit() or letter == "_":
        return match[0]
    start = match.start() - len(re.search(r"\w*$", text[: match.start()])[0])  # type: ignore[index]
    end = match.end() + len(re.match(r"\w*", text[match.end() :])[0])  # type: ignore[index]
    for times in (2, 1):
        word = text[start : match.start()] + letter * times + text[match.end() : end]
        if word.casefold() in words():
            return letter * times
    return letter


def bare(text: str) -> str:
    """A text without politeness at its ends; the text itself when nothing else was said."""
    start, end = _head_end(text), _tail_start(text)
    rest = without_expletives(_INSIDE.sub("", text[start:end])).strip(" ,:;") if start < end else ""
    return rest if any(char.isalnum() for char in rest) else text.strip(" ,:;")


def unthanked(text: str) -> str:
    """A text without politeness at its end alone; the text itself when nothing else was said."""
    rest = text[: _tail_start(text)].strip(" ,:;")
    return rest if any(char.isalnum() for char in rest) else text


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
