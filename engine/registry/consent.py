"""What has to be said of people and brands before everybody may use a look: pure rules."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import JsonValue

from engine.registry.facts import CardFacts
from engine.storage.entries import Entry

Question = Literal["person", "consent", "brand", "asked"]
ASKED: Final = "asked"
"""Among an entry's answers: a question about people, brands or licence that nobody answered."""
_ABOUT_RIGHTS: Final = re.compile(
    r"\b(licen[cs]e|person|people|face|consent|agree|allow|permi(t|ssion)|right|brand|trademark|"
    r"copyright|logo|mark)",
    re.IGNORECASE,
)


def open_questions(entry: Entry) -> tuple[Question, ...]:
    """What nobody answered yet; empty when nothing stands against an approval."""
    answers, found = entry.answers, list[Question]()
    person, brand = answers.get("real_person", "unasked"), answers.get("brand", "unasked")
    if person == "unasked" and entry.card.kind == "character":
        found.append("person")
    if person == "yes" and not entry.consent:
        found.append("consent")
    if brand == "yes" and not (entry.licence or entry.consent):
        found.append("brand")
    if answers.get(ASKED):
        found.append("asked")
    return tuple(found)


def asked(entry: Entry) -> str:
    """The question that a moderator asked and that is not answered; empty without one."""
    return str(entry.answers.get(ASKED) or "")


def is_about_rights(question: str) -> bool:
    """Whether a moderator's question is one that an approval has to wait for."""
    return _ABOUT_RIGHTS.search(question) is not None


def with_question(answers: Mapping[str, JsonValue], question: str) -> dict[str, JsonValue]:
    """The answers with an open question; without one for an empty question."""
    kept = {name: value for name, value in answers.items() if name != ASKED}
    return {**kept, ASKED: question} if question else kept


def unsaid(entry: Entry, said: CardFacts, sender: str) -> dict[str, str]:
    """Of what a sender answers, that which nobody has said yet; what stands is not overwritten."""
    fresh: dict[str, str] = {}
    for name, value in (("real_person", said.real_person), ("brand", said.brand)):
        if value != "unasked" and entry.answers.get(name, "unasked") == "unasked":
            fresh[name] = value
    if said.consent and not entry.consent:
        fresh["consent"] = f"{sender} says: {said.consent}"[:200]
    if said.licence and not entry.licence:
        fresh["licence"] = said.licence
    return fresh
