"""An outbox of words for people who brought a file: kept until the bot has posted them."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from pydantic import JsonValue
from sqlalchemy import Connection, delete, insert, select, update

from engine.messages import PersonId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Store, reads, writes
from engine.storage.reports import Reported, add_report
from engine.storage.tables import notices

MOST = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """A word for a person; `id` is the nonce of every try."""

    id: str
    platform: str
    address: str
    person: PersonId
    body: Mapping[str, JsonValue]
    tries: int


@dataclass(frozen=True, slots=True)
class Report:
    """A card for the moderators' channel."""

    platform: str
    address: str
    body: Mapping[str, JsonValue]


class NoticeStore(Store):
    """Two-phase posting: taken, then posted (and gone) or due again."""

    @writes
    def report(
        self, connection: Connection, said: Reported, line: AuditLine, to: Report | None
    ) -> None:
        """A report, its line in the audit and its card, together."""
        add_report(connection, said, line.at)
        add_line(connection, line)
        if to is not None:
            add_notice(connection, to.platform, to.address, line.actor, to.body, line.at)

    @writes
    def tell(
        self,
        connection: Connection,
        platform: str,
        address: str,
        person: PersonId,
        body: Mapping[str, JsonValue],
        now: datetime,
    ) -> None:
        """A word of its own, not part of another change."""
        add_notice(connection, platform, address, person, body, now)

    @reads
    def due(self, connection: Connection, now: datetime) -> tuple[Notice, ...]:
        """Those that may be posted now, the one due longest first."""
        rows = connection.execute(
            select(notices)
            .where(notices.c.state == "due", notices.c.due_at <= now)
            .order_by(notices.c.due_at, notices.c.id)
            .limit(MOST)
        )
        return tuple(
            Notice(row.id, row.platform, row.address, row.person, row.body, row.tries)
            for row in rows
        )

    @writes
    def take(self, connection: Connection, notice: str) -> bool:
        """Take one for posting; False when somebody has it."""
        taken = update(notices).where(notices.c.id == notice, notices.c.state == "due")
        return connection.execute(taken.values(state="posting")).rowcount == 1

    @writes
    def posted(self, connection: Connection, notice: str) -> None:
        """It is with the person, or never will be: the row goes."""
        connection.execute(delete(notices).where(notices.c.id == notice))

    @writes
    def later(self, connection: Connection, notice: str, when: datetime) -> None:
        """Posting failed: due again."""
        again = update(notices).where(notices.c.id == notice)
        connection.execute(again.values(state="due", due_at=when, tries=notices.c.tries + 1))

    @writes
    def recover(self, connection: Connection, now: datetime) -> int:
        """What a former process was posting is due again."""
        left = update(notices).where(notices.c.state == "posting")
        return connection.execute(left.values(state="due", due_at=now)).rowcount


def add_notice(
    connection: Connection,
    platform: str,
    address: str,
    person: PersonId,
    body: Mapping[str, JsonValue],
    now: datetime,
) -> None:
    """Put a word into the outbox, in the transaction that it tells of."""
    connection.execute(
        insert(notices).values(
            id=f"n{urlsafe_b64encode(token_bytes(12)).decode()}", platform=platform,
            address=address, person=person, body=dict(body), state="due", tries=0, due_at=now,
        )
    )  # fmt: skip
