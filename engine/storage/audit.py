"""The audit log: who did what to what, when and why. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from engine.messages import PersonId, SpaceId
from engine.storage.database import Store, reads, writes
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


class AuditStore(Store):
    """Writes lines for acts that change nothing else, and reads them all."""

    @writes
    def write(self, connection: Connection, line: AuditLine) -> None:
        """Add a line."""
        add_line(connection, line)

    @reads
    def read(self, connection: Connection, space: SpaceId, limit: int) -> tuple[AuditLine, ...]:
        """The newest lines of a space, newest first."""
        rows = connection.execute(
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


def add_line(connection: Connection, line: AuditLine) -> None:
    """Add a line in the transaction that does what it tells."""
    connection.execute(
        insert(audit).values(
            space=line.space,
            actor=line.actor,
            what=line.what,
            subject=line.subject,
            reason=line.reason,
            at=line.at,
        )
    )
