"""Outcomes on their way to people: waiting, due, posting, posted or undeliverable."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection, Row, insert, select, update

from engine.messages import JobId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import deliveries

DeliveryState = Literal["waiting", "due", "posting", "posted", "undeliverable"]
NONCE_CHARS = 22
"""Discord takes at most 25."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """Where a job's outcome goes and how far it came; `nonce` is the same at every try."""

    job: JobId
    platform: str
    address: str
    message_id: str | None
    state: DeliveryState
    nonce: str
    tries: int
    due_at: datetime | None
    why: str


class DeliveryStore(Store):
    """Two-phase posting: `start_posting` takes an outcome, `posted` or `not_posted` settles it."""

    @reads
    def due(self, connection: Connection, now: datetime, limit: int) -> tuple[JobId, ...]:
        """Jobs whose outcome may be posted now, the one due longest first."""
        found = connection.scalars(
            select(deliveries.c.job)
            .where(deliveries.c.state == "due", deliveries.c.due_at <= now)
            .order_by(deliveries.c.due_at, deliveries.c.job)
            .limit(limit)
        )
        return tuple(JobId(job) for job in found)

    @writes
    def start_posting(
        self, connection: Connection, job: JobId, now: datetime
    ) -> DeliveryRow | None:
        """Take an outcome for posting; None when it is not due or someone has it."""
        row = (
            connection.execute(
                update(deliveries)
                .where(deliveries.c.job == job, deliveries.c.state == "due")
                .values(state="posting", tries=deliveries.c.tries + 1, due_at=now)
                .returning(deliveries)
            )
        ).one_or_none()
        return None if row is None else _delivery(row)

    async def posted(self, job: JobId, message_id: str, now: datetime) -> bool:
        """The outcome is with people; False when it was not being posted."""
        return await self._settle(job, state="posted", message_id=message_id, posted_at=now)

    async def not_posted(self, job: JobId, *, final: bool, why: str, retry_at: datetime) -> bool:
        """Posting failed: due again at `retry_at`, or undeliverable when `final`."""
        state = "undeliverable" if final else "due"
        return await self._settle(job, state=state, why=why, due_at=None if final else retry_at)

    @writes
    def progress_posted(self, connection: Connection, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id: later posts edit it."""
        connection.execute(
            update(deliveries)
            .where(deliveries.c.job == job, deliveries.c.state != "posted")
            .values(message_id=message_id)
        )

    @reads
    def left_posting(self, connection: Connection) -> tuple[DeliveryRow, ...]:
        """Outcomes in `posting`: at start, those that a crash left half way, possibly sent."""
        rows = connection.execute(
            select(deliveries)
            .where(deliveries.c.state == "posting")
            .order_by(deliveries.c.due_at, deliveries.c.job)
        )
        return tuple(_delivery(row) for row in rows)

    @reads
    def get(self, connection: Connection, job: JobId) -> DeliveryRow | None:
        """The delivery of a job."""
        row = (connection.execute(select(deliveries).where(deliveries.c.job == job))).one_or_none()
        return None if row is None else _delivery(row)

    @writes
    def _settle(self, connection: Connection, /, job: JobId, **values: object) -> bool:
        changed = connection.execute(
            update(deliveries)
            .where(deliveries.c.job == job, deliveries.c.state == "posting")
            .values(**values)
        )
        return changed.rowcount == 1


def nonce_of(job: JobId) -> str:
    """The same short word for a job at every try, so that a platform can drop a repeat."""
    return urlsafe_b64encode(sha256(job.encode()).digest()).decode()[:NONCE_CHARS]


def wait_for_outcome(connection: Connection, job: JobId, platform: str, address: str) -> None:
    """A job was admitted: its outcome will go there."""
    connection.execute(
        insert(deliveries),
        {
            "job": job,
            "platform": platform,
            "address": address,
            "state": "waiting",
            "nonce": nonce_of(job),
            "tries": 0,
            "why": "",
        },
    )


def make_due(connection: Connection, job: JobId, now: datetime) -> None:
    """A job ended: its outcome is due."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.job == job, deliveries.c.state == "waiting")
        .values(state="due", due_at=now)
    )


def _delivery(row: Row[*tuple[object, ...]]) -> DeliveryRow:
    kept = row._mapping
    return DeliveryRow(
        job=JobId(kept["job"]),
        platform=kept["platform"],
        address=kept["address"],
        message_id=kept["message_id"],
        state=kept["state"],
        nonce=kept["nonce"],
        tries=kept["tries"],
        due_at=kept["due_at"],
        why=kept["why"],
    )
