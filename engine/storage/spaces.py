"""Spaces and their members: who was seen where, with which level."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from engine.messages import Owner, PersonId, SpaceId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import members, spaces
from engine.storage.upsert import insert_into

FRESH = timedelta(minutes=5)
"""Someone seen so recently is not written down again unless a name changed."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Someone speaks somewhere; `level` is the platform's word, if it gave one."""

    owner: Owner
    platform: str
    space_title: str
    space_kind: str
    person_name: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a space."""

    owner: Owner
    name: str
    level: int
    last_seen: datetime


class SpaceStore(Store):
    """Spaces and members come into being when someone first speaks."""

    async def enter(self, entrance: Entrance, now: datetime) -> None:
        """Write down the space and the person; cheap when nothing changed lately."""
        if not await self._is_known(entrance, now):
            await self._put(entrance, now)

    async def member(self, owner: Owner) -> Member | None:
        """One member of a space."""
        found = await self._members(owner.space, owner.person)
        return found[0] if found else None

    async def members(self, space: SpaceId) -> tuple[Member, ...]:
        """Everyone seen in a space, by name."""
        return await self._members(space, None)

    @reads
    def _is_known(self, connection: Connection, entrance: Entrance, now: datetime) -> bool:
        return _is_known(connection, entrance, now)

    @writes
    def _put(self, connection: Connection, entrance: Entrance, now: datetime) -> None:
        _put_space(connection, entrance, now)
        _put_member(connection, entrance, now)

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


def _is_known(connection: Connection, entrance: Entrance, now: datetime) -> bool:
    found = connection.scalar(
        select(members.c.person)
        .join(spaces, spaces.c.id == members.c.space)
        .where(
            spaces.c.id == entrance.owner.space,
            spaces.c.title == entrance.space_title,
            spaces.c.kind == entrance.space_kind,
            members.c.person == entrance.owner.person,
            members.c.name == entrance.person_name,
            members.c.level == entrance.level,
            members.c.last_seen > now - FRESH,
        )
    )
    return found is not None


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
    changing = {"name": entrance.person_name, "level": entrance.level, "last_seen": now}
    statement = insert_into(connection, members).values(
        space=entrance.owner.space, person=entrance.owner.person, **changing
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["space", "person"], set_=changing)
    )
