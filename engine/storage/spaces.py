"""Spaces and their members: who was seen where, with which level."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.messages import Owner, PersonId, SpaceId
from engine.storage.database import Database, Store, reads, writes
from engine.storage.links import Linked
from engine.storage.moving import move_space
from engine.storage.remembered import Locks, Remembered
from engine.storage.tables import members, spaces
from engine.storage.upsert import insert_into

FRESH = timedelta(minutes=5)
"""Someone seen so recently is not written down again unless a name changed."""
MOST_SEEN: Final = 4096


@dataclass(frozen=True, slots=True)
class Entrance:
    """Someone speaks somewhere; `level` is the platform's word, if it gave one."""

    owner: Owner
    platform: str
    space_title: str
    space_kind: str
    person_name: str
    level: int = 0
    locale: str = ""
    """What the platform says that this person's app speaks."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is known of the language for one person in one place; empty where nothing is."""

    chosen: str = ""
    """By the person."""
    app: str = ""
    """Of the app that they used last."""
    space: str = ""
    """By the admins of the place."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a space."""

    owner: Owner
    name: str
    level: int
    last_seen: datetime


class SpaceStore(Store):
    """Spaces and members come into being when someone first speaks."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._seen: OrderedDict[Owner, tuple[Entrance, datetime]] = OrderedDict()
        self._locks: Locks[Owner] = Locks()
        self._apps: Remembered[tuple[PersonId, SpaceId | None], str] = Remembered(self._app_locale)
        self.moved: list[Callable[[], None]] = []
        """Called after a move: what others remember of spaces is no longer so."""

    async def enter(self, entrance: Entrance, now: datetime) -> None:
        """Write down the space and the person; free when nothing changed lately."""
        async with self._locks.of(entrance.owner):
            if self._was_seen(entrance, now):
                return
            last_seen = await self._last_seen(entrance, now)
            if last_seen is None:
                await self._put(entrance, now)
                self._apps.forget()
            self._see(entrance, last_seen or now)

    def forget(self, person: PersonId) -> None:
        """This person's rows are gone: they are written again at the next word."""
        for owner in [owner for owner in self._seen if owner.person == person]:
            del self._seen[owner]

    async def move(self, old: SpaceId, new: SpaceId) -> None:
        """The space has another id: registry, jobs, settings and talk move along."""
        await self._move(old, new)
        self._seen.clear()
        for each in self.moved:
            each()

    async def member(self, owner: Owner) -> Member | None:
        """One member of a space."""
        found = await self._members(owner.space, owner.person)
        return found[0] if found else None

    async def named(self, space: SpaceId) -> Linked | None:
        """A space with its title, as it was called when somebody last spoke there."""
        return await self._named(space)

    async def members(self, space: SpaceId) -> tuple[Member, ...]:
        """Everyone seen in a space, by name."""
        return await self._members(space, None)

    async def app_locale(self, person: PersonId, space: SpaceId | None) -> str:
        """What this person's app speaks: here if it was seen here, else where it was seen last."""
        return await self._apps.get((person, space))

    def _was_seen(self, entrance: Entrance, now: datetime) -> bool:
        seen = self._seen.get(entrance.owner)
        return seen is not None and seen[0] == entrance and seen[1] > now - FRESH

    def _see(self, entrance: Entrance, at: datetime) -> None:
        self._seen[entrance.owner] = (entrance, at)
        self._seen.move_to_end(entrance.owner)
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    @reads
    def names(
        self, connection: Connection, space: SpaceId, people: tuple[PersonId, ...]
    ) -> Mapping[PersonId, str]:
        """What people are called: here if they were seen here, else where they were seen last."""
        rows = connection.execute(
            select(members.c.person, members.c.name)
            .where(members.c.person.in_(people))
            .order_by(members.c.space == space, members.c.last_seen)
        )
        return {PersonId(row.person): row.name for row in rows}

    @reads
    def _last_seen(
        self, connection: Connection, entrance: Entrance, now: datetime
    ) -> datetime | None:
        return _last_seen(connection, entrance, now)

    @writes
    def _put(self, connection: Connection, entrance: Entrance, now: datetime) -> None:
        _put_space(connection, entrance, now)
        _put_member(connection, entrance, now)

    @writes
    def _move(self, connection: Connection, old: SpaceId, new: SpaceId) -> None:
        move_space(connection, old, new)

    @reads
    def _app_locale(self, connection: Connection, where: tuple[PersonId, SpaceId | None]) -> str:
        person, space = where
        query = (
            select(members.c.locale)
            .where(members.c.person == person, members.c.locale != "")
            .order_by((members.c.space == (space or "")).desc(), members.c.last_seen.desc())
            .limit(1)
        )
        return connection.scalar(query) or ""

    @reads
    def _named(self, connection: Connection, space: SpaceId) -> Linked | None:
        row = connection.execute(select(spaces).where(spaces.c.id == space)).one_or_none()
        return None if row is None else Linked(row.id, row.title, row.kind)

    @reads
    def _members(
        self, connection: Connection, space: SpaceId, person: PersonId | None
    ) -> tuple[Member, ...]:
        query = select(members).where(members.c.space == space).order_by(members.c.name)
        if person is not None:
            query = query.where(members.c.person == person)
        return tuple(
            Member(
                owner=Owner(space=row.space, person=row.person),
                name=row.name,
                level=row.level,
                last_seen=row.last_seen,
            )
            for row in connection.execute(query)
        )


def _last_seen(connection: Connection, entrance: Entrance, now: datetime) -> datetime | None:
    """When exactly this entrance was written down lately; None when it has to be."""
    found: datetime | None = connection.scalar(
        select(members.c.last_seen)
        .join(spaces, spaces.c.id == members.c.space)
        .where(
            spaces.c.id == entrance.owner.space,
            spaces.c.title == entrance.space_title,
            spaces.c.kind == entrance.space_kind,
            members.c.person == entrance.owner.person,
            members.c.name == entrance.person_name,
            members.c.level == entrance.level,
            members.c.locale == entrance.locale,
            members.c.last_seen > now - FRESH,
        )
    )
    return found


def _put_space(connection: Connection, entrance: Entrance, now: datetime) -> None:
    changing = {
        "platform": entrance.platform,
        "title": entrance.space_title,
        "kind": entrance.space_kind,
        "last_seen": now,
    }
    statement = insert_into(connection, spaces).values(
        id=entrance.owner.space, first_seen=now, **changing
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changing))


def _put_member(connection: Connection, entrance: Entrance, now: datetime) -> None:
    changing = {
        "name": entrance.person_name,
        "level": entrance.level,
        "locale": entrance.locale[:40],
        "last_seen": now,
    }
    statement = insert_into(connection, members).values(
        space=entrance.owner.space, person=entrance.owner.person, **changing
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["space", "person"], set_=changing)
    )
