"""Changes said in five other languages, put into the words of the edit rules.

Only the frame of a change is translated ("das gleiche aber", "plus sombre", "de noche"); what the
picture shall show stays in the person's language.
"""

import re
from typing import Final

MOST_CHARS = 120
_I = re.IGNORECASE
_SAME: Final = (
    r"(?:(?:jetzt|nun|nochmal)\s+)?(?:(?:die|der)\s+(?:gleiche|selbe)\s+(?:szene|figur|pose|person|ansicht)|(?:genau\s+)?das\s*(?:gleiche|selbe)|(?:das\s+)?(?:gleiche"
    r"|selbe)\s+bild|genauso|dasselbe)"
    r"(?:\s+(?:bild|nochmal|noch\s*mal|wie\s+eben))?(?:[\s,]+(?:aber|nur|jetzt|blo\u00df|doch"
    r"|und))*"
    r"|(?:la\s+)?m\u00eame\s+(?:chose|image|sc\u00e8ne|dessin)(?:[\s,]+(?:mais|et|juste))*|"
    r"(?:le\s+)?m\u00eame(?:[\s,]+mais)+|pareil(?:[\s,]+(?:mais|et))*"
    r"|(?:lo|la|el)\s+mism[oa](?:\s+(?:imagen|escena|dibujo))?(?:[\s,]+(?:pero|y|solo))*|igual"
    r"(?:[\s,]+(?:pero|solo))+"
    r"|(?:\u540c\u3058(?:\u7d75|\u753b\u50cf|\u3082\u306e|\u69cb\u56f3)?(?:\u3067"
    r"|\u3060\u3051\u3069|\u3060\u3051\u3069\u3001|\u306e)?)[\s\u3001,]*"
)
_BUT: Final = (
    r"(?:aber|mais(?=\s+(?:avec|sans|en|au|de\s+(?:nuit|jour)|plus|cette))|pero|mas|agora|jetzt"
    r"|maintenant|ahora|und\s+jetzt|et\s+maintenant)[\s,]+(?=\S)"
)
_MAKE: Final = (
    r"(?:kannst\s+du\s+|bitte\s+)*(?:mach|mache|machs)\s+(?:es|das|sie|ihn|das\s+bild|mal)\s+"
    r"(?:bitte\s+|mal\s+)*"
    r"|(?:tu\s+peux\s+)?(?:fais|rends|mets)[\s-]+(?:le|la|les|l['\u2019]image)\s+|(?:puedes\s+)?"
    r"(?:hazl[oa]|ponl[oa]|haz\s+que\s+sea)\s+"
)
_A_BIT: Final = (
    r"(?:(?:noch\s+)?(?:ein(?:en)?\s+)?(?:bisschen|wenig|tick|etwas)|noch|etwas|viel"
    r"|un\s+peu|beaucoup|encore|un\s+poco|mucho|algo)\s+"
)
_COMPARED: Final[dict[str, str]] = {
    "brighter": (
        r"heller|plus\s+(?:clair|claire|lumineux|lumineuse)|m[a\u00e1]s\s+(?:claro|clara|brillante"
        r"|luminos[oa])"
    ),
    "darker": (
        r"dunkler|d\u00fcsterer|plus\s+(?:sombre|fonc\u00e9e?|noir)|m[a\u00e1]s\s+(?:oscur[oa]"
        r"|sombr\u00edo)"
    ),
    "bigger": r"gr\u00f6\u00dfer|groesser|plus\s+(?:grande?|gros)|m[a\u00e1]s\s+grande",
    "smaller": r"kleiner|plus\s+petite?|m[a\u00e1]s\s+peque\u00f1[oa]",
    "warmer": r"w\u00e4rmer|plus\s+chaude?|m[a\u00e1]s\s+c\u00e1lid[oa]",
    "colder": r"k\u00e4lter|plus\s+froide?|m[a\u00e1]s\s+fr[i\u00ed][oa]",
    "sharper": r"sch\u00e4rfer|plus\s+nette?|m[a\u00e1]s\s+n\u00edtid[oa]",
    "softer": r"weicher|sanfter|plus\s+dou(?:x|ce)|m[a\u00e1]s\s+suave",
    "closer": r"n\u00e4her(?:\s+ran)?|plus\s+pr\u00e8s|m[a\u00e1]s\s+cerca",
    "happier": r"fr\u00f6hlicher|plus\s+(?:gaie?|joyeu(?:x|se))|m[a\u00e1]s\s+alegre",
    "more colorful": r"bunter|farbiger|plus\s+color\u00e9e?|m[a\u00e1]s\s+colorid[oa]",
    "simpler": r"einfacher|schlichter|plus\s+simple|m[a\u00e1]s\s+simple",
}
_MOMENTS: Final[dict[str, str]] = {
    "at night": (
        r"bei\s+nacht|nachts|in\s+der\s+nacht|(?:de|la|pendant\s+la)\s+nuit|de\s+noche"
        r"|por\s+la\s+noche|en\s+la\s+noche"
    ),
    "during the day": (
        r"bei\s+tag|am\s+tag|tags\u00fcber|de\s+jour|le\s+jour|en\s+plein\s+jour|de\s+d\u00eda"
    ),
    "at sunset": r"bei\s+sonnenuntergang|au\s+coucher\s+du\s+soleil|al\s+atardecer",
    "at dawn": r"bei\s+sonnenaufgang|im\s+morgengrauen|\u00e0\s+l['\u2019]aube|al\s+amanecer",
    "in the morning": r"am\s+morgen|morgens|le\s+matin|por\s+la\s+ma\u00f1ana",
    "in the evening": r"am\s+abend|abends|le\s+soir|por\s+la\s+tarde",
    "in winter": r"im\s+winter|en\s+hiver|en\s+invierno",
    "in summer": r"im\s+sommer|en\s+\u00e9t\u00e9|en\s+verano",
    "in autumn": r"im\s+herbst|en\s+automne|en\s+oto\u00f1o",
    "in spring": r"im\s+fr\u00fchling|au\s+printemps|en\s+primavera",
    "in the rain": r"im\s+regen|bei\s+regen|sous\s+la\s+pluie|bajo\s+la\s+lluvia",
    "in the snow": r"im\s+schnee|sous\s+la\s+neige|dans\s+la\s+neige|en\s+la\s+nieve|con\s+nieve",
    "in the fog": r"im\s+nebel|dans\s+(?:la\s+brume|le\s+brouillard)|en\s+la\s+niebla|con\s+niebla",
}
_AGAIN: Final = (
    r"(?:otra\s+vez|de\s+nuevo|outra\s+vez|de\s+novo|noch\s?(?:ein)?mal|encore(?:\s+une\s+fois)?|ancora)"
    r"[\s,]+(?:pero|mas|aber|mais|ma|nur|jetzt)[\s,]+(?=\S)"
)
_IN_PORTUGUESE: Final[dict[str, str]] = {
    "brighter": r"mais\s+(?:clar[oa]|brilhante|luminos[oa])",
    "darker": r"mais\s+(?:escur[oa]|sombri[oa])",
    "bigger": r"maior",
    "smaller": r"menor|mais\s+pequen[oa]",
    "warmer": r"mais\s+quente",
    "colder": r"mais\s+fri[oa]",
    "sharper": r"mais\s+n[i\u00ed]tid[oa]",
    "softer": r"mais\s+suave",
    "closer": r"mais\s+(?:de\s+)?perto",
    "happier": r"mais\s+(?:feliz|alegre)",
    "more colorful": r"mais\s+colorid[oa]",
    "simpler": r"mais\s+simples",
}
_MOMENTS_IN_PORTUGUESE: Final[dict[str, str]] = {
    "at night": r"(?:de|\u00e0|a)\s+noite",
    "during the day": r"de\s+dia|durante\s+o\s+dia",
    "at sunset": r"(?:ao|no)\s+p[o\u00f4]r[\s-]do[\s-]sol",
    "at dawn": r"(?:ao|no)\s+amanhecer",
    "in the morning": r"(?:de|pela)\s+manh[a\u00e3]",
    "in the evening": r"(?:\u00e0|de)\s+tarde",
    "in winter": r"no\s+inverno",
    "in summer": r"no\s+ver[a\u00e3]o",
    "in autumn": r"no\s+outono",
    "in spring": r"na\s+primavera",
    "in the rain": r"(?:na|com|sob\s+a)\s+chuva",
    "in the snow": r"(?:na|com)\s+neve",
    "in the fog": r"(?:no\s+nevoeiro|na\s+neblina|com\s+neblina)",
}
_FRAMES: Final = (
    (_AGAIN, "same but "),
    (
        r"(?:(?:o|a)\s+mesm[oa](?:\s+(?:imagem|cena|coisa|desenho))?|igual)(?:[\s,]+(?:mas|s[o\u00f3]|e))+\s+",
        "same but ",
    ),
    (
        r"(?:faz|fa\u00e7a|deixa|deixe)\s+(?:isso|ele|ela|a\s+imagem)?\s*(?=mais\b|maior\b|menor\b)",
        "make it ",
    ),
    (rf"(?:{_SAME})\s*", "same but "),
    (_BUT, "but "),
    (_MAKE, "make it "),
    (r"(?:bitte|stp|svp|por\s+favor)[\s,]+(?=\S)", ""),
)
_WITH: Final = (
    (
        r"als\s+(?:einen?\s+|ein\s+)?|comme\s+(?:une?\s+)?|como\s+(?:una?\s+)?|en\s+tant\s+que\s+",
        "as ",
    ),
    (
        r"sem\s+(?:[oa]s?\s+|uma?\s+)?|ohne\s+(?:den|die|das|einen|eine|ein)?\s*|sans\s+(?:les?\s+|la\s+|l['\u2019]|des\s+"
        r"|une?\s+)?|sin\s+(?:el\s+|las?\s+|los\s+|una?\s+)?",
        "without ",
    ),
    (
        r"com\s+(?:uma?\s+)?|mit\s+einem\s+|mit\s+einer\s+|mit\s+|avec\s+(?:un\s+|une\s+)?|con\s+(?:un\s+"
        r"|una\s+)?",
        "with ",
    ),
    (r"weniger\s+|moins\s+de\s+|moins\s+d['\u2019]|menos\s+", "less "),
    (
        r"mehr\s+|mais\s+(?!avec|sans|en\b|au\b|de\s+(?:nuit|jour))(?:de\s+)?|plus\s+de\s+|plus\s+d['\u2019]|m[a\u00e1]s\s+",
        "more ",
    ),
    (
        r"(?:remov[ae]|tir[ae]|retir[ae]|apag[ae])\s+(?:[oa]s?\s+)|(?:entferne|l\u00f6sche|enl\u00e8ve|retire|supprime|quita|elimina)\s+(?:den\s+|die\s+"
        r"|das\s+|les?\s+|la\s+|el\s+|las\s+|los\s+)?",
        "remove ",
    ),
    (
        r"(?:adicion[ae]|acrescent[ae]|coloc[ae]|p[o\u00f5]e)\s+(?:uma?\s+)?|(?:f\u00fcge|ajoute|a\u00f1ade|agrega)\s+(?:einen?\s+|une?\s+|una?\s+)?",
        "add ",
    ),
)
_JAPANESE: Final = (
    (
        r"(?:\u3082\u3063\u3068|\u5c11\u3057"
        r"|\u3061\u3087\u3063\u3068)?\u660e\u308b\u304f",
        "make it brighter",
    ),
    (
        r"(?:\u3082\u3063\u3068|\u5c11\u3057"
        r"|\u3061\u3087\u3063\u3068)?\u6697\u304f",
        "make it darker",
    ),
    (
        r"(?:\u3082\u3063\u3068|\u5c11\u3057"
        r"|\u3061\u3087\u3063\u3068)?\u5927\u304d\u304f",
        "make it bigger",
    ),
    (
        r"(?:\u3082\u3063\u3068|\u5c11\u3057"
        r"|\u3061\u3087\u3063\u3068)?\u5c0f\u3055\u304f",
        "make it smaller",
    ),
    (
        r"(?:\u3082\u3063\u3068|\u5c11\u3057|\u3061\u3087\u3063\u3068)?(?:\u6696\u304b\u304f"
        r"|\u6e29\u304b\u304f)",
        "make it warmer",
    ),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u591c(?:\u306b|\u306e\u30d0\u30fc\u30b8\u30e7\u30f3(?:\u3067|\u306b)?|\u306e"
        r"|\u3067)?",
        "at night",
    ),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?(?:\u663c|\u663c\u9593)(?:\u306b|\u306e|\u3067)?",
        "during the day",
    ),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?(?:\u5915\u65b9|\u5915\u713c\u3051)(?:\u306b|\u306e"
        r"|\u3067)?",
        "at sunset",
    ),
    (r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u671d(?:\u306b|\u306e|\u3067)?", "in the morning"),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u51ac(?:\u306b|\u306e"
        r"|\u3067)?",
        "in winter",
    ),
    (r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u590f(?:\u306b|\u306e|\u3067)?", "in summer"),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u96e8(?:\u306b|\u306e\u4e2d(?:\u3067|\u306b)?"
        r"|\u306e)?",
        "in the rain",
    ),
    (
        r"(?:[^\u3001\u3002\s]{1,8}\u304b\u3089)?\u96ea(?:\u306b|\u306e\u4e2d(?:\u3067|\u306b)?|\u306e)?",
        "in the snow",
    ),
    (
        r"(?P<what>[^\u3001\u3002\s]{1,20}?)(?:\u306a\u3057|\u7121\u3057|\u629c\u304d)(?:\u3067"
        r"|\u306b)?",
        "without {what}",
    ),
    (
        r"(?P<what>[^\u3001\u3002\s]{1,20}?)\u3092?(?:\u6d88\u3057\u3066|\u306a\u304f\u3057\u3066"
        r"|\u524a\u9664)",
        "remove {what}",
    ),
    (
        r"(?P<what>[^\u3001\u3002\s]{1,20}?)\u3092?(?:\u8ffd\u52a0|\u8db3\u3057\u3066"
        r"|\u52a0\u3048\u3066)",
        "add {what}",
    ),
    (
        r"(?P<old>[^\u3001\u3002\s]{1,20}?)(?:\u304b\u3089|\u3092)(?P<what>[^\u3001\u3002\s]{1,20}?)\u306b(?=\u5909)",
        "replace {old} with {what}",
    ),
)
_JAPANESE_END: Final = (
    r"(?:\u3057\u3066|\u5909\u3048\u3066)?(?:\u304f\u3060\u3055\u3044"
    r"|\u307b\u3057\u3044|\u304a\u9858\u3044"
    r"(?:\u3057\u307e\u3059)?)?[\u3002\uff01!.\s]*"
)
_COMPILED: Final = tuple((re.compile(said, _I), plain) for said, plain in _FRAMES)
_WITHS: Final = tuple((re.compile(said, _I), plain) for said, plain in _WITH)
_MOST_FRAMES = 3
_BITS: Final = re.compile(_A_BIT, _I)
_ENDING: Final = r"(?=\s*(?:[,.!?]|$|\b(?:bitte|stp|svp|und|et|y|por\s+favor)\b))"
_ADJECTIVES: Final = tuple(
    (re.compile(rf"(?:{said}){_ENDING}", _I), plain)
    for plain, said in (*_COMPARED.items(), *_IN_PORTUGUESE.items())
)
_WHEN: Final = tuple(
    (re.compile(rf"(?:{said})(?!\w)", _I), plain)
    for plain, said in (*_MOMENTS.items(), *_MOMENTS_IN_PORTUGUESE.items())
)
_IN_JAPANESE: Final = tuple((re.compile(said + _JAPANESE_END), plain) for said, plain in _JAPANESE)
_TAIL: Final = re.compile(
    r"[\s,]+(?:bitte|stp|svp|s['\u2019]il\s+te\s+pla\u00eet|por\s+favor)\s*$", _I
)


def in_english(text: str) -> str:
    """A change in another language as the English rules say it; empty when it is none."""
    plain = _TAIL.sub("", text.strip(" ,.!?\u3002\uff01"))
    if not plain or len(plain) > MOST_CHARS:
        return ""
    for said, english in _IN_JAPANESE:
        match = said.fullmatch(plain)
        if match is not None:
            return english.format(**match.groupdict())
    head, rest = _framed(plain)
    for patterns in (_ADJECTIVES, _WHEN, _WITHS):
        for pattern, english in patterns:
            match = pattern.match(rest)
            if match is not None:
                return f"{head}{english.strip()} {rest[match.end() :].strip()}".strip()
    return f"{head}{rest}" if head else ""


def _framed(plain: str) -> tuple[str, str]:
    """The English frame of a change, and the words that are left."""
    head, rest = "", plain
    for _ in range(_MOST_FRAMES):
        for pattern, english in _COMPILED:
            match = pattern.match(rest)
            if match is not None and match.end():
                head, rest = head + english, rest[match.end() :]
                break
        else:
            break
    bit = _BITS.match(rest)
    if bit is not None and any(pattern.match(rest, bit.end()) for pattern, _ in _ADJECTIVES):
        rest = rest[bit.end() :]
    return head, rest
