"""The audit log: who did what to what, when and why. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.messages import PersonId, SpaceId
from engine.storage.database import Database
from engine.storage.tables import audit


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the log; `what` is a short event name such as `entry.approved`."""

    space: SpaceId
    actor: PersonId
    what: str
    subject: str
    reason: str
    at: datetime


class AuditStore:
    """Writes lines for acts that change nothing else, and reads them all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, line: AuditLine) -> None:
        """Add a line."""
        async with self._database.write() as connection:
            await add_line(connection, line)

    async def read(self, space: SpaceId, limit: int) -> tuple[AuditLine, ...]:
        """The newest lines of a space, newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(audit).where(audit.c.space == space).order_by(audit.c.id.desc()).limit(limit)
            )
            return tuple(
                AuditLine(
                    space=row.space,
                    actor=row.actor,
                    what=row.what,
                    subject=row.subject,
                    reason=row.reason,
                    at=row.at,
                )
                for row in rows
            )


async def add_line(connection: AsyncConnection, line: AuditLine) -> None:
    """Add a line in the transaction that does what it tells."""
    await connection.execute(
        insert(audit).values(
            space=line.space,
            actor=line.actor,
            what=line.what,
            subject=line.subject,
            reason=line.reason,
            at=line.at,
        )
    )
