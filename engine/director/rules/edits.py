"""Changes of the last picture said in a few words: "same but at night", "less neon", "add Zib".

Only what is certain to be a change: everything else is a new wish. The seed is kept, so that the
picture changes by what was said and little else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.director.reader import Room
from engine.director.rules.color_edits import color_change
from engine.director.rules.edit_patterns import (
    ADD,
    ALL_STRONGER,
    ALL_WEAKER,
    BIGGER,
    COMPARED,
    COMPARED_THING,
    DRESSED,
    DROP,
    FULL_BLAST,
    INSTEAD,
    LEAD,
    LEVEL,
    LEVEL_ALONE,
    MAKE,
    MAKE_THEM,
    MOMENT,
    OTHER_GROUND,
    OTHER_PART,
    OWNED,
    PLACE_MOVE,
    PLAIN_GROUND,
    PREPOSITION,
    SAME,
    SAME_STYLE,
    SHOULD,
    STRONGER,
    SWAP,
    THING,
    TO,
    TOO,
    TREATED,
    TURN,
    VIEW,
    WANTED,
    WEAKER,
)
from engine.director.rules.edit_words import (
    COMPARATIVES,
    OPPOSITES,
    OPPOSITES_OF_A_PART,
    PLACES,
    SEASONS,
    SETTING_WORDS,
    TIMES,
    TREATMENTS,
    VIEWS,
    WEATHERS,
)
from engine.director.rules.text import folded_words
from engine.director.rules.vocabulary import COLORS
from engine.messages import Plan

How = Literal[
    "restyle",
    "change",
    "add",
    "become",
    "weaker",
    "stronger",
    "drop",
    "replace",
    "place",
    "turn",
    "setting",
    "level",
]
MOST_CHARS = 160
MOST_STEPS = 5
_CLAUSES = re.compile(
    r"\s*[,;.!]\s+(?:and\s+|then\s+|also\s+|but\s+)*"
    r"|\s+(?:and|then|but)\s+(?=(?:make|add|remove|drop|change|swap|replace|put|turn|give"
    r"|use|try|without|no|less|more|lose)\b|the\s+\w+\s+(?:is|are|looks?)\s+too\b)",
    re.IGNORECASE,
)
_AFTERTHOUGHT_WORDS = 7
_OF_LOOKS = frozenset({"stronger", "heavier", "bolder", "softer", "richer", "deeper"})
"""Before a look they are about its strength, not about a thing."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the last plan: how, and the words that say what."""

    how: How
    what: str
    old: str = ""
    sure: bool = True
    """Whether the words can't be a wish of their own."""
    swaps: bool = False
    """Whether somebody named alone takes the place of who is there: "make it Zib"."""


def last_plan(room: Room) -> Plan | None:
    """The newest plan of the conversation."""
    return next((turn.plan for turn in reversed(room.turns) if turn.plan is not None), None)


def read_edit(text: str) -> Edit | None:
    """The change that a turn asks for; None when it is a wish of its own."""
    plain = text.strip(" ,.!?\u2026")
    plain = _unled(plain)
    cut, marked = _unmark(plain)
    if len(cut) > MOST_CHARS:
        return Edit("change", cut) if marked else None
    styled = SAME_STYLE.match(plain)
    if styled is not None:
        return Edit("restyle", plain[styled.end() :])
    for read in _READERS:
        edit = read(cut, plain)
        if edit is not None:
            return edit
    if OTHER_PART.fullmatch(plain):
        return Edit("change", plain)
    if MAKE.match(plain) and THING.match(cut):
        return Edit("become", cut)
    whom = re.sub(r"^with\s+(?=\w+(?:\s\w+)?$)", "", cut, flags=re.IGNORECASE)
    swaps = re.search(r"\binstead$", plain, re.IGNORECASE) and not PREPOSITION.match(whom)
    cut = whom if swaps else cut
    if swaps and len(cut.split()) <= 6:
        return Edit("become", cut)
    if marked and THING.match(cut) and re.search(r"\binstead\b|^(?:the\s+)?same\b", plain, re.I):
        return Edit("become", cut)
    if marked or _is_afterthought(cut):
        joins = re.search(r"\b(?:but|and|also)\s+with\b", plain, re.IGNORECASE)
        swaps = bool(SAME.match(plain) or MAKE.match(plain)) and not joins
        return Edit("change", cut, sure=marked, swaps=swaps)
    return None


