"""Turns that ask for something else than a picture: search, info, status, cancel, help, chat."""

import re
from collections.abc import Callable

from engine.director.reader import Room
from engine.director.rules.capabilities import asks_of_us
from engine.director.rules.chatter import bare
from engine.director.rules.index import Index, name_words
from engine.director.rules.mentions import find
from engine.director.rules.other_turns import (
    EMPTY_WISH,
    GREETING,
    HELP,
    HOW,
    INFO,
    LAST,
    LEADS,
    NOISE,
    PRAISE,
    SEARCHES,
    SMALL_TALK,
    THANKS,
    TRAIN,
)
from engine.director.rules.questions import topic_of
from engine.director.rules.searches import searched
from engine.director.rules.text import Script
from engine.director.rules.turn_scope import last_job
from engine.director.rules.turns import read_turn
from engine.messages import Chat, Help, Info, Reading, Status, Train

_A_TRAIN = re.compile(
    r"\b(?:an?|the|this|that|two|three|some)\s+(?:(?!to\b|lora)[\w-]+\s+){0,2}trains?\s+(?:on|with|from)\b",
    re.IGNORECASE,
)
_GO_ON = "All right. Say what to change, or what to draw next."
_WHAT_SHALL_IT_BE = "What shall be in the picture?"
_NO_TRAINING = (
    "I can't train LoRAs here yet. A moderator can add a finished LoRA file, and I can already "
    "describe a look in words: what should it look like?"
)


def read_other(text: str, room: Room, index: Index) -> Reading | None:
    """The reading of a turn that asks for no new wish; None when it is one."""
    plain = text.strip(" ,.!:;\u2026")
    felt = read_turn(text, room, index)
    if felt is not None:
        return felt
    if not any(char.isalnum() for char in plain):
        return Reading(
            intent=Help() if set(plain) == {"?"} else Chat(words=text),
            reply="Tell me what you would like to see, in plain words.",
        )
    plain = plain.rstrip(" ?!.")
    if len(plain) > 200:
        return None
    for read in _READERS:
        reading = read(plain, text, room, index)
        if reading is not None:
            return reading
    return None


