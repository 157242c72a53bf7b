"""Whether a word is meant as a look here, or only as the ordinary word that it also is."""

from engine.director.dictionary import is_ordinary, is_real, names
from engine.director.rules.art_words import COMMON_MEDIA, HEADS, STRONG_TERMS, TERMS
from engine.director.rules.edit_words import MONTHS, SEASONS, TIMES
from engine.director.rules.name_words import (
    BEFORE_A_NAME,
    COVERED,
    EATING,
    FOLLOW_A_NAME,
    MADE_OF_IT,
    OF_THINGS,
    STUFF,
    THINGS_AFTER,
    THINGS_BEFORE,
    VESSELS,
)
from engine.director.rules.text import Script, folded_words
from engine.director.rules.thing_uses import is_acted_on, is_goods, means_a_thing, place_of
from engine.director.rules.vocabulary import (
    COLLOCATIONS,
    COLORS,
    DETERMINERS,
    FOREIGN_ADJECTIVES,
    FOREIGN_ARTICLES,
    GENERIC,
    LIGHT_NOUNS,
    LOOK_NOUNS,
    MATERIALS,
    MEDIUM_NOUNS,
    NOT_A_PLACE_FOR_LOOKS,
    PICTURE_MEDIA,
    SHADES,
    STYLE_NOUNS,
)
from engine.messages import Card, LoraKind


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


SUBJECTS: frozenset[LoraKind] = frozenset({"character", "object"})
_AFTER_MEDIUM = frozenset({"of", "with", "showing", "at", "in", "on", "by"})
_NO_NOUN = _AFTER_MEDIUM | {"and", "or", "is", "festival", "but", "for"}
_CALLING = frozenset({"use", "using", "apply", "add", "with", "plus", "like", "want", "try"})
_NEGATING = frozenset({"without", "no", "less", "more", "drop", "remove", "not", "minus", "lose"})
_WRITTEN = frozenset({"says", "saying", "reads", "reading", "titled"})
_INSIDE = frozenset({"in", "on", "at", "above", "behind", "near", "under", "hanging", "with"})
_GRADES = frozenset({"grade", "grading", "palette", "scheme", "tones"})
_ANY = frozenset({"a", "an", "some", "any", "every", "each", "another", "two", "three", "many"})
_LIT = frozenset({"lit", "illuminated", "lighted", "backlit", "underlit"})
_POSSESSIVES = frozenset({"my", "your", "his", "her", "their", "our", "its", "the"})
_HELD = frozenset(
    {"out", "up", "down", "on", "in", "at", "by", "as", "like", "for", "with", "into", "under"}
    | {"over", "behind", "against", "across", "between", "inside", "from", "to"}
)
_ROMANCE_VERBS = _set(
    """
    desenha desenhe desenhar pinta pinte faz faca cria crie gera gere mostra mostre quero disegna
    dibuja dibujame dibujar muestra crea genera haz quiero com con e y"""
)
"""Before "a" and a name: "desenha a Duchess"."""
_ROMANCE_LINKS = frozenset({"num", "numa", "no", "na", "com", "em", "do", "da", "con", "en", "de"})
_WHEN = frozenset({"at", "by", "before", "after", "until", "till", "during", "since", "towards"})
_IN_A_MONTH = _WHEN | {"in", "of", "last", "next", "early", "late", "every", "this", "mid"}
_PLACED = _set(
    """
    on in at under beneath behind near beside inside over above against by next into through"""
)
_POSSESSED = ("'s", "\u2019s")
_CONSISTING = frozenset({"made", "full", "built", "consisting"})
_CAUSING = frozenset({"make", "let", "have"})
_OWN = frozenset({"our", "server", "community", "club", "team"})


