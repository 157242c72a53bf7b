"""What holds in a space and for a person: reading it, changing it, and what it does to a wish."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from pydantic import ValidationError

from engine.blocklist import blocked_by, folded
from engine.choices import HouseRules, Pause, Wishes, pause_of, running_pauses
from engine.errors import BadRequest, NotFound, Paused, WordsBlocked
from engine.linking import Linking
from engine.messages import (
    Base,
    Generate,
    JobId,
    LookWish,
    Owner,
    PersonId,
    Plan,
    Settings,
    SpaceId,
)
from engine.storage.audit import AuditLine
from engine.storage.choices import Ruling
from engine.storage.links import Linked
from engine.storage.notices import Report
from engine.storage.reports import OpenReports, Reported
from engine.storage.stores import Stores
from engine.validity import first_problem

MOST_AUDIT_LINES = 50
Chosen = TypeVar("Chosen", HouseRules, Wishes)
Changes = Mapping[str, object] | Callable[[HouseRules], Mapping[str, object]]
"""Fields to set, or how they follow from the rules that hold when they are set."""
Whose = Literal["person", "space"]


class House:
    """The choices of spaces and people; every change of a space's has its line in the audit.

    A change is worked out where it is kept, from what holds then: of two at once none is lost.
    """

    def __init__(self, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._clock = clock
        self.linking = Linking(stores, clock)

    async def rules(self, space: SpaceId) -> HouseRules:
        """What the admins of a space chose, and defaults for the rest."""
        return await self._stores.choices.rules(space)

    async def change(self, space: SpaceId, actor: PersonId, changes: Changes) -> HouseRules:
        """Change some of a space's rules, by field; raises `BadRequest` naming the field."""

        def ruling(before: HouseRules) -> tuple[HouseRules, AuditLine]:
            wanted = changes(before) if callable(changes) else changes
            line = self._line(space, actor, "settings.changed", space, _told(wanted))
            return changed(before, wanted), line

        return await self._change(space, ruling)

    async def undo(self, space: SpaceId, actor: PersonId) -> HouseRules:
        """Back to what held before the last change; again, and the change is back."""
        after = await self._undo(self._line(space, actor, "settings.undone", space))
        if after is None:
            raise NotFound(what="change", name="settings")
        return after

    async def block(self, space: SpaceId, actor: PersonId, words: str) -> HouseRules:
        """Words that are not drawn here from now on; raises `BadRequest`."""
        said = " ".join(words.split())
        if not folded(said).strip():
            raise BadRequest(name="words", value="", valid="a word or a few words")

        def ruling(rules: HouseRules) -> tuple[HouseRules, AuditLine]:
            line = self._line(space, actor, "words.blocked", said)
            if folded(said) in map(folded, rules.blocked):
                return rules, line
            return changed(rules, {"blocked": (*rules.blocked, said)}), line

        return await self._change(space, ruling, is_undoable=False)

    async def unblock(self, space: SpaceId, actor: PersonId, words: str) -> HouseRules:
        """Take a rule back, by its words or its number; raises `NotFound`."""

        def ruling(rules: HouseRules) -> tuple[HouseRules, AuditLine]:
            places = {str(place): each for place, each in enumerate(rules.blocked, start=1)}
            gone = places.get(words.strip()) or next(
                (each for each in rules.blocked if folded(each) == folded(words)), None
            )
            if gone is None:
                raise NotFound(what="rule", name=words[:80])
            left = tuple(each for each in rules.blocked if each != gone)
            line = self._line(space, actor, "words.unblocked", gone)
            return changed(rules, {"blocked": left}), line

        return await self._change(space, ruling, is_undoable=False)

    async def pause(
        self, space: SpaceId, actor: PersonId, person: PersonId, for_s: float | None, reason: str
    ) -> HouseRules:
        """This person asks for nothing here for so long; without a span until it is ended."""
        now = self._clock()
        until = None if for_s is None else now + timedelta(seconds=for_s)
        pause = Pause(person=person, until=until, reason=reason[:300])

        def ruling(rules: HouseRules) -> tuple[HouseRules, AuditLine]:
            others = tuple(each for each in running_pauses(rules, now) if each.person != person)
            line = self._line(space, actor, "person.paused", person, reason)
            return changed(rules, {"paused": (*others, pause)}), line

        return await self._change(space, ruling, is_undoable=False)

    async def resume(self, space: SpaceId, actor: PersonId, person: PersonId) -> HouseRules:
        """End a person's pause; raises `NotFound` when there is none."""

        def ruling(rules: HouseRules) -> tuple[HouseRules, AuditLine]:
            others = tuple(each for each in rules.paused if each.person != person)
            if others == rules.paused:
                raise NotFound(what="pause", name=person)
            line = self._line(space, actor, "person.resumed", person)
            return changed(rules, {"paused": others}), line

        return await self._change(space, ruling, is_undoable=False)

    async def main(self, space: SpaceId) -> Linked | None:
        """The space that a platform's space is one with; None when it stands alone."""
        return await self._stores.links.main(space)

    async def names(self, space: SpaceId, people: Iterable[PersonId]) -> Mapping[PersonId, str]:
        """What people were called here, or where they were seen last; without those never seen."""
        return await self._stores.spaces.names(space, tuple(people))

    async def note(
        self, space: SpaceId, actor: PersonId, what: str, subject: str, reason: str = ""
    ) -> None:
        """A line in the audit for an act that changes no rule."""
        await self._stores.audit.write(self._line(space, actor, what, subject, reason))

    async def report(self, said: Reported, to: Report | None) -> None:
        """Write a report down and, with `to`, put it into the outbox for the moderators."""
        line = self._line(
            said.owner.space, said.owner.person, "picture.reported", said.job, said.reason
        )
        await self._stores.notices.report(said, line, to)

    async def times_reported(self, person: PersonId, job: JobId) -> int:
        """How often a person told the moderators of a picture."""
        return await self._stores.reports.count(person, job)

    async def open_reports(self, space: SpaceId, skip: int = 0, most: int = 25) -> OpenReports:
        """Pictures that were reported and nobody decided about yet, the oldest report first."""
        return await self._stores.reports.open(space, skip, most)

    async def close_reports(self, space: SpaceId, job: JobId) -> int:
        """A moderator decided about a picture: how many reports of it that answers."""
        return await self._stores.reports.close(space, job, self._clock())

    async def wishes(self, person: PersonId) -> Wishes:
        """What a person chose for themselves."""
        return await self._stores.choices.wishes(person)

    async def wish(self, person: PersonId, changes: Mapping[str, object]) -> Wishes:
        """Change some of a person's own choices; raises `BadRequest` naming the field."""
        return await self._stores.choices.change_wishes(
            person, lambda before: changed(before, changes), self._clock()
        )

    async def log(self, space: SpaceId, most: int = MOST_AUDIT_LINES) -> tuple[AuditLine, ...]:
        """The newest lines of a space's audit, newest first."""
        return await self._stores.audit.read(space, most)

    async def defaults(self, owner: Owner) -> "Defaults":
        """What is taken where a request leaves it open."""
        return Defaults(await self.rules(owner.space), await self.wishes(owner.person))

    async def _change(
        self, space: SpaceId, ruling: Ruling, *, is_undoable: bool = True
    ) -> HouseRules:
        """What moderators rule over is not undoable: `/settings undo` leaves it alone."""
        return await self._stores.choices.change_rules(space, ruling, is_undoable=is_undoable)

    async def _undo(self, line: AuditLine) -> HouseRules | None:
        return await self._stores.choices.undo_rules(line, moderated_as)

    def _line(
        self, space: SpaceId, actor: PersonId, what: str, subject: str, reason: str = ""
    ) -> AuditLine:
        return AuditLine(space, actor, what, subject[:300], reason[:500], self._clock())


