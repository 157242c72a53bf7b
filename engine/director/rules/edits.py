"""Changes of the last picture said in a few words: "same but at night", "less neon", "add Zib".

Only what is cheap and certain: everything else is a new wish. The seed is kept, so that the picture
changes by what was said and little else.
"""

import re
from dataclasses import dataclass
from typing import Literal

from engine.director.reader import Room
from engine.director.rules.text import tidy
from engine.director.rules.vocabulary import COLORS, STEP_DOWN
from engine.messages import Card, Generate, LookWish, Plan, Settings

How = Literal["change", "become", "weaker", "stronger", "drop", "replace"]
_SAME = re.compile(
    r"(?:(?:the\s+)?same(?:\s+(?:again|one|thing|picture|image|prompt|scene|as\s+before))?|again|"
    r"(?:keep|leave)\s+(?:it|everything|the\s+(?:rest|picture))(?:\s+(?:the\s+)?same)?|"
    r"(?:do\s+)?(?:it|that|this)\s+again|another(?:\s+one)?|one\s+more)"
    r"[\s,]+(?:but|only|just|except|and)?\s*(?:this\s+time\s+)?(?=\S)",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"(?:but|now(?=\s+(?:with|in|at|on|by|make|add|without|as|under|from|during))"
    r"|this\s+time)[\s,]+(?=\S)",
    re.IGNORECASE,
)
_MAKE = re.compile(
    r"(?:make|turn|change|set|put|move|place|do|have|give)\s+(?:it|this|that|him|her|them"
    r"|the\s+(?:picture|image|one))"
    r"(?:\s+(?:into|to\s+be|look|be|to))?\s+(?=\S)",
    re.IGNORECASE,
)
_ADD = re.compile(r"(?:(?:and|also|now)\s+)?add(?:\s+in)?\s+(?=\S)|(?:put|include)\s+(?=\S)", re.I)
_WEAKER = re.compile(
    r"(?:(?:a\s+(?:bit|little)|much|way|slightly)\s+)?(?:less(?:\s+of)?|weaker|softer|lighter"
    r"|subtler|"
    r"tone\s+down|turn\s+down|reduce|lower|not\s+so\s+much|decrease"
    r"|dial\s+down)\s+(?:the\s+)?(?P<what>.+)"
    r"|(?P<what2>.+?)\s+(?:is\s+)?(?:a\s+(?:bit|little)\s+)?"
    r"(?:too\s+(?:strong|much|heavy|intense)|weaker)"
    r"|(?:turn|tone|dial)\s+(?:the\s+)?(?P<what3>.+?)\s+down(?:\s+a\s+(?:bit|little))?",
    re.IGNORECASE,
)
_STRONGER = re.compile(
    r"(?:(?:a\s+(?:bit|little)|much|way|even|slightly)\s+)?(?:more(?:\s+of)?|stronger|heavier|increase"
    r"|boost|turn\s+up|raise|dial\s+up)\s+(?:the\s+)?(?P<what>.+)"
    r"|(?P<what2>.+?)\s+(?:is\s+)?(?:too\s+(?:weak|faint|subtle|light)|stronger)"
    r"|(?:turn|dial)\s+(?:the\s+)?(?P<what3>.+?)\s+up(?:\s+a\s+(?:bit|little))?",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"(?:without|no|drop|remove|lose|skip|ditch|minus|get\s+rid\s+of|take\s+(?:out|off|away)"
    r"|leave\s+out|no\s+more|turn\s+off)\s+"
    r"(?:the\s+|any\s+)?(?P<what>.+)",
    re.IGNORECASE,
)
_BIGGER = re.compile(
    r"(?:(?:a\s+(?:bit|little)|much|even)\s+)?(?P<how>bigger|larger|smaller)(?:\s+please)?",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"[\s,]+instead\b", re.IGNORECASE)
