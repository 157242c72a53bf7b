"""Turns that ask for something else than a picture: search, info, status, cancel, help, chat."""

import re
from collections.abc import Callable

from engine.director.reader import Room
from engine.director.rules.index import Index, name_words
from engine.director.rules.mentions import find
from engine.director.rules.other_turns import (
    CANCEL,
    EMPTY_WISH,
    GREETING,
    HELP,
    INFO,
    LAST,
    LEADS,
    NOISE,
    PRAISE,
    REROLL,
    SEARCHES,
    SMALL_TALK,
    STATUS,
    THANKS,
    VARY,
)
from engine.director.rules.text import Script
from engine.messages import (
    Cancel,
    Chat,
    Help,
    Info,
    JobId,
    Reading,
    Reroll,
    Search,
    Status,
    Vary,
)
from engine.registry.search import rank

_GO_ON = "All right. Say what to change, or what to draw next."
_WHAT_SHALL_IT_BE = "What shall be in the picture?"
_NOTHING_YET = "There is nothing to draw again yet. What would you like to see?"


def read_other(text: str, room: Room, index: Index) -> Reading | None:
    """The reading of a turn that asks for no new wish; None when it is one."""
    plain = text.strip(" ,.!:;\u2026")
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


def last_job(room: Room) -> JobId | None:
    """The newest job of the conversation."""
    return next((turn.job for turn in reversed(room.turns) if turn.job is not None), None)


def _cancel(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    return Reading(intent=Cancel()) if CANCEL.fullmatch(plain) else None


def _status(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    return Reading(intent=Status()) if STATUS.fullmatch(plain) else None


def _help(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    match = HELP.fullmatch(plain)
    return Reading(intent=Help(topic=(match["topic"] or "")[:60])) if match else None


def _again(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    vary = bool(VARY.fullmatch(plain))
    if not vary and not REROLL.fullmatch(plain):
        return None
    job = last_job(room)
    if job is None:
        return Reading(intent=Chat(words=text), reply=_NOTHING_YET)
    return Reading(intent=Vary(job=job) if vary else Reroll(job=job))


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
    if PRAISE.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply=_GO_ON)
    return None


def _search(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    for pattern in SEARCHES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groupdict()
        if plain.casefold().startswith("can you do") and _calls(groups["query"], index):
            continue
        query = _query(f"{groups.get('query') or ''} {groups.get('more') or ''}")
        found = rank(query, index.cards)
        names = tuple(card.name for card in found[:50])
        reply = "" if names or not query else f"I found no look for \u201c{query}\u201d."
        return Reading(intent=Search(query=query), results=names, reply=reply)
    return None


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
            return None
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
    if is_why or (not is_what and LAST.fullmatch(about)):
        return Reading(intent=Info(about=last_job(room) or ""))
    if is_what and re.match(
        r"(?:this|that|it|in\s+(?:this|that)|used|the\s+seed|the\s+prompt)", about, re.I
    ):
        return Reading(intent=Info(about=last_job(room) or ""))
    is_look = re.search(r"\b(?:look|lora|style|preset|character|trigger)\b", plain, re.I)
    is_name = bare[:1].isupper() and name_words(bare)
    if not is_look and not is_name:
        reply = "I only know about pictures and looks. What would you like to see?"
        return Reading(intent=Chat(words=text), reply=reply)
    reply = f"I know no look called \u201c{bare[:80]}\u201d here."
    near = [card.name for card in rank(bare, index.cards)[:3]]
    if near:
        reply += f" Close ones: {', '.join(near)}."
    return Reading(intent=Info(about=bare[:80]), reply=reply, about=None)


_READERS: tuple[Callable[[str, str, Room, Index], Reading | None], ...] = (
    _cancel,
    _status,
    _again,
    _chat,
    _help,
    _search,
    _info,
)