def check_words(rules: HouseRules, plan: Plan) -> None:
    """Raises `WordsBlocked` when what was said or would be drawn breaks a rule of the space."""
    place = blocked_by(f"{plan.words}\n{plan.prompt}", rules.blocked)
    if place is not None:
        raise WordsBlocked(rule=place)


def check_pause(rules: HouseRules, person: PersonId, now: datetime) -> None:
    """Raises `Paused` while a moderator's pause holds for this person."""
    pause = pause_of(rules, person, now)
    if pause is not None:
        left = None if pause.until is None else round((pause.until - now).total_seconds())
        raise Paused(for_s=left, reason=pause.reason)


def moderated_as(now: HouseRules, rules: HouseRules) -> HouseRules:
    """These rules with what moderators rule over as it is now."""
    return rules.model_copy(update={"blocked": now.blocked, "paused": now.paused})


@dataclass(frozen=True, slots=True)
class Defaults:
    """A person's own choices, then those of the place."""

    rules: HouseRules
    wishes: Wishes

    def bases(self, bases: Sequence[Base]) -> tuple[Base, ...]:
        """The same bases, the chosen one first; one that is gone changes nothing."""
        names = [name.casefold() for name in (self.wishes.base, self.rules.base) if name]
        chosen = next((b for name in names for b in bases if b.name.casefold() == name), None)
        if chosen is None:
            return tuple(bases)
        return (chosen, *(base for base in bases if base is not chosen))

    def wish(self, wish: Generate, looks: Iterable[str], in_words: Iterable[str]) -> Generate:
        """A new picture's wish with what it left open; an edit of a picture stays as it is.

        `looks` and `in_words` are the names of what this space has.
        """
        if wish.kind != "generate":
            return wish
        settings = self._settings(wish.settings)
        changed: dict[str, object] = {"settings": settings}
        if not wish.looks and not wish.word_looks:
            changed |= self._look(set(looks), set(in_words))
        return wish.model_copy(update=changed)

    def _settings(self, asked: Settings) -> Settings:
        size = self.wishes.size
        if not size or asked.aspect or asked.width or asked.height:
            return asked
        width, by, height = size.partition("x")
        if by and width.isdigit() and height.isdigit():
            return asked.model_copy(update={"width": int(width), "height": int(height)})
        return asked.model_copy(update={"aspect": size})

    def _look(self, cards: set[str], in_words: set[str]) -> dict[str, object]:
        """The person's look, else the place's; one that is gone counts for nothing."""
        chosen: tuple[tuple[str, Whose], ...] = (
            (self.wishes.look, "person"),
            (self.rules.look, "space"),
        )
        for name, whose in chosen:
            if name in cards:
                return {"looks": (LookWish(name=name, said="", whose=whose),)}
            if name in in_words:
                return {"word_looks": (name,)}
        return {}


def changed(before: Chosen, changes: Mapping[str, object]) -> Chosen:
    """The same with these fields set; raises `BadRequest` naming one that can't be so."""
    try:
        return before.model_validate({**before.model_dump(), **changes})
    except ValidationError as error:
        name, value, valid = first_problem(error)
        raise BadRequest(name=name or "settings", value=value, valid=valid) from error


def _told(changes: Mapping[str, object]) -> str:
    """What is set, for the audit; of the places that joined, the one that is set now."""
    told = {name: value for name, value in changes.items() if name != "places"}
    places = changes.get("places")
    if isinstance(places, tuple) and places:
        told |= {name: value for name, value in dict(places[-1]).items() if value}
    return ", ".join(f"{name}={value}" for name, value in sorted(told.items()))
