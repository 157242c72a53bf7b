"""Plans for many conversations at once: what `atelier plan --json --batch` prints, line by line."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType

from engine.director import planner
from engine.director.reader import Room, Turn
from engine.director.rules.reader import RulesReader
from engine.errors import AtelierError, BadRequest, LookDoesNotFit, PersonError
from engine.families import FAMILIES
from engine.families.facts import Family
from engine.messages import (
    Base,
    Card,
    Generate,
    JobId,
    Plan,
    Reading,
    Reroll,
    Vary,
)
from engine.registry.compat import families_for

MOST_TURNS = 100
MOST_LINE_CHARS = 500_000
DEFAULT_FAMILY = "miniature"


def plan_batch(
    lines: Iterable[str], cards: tuple[Card, ...] | None, bases: tuple[Base, ...] | None = None
) -> Iterator[dict[str, object]]:
    """One answer for each line `{"id", "turns": [words, ...]}`; blank lines are skipped.

    Cards stand in for a space's approved entries. Without `bases` there is one of each family
    that the cards name, the most common first, and the miniature. The same input gives the same
    output. A broken line gives `{"id", "error"}`.
    """
    shelf = cards or ()
    desk = _Desk(shelf, bases if bases is not None else bases_of(shelf))
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield desk.answer(number, line)


def bases_of(cards: Iterable[Card]) -> tuple[Base, ...]:
    """One base for each family that cards name, the most common first, then the miniature."""
    counts = Counter(card.family for card in cards)
    families = sorted(counts, key=lambda family: (-counts[family], family))
    if DEFAULT_FAMILY not in families:
        families.append(DEFAULT_FAMILY)
    return tuple(Base(name=family, family=family, folder="") for family in families)


def families_of(bases: Iterable[Base]) -> Mapping[str, Family]:
    """Facts for each base's family; one without a file of its own takes those of its kin."""
    return MappingProxyType({base.family: _facts(base.family) for base in bases})


def _facts(name: str) -> Family:
    if name in FAMILIES:
        return FAMILIES.get(name)
    kin = next((relative for relative in families_for(name) if relative in FAMILIES), None)
    if kin is None:
        kin = next((known for known in FAMILIES if name.startswith(known[:3])), "sdxl")
    return replace(FAMILIES.get(kin), name=name, title=name)


class _Desk:
    """Answers lines; holds what all of them share."""

    def __init__(self, cards: tuple[Card, ...], bases: tuple[Base, ...]) -> None:
        self._cards, self._bases = cards, bases
        self._families = families_of(bases)
        self._reader = RulesReader()

    def answer(self, number: int, line: str) -> dict[str, object]:
        """One line's answer."""
        name: object = number
        try:
            request = _request(line)
            name = request.get("id", number)
            return self._converse(name, _turns(request))
        except AtelierError as error:
            return {"id": name, "error": str(error)}

    def _converse(self, name: object, said: list[str]) -> dict[str, object]:
        turns: list[Turn] = []
        for place, words in enumerate(said[:-1]):
            reading, plan, refusal = self._turn(name, place, words, turns)
            if reading.reply.endswith("?"):
                plan = None
            turns.append(
                Turn(
                    words=words,
                    plan=plan,
                    job=JobId(f"turn-{place + 1}") if plan is not None else None,
                    reply=reading.reply or refusal,
                )
            )
        reading, plan, refusal = self._turn(name, len(said) - 1, said[-1], turns)
        return _line(name, reading, plan, refusal)

    def _turn(
        self, name: object, place: int, words: str, turns: list[Turn]
    ) -> tuple[Reading, Plan | None, str]:
        room = Room(cards=self._cards, bases=self._bases, turns=tuple(turns))
        reading = self._reader.read_now(words, room)
        seed = _seed(name, place, words)
        try:
            return reading, self._plan(reading, turns, seed), ""
        except PersonError as error:
            return reading, None, refusal_words(error)

    def _plan(self, reading: Reading, turns: list[Turn], seed: int) -> Plan | None:
        intent = reading.intent
        if isinstance(intent, Generate):
            return planner.plan(
                intent, cards=self._cards, bases=self._bases, families=self._families, seed=seed
            )
        if not isinstance(intent, Reroll | Vary):
            return None
        earlier = next((turn.plan for turn in turns if turn.job == intent.job), None)
        if earlier is None:
            return None
        if isinstance(intent, Reroll):
            return planner.reroll(earlier, seed, count=intent.count, ease=intent.ease)
        return planner.vary(earlier, intent.image, seed, count=intent.count)


def _request(line: str) -> dict[str, object]:
    valid = 'an object {"id", "turns": [words, ...]}'
    if len(line) > MOST_LINE_CHARS:
        raise BadRequest(name="line", value=f"{len(line)} characters", valid=valid)
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest(name="line", value=str(error)[:200], valid=valid) from error
    if not isinstance(found, dict):
        raise BadRequest(name="line", value=type(found).__name__, valid=valid)
    return found


def _turns(request: dict[str, object]) -> list[str]:
    turns = request.get("turns")
    said = [turns] if isinstance(turns, str) else turns
    if not isinstance(said, list) or not said or not all(isinstance(word, str) for word in said):
        raise BadRequest(name="turns", value=str(turns)[:80], valid="a list of words, not empty")
    return said[-MOST_TURNS:]


def _seed(name: object, place: int, words: str) -> int:
    """A seed that depends on the line only, below 2^32."""
    digest = sha256(json.dumps([name, place, words]).encode()).digest()
    return int.from_bytes(digest[:4], "big")


def _line(name: object, reading: Reading, plan: Plan | None, refusal: str) -> dict[str, object]:
    """The fields of design section 4, in its order."""
    intent = reading.intent
    asked = intent if isinstance(intent, Generate) else None
    return {
        "id": name,
        "intent": intent.kind,
        "base": plan.base if plan else None,
        "family": plan.family if plan else None,
        "prompt": plan.prompt if plan else asked.prompt if asked else "",
        "negative_prompt": _unwanted(plan, asked),
        "loras": [
            lora.model_dump(include={"name", "weight", "trigger", "reason"}) for lora in plan.loras
        ]
        if plan
        else [],
        "width": plan.width if plan else None,
        "height": plan.height if plan else None,
        "steps": plan.steps if plan else None,
        "guidance": plan.guidance if plan else None,
        "count": plan.count if plan else None,
        "seed": plan.seed if plan else None,
        "reply": " ".join(part for part in (reading.reply, refusal) if part),
        "results": list(reading.results),
        "about": reading.about,
    }


def _unwanted(plan: Plan | None, asked: Generate | None) -> str:
    """What is unwanted: as planned, else as it was said (some bases know no negative prompt)."""
    said = asked.negative_prompt if asked else ""
    return (plan.negative_prompt or said) if plan else said


def refusal_words(error: PersonError) -> str:
    """A refusal in a sentence that says what would work."""
    facts = error.facts
    if isinstance(error, LookDoesNotFit):
        able = facts.get("fits")
        listed = ", ".join(able) if isinstance(able, tuple) else str(able)
        return (
            f"{facts['name']} is made for {facts['family']} and does not act on {facts['base']}. "
            f"It works on: {listed or 'no base here'}."
        )
    if isinstance(error, BadRequest):
        return f"{facts['name']} {facts['value']} is not possible. Possible: {facts['valid']}."
    near = facts.get("near")
    close = f" Close: {', '.join(near)}." if isinstance(near, tuple) and near else ""
    return f"There is no {facts.get('what', 'look')} {facts.get('name', '')} here.{close}"
