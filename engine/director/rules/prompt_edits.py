"""Surgery on the last prompt: work a change in, take words out, put a thing in another's place."""

import re

from engine.director.rules.edit_patterns import PREPOSITION
from engine.director.rules.edit_words import PLACES, SEASONS, TIMES, WEATHERS
from engine.director.rules.text import folded_words, tidy
from engine.director.rules.vocabulary import COLORS, STEP_DOWN
from engine.families.emphasis import as_letters
from engine.messages import Card, Generate, LookWish, Plan, Settings

_BIGGER = re.compile(
    r"(?:(?:a\s+(?:bit|little)|much|even)\s+)?(?P<how>bigger|larger|smaller)(?:\s+please)?",
    re.IGNORECASE,
)
_GROUND = re.compile(
    r"(?:(?:on|with|against|in\s+front\s+of|over)\s+)?(?:an?\s+"
    r"|the\s+)?(?:(?:[\w-]+\s+){1,3})(?:background|backdrop)\b",
    re.IGNORECASE,
)
_PLAIN_GROUND = re.compile(rf"\bon\s+(?:{'|'.join(sorted(COLORS))})(?=\s*(?:,|$))", re.IGNORECASE)
_TIMES = "|".join(sorted(TIMES, key=len, reverse=True))
_TIME = re.compile(
    rf"(?:,\s*)?\b(?:at|by|during|in|under)\s+(?:the\s+|an?\s+)?(?:early\s+|late\s+)?(?:{_TIMES})\b"
    rf"|,\s*(?:early\s+|late\s+)?(?:{_TIMES})(?=\s*(?:,|$))",
    re.IGNORECASE,
)
_SEASON = re.compile(
    rf"(?:,\s*)?\b(?:in|during)\s+(?:the\s+)?(?:{'|'.join(sorted(SEASONS))})\b", re.I
)
_WEATHER = re.compile(
    rf"(?:,\s*)?\b(?:in|during|under)\s+(?:the\s+|an?\s+)?(?:heavy\s+"
    rf"|light\s+)?(?:{'|'.join(sorted(WEATHERS))})\b"
    rf"|,\s*(?:heavy\s+|light\s+)?(?:{'|'.join(sorted(WEATHERS))})(?=\s*(?:,|$))",
    re.I,
)
_PLACE = re.compile(
    r"\b(?:in|on|at|under|inside|near|beside|by|above|behind|across|through|along|down|outside"
    r"|over)\s+"
    r"(?:(?:an?|the|some|his|her|its|their|my|our)\s+)?(?:[\w'-]+\s+){0,3}?(?P<noun>[\w'-]+)"
    r"(?=\s*(?:,|\.|$|\b(?:in|on|at|under|with|by|near|and|while|during|from|wearing|holding)\b))",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^[^,]*?(?=\s+(?:in|on|at|with|by|under|near|from|during|wearing|holding|standing|sitting|"
    r"against|beside|behind|over|asleep|running|walking|riding|eating|playing|sleeping"
    r"|flying)\b|\s*,|\s*$)",
    re.IGNORECASE,
)
_IN_FRONT = re.compile(
    r"\s*\b(?:in\s+front\s+of|against)\s+(?:an?\s+|the\s+)?[\w'-]+(?:\s+(?!with\b|in\b|on\b|at\b|and\b)"
    r"[\w'-]+){0,3}(?=\s*(?:,|$))",
    re.IGNORECASE,
)
"""What a picture was drawn before: another background takes its place."""
_SIZES = ("small", "medium", "large")
_SIZE = re.compile(r"\b(?:tiny|small|little|medium|big|large|huge)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:an?|the|one|two|three|four)\s+", re.IGNORECASE)
_COLOR = re.compile(rf"\b(?:{'|'.join(sorted(COLORS))})\b", re.IGNORECASE)


def wish_of(plan: Plan) -> Generate:
    """The wish that a plan was made from; rebuilt from the plan when it wasn't kept."""
    if plan.wish is not None:
        return plan.wish
    prompt = plan.prompt
    for lora in plan.loras:
        if lora.trigger:
            prompt = prompt.replace(as_letters(lora.trigger), "").replace(lora.trigger, "")
    looks = tuple(LookWish(name=lora.name, said="", strength=lora.weight) for lora in plan.loras)
    return Generate(
        words=plan.words,
        prompt=tidy(prompt, tail_cut=True),
        negative_prompt=plan.negative_prompt,
        looks=looks,
        settings=Settings(width=plan.width, height=plan.height, base=plan.base),
    )


def scaled(wish: Generate, plan: Plan, names: tuple[str, ...], factor: float) -> Generate:
    """The wish with some looks weaker or stronger than they were in the plan."""
    weights = {lora.name: lora.weight for lora in plan.loras}
    looks = tuple(
        look.model_copy(update={"strength": round(weights[look.name] * factor, 2)})
        if look.name in names and look.name in weights
        else look
        for look in wish.looks
    )
    return wish.model_copy(update={"looks": looks})


def factor_of(how: str) -> float:
    """Of "less X" and "more X"."""
    return STEP_DOWN if how == "weaker" else 1 / STEP_DOWN


def without(wish: Generate, names: tuple[str, ...], cards: tuple[Card, ...]) -> Generate:
    """The wish without some looks, and without the words that named them (subjects keep theirs)."""
    kinds = {card.name: card.kind for card in cards}
    prompt = wish.prompt
    for look in wish.looks:
        if look.name in names and look.said:
            is_subject = kinds.get(look.name) in ("character", "object", "concept")
            if not is_subject or _is_companion(prompt, look.said):
                prompt = drop_words(prompt, look.said)
    looks = tuple(look for look in wish.looks if look.name not in names)
    return wish.model_copy(update={"looks": looks, "prompt": prompt or wish.prompt})


def _is_companion(prompt: str, said: str) -> bool:
    """Whether a subject only joins another: "Zib with Mira", "Zib and Mira"."""
    name = re.escape(said)
    joined = (
        rf"\b(?:with|and|plus|,)\s+{name}(?!\w)|(?<!\w){name}(?:['\u2019]s)?\s*(?:,"
        rf"|\band\b|\bwith\b)\s+[A-Z]"
    )
    return re.search(joined, prompt, re.IGNORECASE) is not None


def drop_words(prompt: str, said: str) -> str:
    """A prompt without a look's words and what tied them: "in neon", "with a neon look"."""
    name = re.escape(said[:100].strip())
    tied = re.compile(
        rf"^{name}\s+(?:and|with)\s+(?=\w)"
        r"|(?:,\s*)?(?:\b(?:in|with|using|and|as|wearing|holding|of|next\s+to|beside"
        r"|plus)\s+)?(?:\b(?:the|an?|some|his|her|its)\s+)?(?:style\s+of\s+)?(?<!\w)"
        rf"{name}"
        r"(?!\w)(?:\s+(?:style|look|lighting|light|effect|lora))?",
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
    if _GROUND.fullmatch(change):
        old = _GROUND.search(prompt) or _PLAIN_GROUND.search(prompt)
        if old is not None:
            return tidy(prompt[: old.start()] + " " + change + prompt[old.end() :])
    for slot in (_TIME, _SEASON, _WEATHER):
        if slot.fullmatch(change) or (slot is _WEATHER and change.lower() in WEATHERS):
            return _in_slot(prompt, change, slot)
    if re.search(rf"(?<!\w){re.escape(change)}(?!\w)", prompt, re.IGNORECASE):
        return prompt
    joint = " " if PREPOSITION.match(change) else ", "
    return f"{prompt}{joint}{change}" if prompt else change


def _in_slot(prompt: str, change: str, slot: re.Pattern[str]) -> str:
    old = slot.search(prompt)
    joint = " " if PREPOSITION.match(change) else ", "
    if old is None:
        return f"{prompt}{joint}{change}"
    return tidy(prompt[: old.start()] + joint + change + prompt[old.end() :])


def moved(prompt: str, where: str) -> str:
    """The prompt in another place: the last words that name a place make room."""
    where = where.strip(" ,.")
    places = [
        found
        for found in _PLACE.finditer(prompt)
        if not PLACES.isdisjoint(folded_words(found[0])) and not _is_worn(found[0])
    ]
    if not places or PLACES.isdisjoint(folded_words(where)):
        return changed(prompt, where)
    old = places[-1]
    return tidy(prompt[: old.start()] + " " + where + prompt[old.end() :])


def _is_worn(said: str) -> bool:
    return bool(
        re.search(r"\b(?:dress|suit|coat|hat|armor|armour|uniform|jacket|style)\b", said, re.I)
    )


def set_in(prompt: str, setting: str) -> str:
    """Another background: "change the background to a beach"."""
    bare = setting.strip(" ,.")
    if not PLACES.isdisjoint(folded_words(bare)):
        return moved(prompt, bare if PREPOSITION.match(bare) else f"in {bare}")
    ground = bare if re.search(r"\bback(?:ground|drop)\b", bare, re.I) else f"{bare} background"
    prompt = _IN_FRONT.sub("", prompt)
    return changed(prompt, f"with {ground}" if not PREPOSITION.match(ground) else ground)


def turned(prompt: str, what: str, how: str) -> str:
    """Something made otherwise: "the hat" "blue"; a thing not mentioned yet joins the prompt."""
    found = re.search(
        r"(?P<article>\b(?:an?|the|his|her|its|their)\s+)?"
        rf"(?P<color>{_COLOR.pattern}\s+)?(?<!\w)(?P<what>{re.escape(what)})(?!\w)",
        prompt,
        re.IGNORECASE,
    )
    if found is None:
        return changed(prompt, f"{how} {what}")
    article = found["article"] or ""
    if article.strip().lower() in ("a", "an"):
        article = "an " if how[:1].lower() in "aeiou" else "a "
    return f"{prompt[: found.start()]}{article}{how} {found['what']}{prompt[found.end() :]}"


def replaced(prompt: str, old: str, new: str) -> str | None:
    """The prompt with one thing in place of another; None when the old isn't in it."""
    bare = _ARTICLE.sub("", old.strip())
    article = r"(?:\b(?:an?|the)\s+)?" if _ARTICLE.match(new.strip()) else ""
    found = re.search(rf"{article}(?<!\w){re.escape(bare)}(?!\w)", prompt, re.IGNORECASE)
    if found is None:
        return None
    return prompt[: found.start()] + new.strip() + prompt[found.end() :]


def become(prompt: str, subject: str) -> str:
    """The prompt with another subject: "a fox in the snow" becomes "a wolf in the snow"."""
    return tidy(_SUBJECT.sub(lambda _: subject, prompt, count=1))


def fewer(prompt: str, what: str) -> str | None:
    """Less of something that the prompt holds; None when it isn't in it."""
    found = re.search(rf"(?<!\w){re.escape(what)}(?!\w)", prompt, re.IGNORECASE)
    if found is None:
        return None
    return f"{prompt[: found.start()]}a little {prompt[found.start() :]}"


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