_SWAP = re.compile(
    r"(?:(?:replace|swap|exchange|change)\s+(?:the\s+)?(?P<old>.{1,80}?)\s+(?:with|for|by|to"
    r"|into)\s+(?P<new>.{1,200})|"
    r"instead\s+of\s+(?:the\s+)?(?P<old2>.{1,80}?),?\s+(?:use|with|make\s+it|put"
    r"|an?(?=\s))\s*(?P<new2>.{1,200}))",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?:in|at|on|by|with|under|during|from|inside|near|against|without|as|wearing|holding"
    r"|standing|while|over|behind)\b",
    re.IGNORECASE,
)
_GROUND = re.compile(
    r"(?:(?:on|with|against|in\s+front\s+of|over)\s+)?(?:an?\s+"
    r"|the\s+)?(?:(?:[\w-]+\s+){1,3})(?:background|backdrop)\b",
    re.IGNORECASE,
)
_PLAIN_GROUND = re.compile(rf"\bon\s+(?:{'|'.join(sorted(COLORS))})(?=\s*(?:,|$))", re.IGNORECASE)
_TIME = re.compile(
    r"\b(?:at|by|during|in\s+the|in)\s+(?:the\s+)?(?:night(?:time)?|day(?:light|time)?|dawn"
    r"|dusk|sunset|sunrise|noon|midnight|"
    r"twilight|morning|evening|afternoon|moonlight)\b",
    re.IGNORECASE,
)
_AFTERTHOUGHT_WORDS = 7
_THING = re.compile(r"(?:an?|two|three|four)\s+\w", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^[^,]*?(?=\s+(?:in|on|at|with|by|under|near|from|during|wearing|holding|standing|sitting|"
    r"against|beside|behind|over)\b|\s*,|\s*$)",
    re.IGNORECASE,
)
_SIZES = ("small", "medium", "large")
_SIZE = re.compile(r"\b(?:tiny|small|little|medium|big|large|huge)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:an?|the|one|two|three|four)\s+", re.IGNORECASE)
_COLOR = re.compile(rf"\b(?:{'|'.join(sorted(COLORS))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the last plan: how, and the words that say what."""

    how: How
    what: str
    old: str = ""


def last_plan(room: Room) -> Plan | None:
    """The newest plan of the conversation."""
    return next((turn.plan for turn in reversed(room.turns) if turn.plan is not None), None)


def read_edit(text: str) -> Edit | None:
    """The change that a turn asks for; None when it is a wish of its own."""
    plain = text.strip(" ,.!")
    cut, marked = _unmark(plain)
    swap = _SWAP.fullmatch(cut)
    if swap is not None:
        old, new = swap["old"] or swap["old2"], swap["new"] or swap["new2"]
        return Edit("replace", new, old)
    if _BIGGER.fullmatch(cut):
        return Edit("change", cut)
    kinds: tuple[tuple[How, re.Pattern[str]], ...] = (
        ("drop", _DROP),
        ("weaker", _WEAKER),
        ("stronger", _STRONGER),
    )
    for how, pattern in kinds:
        match = pattern.fullmatch(cut) if len(cut) <= 120 else None
        if match is not None:
            groups = match.groupdict()
            return Edit(how, groups.get("what") or groups.get("what2") or groups.get("what3") or "")
    added = _ADD.match(cut)
    if added is not None:
        return Edit("change", "with " + cut[added.end() :])
    if _MAKE.search(plain) and _THING.match(cut):
        return Edit("become", cut)
    return Edit("change", cut) if marked or _is_afterthought(cut) else None


def _is_afterthought(plain: str) -> bool:
    """A few words that can't stand alone: "on a green background", "with a hat"."""
    short = len(plain.split()) <= _AFTERTHOUGHT_WORDS and "," not in plain
    return short and _PREPOSITION.match(plain) is not None


def _unmark(plain: str) -> tuple[str, bool]:
    """The words without "same but", "now", "make it", "instead"; whether there were any."""
    cut = plain
    for pattern in (_SAME, _BUT, _MAKE):
        match = pattern.match(cut)
        if match is not None:
            cut = cut[match.end() :]
    if _INSTEAD.search(cut[-10:]):
        cut = cut[:-10] + _INSTEAD.sub("", cut[-10:])
    return cut, cut != plain


def wish_of(plan: Plan) -> Generate:
    """The wish that a plan was made from; rebuilt from the plan when it wasn't kept."""
    if plan.wish is not None:
        return plan.wish
    prompt = plan.prompt
    for lora in plan.loras:
        if lora.trigger:
            prompt = prompt.replace(lora.trigger, "")
    looks = tuple(LookWish(name=lora.name, said="", strength=lora.weight) for lora in plan.loras)
    return Generate(
        words=plan.words,
        prompt=tidy(prompt, tail_cut=True),
        negative_prompt=plan.negative_prompt,
        looks=looks,
        settings=Settings(width=plan.width, height=plan.height, base=plan.base),
    )


def scaled(wish: Generate, plan: Plan, names: tuple[str, ...], how: How) -> Generate:
    """The wish with some looks weaker or stronger than they were in the plan."""
    factor = STEP_DOWN if how == "weaker" else 1 / STEP_DOWN
    weights = {lora.name: lora.weight for lora in plan.loras}
    looks = tuple(
        look.model_copy(update={"strength": round(weights[look.name] * factor, 2)})
        if look.name in names and look.name in weights
        else look
        for look in wish.looks
    )
    return wish.model_copy(update={"looks": looks})


def without(wish: Generate, names: tuple[str, ...], cards: tuple[Card, ...]) -> Generate:
    """The wish without some looks, and without the words that named them (subjects keep theirs)."""
    kinds = {card.name: card.kind for card in cards}
    prompt = wish.prompt
    for look in wish.looks:
        if look.name in names and look.said:
            is_subject = kinds.get(look.name) in ("character", "object")
            if not is_subject or _is_companion(prompt, look.said):
                prompt = drop_words(prompt, look.said)
    looks = tuple(look for look in wish.looks if look.name not in names)
    return wish.model_copy(update={"looks": looks, "prompt": prompt or wish.prompt})


def _is_companion(prompt: str, said: str) -> bool:
    """Whether a subject only joins another: "Zib with Mira", "Zib and Mira"."""
    joined = rf"\b(?:with|and|plus|,)\s+{re.escape(said)}(?!\w)"
    return re.search(joined, prompt, re.IGNORECASE) is not None


def drop_words(prompt: str, said: str) -> str:
    """A prompt without a look's words and what tied them: "in neon", "with a neon look"."""
    tied = re.compile(
        r"(?:\b(?:in|with|using|and)\s+)?(?:\b(?:the|an?)\s+)?(?:style\s+of\s+)?(?<!\w)"
        + re.escape(said[:100])
        + r"(?!\w)(?:\s+(?:style|look|lighting|light|effect|lora))?",
        re.IGNORECASE,
    )
    return tidy(tied.sub("", prompt, count=1), tail_cut=True, head_cut=True)


def changed(prompt: str, change: str) -> str:
    """The last prompt with a change worked in: in place of what it contradicts, else at its end."""
    change = change.strip(" ,.")
    if not change:
        return prompt
    bigger = _BIGGER.fullmatch(change)
    if bigger is not None:
        return _resized(prompt, grow=bigger["how"].lower() != "smaller")
    if (
        change.lower() in COLORS
        and len(colors := list(_COLOR.finditer(_before_ground(prompt)))) == 1
    ):
        return prompt[: colors[0].start()] + change + prompt[colors[0].end() :]
    for slot in (_GROUND, _TIME):
        if slot.search(change) and slot.fullmatch(change):
            old = slot.search(prompt) or (_PLAIN_GROUND.search(prompt) if slot is _GROUND else None)
            if old is not None:
                return tidy(prompt[: old.start()] + " " + change + prompt[old.end() :])
    joint = " " if _PREPOSITION.match(change) else ", "
    return f"{prompt}{joint}{change}"


def replaced(prompt: str, old: str, new: str) -> str | None:
    """The prompt with one thing in place of another; None when the old isn't in it."""
    article = r"(?:\b(?:an?|the)\s+)?" if _ARTICLE.match(new.strip()) else ""
    found = re.search(rf"{article}(?<!\w){re.escape(old.strip())}(?!\w)", prompt, re.IGNORECASE)
    if found is None:
        return None
    return prompt[: found.start()] + new.strip() + prompt[found.end() :]


def become(prompt: str, subject: str) -> str:
    """The prompt with another subject: "a fox in the snow" becomes "a wolf in the snow"."""
    return tidy(_SUBJECT.sub(lambda _: subject, prompt, count=1))


def _before_ground(prompt: str) -> str:
    ground = _GROUND.search(prompt)
    if ground is None:
        return prompt
    return prompt[: ground.start()] + "_" * (ground.end() - ground.start()) + prompt[ground.end() :]


def _resized(prompt: str, *, grow: bool) -> str:
    said = _SIZE.search(prompt)
    if said is None:
        article = _ARTICLE.match(prompt)
        at = article.end() if article else 0
        return prompt[:at] + ("large " if grow else "small ") + prompt[at:]
    ladder = {"tiny": 0, "little": 0, "small": 0, "medium": 1, "big": 2, "large": 2, "huge": 2}
    place = ladder[said[0].lower()] + (1 if grow else -1)
    size = _SIZES[min(max(place, 0), 2)]
    return prompt[: said.start()] + size + prompt[said.end() :]
