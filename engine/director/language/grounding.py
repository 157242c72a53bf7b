"""From what a language model proposes to a Reading: only what this person may use and said.

Names that are not among the room's cards are dropped; looks, strengths, numbers, what must not show
and what is taken back need the person's own words as evidence (`evidence.py`); and no reply speaks
to anybody but the person.
"""

import re

from engine.director.catalogue.looks import look_named
from engine.director.language.evidence import (
    borne_out,
    call_of,
    is_base,
    is_drawn_from,
    is_number_said,
    is_strength_said,
    takes_back,
)
from engine.director.language.port import NamedLook, Understood
from engine.director.reader import Room
from engine.director.rules.amounts import read_amounts
from engine.director.rules.apply_edits import from_plan, kept_settings
from engine.director.rules.edits import last_plan
from engine.director.rules.opinions import THANKED
from engine.director.rules.prompt_edits import wish_of
from engine.director.rules.searches import MOST_FAMILIES_FROM
from engine.director.rules.text import Script, folded_words
from engine.director.rules.turn_scope import last_job
from engine.director.rules.turns import NO_UPSCALE
from engine.director.settings_choice import ASPECT_RATIOS
from engine.director.stock import PlanLimits
from engine.errors import Ungrounded
from engine.messages import (
    Cancel,
    Card,
    Chat,
    Delete,
    Feedback,
    Generate,
    Help,
    Info,
    Intent,
    LookWish,
    Plan,
    Reading,
    Reroll,
    Settings,
    Status,
    Train,
    Upscale,
    Vary,
)
from engine.registry.search import Searchable
from engine.registry.sought import MOST, find, read_search, widened

MOST_REPLY = 300
MOST_DOUBTS = 3
_LINK = re.compile(
    r"\w+://\S+|<[@#][^>]*>|@\w+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/:?]\S*)?", re.IGNORECASE
)
_NUMBERS = ("width", "height", "steps", "guidance", "seed")
_RATIO = re.compile(r"[1-9]\d{0,3}:[1-9]\d{0,3}")
_NO_TRAINING = "I can't train LoRAs here yet. What should the look be like, in words?"


def reading_of(said: Understood, words: str, room: Room) -> Reading:
    """The reading that a proposal amounts to; raises `Ungrounded`."""
    if said.kind in ("generate", "edit"):
        return _drawing(said, words, room)
    if said.kind == "search":
        return _search(said.query, words, room)
    if said.kind == "info":
        return _info(said, room)
    return Reading(intent=_other(said, words, room), reply=_told(said))


def _search(query: str, words: str, room: Room) -> Reading:
    """Kinds and bases are read from the person's own words, what is left from the proposal."""
    searchable = Searchable(room.cards)
    asked = read_search(words, query, bases=room.bases, cards=room.cards[:MOST_FAMILIES_FROM])
    search = widened(asked, searchable)
    names = tuple(card.name for card in find(search, searchable)[:MOST])
    return Reading(intent=search, results=names)


def _other(said: Understood, words: str, room: Room) -> Intent:
    job = last_job(room)
    if said.kind in ("reroll", "variation") and job is None:
        raise Ungrounded(why=f"{said.kind} of nothing")
    if said.kind in ("cancel", "delete") and not takes_back(words):
        raise Ungrounded(why=f"{said.kind} that nobody asked for")
    count = _count(said, words, room)
    others: dict[str, Intent] = {
        "upscale": Upscale(job=job),
        "status": Status(),
        "cancel": Cancel(),
        "delete": Delete(job=job),
        "feedback": Feedback(verdict=said.verdict or "good", job=job, words=words[:500]),
        "train": Train(words=words[:1_000]),
        "help": Help(),
    }
    if job is not None:
        others["reroll"] = Reroll(job=job, count=count)
        others["variation"] = Vary(job=job, count=count)
    return others.get(said.kind, Chat(words=words[:4_000]))


def _told(said: Understood) -> str:
    if said.kind == "feedback":
        return THANKED[said.verdict or "good"]
    if said.kind == "upscale":
        return NO_UPSCALE
    if said.kind == "train":
        return _NO_TRAINING
    return _clean(said.question) if said.kind == "chat" else ""


def _info(said: Understood, room: Room) -> Reading:
    card = _card(said.about, room)
    if card is not None:
        return Reading(intent=Info(about=card.name), about=card.name)
    job = last_job(room)
    if job is None:
        raise Ungrounded(why="info about nothing")
    return Reading(intent=Info(about=job))


