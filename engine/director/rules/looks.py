"""From mentions to wishes: what is wished how strongly, what is unwanted, what must be asked."""

import re
from dataclasses import dataclass
from itertools import pairwise

from engine.director.rules import strengths
from engine.director.rules.generic_triggers import generic_called
from engine.director.rules.index import Index, name_words
from engine.director.rules.look_phrases import (
    hinted_at,
    loose_strength,
    take_foreign,
    take_slider,
    take_speed,
)
from engine.director.rules.mentions import Doubt, Found, Mention, find
from engine.director.rules.text import Script
from engine.messages import Card, LookWish

MOST_WISHES = 12
_TAG = re.compile(
    r"<\s*(?:lora|lyco)\s*:\s*(?P<name>[^<>:\n]{1,100})"
    r"(?::\s*(?P<weight>[+-]?(?:\d+(?:\.\d+)?|\.\d+)))?(?::[^<>\n]{0,40})?\s*>",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"(?:(?<!\S)--(?=no\b))?(?:\b(?:without|no|not|neither|nor|minus|except|avoid|drop|lose|remove|skip|ditch|omit|exclude"
    r"|excluding|"
    r"instead\s+of|rather\s+than|don['\u2019]?t\s+(?:use|add|want|include|apply|need)|"
    r"do\s+not\s+(?:use|add|want|include|apply)|never\s+use|less\s+of|with\s+no|turn\s+off|"
    r"get\s+rid\s+of|leave\s+out|take\s+out|take\s+off))"
    r"\s+(?:(?:any|the|a|an|in|that|this|use|using|so\s+much|too\s+much)\s+){0,2}$",
    re.IGNORECASE,
)
_OFF = re.compile(r"\s+(?:off|disabled)\b(?!\s+the\b)", re.IGNORECASE)
_NOUN_AFTER = re.compile(
    r"\s+(?:style|look|lora|effect|filter|preset|vibe|aesthetic)s?\b(?!\s+of\b)", re.IGNORECASE
)
_LORA_AFTER = re.compile(r"\s+(?:lora|preset|filter)s?\b", re.IGNORECASE)
_CALLED = re.compile(
    r"(?:\b(?:please\s+)?(?:use|using|apply|applying|activate|enable|load)\s+"
    r"(?:(?:the|my|our|a|an)\s+)?)$",
    re.IGNORECASE,
)
_MAKE = re.compile(
    r"^(?:make|show|paint|render|sketch|design|do|put|draw|turn|have)\s+$"
    r"|(?:,?\s*\b(?:but|and|then|now)\s+)?\b(?:make|turn|paint|do)\s+"
    r"(?:it|him|her|them|that|this)\s+(?:all\s+|look\s+|in\s+)?$",
    re.IGNORECASE,
)
_WITH_THE = re.compile(r"\b(?:with|and|plus|in|add)\s+(?:(?:the|my|our|a|an)\s+)?$", re.IGNORECASE)
_EITHER = re.compile(r"\s*,?\s*\bor\b\s+(?:maybe\s+)?(?:in\s+)?(?:the\s+)?", re.IGNORECASE)
_WINDOW = 40
_MOST_HINTED = 2


@dataclass(frozen=True, slots=True)
class Wishes:
    """The looks of one turn."""

    looks: tuple[LookWish, ...] = ()
    unwanted: tuple[str, ...] = ()
    """Names of looks that the words rule out."""
    question: str = ""
    remarks: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    """Every look named, wished or not."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A choice that the person has made: of looks in doubt this one, or none of them."""

    look: str | None