def _turn(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    return read_turn(text, room, index) or read_turn(plain, room, index)


def _train(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    if not TRAIN.search(plain) or HOW.match(plain) or _A_TRAIN.search(plain):
        return None
    return Reading(intent=Train(words=text[:1_000]), reply=_NO_TRAINING)


def _help(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    if asks_of_us(text):
        return Reading(intent=Help())
    clauses = re.split(r"[.,;!?\u2026]\s+", plain) if len(plain.split()) <= 24 else []
    asking = [clause for clause in clauses[1:] if HOW.match(clause)]
    match = HELP.fullmatch(plain) or next(filter(None, map(HELP.fullmatch, asking)), None)
    return Reading(intent=Help(topic=(match["topic"] or "")[:60])) if match else None


def _chat(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    if GREETING.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply="Hello! What would you like to see?")
    if THANKS.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply="You are welcome!")
    if SMALL_TALK.fullmatch(plain):
        reply = "I draw pictures from your words. What would you like to see?"
        return Reading(intent=Chat(words=text), reply=reply)
    if EMPTY_WISH.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply=_WHAT_SHALL_IT_BE)
    if PRAISE.fullmatch(plain) and not plain.casefold().startswith("next"):
        return Reading(intent=Chat(words=text), reply=_GO_ON)
    return None


_ANY_OF = re.compile(
    r"(?:got\s+)?any\s+(?P<query>[\w'-]+s)(?:\s+(?:here|around|there))?", re.IGNORECASE
)


def _search(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    any_of = _ANY_OF.fullmatch(plain) if "?" in text else None
    if any_of is not None:
        return searched(plain, _query(any_of["query"]), index, room.bases)
    for pattern in SEARCHES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groupdict()
        if _means_a_look(plain, groups.get("query") or "", index):
            continue
        query = _query(f"{groups.get('query') or ''} {groups.get('more') or ''}")
        return searched(plain, query, index, room.bases)
    return None


def _means_a_look(plain: str, query: str, index: Index) -> bool:
    """A question after one look by its name is about it: "do you have Zib?"."""
    opens = re.match(
        r"is\b|are\b|can\s+you\s+do|do\s+(?:you|we)\s+have|(?:you\s+)?got|have", plain, re.I
    )
    is_search = re.search(
        r"\b(?:something|anything|looks?|loras?|styles?|presets?|effects?|options"
        r"|stuff)\b",
        plain,
        re.I,
    )
    return bool(opens) and not is_search and bool(_calls(query, index))


def _query(said: str) -> str:
    return " ".join(word for word in re.findall(r"[\w'-]+", said) if word.casefold() not in NOISE)


def _info(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    for pattern in INFO:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        about = (match["about"] or "").strip()
        names = _calls(about, index)
        if names:
            return Reading(intent=Info(about=names[0]), about=names[0])
        if pattern is INFO[-1]:
            is_stock = plain.casefold().startswith("do you have")
            return searched(about, _query(about), index, room.bases) if is_stock else None
        return _info_without_look(pattern is INFO[0], about, plain, text, room, index)
    return None


def _calls(words: str, index: Index) -> tuple[str, ...]:
    """Names of the looks that some words call."""
    return find(Script(words), index).names(index.cards) if words else ()


def _info_without_look(
    is_what: bool, about: str, plain: str, text: str, room: Room, index: Index
) -> Reading | None:
    """About the last picture, an unknown look, or the world at large."""
    bare = about
    while (shorter := LEADS.sub("", bare, count=1)) != bare:
        bare = shorter
    is_why = re.match(r"why|how\s+come", plain, re.I) and last_job(room) is not None
    is_made = re.match(r"how\s+(?:was|were|did)", plain, re.I) and not is_what
    if is_why or is_made or (not is_what and LAST.fullmatch(about)):
        return Reading(intent=Info(about=last_job(room) or ""))
    if is_what and re.match(
        r"(?:this|that|it|in\s+(?:this|that)|used|the\s+seed|the\s+prompt)", about, re.I
    ):
        return Reading(intent=Info(about=last_job(room) or ""))
    asked = _question(plain, plain, room, index)
    if asked is not None and not isinstance(asked.intent, Chat):
        return asked
    is_look = re.search(r"\b(?:look|lora|style|preset|character|trigger)\b", plain, re.I)
    is_name = bare[:1].isupper() and name_words(bare)
    if not is_look and not is_name:
        reply = "I only know about pictures and looks. What would you like to see?"
        return Reading(intent=Chat(words=text), reply=reply)
    reply = f"I know no look called \u201c{bare[:80]}\u201d here."
    near = [card.name for card in index.searchable.rank(bare)[:3]]
    if near:
        reply += f" Close ones: {', '.join(near)}."
    return Reading(intent=Info(about=bare[:80]), reply=reply, about=None)


def _question(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    """Whatever is asked without a pattern of its own: never a picture."""
    names = _calls(plain, index)
    job = last_job(room)
    topic = topic_of(bare(plain), names_look=bool(names), has_job=job is not None)
    if topic is None:
        return None
    if topic == "search":
        return searched(plain, _query(plain), index, room.bases)
    if topic == "info":
        about = names[0] if names else None
        return Reading(intent=Info(about=about or job or ""), about=about)
    if topic == "status":
        return Reading(intent=Status())
    if topic == "help":
        return Reading(intent=Help())
    reply = "I only know about pictures and looks. What would you like to see?"
    return Reading(intent=Chat(words=text), reply=reply)


_READERS: tuple[Callable[[str, str, Room, Index], Reading | None], ...] = (
    _turn,
    _chat,
    _train,
    _help,
    _search,
    _info,
    _question,
)
