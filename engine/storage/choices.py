"""What spaces and people chose, each with what held before, so that a change can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from pydantic import JsonValue
from sqlalchemy import Connection, delete, select, update

from engine.choices import HouseRules, Wishes
from engine.messages import Message, PersonId, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Database, Store, reads, writes
from engine.storage.locking import hold
from engine.storage.remembered import Remembered
from engine.storage.tables import choices
from engine.storage.upsert import insert_into

Chosen = TypeVar("Chosen", bound=Message)
Ruling = Callable[[HouseRules], tuple[HouseRules, AuditLine]]
"""From the rules that hold to those that shall, with the line that tells of it."""
SPACE: Final = "space "
PERSON: Final = "person "
"""A direct conversation is a space with the id of its person."""


class ChoiceStore(Store):
    """Read at every request, so remembered; what this process changes shows at once."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._rules: Remembered[SpaceId, HouseRules] = Remembered(self._read_rules)
        self._wishes: Remembered[PersonId, Wishes] = Remembered(self._read_wishes)

    async def rules(self, space: SpaceId) -> HouseRules:
        """What a space's admins chose, and defaults for the rest."""
        return await self._rules.get(space)

    async def wishes(self, person: PersonId) -> Wishes:
        """What a person chose for themselves."""
        return await self._wishes.get(person)

    def changed(self) -> None:
        """What was remembered may be otherwise."""
        self.forget()

    @writes
    def change_rules(
        self, connection: Connection, space: SpaceId, ruling: Ruling, *, is_undoable: bool = True
    ) -> HouseRules:
        """Change a space's rules, and write down who did.

        `ruling` gets the rules as they are now, which nobody else changes meanwhile. What it
        raises leaves all as it was.
        """
        kept = _held(connection, of_space(space))
        before = _rules(kept.body)
        after, line = ruling(before)
        if after != before:
            former = _json(before) if is_undoable else kept.before
            _put(connection, of_space(space), _json(after), former, line.at)
            add_line(connection, line)
        return after

    @writes
    def undo_rules(
        self,
        connection: Connection,
        line: AuditLine,
        merged: Callable[[HouseRules, HouseRules], HouseRules],
    ) -> HouseRules | None:
        """Put back what held before the last change; None when nothing was changed yet.

        `merged` makes what holds then out of what holds now and what held before.
        """
        kept = _held(connection, of_space(line.space))
        former = _valid(HouseRules, kept.before or None)
        if former is None:
            return None
        now = _rules(kept.body)
        after = merged(now, former)
        _put(connection, of_space(line.space), _json(after), _json(now), line.at)
        add_line(connection, line)
        return after

    @writes
    def change_wishes(
        self,
        connection: Connection,
        person: PersonId,
        change: Callable[[Wishes], Wishes],
        now: datetime,
    ) -> Wishes:
        """Change what a person chose, in the same way."""
        kept = _held(connection, _of_person(person))
        before = _valid(Wishes, kept.body) or Wishes()
        after = change(before)
        _put(connection, _of_person(person), _json(after), _json(before), now)
        return after

    def forget(self) -> None:
        """Read everything again when it is wanted."""
        self._rules.forget()
        self._wishes.forget()

    async def drop(self, person: PersonId) -> int:
        """Forget what a person chose; how many rows went."""
        return await self._drop(_of_person(person))

    @reads
    def with_retention(self, connection: Connection) -> tuple[tuple[SpaceId, HouseRules], ...]:
        """Spaces that keep requests or talk only for so long."""
        rows = connection.execute(select(choices.c.subject, choices.c.body)).all()
        told = (
            (SpaceId(row.subject.removeprefix(SPACE)), _valid(HouseRules, row.body))
            for row in rows
            if row.subject.startswith(SPACE)
        )
        return tuple(
            (space, rules)
            for space, rules in told
            if rules and (rules.keep_days or rules.talk_days)
        )

    async def _read_rules(self, space: SpaceId) -> HouseRules:
        return _rules(await self._body(of_space(space)))

    async def _read_wishes(self, person: PersonId) -> Wishes:
        return _valid(Wishes, await self._body(_of_person(person))) or Wishes()

    @reads
    def _body(self, connection: Connection, subject: str) -> Mapping[str, JsonValue] | None:
        return connection.scalar(select(choices.c.body).where(choices.c.subject == subject))

    @writes
    def _drop(self, connection: Connection, subject: str) -> int:
        return connection.execute(delete(choices).where(choices.c.subject == subject)).rowcount


def of_space(space: SpaceId) -> str:
    """The subject of a space's rules."""
    return f"{SPACE}{space}"


def move_place(connection: Connection, main: SpaceId, old: SpaceId, new: SpaceId) -> None:
    """A place that joined `main` has another id: its own rules there move along."""
    kept = _held(connection, of_space(main))
    if kept.body is None:
        return
    rules = _rules(kept.body)
    places = tuple(
        each.model_copy(update={"place": new}) if each.place == old else each
        for each in rules.places
        if each.place != new
    )
    moved = rules.model_copy(update={"places": places})
    which = update(choices).where(choices.c.subject == of_space(main))
    connection.execute(which.values(body=_json(moved)))


@dataclass(frozen=True, slots=True)
class _Kept:
    body: Mapping[str, JsonValue] | None
    before: Mapping[str, JsonValue] | None


def _held(connection: Connection, subject: str) -> _Kept:
    """What is kept; nobody else changes it until the transaction ends, also when it is nothing."""
    hold(connection, subject)
    row = connection.execute(
        select(choices.c.body, choices.c.before).where(choices.c.subject == subject)
    ).one_or_none()
    return _Kept(None, None) if row is None else _Kept(row.body, row.before)


def _put(
    connection: Connection,
    subject: str,
    body: Mapping[str, JsonValue],
    before: Mapping[str, JsonValue] | None,
    now: datetime,
) -> None:
    values = {"body": body, "before": before or {}, "changed_at": now}
    statement = insert_into(connection, choices).values(subject=subject, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["subject"], set_=values))


def _json(chosen: Message) -> dict[str, JsonValue]:
    return chosen.model_dump(mode="json")


def _rules(body: Mapping[str, JsonValue] | None) -> HouseRules:
    return _valid(HouseRules, body) or HouseRules()


def _of_person(person: PersonId) -> str:
    return f"{PERSON}{person}"


def _valid(kind: type[Chosen], body: Mapping[str, JsonValue] | None) -> Chosen | None:
    """What is stored, as far as this version knows it: a newer version may have written more."""
    if body is None:
        return None
    known = {name: value for name, value in body.items() if name in kind.model_fields}
    return kind.model_validate(known)