def _drawing(said: Understood, words: str, room: Room) -> Reading:
    plan = last_plan(room)
    if said.kind == "edit" and plan is None:
        raise Ungrounded(why="edit of nothing")
    before = _still_here(wish_of(plan), room) if plan is not None and said.kind == "edit" else None
    looks, doubts = _looks(said.looks, words, before, room)
    prompt = _without_tags(said.prompt) or (before.prompt if before else "")
    if not prompt and not looks:
        raise Ungrounded(why="a picture of nothing")
    sources = (words, *_talk(room))
    if not room.pictures and not is_drawn_from(prompt, sources):
        raise Ungrounded(why="a picture that nobody asked for")
    unwanted = borne_out(said.negative_prompt, sources)
    shelf = (look_named(name[:80], room.catalogue) for name in said.word_looks)
    settings = _settings(said, words, before, plan, room)
    wish = Generate(
        words=words[:4_000],
        prompt=prompt,
        negative_prompt=unwanted or (before.negative_prompt if before else ""),
        looks=looks,
        settings=settings,
        word_looks=tuple(look.name for look in shelf if look is not None),
    )
    if plan is not None and before is not None:
        wish = wish.model_copy(update=from_plan(plan, settings))
    return Reading(intent=wish, reply=_question(said, doubts, room))


def _talk(room: Room) -> list[str]:
    """What was said and drawn before."""
    told = []
    for turn in room.turns:
        told.append(turn.words)
        if turn.plan is not None:
            wish = wish_of(turn.plan)
            told += [wish.prompt, wish.negative_prompt]
    return told


def _question(said: Understood, doubts: list[str], room: Room) -> str:
    """The question between looks of this space, or one of our own; no other words get out."""
    asked = _clean(said.question)
    folded = asked.casefold()
    if asked and any(card.name.casefold() in folded for card in room.cards):
        return asked
    return _asks(doubts[:MOST_DOUBTS])


def _still_here(wish: Generate, room: Room) -> Generate:
    """The wish without looks that were retired since."""
    here = {card.name for card in room.cards}
    return wish.model_copy(
        update={"looks": tuple(look for look in wish.looks if look.name in here)}
    )


def _settings(
    said: Understood, words: str, before: Generate | None, plan: Plan | None, room: Room
) -> Settings:
    """What was set, as far as the person's words hold it."""
    given: dict[str, object] = {"count": _count(said, words, room)}
    for name in _NUMBERS:
        number = getattr(said, name)
        if number is not None and is_number_said(number, words):
            given[name] = number
    aspect = (said.aspect or "").strip().casefold()
    if aspect in ASPECT_RATIOS or _RATIO.fullmatch(aspect):
        given["aspect"] = aspect
    if said.base is not None and is_base(said.base, room.bases):
        given["base"] = said.base.strip()
    now = Settings.model_validate(given)
    if before is None or plan is None:
        return now
    return kept_settings(plan, before.settings, now)


def _count(said: Understood, words: str, room: Room) -> int | None:
    """How many pictures, if a number or a word for one was said."""
    if said.count is None or is_number_said(said.count, words):
        return said.count
    return read_amounts(Script(words), room.bases).count


def _looks(
    proposed: tuple[NamedLook, ...], words: str, before: Generate | None, room: Room
) -> tuple[tuple[LookWish, ...], list[str]]:
    """The proposed looks that hold, each once, and words that were too common to call one."""
    old = {look.name: look for look in before.looks} if before else {}
    held: dict[str, LookWish] = {}
    doubts: list[str] = []
    for each in proposed:
        card = _card(each.name, room)
        if card is None:
            continue
        strength = _strength(each, card, words)
        if card.name in old:
            kept = old[card.name].strength if strength is None else strength
            held[card.name] = old[card.name].model_copy(update={"strength": kept})
            continue
        call = call_of(each.said, card, words)
        if call == "calls":
            held[card.name] = LookWish(name=card.name, said=each.said, strength=strength)
        elif call == "doubtful":
            doubts.append(card.name)
    torn = _torn(held, old)
    looks = tuple(look for name, look in held.items() if name not in torn)
    return looks, [*torn, *doubts]


def _strength(proposed: NamedLook, card: Card, words: str) -> float | None:
    """A strength that was spoken of and may be given to this look."""
    strength, most = proposed.strength, PlanLimits().most_weight
    least = -most if card.kind == "slider" else 0.0
    if strength is None or not least <= strength <= most:
        return None
    return strength if is_strength_said(strength, words) else None


def _torn(held: dict[str, LookWish], old: dict[str, LookWish]) -> list[str]:
    """New looks that all claim the same words, where none of them has just that name."""
    claims: dict[tuple[str, ...], list[str]] = {}
    for name, look in held.items():
        if name not in old:
            claims.setdefault(folded_words(look.said), []).append(name)
    torn = []
    for said, names in claims.items():
        named = [name for name in names if folded_words(name) == said]
        if len(names) > 1:
            torn += [name for name in names if name not in named]
    return torn


def _card(name: str, room: Room) -> Card | None:
    wanted = name.strip().casefold()
    return next((card for card in room.cards if card.name.casefold() == wanted), None)


def _asks(doubts: list[str]) -> str:
    return f"Shall I use {' or '.join(doubts)}?" if doubts else ""


def _without_tags(prompt: str) -> str:
    return re.sub(r"<\s*lora\s*:[^>]*>", " ", prompt, flags=re.IGNORECASE).strip()


def _clean(text: str) -> str:
    return " ".join(_LINK.sub("", text).split())[:MOST_REPLY]
