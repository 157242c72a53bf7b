"""Back to an earlier picture of the talk: "undo that", "go back to the one before"."""

from engine.director.reader import Room
from engine.director.rules.apply_edits import from_plan
from engine.director.rules.prompt_edits import wish_of
from engine.director.rules.text import folded_words
from engine.director.rules.turn_scope import closed, last_job
from engine.messages import Chat, Plan, Reading


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYS = _set("undo revert rollback restore unmake zuruck ruckgangig deshacer deshaz annule retour")
_MOVES = _set(
    """
    go take bring roll switch step get change put turn give want have back return went going let
    can use"""
)
_ALSO = _set(
    """
    go take bring roll switch step change put turn return went back before previous earlier last
    first original initial old older version versions way was were better one ones step steps
    undo revert rollback restore unmake state edit edits change changes instead more looked
    liked preferred looks used use two three twice start beginning geh zum vorherigen letzte
    letzten ersten bild zuruck mach ruckgangig al anterior volver vuelve a la imagen lo
    i like liked love loved prefer deshaz deshacer reviens l image precedente annule
    retour other than things did had nah no"""
)
_FIRST = frozenset({"first", "original", "initial", "start", "beginning", "ersten"})
_EARLIER = frozenset({"before", "previous", "earlier", "old", "older", "last", "other"}) | _FIRST
_TWICE = frozenset({"two", "twice", "2"})
NOTHING_BEFORE = "That was the first picture of this talk: there is none to go back to."
MOST_WORDS = 14


def read_going_back(text: str, room: Room) -> Reading | None:
    """The wish of an earlier picture again, with its seed; None when the turn is something else."""
    words = tuple(word.replace("'", "") for word in folded_words(text))
    if not words or len(words) > MOST_WORDS or not _goes_back(words):
        return None
    if last_job(room) is None or not closed(words, _ALSO):
        return None
    plan = _plan_before(
        room, first=not _FIRST.isdisjoint(words), twice=not _TWICE.isdisjoint(words)
    )
    if plan is None:
        return Reading(intent=Chat(words=text), reply=NOTHING_BEFORE)
    wish = wish_of(plan)  # its words stay: they say what is in the picture
    settings = wish.settings.model_copy(update={"seed": plan.seed})
    return Reading(intent=wish.model_copy(update=from_plan(plan, settings)))


def _goes_back(words: tuple[str, ...]) -> bool:
    has = set(words)
    if has & _KEYS:
        return True
    if "back" in has and has & (_MOVES - {"back"} | _EARLIER | {"to"}):
        return True
    if words[0] == "previous" or ("return" in has and has & (_EARLIER | {"that", "it"})):
        return True
    return "use" in has and bool(has & (_EARLIER - {"last"}))


def _plan_before(room: Room, *, first: bool, twice: bool) -> Plan | None:
    """The first plan, or the one before the last: going back again goes further."""
    plans = [turn.plan for turn in room.turns if turn.plan is not None]
    if len(plans) < 2:
        return None
    if first:
        return plans[0]
    place = next(at for at, plan in enumerate(plans) if _is_same(plan, plans[-1]))
    place -= 2 if twice else 1
    return plans[max(place, 0)] if place >= 0 or twice else None


def _is_same(one: Plan, other: Plan) -> bool:
    return (one.prompt, one.seed, one.loras, one.width, one.height, one.base) == (
        other.prompt, other.seed, other.loras, other.width, other.height, other.base,
    )  # fmt: skip