def read_looks(script: Script, index: Index, decided: Decided | None = None) -> Wishes:
    """The wishes of a text; strengths, `<lora:...>` tags and instructions leave the script."""
    tagged, remarks = _tags(script, index)
    found = find(script, index)
    wanted = [doubt for doubt in found.doubts if not _is_ruled_out(script, doubt)]
    doubts = [*wanted, *generic_called(script, index, found)]
    doubts += hinted_at(script, index, found)
    unwanted = _unwanted(script, found)
    choice, chosen = _either(script, index, found, unwanted)
    wishes = dict(tagged)
    for mention in found.mentions:
        card = index.cards[mention.card]
        is_slider = card.kind == "slider"
        strength = strengths.beside(script, mention.start, mention.end, is_slider=is_slider)
        if mention in unwanted:
            _take_unwanted(script, mention)
            continue
        wish = _wish(script, mention, card, strength)
        _take_instruction(script, mention)
        take_foreign(script, mention)
        if card.kind == "speed":
            take_speed(script, mention)
        if is_slider:
            take_slider(script, mention)
        if mention not in choice or (decided is not None and decided.look == card.name):
            earlier = wishes.get(card.name)
            if earlier is None or (earlier.strength is None and wish.strength is not None):
                wishes[card.name] = wish
        if mention.how == "typo":
            remarks.append(f"I read \u201c{wish.said}\u201d as {card.name}.")
    _weigh_the_last(script, wishes, index)
    doubts += chosen
    if decided is not None:
        wishes |= _settled(script, doubts, index, decided)
        _take_the_others(script, found, choice, index, decided)
        doubts = []
    ruled_out = {index.cards[mention.card].name for mention in unwanted}
    looks = [wish for name, wish in wishes.items() if name not in ruled_out]
    return Wishes(
        looks=tuple(looks[:MOST_WISHES]),
        unwanted=tuple(sorted(ruled_out)),
        question=_question(doubts, index),
        remarks=tuple(remarks[:3]),
        called=found.names(index.cards),
    )


def _is_ruled_out(script: Script, doubt: Doubt) -> bool:
    """Nobody has to choose between looks that are not wanted: "neither anime nor cartoon"."""
    start = script.tokens[doubt.first].start
    return _UNWANTED.search(script.text[max(0, start - _WINDOW) : start]) is not None


def _weigh_the_last(script: Script, wishes: dict[str, LookWish], index: Index) -> None:
    """A strength that names no look is the last named one's, when that has none of its own."""
    last = next(reversed(wishes.values()), None)
    strength = loose_strength(script) if last is not None else None
    if last is not None and strength is not None and last.strength is None:
        own = next(card.weight for card in index.cards if card.name == last.name)
        wishes[last.name] = last.model_copy(update={"strength": strength.of(own)})


def _settled(
    script: Script, doubts: list[Doubt], index: Index, decided: Decided
) -> dict[str, LookWish]:
    """The wish for the look that was chosen among those in doubt."""
    for doubt in doubts:
        for place in doubt.cards:
            card = index.cards[place]
            if card.name == decided.look and doubt.is_word:
                start, end = script.tokens[doubt.first].start, script.tokens[doubt.last].end
                strength = strengths.beside(script, start, end)
                wanted = None if strength is None else strength.of(card.weight)
                return {card.name: LookWish(name=card.name, said=doubt.said, strength=wanted)}
    return {}


def _take_the_others(
    script: Script, found: Found, choice: frozenset[Mention], index: Index, decided: Decided
) -> None:
    """Of "Zib or Mira" only the chosen name stays in the prompt."""
    names = [mention for mention in found.mentions if mention in choice]
    kept = next((m for m in names if index.cards[m.card].name == decided.look), None)
    if kept is None:
        return
    for one, other in pairwise(names):
        start = one.start if one is not kept else one.end
        end = other.end if other is not kept else other.start
        script.take(start, end)


def _wish(
    script: Script, mention: Mention, card: Card, strength: strengths.Strength | None
) -> LookWish:
    said = script.text[mention.start : mention.end][:200]
    return LookWish(
        name=card.name, said=said, strength=None if strength is None else strength.of(card.weight)
    )


def _tags(script: Script, index: Index) -> tuple[dict[str, LookWish], list[str]]:
    """`<lora:name:0.7>` of people who come from other programs."""
    wishes: dict[str, LookWish] = {}
    remarks: list[str] = []
    for match in list(script.find(_TAG))[:MOST_WISHES]:
        script.take(*match.span())
        name = match["name"].strip()
        handles = index.calls.get(name_words(name)) or ()
        cards = {handle.card for handle in handles}
        if len(cards) == 1:
            card = index.cards[cards.pop()]
            weight = float(match["weight"]) if match["weight"] else None
            wishes[card.name] = LookWish(name=card.name, said=match[0][:200], strength=weight)
        else:
            remarks.append(f"There is no look called \u201c{name}\u201d here; I left it out.")
    return wishes, remarks


