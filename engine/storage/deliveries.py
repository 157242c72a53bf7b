"""Outcomes on their way to people: waiting, due, posting, posted or undeliverable."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.messages import JobId, Owner
from engine.storage.database import Store, reads, writes
from engine.storage.tables import IS_QUEUED, IS_RUNNING, deliveries, jobs

DeliveryState = Literal["waiting", "due", "posting", "posted", "undeliverable"]
NONCE_CHARS = 22
"""Discord takes at most 25."""
ADD: Final = insert(deliveries)
PROGRESS_POSTED: Final = (
    update(deliveries)
    .where(deliveries.c.job == bindparam("of"), deliveries.c.state != "posted")
    .values(message_id=bindparam("message"))
)

ANNOUNCED: Final = tuple(
    select(
        jobs.c.space,
        jobs.c.person,
        jobs.c.asked_at,
        deliveries.c.job,
        deliveries.c.platform,
        deliveries.c.address,
        deliveries.c.message_id,
    )
    .join(deliveries, deliveries.c.job == jobs.c.id)
    .where(is_open, deliveries.c.message_id.is_not(None))
    for is_open in (IS_RUNNING, IS_QUEUED)
)
"""One walk along each partial index, rather than one over all jobs there ever were."""


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


@dataclass(frozen=True, slots=True)
class AnnouncedRow:
    """A job that waits or runs, and the progress message that people see of it."""

    owner: Owner
    job: JobId
    platform: str
    address: str
    message_id: str


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
    def redirect(
        self, connection: Connection, job: JobId, address: str, why: str, now: datetime
    ) -> bool:
        """Send an outcome that is being posted elsewhere, once; False when it was before.

        The nonce becomes another one: what was posted under the first is in another place.
        """
        changed = connection.execute(
            update(deliveries)
            .where(
                deliveries.c.job == job,
                deliveries.c.state == "posting",
                deliveries.c.nonce == nonce_of(job),
            )
            .values(
                address=address, message_id=None, nonce=elsewhere(job), state="due",
                due_at=now, why=why,
            )
        )  # fmt: skip
        return changed.rowcount == 1

    @writes
    def progress_posted(self, connection: Connection, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id: later posts edit it."""
        connection.execute(PROGRESS_POSTED, {"of": job, "message": message_id})

    @reads
    def announced(self, connection: Connection) -> tuple[AnnouncedRow, ...]:
        """Jobs that are not over and have a progress message, the one asked for first."""
        rows = [row for query in ANNOUNCED for row in connection.execute(query)]
        return tuple(
            AnnouncedRow(
                Owner(space=row.space, person=row.person), JobId(row.job),
                row.platform, row.address, row.message_id,
            )
            for row in sorted(rows, key=lambda row: (row.asked_at, row.job))
        )  # fmt: skip

    @reads
    def unfinished_at(
        self, connection: Connection, platform: str, prefix: str
    ) -> tuple[JobId, ...]:
        """Jobs that are not over and whose outcome goes to an address that begins so."""
        found = [
            connection.scalars(
                select(deliveries.c.job)
                .join(jobs, jobs.c.id == deliveries.c.job)
                .where(
                    is_open,
                    deliveries.c.platform == platform,
                    deliveries.c.address.startswith(prefix, autoescape=True),
                )
            )
            for is_open in (IS_RUNNING, IS_QUEUED)
        ]
        return tuple(job for each in found for job in each)

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


def elsewhere(job: JobId) -> str:
    """The nonce of an outcome that goes to another place than it was asked for in."""
    return f"{nonce_of(job)}.d"


def wait_for_outcome(connection: Connection, job: JobId, platform: str, address: str) -> None:
    """A job was admitted: its outcome will go there."""
    connection.execute(
        ADD,
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


def make_due_again(connection: Connection, job: JobId, now: datetime) -> None:
    """What was posted is no longer true: the message is to be edited."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.job == job,
            deliveries.c.state == "posted",
            deliveries.c.message_id.is_not(None),
        )
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
