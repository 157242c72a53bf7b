"""The bases that this installation can draw with."""

from sqlalchemy import Connection, select

from engine.messages import Base
from engine.storage.database import Store, reads, writes
from engine.storage.tables import bases
from engine.storage.upsert import insert_into


class BaseStore(Store):
    """Bases by name."""

    @writes
    def put(self, connection: Connection, base: Base) -> None:
        """Add a base, or change the one of that name."""
        changing = base.model_dump(exclude={"name"})
        statement = insert_into(connection, bases).values(name=base.name, **changing)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changing))

    @reads
    def all(self, connection: Connection) -> tuple[Base, ...]:
        """Every base, by name."""
        rows = connection.execute(select(bases).order_by(bases.c.name))
        return tuple(Base.model_validate(dict(row._mapping)) for row in rows)

    @reads
    def get(self, connection: Connection, name: str) -> Base | None:
        """One base."""
        row = (connection.execute(select(bases).where(bases.c.name == name))).one_or_none()
        return None if row is None else Base.model_validate(dict(row._mapping))