def _word(words: tuple[str, ...], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""


def _breaks_before(script: Script, first: int) -> bool:
    """The phrase starts the text or follows a comma or the like."""
    return first == 0 or script.is_parted(first - 1)


def _breaks_after(script: Script, last: int) -> bool:
    return last + 1 >= len(script.tokens) or script.is_parted(last)


def is_cued(script: Script, words: tuple[str, ...], first: int, last: int) -> bool:
    """Something beside the phrase says that a look is meant: "X style", "in X", "a X of"."""
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    if before == "in" and after in STYLE_NOUNS:
        return True
    if after in COLLOCATIONS.get(words[last], ()):
        return False
    if after in STYLE_NOUNS or (after in MEDIUM_NOUNS and before not in _POSSESSIVES):
        return True
    if _is_whole_medium(before, after, words[first], words, first):
        return True
    if words[first] in NOT_A_PLACE_FOR_LOOKS:
        return False
    if before == "in" and _word(words, first - 2) in COVERED:
        return False
    ends = not after or after in ("and", "with", "on", "at", "please", "but", "by", "for")
    return ends and (before == "in" or (before in ("of", "like") and _is_style_of(words, first)))


def _is_whole_medium(
    before: str, after: str, word: str, words: tuple[str, ...], first: int
) -> bool:
    """Forms such as "a linocut of a fox" and "as a woodcut"."""
    if before in ("a", "an") and after == "of" and word not in NOT_A_PLACE_FOR_LOOKS:
        return word in PICTURE_MEDIA or first <= 3
    is_over = not after or after in _NO_NOUN
    return before in ("a", "an") and _word(words, first - 2) == "as" and is_over


def _is_style_of(words: tuple[str, ...], first: int) -> bool:
    return words[max(0, first - 3) : first - 1] in (("the", "style"), ("the", "look"), ("a", "la"))


def cued_at(script: Script, words: tuple[str, ...], first: int, last: int, kind: LoraKind) -> bool:
    """Whether a tag or description word means a LoRA of this kind here."""
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    if kind in SUBJECTS:
        return _is_ours(words, first, last)
    if after in COLLOCATIONS.get(words[last], frozenset()):
        return False
    is_foreign = first == last and words[first] in FOREIGN_ADJECTIVES
    if is_foreign and not FOREIGN_ARTICLES.isdisjoint(words[max(0, first - 3) : first]):
        return False
    return _is_manner(script, words, (first, last), (before, after), kind)


def _is_ours(words: tuple[str, ...], first: int, last: int) -> bool:
    """A subject by what it is: "our goblin", "the mascot"."""
    ahead = words[max(0, first - 3) : first]
    if len(ahead) > 1 and ahead[-2] == "our" and ahead[-1] not in BEFORE_A_NAME | COLORS | _OWN:
        return False
    owned = bool(ahead) and (ahead[-1] in _OWN or "our" in ahead)
    return owned or (bool(ahead) and ahead[-1] in ("the", "my") and words[last] == "mascot")


def _is_manner(
    script: Script,
    words: tuple[str, ...],
    span: tuple[int, int],
    beside: tuple[str, str],
    kind: LoraKind,
) -> bool:
    """Whether a tag's words name a manner here, not a thing."""
    (first, last), (before, after) = span, beside
    phrase = words[first : last + 1]
    is_medium = not (PICTURE_MEDIA | MATERIALS | TERMS).isdisjoint(phrase)
    if last == first and words[first] in COMMON_MEDIA:
        return after in LOOK_NOUNS
    if after == "color" and _word(words, last + 2) in _GRADES:
        return True
    if after in STYLE_NOUNS:
        return after not in LIGHT_NOUNS or kind == "lighting" or is_medium
    if _is_style_of(words, first) and (not after or after in _NO_NOUN):
        return True
    if last > first and after == "of" and kind == "style" and before != "the":
        return words[last] not in GENERIC or words[last] in HEADS - {"line", "lines", "colors"}
    if last > first and _names_a_manner(phrase):
        return not (before in ("a", "the", "this") and after in _INSIDE)
    if is_medium and (is_cued(script, words, first, last) or _opens(before, after, script, first)):
        return True
    alone = not after and _breaks_before(script, first)
    is_adjective = bool(after) and after not in _NO_NOUN
    is_strong = not (PICTURE_MEDIA | STRONG_TERMS).isdisjoint(phrase)
    if kind in ("style", "lighting", "effect") and first == last and not is_real(words[first]):
        return not words[first][0].isdigit() or after in PICTURE_MEDIA
    return is_strong and (is_adjective or alone or (not after and kind in ("lighting", "effect")))


def _names_a_manner(phrase: tuple[str, ...]) -> bool:
    """A tag of several words that names a manner by itself: "pixel art", "volumetric light"."""
    if GENERIC.issuperset(phrase) or COLORS.issuperset(phrase[:-1]):
        return False
    return phrase[-1] in HEADS or not TERMS.isdisjoint(phrase)


def _opens(before: str, after: str, script: Script, first: int) -> bool:
    """Forms such as "woodcut of a bear", "another charcoal of him"."""
    return after == "of" and before not in ("the", "of", "with")


def is_ordinary_use(
    script: Script, words: tuple[str, ...], first: int, last: int, card: Card
) -> bool:
    """Whether a name of ordinary words is meant as those words: "a red rose", "a neon sign"."""
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    if after in COLLOCATIONS.get(words[last], frozenset()):
        is_as = "as" in words[max(0, first - 2) : first]
        return not ((before == "in" and after in STYLE_NOUNS) or is_as)
    if _is_thing_beside(words, first, before, after):
        return True
    if GENERIC.issuperset(words[first : last + 1]):
        return not _is_called_by_name(before, after, words, first)
    if card.kind == "object":
        return _is_where_or_when(words, first, after, card)
    if last > first:
        return means_a_thing(script, words, first, last, card)
    if card.kind in ("speed", "slider"):
        is_segment = _breaks_before(script, first) and _breaks_after(script, last)
        named = after in LOOK_NOUNS or before in _CALLING or after[:1].isdigit()
        return not (is_segment or named)
    if card.kind == "character":
        return _is_not_somebody(script, words, first, card, (before, after))
    if is_cued(script, words, first, last) or _is_lit_by(words, first, card):
        return False
    place = place_of(script, words, first, last)
    is_whole = before in DETERMINERS and after in _said_of(card) - STYLE_NOUNS - MEDIUM_NOUNS
    if is_acted_on(place) or (is_whole and place.earlier not in ("in", "as")):
        return True
    return _is_a_thing(script, words, first, card, before, after)


def _is_not_somebody(
    script: Script, words: tuple[str, ...], first: int, card: Card, beside: tuple[str, str]
) -> bool:
    """A character's name of one ordinary word: goods, or no person in these words."""
    before, after = beside
    if after.endswith("s") and _word(words, first + 2) == "of":
        return True
    token = script.tokens[first]
    typed = script.text[token.start : token.end]
    if before not in DETERMINERS and typed.casefold().endswith(_POSSESSED):
        return False
    is_lower = typed[0].islower()
    is_given_name = " " in card.name or words[first] in names()
    if is_lower and before == "of" and _word(words, first - 2) in _CONSISTING:
        return True
    if is_lower and is_goods(script, words, first, first, is_served=not is_given_name):
        return True
    around = (_word(words, first - 2), before, after, _word(words, first + 2))
    return _is_no_person(around, words[first], card, is_lower=is_lower)


def is_one_of_a_kind(words: tuple[str, ...], first: int, card: Card) -> bool:
    """Any such person, where the card's name is "The ...": "a ferryman" is not The Ferryman."""
    if card.kind != "character" or not card.name.casefold().startswith("the "):
        return False
    return words[first] != "the" and _word(words, first - 1) in _ANY


def _is_where_or_when(words: tuple[str, ...], first: int, after: str, card: Card) -> bool:
    """A name of several words as a place or a time: "in line on a saturday morning"."""
    if card.kind not in ("style", "lighting", "effect") or after in STYLE_NOUNS | MEDIUM_NOUNS:
        return False
    return _word(words, first - 1) in _ANY | {"the", "this", "last", "next"} and _word(
        words, first - 2
    ) in {"on", "at", "during", "near", "behind", "into", "inside", "outside", "since", "until"}


def _is_lit_by(words: tuple[str, ...], first: int, card: Card) -> bool:
    """A light that something is lit by: "a camp lit by bonfire"."""
    ahead = words[max(0, first - 4) : first]
    return card.kind == "lighting" and "by" in ahead and not _LIT.isdisjoint(ahead)


def _is_thing_beside(words: tuple[str, ...], first: int, before: str, after: str) -> bool:
    """The words around make a thing of it: "sakura trees", "a jar of jelly"."""
    if after in THINGS_AFTER or before in THINGS_BEFORE:
        return True
    if words[first] in STUFF and after in MADE_OF_IT:
        return True
    if words[first] in TIMES | SEASONS and before in _WHEN:
        return True
    is_dated = before in _IN_A_MONTH or (after.isdigit() and after not in ("0", "1"))
    if (words[first] in MONTHS and is_dated) or (words[first] in SEASONS and before in _IN_A_MONTH):
        return True
    return before == "of" and _word(words, first - 2) in VESSELS


def is_other_thing(
    script: Script, words: tuple[str, ...], first: int, last: int, card: Card, way: str
) -> bool:
    """Whether an unusual name is part of something else: "aurora borealis", "the aurora"."""
    after = "" if _breaks_after(script, last) else _word(words, last + 1)
    if after in COLLOCATIONS.get(words[last], frozenset()):
        return True
    before = "" if _breaks_before(script, first) else _word(words, first - 1)
    if first == last and _is_thing_beside(words, first, before, after):
        return True
    if last > first and _is_where_or_when(words, first, after, card):
        return True
    if card.kind in ("lighting", "effect") and first == last and before in ("a", "an"):
        return _word(words, first - 2) in _PLACED and after not in STYLE_NOUNS
    typed = script.text[script.tokens[first].start]
    if card.kind != "character" or first != last or not typed.islower():
        return False
    if way == "part" and after and after not in FOLLOW_A_NAME and not after[0].isdigit():
        return not after.endswith("ing") and before not in _said_of(card)
    if before in EATING:
        return True
    if _is_compound(words[first]) and _word(words, first - 2) in ("a", "an"):
        return True
    return is_real(words[first]) and before in ("the", "a", "an")


def _is_compound(word: str) -> bool:
    """Two ordinary words written as one: "sparkplug"."""
    return any(is_ordinary(word[:at]) and is_ordinary(word[at:]) for at in range(4, len(word) - 3))


def _is_no_person(
    beside: tuple[str, str, str, str], name: str, card: Card, *, is_lower: bool
) -> bool:
    """A character's name of one ordinary word, meant as the word: "wren on a branch"."""
    earlier, before, after, goes_on = beside
    if not is_lower:
        if before == "a" and (earlier in _ROMANCE_VERBS or after in _ROMANCE_LINKS):
            return False
        return before in ("a", "an", "some", "every", "each") or before in COLORS
    if before in DETERMINERS or before in COLORS or before in SHADES:
        return True
    if before in _CAUSING and after:
        return False
    if before in _said_of(card) or after == name:
        return earlier in ("a", "an")
    if before and earlier in ("a", "an"):
        return True
    if before and before not in BEFORE_A_NAME and not before.endswith("ing"):
        return before not in ("would", "if", "does", "did", "should", "can", "could", "will")
    if not after or after in FOLLOW_A_NAME or after[0].isdigit():
        return False
    if after.endswith("ed") and not before and goes_on in _HELD:
        return False
    return after in OF_THINGS or not after.endswith("ing")


def _is_a_thing(
    script: Script, words: tuple[str, ...], place: int, card: Card, before: str, after: str
) -> bool:
    """A look's name of one ordinary word, meant as the word: "a bath with tiles"."""
    typed = script.text[script.tokens[place].start]
    if place == 0 and typed.islower() and after in _PLACED - {"at"} and len(words) > 2:
        return True
    if before in _WRITTEN or (before == "in" and words[place] in NOT_A_PLACE_FOR_LOOKS):
        return True
    if _is_plural(words[place]):
        is_segment = _breaks_before(script, place) and _breaks_after(script, place)
        return not (is_segment and card.kind in ("effect", "lighting") and len(words) > 2)
    if before in _CALLING or not _NEGATING.isdisjoint(words[max(0, place - 2) : place]):
        return False
    if after:
        is_doing = after.endswith("ing") and after not in STYLE_NOUNS
        return before in DETERMINERS and (after in _AFTER_MEDIUM or is_doing)
    return before in DETERMINERS or before in ("on", "under", "behind", "near", "from", "into")


def _said_of(card: Card) -> frozenset[str]:
    """What a subject is, in its card's own words: "friar" for Friar Tuck's card."""
    return frozenset(
        word for said in (*card.tags, card.description[:300]) for word in folded_words(said)
    )


def _is_called_by_name(before: str, after: str, words: tuple[str, ...], first: int) -> bool:
    """A name of over-used words ("Beautiful Faces", "Sketch") is one only when called as such."""
    if after in LOOK_NOUNS and after != "effect":
        return True
    return before in ("use", "using", "apply", "lora") or _word(words, first - 2) in (
        "use",
        "apply",
    )


def _is_plural(word: str) -> bool:
    """Things in plain words: "tiles on a roof", "a bath with tiles"."""
    return word.endswith("s") and not word.endswith("ss")