def read_steps(
    text: str, is_look: Callable[[str], bool] = lambda clause: False
) -> tuple[Edit, ...]:
    """The changes of a turn that asks for several; empty unless each is one for certain.

    `is_look` tells a clause that names looks and nothing else: "no clay, manga ink".
    """
    clauses = [clause for clause in _CLAUSES.split(text.strip(" ,.!?\u2026")) if clause.strip()]
    if not 2 <= len(clauses) <= MOST_STEPS or len(text) > 2 * MOST_CHARS:
        return ()
    steps = [read_edit(clause) or _named(clause, is_look) for clause in clauses]
    sure = [step for step in steps if step is not None and step.sure]
    return tuple(dict.fromkeys(sure)) if len(sure) == len(clauses) else ()


def _named(clause: str, is_look: Callable[[str], bool]) -> Edit | None:
    return Edit("change", clause) if is_look(clause) else None


def _unled(plain: str) -> str:
    for _ in range(4):
        match = LEAD.match(plain)
        if match is None:
            break
        plain = plain[match.end() :]
    return plain


def _unmark(plain: str) -> tuple[str, bool]:
    """The words without "same but", "now", "make it", "instead"; whether there were any."""
    cut = plain
    for pattern in (SAME, LEAD, MAKE):
        match = pattern.match(cut)
        if match is not None:
            cut = cut[match.end() :]
    said = INSTEAD.search(cut)
    if said is not None and said.end() >= len(cut) - 1:
        cut = cut[: said.start()]
    cut = re.sub(r"^instead,?\s+(?!of\b)", "", cut, flags=re.I)
    return cut.strip(" ,"), cut != plain


def _colors(cut: str, plain: str) -> Edit | None:
    words = color_change(plain) or color_change(cut)
    return Edit("change", words) if words else None


def _level(cut: str, plain: str) -> Edit | None:
    match = LEVEL.fullmatch(plain) or LEVEL_ALONE.fullmatch(cut)
    return Edit("level", f"at {match['number']}", match["what"].strip()) if match else None


def _swap(cut: str, plain: str) -> Edit | None:
    for pattern in SWAP:
        match = pattern.fullmatch(cut)
        if match is None:
            continue
        old, new = match["old"].strip(), match["new"].strip()
        if old.casefold() in ("him", "her", "them"):
            return Edit("become", new)
        if old.casefold() in ("it", "this", "that", "everything"):
            return None
        bare = old.casefold().removeprefix("the ").removesuffix(" color").removesuffix(" colour")
        if bare in ("time", "time of day", "season", "weather", "hour"):
            return _moment(new, new) or Edit("change", new)
        if bare in SETTING_WORDS:
            return Edit("setting", new, bare)
        if bare in TIMES | SEASONS | WEATHERS and _moment(new, new) is not None:
            return _moment(new, new)
        return Edit("replace", new, old)
    match = TO.fullmatch(cut)
    if match is None:
        return None
    return _moment(match["new"], match["new"]) or Edit("change", match["new"])


