"""Where trigger words go in a prompt: in place of a subject's name, beside a style, never twice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.director.rules.spelling import is_near, may_be_wrong
from engine.director.rules.text import folded_words, split, tidy
from engine.families.emphasis import as_letters
from engine.messages import Card, LookWish, Trigger

_SUBJECTS = frozenset({"character", "object"})
_DETERMINER = re.compile(
    r"(?:^|[\s(])(?:an?|the|my|our|your|one|two|three|four|five|\d+|this|that|small|medium|large|tiny|"
    r"big|little|red|orange|yellow|green|blue|purple|pink|white|black)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrasing:
    """How a family's base likes its triggers: `{}` stands for the trigger."""

    style: str = "{}"
    """The phrase added for a style, light or effect."""
    in_front: bool = False
    """Whether that phrase opens the prompt instead of closing it."""
    subject_article: bool = False
    """Whether a subject's trigger of several words wants "a" in front."""


PHRASINGS: Final[Mapping[str, Phrasing]] = MappingProxyType({"miniature": Phrasing()})
"""Family -> phrasing; others take the plain one."""
_PLAIN = Phrasing()


@dataclass(frozen=True, slots=True)
class Worded:
    """A prompt with a trigger in it: the trigger used, and what was done in words."""

    prompt: str
    trigger: str = ""
    done: str = ""


def word_in(prompt: str, wish: LookWish, card: Card, family: str) -> Worded:
    """Put a look's trigger into the prompt, once, where it belongs.

    Required triggers are put in, the first of those to pick from unless the person typed one;
    optional ones only count when they were typed. A misspelt one is mended. Brackets of a trigger
    are letters of it: they become no emphasis.
    """
    typed = _typed_trigger(prompt, card)
    if typed is not None:
        trigger, (start, end) = typed
        said = prompt[start:end]
        mended = prompt[:start] + as_letters(trigger.word) + prompt[end:]
        if said.casefold() == as_letters(trigger.word).casefold():
            return Worded(prompt, trigger.word, "")
        if said.casefold() == trigger.word.casefold():
            return Worded(mended, trigger.word, "")
        return Worded(
            mended, trigger.word, f"\u201c{said}\u201d mended to \u201c{trigger.word}\u201d"
        )
    chosen = _needed(card)
    if not chosen:
        return Worded(prompt)
    phrase = ", ".join(trigger.word for trigger in chosen)
    if card.kind in _SUBJECTS:
        return _subject(prompt, wish, card, phrase, family)
    return _style(prompt, wish, phrase, family)


def _needed(card: Card) -> tuple[Trigger, ...]:
    """All required triggers, at most three, and one of those to pick from."""
    required = [trigger for trigger in card.triggers if trigger.role == "required"][:3]
    choices = [trigger for trigger in card.triggers if trigger.role == "pick_one"][:1]
    return (*required, *choices)


def _typed_trigger(prompt: str, card: Card) -> tuple[Trigger, tuple[int, int]] | None:
    """The trigger that the prompt holds already, exactly or misspelt, and where."""
    exact = _exact(prompt, card)
    if exact is not None:
        return exact
    tokens = split(prompt)
    best: tuple[int, Trigger, tuple[int, int]] | None = None
    for trigger in card.triggers[:50]:
        phrase = folded_words(trigger.word)
        for first in range(len(tokens) - len(phrase) + 1 if phrase else 0):
            window = tokens[first : first + len(phrase)]
            edits = _edits([token.folded for token in window], phrase)
            if edits is not None and (best is None or edits < best[0]):
                best = (edits, trigger, (window[0].start, window[-1].end))
    return None if best is None else (best[1], best[2])


def _exact(prompt: str, card: Card) -> tuple[Trigger, tuple[int, int]] | None:
    """A trigger with brackets of its own, typed with them: escaped or not."""
    folded = prompt.casefold()
    if len(folded) != len(prompt):
        return None
    for trigger in card.triggers[:50]:
        letters = as_letters(trigger.word).casefold()
        for said in (letters, trigger.word.casefold()) if "\\" in letters else ():
            start = folded.find(said)
            if start >= 0:
                return trigger, (start, start + len(said))
    return None


def _edits(typed: list[str], phrase: tuple[str, ...]) -> int | None:
    """Edits between typed words and a trigger; only words that mean nothing else are forgiven."""
    total = 0
    for one, other in zip(typed, phrase, strict=True):
        if one == other:
            continue
        edits = is_near(one, other) if len(one) > 3 and may_be_wrong(one) else None
        if edits is None:
            return None
        total += edits
    return total


def _subject(prompt: str, wish: LookWish, card: Card, phrase: str, family: str) -> Worded:
    """The trigger takes the place of the subject's name; without a name it leads the prompt."""
    span = _place_of(prompt, wish, card)
    style = PHRASINGS.get(family, _PLAIN)
    letters = as_letters(phrase)
    if span is None:
        whole = tidy(f"{letters}, {prompt}")
        return Worded(whole, phrase, f"trigger \u201c{phrase}\u201d put in front")
    start, end = span
    wants_article = style.subject_article and not _DETERMINER.search(prompt[:start])
    article = "a " if wants_article and " " in phrase else ""
    worded = prompt[:start] + article + letters + prompt[end:]
    return Worded(
        worded, phrase, f"trigger \u201c{phrase}\u201d in place of \u201c{prompt[start:end]}\u201d"
    )


def _style(prompt: str, wish: LookWish, phrase: str, family: str) -> Worded:
    """The look's own words make room, and its phrase closes (or opens) the prompt."""
    phrasing = PHRASINGS.get(family, _PLAIN)
    bare = _without_name(prompt, wish.said)
    added = phrasing.style.format(as_letters(phrase))
    pieces = (added, bare) if phrasing.in_front else (bare, added)
    whole = ", ".join(piece for piece in pieces if piece)
    return Worded(whole, phrase, f"trigger \u201c{phrase}\u201d added")


def _place_of(prompt: str, wish: LookWish, card: Card) -> tuple[int, int] | None:
    for name in (wish.said, card.name, *card.aliases):
        if name.strip():
            found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prompt, re.IGNORECASE)
            if found is not None:
                return found.span()
    return None


def _without_name(prompt: str, said: str) -> str:
    """The prompt without "in neon", "in the style of neon", "neon style" or a lone "neon"."""
    if not said.strip() or said.startswith("<"):
        return prompt
    tied = re.compile(
        r"(?:,\s*)?(?:\b(?:in|with|using|as|at|and)\s+)?(?:\b(?:the|an?)\s+)?(?:\b(?:style|look)\s+of\s+)?"
        r"(?:\b(?:the|an?)\s+)?(?<!\w)" + re.escape(said) + r"(?!\w)"
        r"(?:[\s-]+(?:style|look|vibe|aesthetic|lighting|light|effect|lora|filter)\b)?"
        r"(?P<noun>[\s-]+(?!(?:on|in|at|with|and|of|by|under|over|near|for|from|but)\b)\w+)?",
        re.IGNORECASE,
    )
    found = tied.search(prompt)
    if found is None:
        return prompt
    if found["noun"]:
        exact = re.search(
            rf"(?<!\w){re.escape(said)}(?!\w)[\s-]*(?:style\s+)?", prompt, re.IGNORECASE
        )
        span = exact.span() if exact is not None else found.span()
        return tidy(prompt[: span[0]] + prompt[span[1] :])
    return tidy(
        prompt[: found.start()] + " " + prompt[found.end() :],
        head_cut=found.start() == 0,
        tail_cut=found.end() == len(prompt),
    )
