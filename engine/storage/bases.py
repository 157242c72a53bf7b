"""The bases that this installation can draw with, their versions, and who stays with which."""

from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from engine.messages import Base, SpaceId
from engine.storage.database import Database, Store, reads, writes
from engine.storage.remembered import Remembered
from engine.storage.tables import base_pins, base_versions, bases
from engine.storage.upsert import insert_into

COLUMNS = frozenset({"name", "family", "version", "folder"})


class BaseStore(Store):
    """Bases by name. One version of a base serves; others are kept, and a space may stay with one.

    The first version of a name serves at once. A later one waits until it is pinned, so that an
    old version keeps serving while a new one is tried.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._remembered: Remembered[None, tuple[Base, ...]] = Remembered(lambda _: self._all())

    def changed(self) -> None:
        """Look again."""
        self._remembered.forget()

    @writes
    def put(self, connection: Connection, base: Base) -> None:
        """Add a base that serves from now on, or change the one of that name."""
        _keep(connection, base)
        _serve(connection, base)

    @writes
    def add(self, connection: Connection, base: Base) -> Base:
        """Keep a base as the next version of its name; the first one serves at once."""
        newest = connection.execute(
            select(func.max(base_versions.c.version)).where(base_versions.c.name == base.name)
        ).scalar()
        kept = base.model_copy(update={"version": (newest or 0) + 1})
        _keep(connection, kept)
        if newest is None:
            _serve(connection, kept)
        return kept

    async def all(self) -> tuple[Base, ...]:
        """Every base that serves, by name; remembered for a moment."""
        return await self._remembered.get(None)

    @reads
    def _all(self, connection: Connection) -> tuple[Base, ...]:
        rows = connection.execute(select(bases).order_by(bases.c.name))
        return tuple(_base(row) for row in rows)

    @reads
    def get(self, connection: Connection, name: str, space: SpaceId | None = None) -> Base | None:
        """A base as it serves now, in this space where it is pinned to another version."""
        row = connection.execute(select(bases).where(bases.c.name == name)).one_or_none()
        pinned = connection.execute(
            select(base_versions)
            .join(
                base_pins,
                (base_pins.c.name == base_versions.c.name)
                & (base_pins.c.version == base_versions.c.version),
            )
            .where(base_pins.c.name == name, base_pins.c.space == space)
        ).one_or_none()
        found = pinned or row
        return None if found is None else _base(found)

    @reads
    def versions(self, connection: Connection, name: str | None = None) -> tuple[Base, ...]:
        """Every version that is kept, of one base or of all, oldest first."""
        wanted = select(base_versions).order_by(base_versions.c.name, base_versions.c.version)
        if name is not None:
            wanted = wanted.where(base_versions.c.name == name)
        return tuple(_base(row) for row in connection.execute(wanted))

    @reads
    def pins(self, connection: Connection) -> tuple[tuple[SpaceId, str, int], ...]:
        """Space, base and version of every pin of a space."""
        rows = connection.execute(select(base_pins).order_by(base_pins.c.space, base_pins.c.name))
        return tuple((SpaceId(row.space), row.name, row.version) for row in rows)

    @writes
    def pin(self, connection: Connection, base: Base, space: SpaceId | None = None) -> None:
        """Serve this kept version: everywhere, or in one space."""
        if space is None:
            _serve(connection, base)
            return
        row = {"space": space, "name": base.name, "version": base.version}
        statement = insert_into(connection, base_pins).values(**row)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["space", "name"], set_={"version": base.version}
            )
        )

    @writes
    def unpin(self, connection: Connection, name: str, space: SpaceId) -> bool:
        """Let a space follow the host's version again; False when it did."""
        gone = connection.execute(
            delete(base_pins).where(base_pins.c.name == name, base_pins.c.space == space)
        )
        return gone.rowcount > 0

    @writes
    def forget(self, connection: Connection, base: Base) -> None:
        """Keep a version no more; when it served, the newest that is left does."""
        _is = (base_versions.c.name == base.name, base_versions.c.version == base.version)
        connection.execute(delete(base_versions).where(*_is))
        connection.execute(
            delete(base_pins).where(
                base_pins.c.name == base.name, base_pins.c.version == base.version
            )
        )
        served = connection.execute(
            delete(bases).where(bases.c.name == base.name, bases.c.version == base.version)
        )
        if not served.rowcount:
            return
        left = connection.execute(
            select(base_versions)
            .where(base_versions.c.name == base.name)
            .order_by(base_versions.c.version.desc())
            .limit(1)
        ).one_or_none()
        if left is not None:
            _serve(connection, _base(left))

    @writes
    def note(self, connection: Connection, base: Base) -> None:
        """Write down what has become known of a kept version."""
        changing = {"folder": base.folder, "facts": _facts(base)}
        for table in (base_versions, bases):
            connection.execute(
                update(table)
                .where(table.c.name == base.name, table.c.version == base.version)
                .values(**changing)
            )


def _facts(base: Base) -> dict[str, Any]:
    return base.model_dump(mode="json", exclude=set(COLUMNS), exclude_defaults=True)


def _row(base: Base) -> dict[str, Any]:
    return {**base.model_dump(include=set(COLUMNS)), "facts": _facts(base)}


def _base(row: Row[Any]) -> Base:
    told = dict(row._mapping)
    return Base.model_validate({**told.pop("facts"), **told})


def _keep(connection: Connection, base: Base) -> None:
    row = _row(base)
    statement = insert_into(connection, base_versions).values(**row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name", "version"], set_=row)
    )


def _serve(connection: Connection, base: Base) -> None:
    row = _row(base)
    statement = insert_into(connection, bases).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))