def _too(cut: str, plain: str) -> Edit | None:
    match = TOO.fullmatch(cut)
    adjective = match["adjective"].casefold() if match else ""
    instead = OPPOSITES.get(adjective) or (f"less {adjective}" if adjective in COLORS else None)
    if match is not None and match["part"] and adjective in OPPOSITES_OF_A_PART:
        return Edit("turn", OPPOSITES_OF_A_PART[adjective], match["part"])
    if instead is not None:
        return Edit("change", instead)
    match = COMPARED_THING.fullmatch(cut)
    if match is not None and match["word"].casefold() in COMPARATIVES.keys() - _OF_LOOKS:
        return Edit("turn", COMPARATIVES[match["word"].casefold()], match["what"])
    match = COMPARED.fullmatch(cut) or COMPARED.fullmatch(plain)
    word = match["word"].casefold() if match else ""
    if word in COMPARATIVES and word not in ("stronger", "heavier"):
        return Edit("change", COMPARATIVES[word])
    return None


def _treated(cut: str, plain: str) -> Edit | None:
    """A verb for what "brighter" says: "brighten it up", "darken the sky"."""
    match = TREATED.fullmatch(cut) or TREATED.fullmatch(plain)
    if match is None:
        return None
    how = TREATMENTS[match["verb"].casefold()]
    what = (match["what"] or "").strip()
    return Edit("turn", how, what) if what else Edit("change", how)


def _amount(cut: str, plain: str) -> Edit | None:
    if BIGGER.fullmatch(cut):
        return Edit("change", cut)
    for how, whole in (("weaker", ALL_WEAKER), ("stronger", ALL_STRONGER)):
        if whole.fullmatch(cut) or whole.fullmatch(plain):
            return Edit("weaker" if how == "weaker" else "stronger", "")
    kinds: tuple[tuple[How, re.Pattern[str]], ...] = (
        ("weaker", WEAKER),
        ("stronger", STRONGER),
        ("stronger", FULL_BLAST),
    )
    for how, pattern in kinds:
        match = pattern.fullmatch(cut) or pattern.fullmatch(plain)
        if match is not None:
            return Edit(how, _first(match))
    return None


def _first(match: re.Match[str]) -> str:
    return next((group.strip() for group in match.groupdict().values() if group), "")


def _drop(cut: str, plain: str) -> Edit | None:
    match = DROP.fullmatch(cut)
    return Edit("drop", _first(match)) if match else None


def _move(cut: str, plain: str) -> Edit | None:
    match = PLACE_MOVE.fullmatch(plain)
    pronoun = re.match(r"have\s+(?:her|him|it|them|this|that|everything)\b", plain, re.IGNORECASE)
    if match is not None and plain.casefold().startswith("have ") and not pronoun:
        match = None
    if match is not None:
        where = re.sub(r"^(?:to|into)\b", "in", match["where"], flags=re.I)
        where = re.sub(r"^onto\b", "on", where, flags=re.I)
        return Edit("place", where, match["who"].strip())
    known = PLACES.intersection(folded_words(cut)[:8])
    if known and _is_afterthought(cut) and not cut.casefold().startswith("with "):
        return Edit("place", cut, sure=cut != plain)
    return None


def _moment(cut: str, plain: str) -> Edit | None:
    """A time, a season or a weather and nothing else: "make it night", "in the rain"."""
    match = MOMENT.fullmatch(cut)
    word = match["word"].casefold() if match else ""
    if word not in TIMES | SEASONS | WEATHERS:
        return None
    return Edit("change", _phrase_of(word, cut))


def _phrase_of(word: str, cut: str) -> str:
    if PREPOSITION.match(cut):
        return cut
    if word in TIMES:
        word = word.removesuffix("time") or word
        return f"in the {word}" if word in ("morning", "evening", "afternoon") else f"at {word}"
    if word in SEASONS:
        return f"in {word}"
    return f"in the {word}" if word in ("rain", "snow", "fog", "mist", "storm") else word


def _view(cut: str, plain: str) -> Edit | None:
    match = VIEW.fullmatch(cut)
    if match is None:
        return None
    of = re.search(r"\b(?:on|of)\s+((?:her|his|its|their|the)\s+\w+)$", cut, re.IGNORECASE)
    view = VIEWS[match["view"].casefold()]
    return Edit("change", f"{view} of {of[1]}" if of else view)