def _unwanted(script: Script, found: Found) -> tuple[Mention, ...]:
    """Mentions that are ruled out, and those joined to them by "or" and "nor"."""
    ruled_out: list[Mention] = []
    for mention in found.mentions:
        head = script.text[max(0, mention.start - _WINDOW) : mention.start]
        before = ruled_out[-1] if ruled_out else None
        joined = before is not None and re.fullmatch(
            r"\s*,?\s*(?:or|nor)\s+(?:the\s+)?", script.text[before.end : mention.start]
        )
        if _UNWANTED.search(head) or _OFF.match(script.text, mention.end) or joined:
            ruled_out.append(mention)
    return tuple(ruled_out)


def _either(
    script: Script, index: Index, found: Found, unwanted: tuple[Mention, ...]
) -> tuple[frozenset[Mention], list[Doubt]]:
    """Looks joined by "or": a choice that is the person's."""
    choice: set[Mention] = set()
    doubts: list[Doubt] = []
    for one, other in pairwise(found.mentions):
        if one in unwanted or other in unwanted or one.card == other.card:
            continue
        between = script.text[one.end : other.start]
        between = _NOUN_AFTER.sub("", between, count=1)
        if _EITHER.fullmatch(between):
            choice |= {one, other}
            said = script.text[one.start : other.end]
            both = (one.card, other.card)
            doubts.append(Doubt(said, both, one.first, other.last, is_word=False))
    for mention in found.mentions:
        if not choice and mention not in unwanted:
            _or_a_hint(script, index, mention, choice, doubts)
    return frozenset(choice), doubts


def _or_a_hint(
    script: Script, index: Index, mention: Mention, choice: set[Mention], doubts: list[Doubt]
) -> None:
    """Half of a choice is named, half only hinted at: "fresco or water ink"."""
    tokens = script.tokens
    place = mention.first - 2
    if place < 0 or tokens[mention.first - 1].folded != "or":
        return
    hinted = index.manners.get(tokens[place].folded, frozenset()) - {mention.card}
    kinds = {index.cards[at].kind for at in hinted}
    if 1 <= len(hinted) <= _MOST_HINTED and kinds == {index.cards[mention.card].kind}:
        choice.add(mention)
        said = script.text[tokens[place].start : mention.end]
        both = (*sorted(hinted), mention.card)
        doubts.append(Doubt(said, both, place, mention.last, is_word=False))


def _take_unwanted(script: Script, mention: Mention) -> None:
    """Take "without the neon look" out of the prompt as a whole."""
    start = max(0, mention.start - _WINDOW)
    head = _UNWANTED.search(script.text[start : mention.start])
    first = start + head.start() if head else mention.start
    after = _OFF.match(script.text, mention.end) or _NOUN_AFTER.match(script.text, mention.end)
    last = after.end() if after else mention.end
    script.take(first, last)


def _take_instruction(script: Script, mention: Mention) -> None:
    """Take "using the Neon lora" out of the prompt; "in the neon look" stays."""
    start = max(0, mention.start - _WINDOW)
    head = script.text[start : mention.start]
    made = _MAKE.search(head) if start == 0 or "make" in head.lower() else None
    if made is not None:
        joint = ", " if start + made.start() else ""
        script.take(start + made.start(), mention.start, joint)
        return
    called = _CALLED.search(head)
    lora = _LORA_AFTER.match(script.text, mention.end)
    if called is None and lora is not None:
        called = _WITH_THE.search(head)
    if called is not None and (lora is not None or mention.how in ("name", "typo")):
        noun = lora or _NOUN_AFTER.match(script.text, mention.end)
        script.take(start + called.start(), noun.end() if noun else mention.end)
    elif lora is not None:
        script.take(lora.start(), lora.end())


def _question(doubts: list[Doubt], index: Index) -> str:
    """One question for the first choice that the words leave."""
    if not doubts:
        return ""
    doubt = doubts[0]
    names = [index.cards[place].name for place in doubt.cards]
    if len(names) == 1:
        return f"\u201c{doubt.said}\u201d could mean the look {names[0]}. Shall I use it?"
    listed = ", ".join(names[:-1]) + " or " + names[-1]
    return f"\u201c{doubt.said}\u201d could be {listed}. Which one do you mean?"
