"""Whether a look's name of ordinary words stands where a thing stands: "caught in an oil slick"."""

from dataclasses import dataclass

from engine.director.dictionary import is_ordinary
from engine.director.rules.art_words import HEADS, TERMS, TITLES
from engine.director.rules.name_words import (
    COVERED,
    FOODS,
    GARMENTS,
    HANDLING,
    HOLDERS,
    ING_NOUNS,
    MADE_OF_IT,
    OF_A_THING,
    VESSELS,
)
from engine.director.rules.text import Script
from engine.director.rules.vocabulary import (
    COLORS,
    DETERMINERS,
    MEDIUM_NOUNS,
    SHADES,
    STRONG,
    STYLE_NOUNS,
    WEAK,
)
from engine.messages import Card


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHERE = _set(
    """
    on in at with under beneath behind near beside inside outside over above against next into
    through from across around before after during without onto along"""
)
_LINKS = _set("that which who is are was were has have while when")
_ASKED_FOR = _set(
    """
    use using apply applying add adding try trying want load enable like as give do into wearing
    having showing featuring"""
)
_MEANT = STYLE_NOUNS | MEDIUM_NOUNS | {"of"}
_OF_LOOKS = (
    STYLE_NOUNS
    | MEDIUM_NOUNS
    | frozenset(WEAK)
    | frozenset(STRONG)
    | _set("version manner mix blend combination kind sort because out less more much fan all way")
)
_GO_ON = _set("and for on in")
_THEIRS = frozenset({"his", "her", "its", "their"})
_BESIDE = frozenset({"with", "and"})
_MADE_INTO = _set("it him her them this that me us")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phrase stands: the words around it in the same segment, empty at its ends."""

    earlier: str
    before: str
    after: str
    later: str
    then: str

    @property
    def is_segment(self) -> bool:
        """Between commas or the like, with nothing beside it."""
        return not self.before and not self.after


def place_of(script: Script, words: tuple[str, ...], first: int, last: int) -> Place:
    """The neighbours of a phrase."""
    back: list[str] = []
    for at in range(first - 1, max(-1, first - 3), -1):
        if script.is_parted(at):
            break
        back.append(words[at])
    ahead: list[str] = []
    for at in range(last + 1, min(len(words), last + 4)):
        if script.is_parted(at - 1):
            break
        ahead.append(words[at])
    back, ahead = [*back, "", ""], [*ahead, "", "", ""]
    return Place(back[1], back[0], *ahead[:3])


def means_a_thing(
    script: Script, words: tuple[str, ...], first: int, last: int, card: Card
) -> bool:
    """Whether a name of several ordinary words means a thing here and not its look."""
    if card.kind == "character":
        return _is_no_one(script, words, first, last)
    if card.kind in ("speed", "slider"):
        place = place_of(script, words, first, last)
        return place.before in ("a", "an") or is_goods(script, words, first, last)
    return _is_a_thing(script, words, first, last, card)


def may_be_a_look(
    script: Script, words: tuple[str, ...], first: int, last: int, card: Card
) -> bool:
    """Whether a name that stands like a thing could be meant all the same: "in a fever dream"."""
    if first == last or card.kind != "style" or not COVERED.isdisjoint(words[first - 3 : first]):
        return False
    if words[last] in HOLDERS | MADE_OF_IT or is_goods(script, words, first, last):
        return False
    place = place_of(script, words, first, last)
    return place.before in ("a", "an") and place.earlier in ("", "in") and not place.after


def is_goods(
    script: Script, words: tuple[str, ...], first: int, last: int, *, is_served: bool = True
) -> bool:
    """Something to be eaten, made or kept: "eating sunday roast", "a bottle of hot sauce"."""
    place = place_of(script, words, first, last)
    if place.after in STYLE_NOUNS or place.after in MEDIUM_NOUNS:
        return False
    if place.before in HANDLING or (place.before in DETERMINERS and place.earlier in HANDLING):
        return True
    if place.before in ("on", "from", "off") and place.earlier in HANDLING:
        return True
    if place.after in ("in", "on") and _is_holder(words[last + 2 : last + 5]):
        return True
    if place.before in ("of", "with") and place.earlier.removesuffix("s") in VESSELS:
        return True
    if place.before == "in" and place.earlier in COVERED:
        return True
    if is_served and _is_beside_food(place):
        return True
    return _is_in_a_list(script, words, first, last, place)


def _is_beside_food(place: Place) -> bool:
    """Beside food without an article: "waffles with strawberries", "espresso and biscotti"."""
    if place.before in _BESIDE and place.earlier in FOODS:
        return True
    if place.before == "with" and (place.after, place.later) == ("on", "top"):
        return place.then != "of"
    if place.after not in _BESIDE or place.later in DETERMINERS:
        return False
    return place.later in FOODS or (place.then in FOODS and is_ordinary(place.later))


def _is_holder(words: tuple[str, ...]) -> bool:
    """A vase, hair, a mixing bowl."""
    if words and words[0] in DETERMINERS:
        return not HOLDERS.isdisjoint(words[1:])
    return words[:1] == ("hair",)


def _is_in_a_list(
    script: Script, words: tuple[str, ...], first: int, last: int, place: Place
) -> bool:
    """Among bare nouns: "tacos with hot sauce and lime", "toast with butter and marmalade"."""
    if place.before in ("with", "of") and place.after == "and":
        return _is_bare_end(script, words, last + 2)
    if place.before == "and" and (not place.after or place.after in _WHERE):
        at = first - 2
        return at >= 1 and is_ordinary(words[at]) and words[at - 1] in ("with", "of")
    return False


def _is_bare_end(script: Script, words: tuple[str, ...], at: int) -> bool:
    """An ordinary noun without an article, and then nothing more."""
    if at >= len(words) or words[at] in DETERMINERS or not is_ordinary(words[at]):
        return False
    return at + 1 >= len(words) or script.is_parted(at) or words[at + 1] in _WHERE


def _is_a_thing(script: Script, words: tuple[str, ...], first: int, last: int, card: Card) -> bool:
    """Whether a manner's name of several ordinary words means a thing here."""
    place = place_of(script, words, first, last)
    if place.before == "the" and place.after == "of" and _is_verb(place.earlier):
        return True
    if place.is_segment or place.after in _MEANT or words[last] in MEDIUM_NOUNS:
        return False
    if card.kind == "style" and _is_of_or_worn(words[last], place):
        return True
    if is_goods(script, words, first, last):
        return True
    if is_acted_on(place):
        return True
    if not _ends(place) or place.later[:1].isdigit():
        return False
    is_light = card.kind in ("lighting", "effect")
    return not is_light and _is_one(words, first, last, place, is_style=card.kind == "style")