def _added(cut: str, plain: str) -> Edit | None:
    match = ADD.fullmatch(cut) or ADD.fullmatch(plain)
    if match is None:
        return None
    what = re.sub(r"^(?:an?\s+)?(?:bit|little|touch|hint)\s+of\s+", lambda m: m[0], _first(match))
    if what.split(" ", 1)[0].casefold() in ("to", "up"):
        return None
    return Edit("add", "with " + what)


def _turned(cut: str, plain: str) -> Edit | None:
    """Something in the picture becomes otherwise: "make the hat blue", "she should smile"."""
    owned = OWNED.fullmatch(cut) or WANTED.fullmatch(plain)
    turned = owned or TURN.fullmatch(plain)
    if turned is not None:
        return Edit("turn", turned["how"].strip(), turned["what"].strip())
    dressed = DRESSED.fullmatch(plain)
    if dressed is not None:
        return Edit("change", dressed["how"])
    should = SHOULD.fullmatch(cut)
    if should is not None and should["rest"].strip():
        return Edit("change", _doing(should["rest"].strip()))
    them = MAKE_THEM.fullmatch(plain)
    if them is not None and them["who"] and them["rest"].split()[0].casefold() not in _DOING:
        them = None
    if them is not None and not THING.match(them["rest"]):
        return Edit("change", _doing(them["rest"].strip()), them["who"] or "")
    return None


_DOING: dict[str, str] = {
    "wear": "wearing", "hold": "holding", "smile": "smiling", "sit": "sitting", "stand": "standing",
    "run": "running", "ride": "riding", "look": "looking", "laugh": "laughing", "cry": "crying",
    "jump": "jumping", "dance": "dancing", "sleep": "sleeping", "eat": "eating",
    "drink": "drinking",
    "play": "playing", "read": "reading", "fly": "flying", "swim": "swimming", "walk": "walking",
    "wave": "waving", "point": "pointing", "lie": "lying", "lean": "leaning", "sing": "singing",
    "carry": "carrying", "face": "facing", "frown": "frowning", "wink": "winking",
    "kneel": "kneeling",
    "hug": "hugging", "fight": "fighting", "drive": "driving", "cook": "cooking",
    "paint": "painting",
}  # fmt: skip


_DOINGS = frozenset(_DOING.values())


def _doing(rest: str) -> str:
    """A verb as it stands in a prompt: "wear a hat" is "wearing a hat"."""
    first, space, more = rest.partition(" ")
    doing = _DOING.get(first.casefold())
    if doing is None and THING.match(rest):
        return f"with {rest}"
    return f"{doing or first}{space}{more}"


_OF_THEM = re.compile(r"\b(?:him|her|his|them|their)\b", re.IGNORECASE)


def _is_afterthought(plain: str) -> bool:
    """A few words that can't stand alone: "on a green background", "with a hat"."""
    most = 2 * _AFTERTHOUGHT_WORDS if _OF_THEM.search(plain) else _AFTERTHOUGHT_WORDS
    short = len(plain.split()) <= most and "," not in plain
    is_doing = plain.partition(" ")[0].casefold() in _DOINGS
    return short and (is_doing or PREPOSITION.match(plain) is not None)


def _ground(cut: str, plain: str) -> Edit | None:
    """Another background, and which: "different background, a beach", "plain grey background"."""
    match = OTHER_GROUND.fullmatch(cut) or PLAIN_GROUND.fullmatch(cut)
    return Edit("setting", match["new"].strip(), "background") if match else None


_READERS: tuple[Callable[[str, str], Edit | None], ...] = (
    _ground,
    _colors,
    _level,
    _swap,
    _too,
    _treated,
    _amount,
    _drop,
    _move,
    _moment,
    _view,
    _added,
    _turned,
)
