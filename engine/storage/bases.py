"""The bases that this installation can draw with."""

from sqlalchemy import select

from engine.messages import Base
from engine.storage.database import Database
from engine.storage.tables import bases
from engine.storage.upsert import insert_into


class BaseStore:
    """Bases by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, base: Base) -> None:
        """Add a base, or change the one of that name."""
        changing = base.model_dump(exclude={"name"})
        async with self._database.write() as connection:
            statement = insert_into(connection, bases).values(name=base.name, **changing)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["name"], set_=changing)
            )

    async def all(self) -> tuple[Base, ...]:
        """Every base, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(bases).order_by(bases.c.name))
            return tuple(Base.model_validate(dict(row._mapping)) for row in rows)

    async def get(self, name: str) -> Base | None:
        """One base."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(bases).where(bases.c.name == name))
            ).one_or_none()
            return None if row is None else Base.model_validate(dict(row._mapping))
