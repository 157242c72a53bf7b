"""A space's own looks in words, with the state before the last change, so that it can be undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, func, select, update

from engine.errors import BadRequest, NotFound
from engine.messages import PersonId, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Database, Store, reads, writes
from engine.storage.remembered import Remembered
from engine.storage.tables import own_looks
from engine.storage.upsert import insert_into

Facts = dict[str, JsonValue]
MOST_OWN: Final = 100
"""Looks in words that one space may have."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes which look, and to what: no facts take it away."""

    space: SpaceId
    actor: PersonId
    name: str
    facts: Facts | None
    at: datetime

    @property
    def key(self) -> str:
        """What tells names apart: their letters, in any case."""
        return " ".join(self.name.casefold().split())


class OwnLookStore(Store):
    """Looks in words by space, remembered; every change is in the audit log."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._looks: Remembered[SpaceId, tuple[Facts, ...]] = Remembered(self._of_space)

    async def of_space(self, space: SpaceId) -> tuple[Facts, ...]:
        """The looks that are there, by name."""
        return await self._looks.get(space)

    async def add(self, change: Change) -> None:
        """A new one. Raises `BadRequest` when the name is taken or there are too many."""
        await self._add(change)
        self._looks.forget()

    async def edit(self, change: Change) -> None:
        """Another one in its place. Raises `NotFound`."""
        await self._edit(change)
        self._looks.forget()

    async def remove(self, change: Change) -> None:
        """Take one away. Raises `NotFound`."""
        await self._remove(change)
        self._looks.forget()

    async def undo(self, change: Change) -> Facts | None:
        """Back to before the last change of a look; what it is now, None when it is gone.

        Undoing again brings the change back. Raises `NotFound` for one that never was.
        """
        facts = await self._undo(change)
        self._looks.forget()
        return facts

    def forget(self) -> None:
        """Read everything again when it is wanted."""
        self._looks.forget()

    @reads
    def _of_space(self, connection: Connection, space: SpaceId) -> tuple[Facts, ...]:
        query = select(own_looks.c.facts).where(
            own_looks.c.space == space, own_looks.c.facts.is_not(None)
        )
        rows = connection.execute(query.order_by(own_looks.c.name_key))
        return tuple(row.facts for row in rows)

    @writes
    def _add(self, connection: Connection, change: Change) -> None:
        if _now(connection, change) is not None:
            raise BadRequest(name="name", value=change.name, valid="a name that no look here has")
        here = (own_looks.c.space == change.space) & own_looks.c.facts.is_not(None)
        count = connection.scalar(select(func.count()).select_from(own_looks).where(here)) or 0
        if count >= MOST_OWN:
            raise BadRequest(name="looks", value=count + 1, valid=f"at most {MOST_OWN} in words")
        _set(connection, change, None, "look.added")

    @writes
    def _edit(self, connection: Connection, change: Change) -> None:
        _set(connection, change, _known(connection, change), "look.edited")

    @writes
    def _remove(self, connection: Connection, change: Change) -> None:
        _set(connection, change, _known(connection, change), "look.removed")

    @writes
    def _undo(self, connection: Connection, change: Change) -> Facts | None:
        row = connection.execute(select(own_looks).where(_is(change))).first()
        if row is None:
            raise NotFound(what="look", name=change.name, near=())
        connection.execute(
            update(own_looks)
            .where(_is(change))
            .values(facts=row.before, before=row.facts, changed_at=change.at)
        )
        add_line(connection, _line(change, "look.undone"))
        facts: Facts | None = row.before
        return facts


def _is(change: Change) -> ColumnElement[bool]:
    return (own_looks.c.space == change.space) & (own_looks.c.name_key == change.key)


def _now(connection: Connection, change: Change) -> Facts | None:
    facts: Facts | None = connection.scalar(select(own_looks.c.facts).where(_is(change)))
    return facts


def _known(connection: Connection, change: Change) -> Facts:
    facts = _now(connection, change)
    if facts is None:
        names = select(own_looks.c.name).where(
            own_looks.c.space == change.space, own_looks.c.facts.is_not(None)
        )
        near = tuple(row.name for row in connection.execute(names.limit(5)))
        raise NotFound(what="look in words", name=change.name, near=near)
    return facts


def _set(connection: Connection, change: Change, before: Facts | None, what: str) -> None:
    values = {
        "name": change.name,
        "facts": change.facts,
        "before": before,
        "changed_by": change.actor,
        "changed_at": change.at,
    }
    insert = insert_into(connection, own_looks).values(
        space=change.space, name_key=change.key, **values
    )
    connection.execute(
        insert.on_conflict_do_update(index_elements=["space", "name_key"], set_=values)
    )
    add_line(connection, _line(change, what))


def _line(change: Change, what: str) -> AuditLine:
    return AuditLine(change.space, change.actor, what, change.name, "", change.at)