def _is_of_or_worn(head: str, place: Place) -> bool:
    """Some of a stuff, or clothes: "a page of sheet music", "feet in wool socks"."""
    if place.before == "of":
        return bool(place.earlier) and place.earlier not in _OF_LOOKS
    return place.before == "in" and head in GARMENTS


def _is_one(words: tuple[str, ...], first: int, last: int, place: Place, *, is_style: bool) -> bool:
    """With an article, an adjective or a verb before, or placed somewhere: no manner is."""
    if place.before in DETERMINERS:
        return not _is_called(words, first, last, place)
    if not is_style:
        return False
    if place.earlier in DETERMINERS and place.before not in _WHERE:
        is_placed = place.after in _WHERE and place.later in DETERMINERS
        if is_placed or place.before.endswith("ed"):
            return True
    if place.before in COLORS | SHADES | OF_A_THING:
        is_led = place.earlier in ("in", "as", "like")
        is_alone = not place.earlier and not _is_of_art(words[first : last + 1])
        return place.earlier in DETERMINERS or is_alone or (not is_led and place.after in _WHERE)
    return _is_verb(place.before) or _is_placed(words[first : last + 1], place)


def _is_of_art(phrase: tuple[str, ...]) -> bool:
    return not TERMS.isdisjoint(phrase) or phrase[-1] in HEADS


def _is_placed(phrase: tuple[str, ...], place: Place) -> bool:
    """It is said where it is or what is with it: "sunday roast with gravy", "fuzz on his lip"."""
    if place.after not in _WHERE or place.before in ("in", "as", "like"):
        return False
    if place.before and place.before not in _WHERE:
        return False
    is_term = _is_of_art(phrase)
    if place.after == "with":
        return not is_term and place.later not in DETERMINERS and place.then in _GO_ON
    return place.later in DETERMINERS if is_term else is_ordinary(place.later)


def _is_no_one(script: Script, words: tuple[str, ...], first: int, last: int) -> bool:
    """Whether a character's name of several ordinary words means a thing: "snow peas"."""
    place = place_of(script, words, first, last)
    if any(word in TITLES for word in words[first : last + 1]):
        return False
    if not script.text[script.tokens[first].start].islower():
        return False
    if is_goods(script, words, first, last):
        return True
    return place.before in DETERMINERS - {"the"} and place.earlier not in _ASKED_FOR


def is_acted_on(place: Place) -> bool:
    """Something is done to it: "sending a postcard from italy"."""
    if place.before not in DETERMINERS or not _is_verb(place.earlier):
        return False
    return _ends(place) or place.after == "for"


def _ends(place: Place) -> bool:
    """The phrase is no attribute of a noun: nothing follows, or where it is and what it does."""
    return (
        not place.after
        or place.after in _WHERE
        or place.after in _LINKS
        or _is_verb(place.after)
        or (place.after == "by" and place.later in DETERMINERS)
        or (place.after == "and" and place.before in ("a", "an"))
        or (place.after.endswith("ed") and place.later in _WHERE)
    )


def _is_called(words: tuple[str, ...], first: int, last: int, place: Place) -> bool:
    if place.earlier in _ASKED_FOR and place.before not in _THEIRS:
        return True
    if place.earlier in _MADE_INTO:
        return True
    if place.earlier == "in" and words[last] in GARMENTS:
        return True
    return place.earlier == "of" and words[max(0, first - 3)] in STYLE_NOUNS


def _is_verb(word: str) -> bool:
    """What somebody is doing: "smoothing", told by the verb in it; "evening" is none."""
    if word in ING_NOUNS or word in _ASKED_FOR or len(word) < 5 or not word.endswith("ing"):
        return False
    stem = word.removesuffix("ing")
    return is_ordinary(stem) or is_ordinary(stem + "e") or is_ordinary(stem[:-1])
