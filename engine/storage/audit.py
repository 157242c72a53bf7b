"""The audit log: who did what to what, when and why. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

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
        return _lines(connection, audit.c.space == space, limit)

    @reads
    def newest(self, connection: Connection, space: SpaceId) -> int:
        """The number of a space's last line; 0 before there is one."""
        return connection.scalar(select(func.max(audit.c.id)).where(audit.c.space == space)) or 0

    @reads
    def of_subject(
        self, connection: Connection, space: SpaceId, subject: str, limit: int
    ) -> tuple[AuditLine, ...]:
        """The newest lines about one thing of a space, newest first."""
        which = (audit.c.space == space) & (audit.c.subject == subject)
        return _lines(connection, which, limit)


def _lines(connection: Connection, which: ColumnElement[bool], limit: int) -> tuple[AuditLine, ...]:
    rows = connection.execute(select(audit).where(which).order_by(audit.c.id.desc()).limit(limit))
    return tuple(
        AuditLine(row.space, row.actor, row.what, row.subject, row.reason, row.at) for row in rows
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
