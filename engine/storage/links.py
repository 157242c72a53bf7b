"""Places of several platforms that are one space, and the codes that join them.

A place joins at most one other, and only a place that nobody joined joins one: there is no chain
and no ring. Joins are made one at a time, so that two places can't join each other at once.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, Row, delete, func, insert, select

from engine.errors import BadRequest, CannotLink
from engine.messages import EntryId, PersonId, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.bringing import Along, along, bring, take_back
from engine.storage.database import Database, Store, reads, writes
from engine.storage.entries import EntryStore
from engine.storage.locking import hold
from engine.storage.remembered import Remembered
from engine.storage.tables import brought, entries, link_codes, links, spaces

JOINS: Final = "links"
NEW_CODE: Final = "a new one: /settings link on the other side"
MOST_CODE_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Linked:
    """A space that others are one with."""

    space: SpaceId
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A place that joined another, and how many looks came along with it."""

    space: SpaceId
    title: str
    looks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Joining:
    """What a code does, or did: the space that is joined, and what becomes of each vetted LoRA."""

    main: Linked
    looks: tuple[Along, ...]


class LinkStore(Store):
    """Read at every act, so remembered; a code is kept by its hash alone."""

    def __init__(self, database: Database, entry_store: EntryStore) -> None:
        super().__init__(database)
        self._entries = entry_store
        self._mains: Remembered[SpaceId, Linked | None] = Remembered(self._main)

    def changed(self) -> None:
        """Who is one with whom may be otherwise, and which looks there are."""
        self.forget()
        self._entries.changed()

    async def main(self, space: SpaceId) -> Linked | None:
        """The space that this one is one with; None when it stands alone."""
        return await self._mains.get(space)

    def forget(self) -> None:
        """Read links again when they are wanted."""
        self._mains.forget()

    @writes
    def offer(self, connection: Connection, code: str, main: Linked, until: datetime) -> None:
        """Keep a code; an earlier one of the space is void."""
        connection.execute(delete(link_codes).where(link_codes.c.space == main.space))
        connection.execute(
            insert(link_codes).values(
                code=_hashed(code), space=main.space, title=main.title, kind=main.kind,
                expires_at=until,
            )
        )  # fmt: skip

    @reads
    def offered(self, connection: Connection, code: str, place: Linked, now: datetime) -> Joining:
        """What a code would do for this place; raises `BadRequest` or `CannotLink`."""
        main = _offered(connection, code, place.space, now)
        return Joining(main, along(connection, place.space, place.title, main.space))

    @writes
    def join(
        self,
        connection: Connection,
        code: str,
        place: Linked,
        actor: PersonId,
        now: datetime,
        *,
        brings: bool,
    ) -> Joining:
        """Use a code up, with what the place has or without; raises `BadRequest`, `CannotLink`.

        Codes of the place are void from now on: it has no space of its own to offer.
        """
        hold(connection, JOINS)
        main = _offered(connection, code, place.space, now)
        of_either = link_codes.c.code == _hashed(code), link_codes.c.space == place.space
        connection.execute(delete(link_codes).where(of_either[0] | of_either[1]))
        connection.execute(
            insert(links).values(
                space=place.space, main=main.space, title=main.title, kind=main.kind,
                known_as=place.title, at=now,
            )
        )  # fmt: skip
        looks = (
            bring(connection, place.space, place.title, main.space, actor, now) if brings else ()
        )
        for here, other in ((main.space, place.space), (place.space, main.space)):
            add_line(connection, AuditLine(here, actor, "space.linked", other, "", now))
        return Joining(main, looks)

    @writes
    def leave(
        self,
        connection: Connection,
        space: SpaceId,
        actor: PersonId,
        now: datetime,
        main: SpaceId | None = None,
    ) -> int | None:
        """Stand alone again, and take along what came; how many looks that were.

        None when the space is not linked, or (with `main`) not with that one.
        """
        hold(connection, JOINS)
        which = links.c.space == space
        if main is not None:
            which &= links.c.main == main
        was = connection.scalar(delete(links).where(which).returning(links.c.main))
        if was is None:
            return None
        looks = take_back(connection, space, actor, now)
        for here, other in ((was, space), (space, was)):
            add_line(connection, AuditLine(SpaceId(here), actor, "space.unlinked", other, "", now))
        return looks

    @reads
    def joined(self, connection: Connection, main: SpaceId) -> tuple[Joined, ...]:
        """The places that joined a space, the first one first."""
        looks = (
            select(func.count())
            .select_from(brought)
            .where(brought.c.space == links.c.space)
            .scalar_subquery()
        )
        rows = connection.execute(
            select(links, spaces.c.title.label("seen_as"), looks.label("looks"))
            .outerjoin(spaces, spaces.c.id == links.c.space)
            .where(links.c.main == main)
            .order_by(links.c.at, links.c.space)
        )
        return tuple(map(_joined, rows))

    @reads
    def origin(self, connection: Connection, space: SpaceId, entry: EntryId) -> EntryId | None:
        """The entry that one of this space is of, which came along."""
        return connection.scalar(
            select(brought.c.origin)
            .join(entries, entries.c.id == brought.c.entry)
            .where(brought.c.entry == entry, entries.c.space == space)
        )

    @reads
    def copy(self, connection: Connection, space: SpaceId, origin: EntryId) -> EntryId | None:
        """The entry of this space that is of another one."""
        return connection.scalar(
            select(brought.c.entry)
            .join(entries, entries.c.id == brought.c.entry)
            .where(brought.c.origin == origin, entries.c.space == space)
        )

    @reads
    def _main(self, connection: Connection, space: SpaceId) -> Linked | None:
        return _main_of(connection, space)


def _main_of(connection: Connection, space: SpaceId) -> Linked | None:
    row = connection.execute(select(links).where(links.c.space == space)).one_or_none()
    return None if row is None else Linked(SpaceId(row.main), row.title, row.kind)


def _joined(row: Row[*tuple[object, ...]]) -> Joined:
    kept = row._mapping
    title = kept["known_as"] or kept["seen_as"] or kept["space"]
    return Joined(kept["space"], title, kept["looks"], kept["at"])


def _offered(connection: Connection, code: str, place: SpaceId, now: datetime) -> Linked:
    """The space that a code joins this place with; raises `BadRequest` or `CannotLink`."""
    row = connection.execute(
        select(link_codes).where(link_codes.c.code == _hashed(code), link_codes.c.expires_at > now)
    ).one_or_none()
    if row is None or place == row.space or _main_of(connection, row.space) is not None:
        raise BadRequest(name="code", value=code[:MOST_CODE_SHOWN], valid=NEW_CODE)
    if (main := _main_of(connection, place)) is not None:
        raise CannotLink(why="linked", names=(main.title,))
    others = connection.scalars(
        select(links.c.known_as).where(links.c.main == place).order_by(links.c.at, links.c.space)
    ).all()
    if others:
        raise CannotLink(why="joined", names=tuple(filter(None, others)))
    return Linked(SpaceId(row.space), row.title, row.kind)


def _hashed(code: str) -> str:
    return sha256(code.strip().casefold().encode()).hexdigest()
