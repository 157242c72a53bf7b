"""Short turns about what is there: again, vary, upscale, stop, delete, how long, well done."""

import re
from collections.abc import Callable

from engine.director.reader import Room
from engine.director.rules import turn_words as known
from engine.director.rules.index import Index
from engine.director.rules.opinions import feeling_at_sight, opinion_on
from engine.director.rules.text import folded_words
from engine.director.rules.turn_scope import closed, drawn_words, last_job, names_look
from engine.director.rules.vocabulary import NUMBERS
from engine.messages import (
    Cancel,
    Chat,
    Delete,
    Feedback,
    Reading,
    Reroll,
    Status,
    Upscale,
    Vary,
)

MOST_WORDS = 16
MOST_ASKED = 20
"""Larger numbers are no count of pictures."""
NOTHING_YET = "There is nothing to draw again yet. What would you like to see?"
NO_UPSCALE = (
    "I can't upscale yet. Say a larger size, such as 1344x768, and I draw it again at that size "
    "with the same seed."
)
EASED = 0.75
"""Factor on the LoRAs of a picture that was called burnt."""
_CANCEL_START = re.compile(
    r"(?:stop|cancel|abort|halt|nvm|never\s?mind|leave\s+it|(?:scrap|scratch)\s+(?:it|that)"
    r"|forget\s+(?:it|that"
    r"|about\s+it)"
    r"|wait\s+stop)\b(?=\s*(?:[,.!;:\u2026-]|$))",
    re.IGNORECASE,
)
_DONT = re.compile(
    r"(?:please\s+|actually\s+|no\s+)*(?:(?:do\s+not|don['\u2019]?t)\s+(?:draw|make|do|generate"
    r"|render|bother\s+with)\s+(?:it|that|this)(?:\s+one)?"
    r"|call\s+(?:it|that|the\s+whole\s+thing)\s+off)(?:\s+please)?",
    re.IGNORECASE,
)
_CLOSE_TO = re.compile(r"\bsomething\s+close\s+to\s+(?:this|that|it)\b", re.IGNORECASE)
_DIRECTION = re.compile(
    r"\bmore\s+(?:in|of|along|like)\s+(?:this|that)\s+(?:direction|kind|vein|style|vibe"
    r"|sort)\b",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"\bstill\s+(?:drawing|working|generating|rendering|running|painting|busy|going"
    r"|at\s+it)\b",
    re.IGNORECASE,
)
_ALONG = re.compile(r"\balong\s+(?:those|these|the\s+same)\s+lines\b", re.IGNORECASE)
_OVER = re.compile(
    r"(?:please\s+)?(?:do|try|make|draw)\s+(?:it|that"
    r"|this)\s+over(?:\s+again)?(?:\s+please)?",
    re.I,
)
_ONCE_MORE = re.compile(r"(?:once|one)\s+more(?:\s+time)?\b", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:(?:please|ok(?:ay)?|now|can\s+(?:you|we)|let['\u2019]?s)\s+)*(?:"
    r"(?:run|roll|spin|bring)\s+(?:it|that|this)\s+(?:back|again|up)(?:\s+again)?"
    r"|(?:hit|give)\s+(?:me|it|us)\s+(?:again|another(?:\s+go|\s+try|\s+shot)?)"
    r"|(?:take|have|give\s+it)\s+another\s+(?:go|stab|crack|swing|shot|try|pass|whirl)"
    r"(?:\s+at\s+it)?"
    r"|(?:new|another|different)\s+(?:dice|roll|draw|attempt|go)|same\s+again"
    r"|noch\s?(?:ein)?mal(?:\s+neu)?|noch\s+(?:eins|eines|einen?)|(?:mach|zeig)\s+"
    r"(?:mir\s+)?noch\s+(?:eins|eines|einmal|mal)"
    r"|neu(?:er)?\s+versuch|encore(?:\s+(?:une?|un)(?:\s+fois)?)?|une\s+autre|(?:r\u00e9?"
    r"|re)essaie|recommence"
    r"|otra(?:\s+(?:vez|m\u00e1s|mas))?|una\s+m[a\u00e1]s|de\s+nuevo|int\u00e9ntalo\s+de\s+nuevo"
    r"|(?:\u3082\u3046(?:\u4e00|1|\u3044\u3061)(?:\u56de|\u5ea6|\u679a|\u3064)"
    r"|\u3082\u3046\u3072\u3068\u3064|\u3084\u308a\u76f4\u3057|\u518d\u751f\u6210)"
    r"(?:\u304a\u9858\u3044(?:\u3057\u307e\u3059)?|\u3084\u3063\u3066|\u63cf\u3044\u3066"
    r"|\u3057\u3066)?(?:\u304f\u3060\u3055\u3044)?"
    r")(?:[\s,]+(?:please|pls|bitte|s['\u2019]?il\s+te\s+pla[i\u00ee]t|stp|svp|por\s+favor))?",
    re.IGNORECASE,
)
"""Another try, as people say it, in several languages."""
_SEED_SAID = re.compile(r"\bseed\s*[:=#]?\s*\d", re.IGNORECASE)
_PRAISED = re.compile(
    r"(?:(?:wow|whoa|oh|haha+|lol|omg|ooh|nice|cool|great|perfect|awesome|love\s+(?:it|this|that)|amazing|sweet|ok(?:ay)?"
    r"|yes|beautiful|lovely|good|neat|meh|hm+|no|nope|well|so|pretty|very|really|one|job|work|stuff)[\s,!.]+)*?"
    r"(?:wow|whoa|nice|cool|great|perfect|awesome|love\s+(?:it|this|that)|amazing|sweet|beautiful|lovely|good|neat|meh|hm+|ok(?:ay)?"
    r"|yes|no|nope|haha+|lol|omg|one|job|work|stuff)\s*[,!.;:\u2026-]+\s*(?:but\s+|and\s+|now\s+)?(?=\w)",
    re.IGNORECASE,
)
"""What is said before another order: "whoa nice, again!"."""
_RES = re.compile(
    r"\b(?:bump|up|raise|increase|boost|crank|improve|double)\s+(?:up\s+)?(?:the\s+|its\s+)?"
    r"(?:res(?:olution)?|pixels|quality)\b|\b(?:bigger|larger)\b.*\bsharper\b|\bsharper\b.*\b"
    r"(?:bigger|larger)\b",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"\s*(?:[,.;!\u2026-]+\s*(?=(?:i|i['\u2019]?m|we|my|our|it|it['\u2019]?s|its|that['\u2019]?s|he|she|they|this|there"
    r"|the|sorry|thanks|thx|because|cause|cuz|coz|wrong|not|no\s+need|too|way|people|someone|somebody)\b)"
    r"|\s(?:because|cause|cuz|coz|bc|before|since|so\s+(?:that\s+)?(?:no|nobody)|as\s+(?:it|i))\b)",
    re.IGNORECASE,
)
_OOPS = re.compile(
    r"(?:(?:oops+|ups|whoops|sorry|shit|omg|oh\s+no|ah|wait|uh\s+oh|my\s+bad|wrong\s+\w+|that\s+was\s+(?:a\s+)?"
    r"(?:mistake|an?\s+accident|wrong)|mistake|accident|(?:that\s+)?wasn['\u2019]?t\s+meant\s+for\s+\w+)[\s,.!:-]+)+"
    r"(?:(?:please|pls|can\s+you|could\s+you)\s+)*(?=\w)",
    re.IGNORECASE,
)
_BETTER = re.compile(
    r"\b(?:high(?:er)?|better|max(?:imum)?|full|best|print)[\s-]+(?:quality|definition|def|res|size)\b"
    r"|\b(?:bigger|larger|large)\s+(?:picture|image|pic|version|file|size|format|one|copy)\b",
    re.IGNORECASE,
)
_LIKE_THIS = re.compile(
    r"\blike\s+(?:this|that|it|these|those|the\s+(?:last|first|second))\b", re.I
)
_TIMES = re.compile(r"\b(?:x\s?(?P<a>\d)|(?P<b>\d)\s?x)\b", re.I)


def read_turn(text: str, room: Room, index: Index) -> Reading | None:
    """The reading of a short turn about pictures that are there; None when it is something else."""
    alike = feeling_at_sight(text, room)
    if alike is not None:
        return alike
    words = _plain_words(text)
    if not words or len(words) > MOST_WORDS:
        return None
    for read in _READERS:
        reading = read(words, text, room, index)
        if reading is not None:
            return reading
    praised = _PRAISED.match(text)
    if praised is not None and praised.end() < len(text):
        rest = text[praised.end() :]
        again = read_turn(rest, room, index)
        if again is not None and not isinstance(again.intent, Feedback):
            return again
    return None


def opinions(room: Room, index: Index) -> tuple[Feedback, ...]:
    """What was said about the newest picture since it was drawn."""
    found: list[Feedback] = []
    for turn in reversed(room.turns):
        if turn.job is not None:
            break
        earlier = Room(cards=room.cards, bases=room.bases, turns=room.turns)
        reading = read_turn(turn.words, earlier, index)
        if reading is not None and isinstance(reading.intent, Feedback):
            found.append(reading.intent)
    return tuple(found)


def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("'", "").replace("\u2019", "") for word in folded_words(text))


def _order_in(text: str, keys: frozenset[str]) -> str:
    """What is ordered, without what only says why: "delete this, my boss can see it"."""
    because = _BECAUSE.search(text)
    if because is not None and not keys.isdisjoint(_plain_words(text[: because.start()])):
        return text[: because.start()]
    oops = _OOPS.match(text)
    return text[oops.end() :] if oops is not None else text


def _image(words: tuple[str, ...]) -> int:
    return next((known.ORDINALS[word] for word in words if word in known.ORDINALS), 0)


def _cancel(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    if _DONT.fullmatch(text.strip(" .!?,")) or (_CANCEL_START.match(text) and len(words) <= 6):
        return Reading(intent=Cancel())
    is_never_mind = "mind" in words and "never" in words
    if known.CANCEL.isdisjoint(words) and not is_never_mind and words[:2] != ("hold", "on"):
        return None
    drawn = drawn_words(room) if words[0] in ("cancel", "abort") else ()
    if not closed(words, known.CANCEL, known.CANCEL_ALSO, drawn, ("hold",)):
        return None
    if names_look(text, index) and words[0] not in ("cancel", "abort"):
        return None
    return Reading(intent=Cancel())


def _delete(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    words = _plain_words(_order_in(text, known.DELETE))
    rids = "rid" in words and "get" in words
    if known.DELETE.isdisjoint(words) and not rids and not {"take", "down"} <= set(words):
        return None
    drawn = drawn_words(room) if "of" in words else ()
    if not closed(words, known.DELETE, known.DELETE_ALSO, known.ORDINALS, drawn):
        return None
    points = not known.PICTURES.isdisjoint(words) or {"it", "that", "this", "them"} & set(words)
    if not points and not closed(words, known.DELETE):
        return None
    job = last_job(room)
    reply = "" if job else "There is no picture of yours here to delete."
    return Reading(intent=Delete(job=job), reply=reply)


def _upscale(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    keys = known.UPSCALE.intersection(words)
    high = {"high", "higher", "hi"}.intersection(words) and "res" in words
    times = _TIMES.search(text) or {"twice", "double"}.intersection(words)
    larger = times and {"bigger", "larger", "large", "size", "big"}.intersection(words)
    said = _RES.search(text) is not None
    better = _BETTER.search(text) is not None
    if not (keys or high or larger or said or better):
        return None
    res = {"res", "bump", "crank", "improve"} if said or better else set()
    if not closed(words, known.UPSCALE, known.UPSCALE_ALSO, drawn_words(room), res):
        return None
    job = last_job(room)
    if (
        job is None
        and keys <= {"hd", "pixels", "resolution", "4k", "8k", "enhance", "uhd"}
        and not high
        and not said
    ):
        return None
    match = _TIMES.search(text)
    factor = float(match["a"] or match["b"]) if match else None
    intent = Upscale(job=job, image=_image(words), factor=factor)
    return Reading(intent=intent, reply=NO_UPSCALE)


def _status(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    if "eta" in words or (_STILL.search(text) and last_job(room) is not None):
        return Reading(intent=Status())
    if "going" in words and {"how", "hows"} & set(words) and last_job(room) is not None:
        words = (*words, "status")
    if {"how", "far"} <= set(words) and {"along", "it", "that"} & set(words):
        words = (*words, "status")
    if {"there", "yet"} <= set(words):
        words = (*words, "status")
    is_bare = len(words) <= 2 and words[0] in ("ready", "done", "finished") and "?" in text
    if is_bare and last_job(room) is not None:
        return Reading(intent=Status())
    if known.STATUS.isdisjoint(words) or known.STATUS_ASKS.isdisjoint(words):
        return None
    if known.STATUS_ASKS.isdisjoint(words[:4]) and "?" not in text:
        return None
    if not closed(words, known.STATUS, known.STATUS_ALSO, drawn_words(room)):
        return None
    return Reading(intent=Status())


def _vary(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    likes = re.search(r"\b(?:i|really|do)\s+like\b", text, re.IGNORECASE)
    like = (
        _LIKE_THIS.search(text)
        and not likes
        and {"more", "something", "another", "one"}.intersection(words)
    )
    nearly = "different" in words and {"slightly", "little", "bit"}.intersection(words)
    lines = _DIRECTION.search(text) or _ALONG.search(text) or _CLOSE_TO.search(text)
    if known.VARY.isdisjoint(words) and not like and not nearly and not lines:
        return None
    if not closed(words, known.VARY, known.VARY_ALSO):
        return None
    job = last_job(room)
    if job is None:
        return Reading(intent=Chat(words=text), reply=NOTHING_YET)
    return Reading(intent=Vary(job=job, image=_image(words), count=_how_many_alike(words)))


def _reroll(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    if _SEED_SAID.search(text):
        return None
    tail = words[words.index("but") :] if "but" in words[1:-1] else ()
    if tail and (known.REROLL | known.NUMBERS).isdisjoint(tail):
        return None
    said = text.strip(" .!?,\u3002\uff01")
    once_more = bool(_ONCE_MORE.match(text) and len(words) <= 5) or bool(_AGAIN.fullmatch(said))
    once_more = once_more or bool(_OVER.fullmatch(text.strip(" .!?,")))
    if words[:2] == ("am", "i") or (known.REROLL.isdisjoint(words) and not once_more):
        return None
    strong = known.REROLL - {
        "others",
        "same",
        "different",
        "new",
        "fresh",
        "random",
        "more",
        "roll",
    }
    loose = bool(strong.isdisjoint(words))
    if loose and not once_more and not _is_loose_reroll(words):
        return None
    also = {word for word in words if _TIMES.fullmatch(word)}
    if not once_more and not closed(words, known.REROLL, known.REROLL_ALSO, also):
        return None
    job = last_job(room)
    if job is None:
        return Reading(intent=Chat(words=text), reply=NOTHING_YET)
    eased = any(each.verdict == "overdone" for each in opinions(room, index))
    times = _TIMES.search(text)
    count = _how_many(words) or (int(times["a"] or times["b"]) if times else None)
    return Reading(
        intent=Reroll(job=job, count=count, ease=EASED if eased else None),
        reply="You said it looked overdone, so every look is gentler now." if eased else "",
    )


def _is_loose_reroll(words: tuple[str, ...]) -> bool:
    """Words that ask for another only in company: "a new one", "same thing", "two more"."""
    has = set(words)
    if "more" in has:
        few = bool(has & known.NUMBERS) or words[-1] == "more" or "please" in has
        return few or bool(has & {"these", "those", "them"})
    if "same" in has:
        return bool(has & {"thing", "one", "prompt", "settings", "picture"}) or len(words) <= 2
    if "others" in has:
        return bool(has & known.NUMBERS)
    return bool(has & {"one", "ones", "seed", "roll", "take", "result", "go", "set", "batch"})


def _how_many(words: tuple[str, ...]) -> int | None:
    """How many more were asked for: "two more", "3 more of those"."""
    for word, after in zip(words, (*words[1:], ""), strict=True):
        number = int(word) if word.isdigit() else NUMBERS.get(word, 0)
        if 1 < number <= 20 and after in (
            "of",
            "more",
            "others",
            "new",
            "times",
            "again",
            "others",
        ):
            return number
    return None


def _how_many_alike(words: tuple[str, ...]) -> int | None:
    """How many variations: "4 more like that", "three variations", "give me five takes"."""
    if words[-1] in known.NUMBERS and not known.VARY.isdisjoint(words):
        words = (words[-1], "more", *words)
    for place, word in enumerate(words):
        after = words[place + 1 : place + 3]
        number = int(word) if word.isdigit() and len(word) < 3 else NUMBERS.get(word, 0)
        is_many = 1 < number <= MOST_ASKED and word not in ("couple", "pair", "few")
        if is_many and not known.ALIKE.isdisjoint(after):
            return number
    return None


_Read = Callable[[tuple[str, ...], str, Room, Index], Reading | None]
_READERS: tuple[_Read, ...] = (_cancel, _delete, _upscale, _status, _vary, opinion_on, _reroll)
