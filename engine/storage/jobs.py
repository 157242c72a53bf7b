"""Jobs read back: one, a person's, a space's, those running or overdue, and how long it takes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.sql import Select

from engine.messages import ENDED, Job, JobId, Owner, PersonId, Priority, SpaceId
from engine.storage.database import Database
from engine.storage.fair import position
from engine.storage.rows import job_of
from engine.storage.tables import IS_QUEUED, IS_RUNNING, IS_WAITING, jobs, queue_lanes, queue_spaces


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs wait, by class, and how many run."""

    waiting: dict[Priority, int]
    running: int


class JobStore:
    """The reading side of the queue; `QueueStore` changes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, job: JobId) -> Job | None:
        """One job."""
        found = await self._all(select(jobs).where(jobs.c.id == job))
        return found[0] if found else None

    async def of_person(self, owner: Owner) -> tuple[Job, ...]:
        """A person's waiting and running jobs in a space, oldest first."""
        return await self._all(
            select(jobs)
            .where(
                jobs.c.space == owner.space,
                jobs.c.person == owner.person,
                jobs.c.state.in_(("queued", "running")),
            )
            .order_by(jobs.c.asked_at, jobs.c.id)
        )

    async def ended_of(self, person: PersonId) -> tuple[Job, ...]:
        """A person's finished, failed and cancelled jobs in all spaces, newest first."""
        return await self._all(
            select(jobs)
            .where(jobs.c.person == person, jobs.c.state.in_(sorted(ENDED)))
            .order_by(jobs.c.asked_at.desc(), jobs.c.id.desc())
        )

    async def recent(self, space: SpaceId, limit: int) -> tuple[Job, ...]:
        """The newest jobs of a space, whatever their state."""
        return await self._all(
            select(jobs)
            .where(jobs.c.space == space)
            .order_by(jobs.c.asked_at.desc(), jobs.c.id.desc())
            .limit(limit)
        )

    async def running(self) -> tuple[Job, ...]:
        """Jobs under a lease, the one that ends soonest first."""
        return await self._all(select(jobs).where(IS_RUNNING).order_by(jobs.c.lease_until))

    async def expired(self, now: datetime) -> tuple[Job, ...]:
        """Running jobs whose lease is over."""
        return await self._all(
            select(jobs).where(IS_RUNNING, jobs.c.lease_until < now).order_by(jobs.c.lease_until)
        )

    async def counts(self) -> Counts:
        """How many wait and run now."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    queue_spaces.c.priority, func.sum(queue_spaces.c.waiting).label("jobs")
                ).group_by(queue_spaces.c.priority)
            )
            waiting = {Priority(row.priority): int(row.jobs) for row in rows if row.jobs}
            running = await connection.scalar(
                select(func.count()).select_from(jobs).where(IS_RUNNING)
            )
        return Counts(waiting=waiting, running=running or 0)

    async def position(self, job: JobId) -> int:
        """About how many turns until a waiting job is taken, 1 is next; 0 when it does not wait."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(jobs).where(jobs.c.id == job, IS_QUEUED))
            ).one_or_none()
            if row is None:
                return 0
            before = await connection.scalar(
                select(func.count())
                .select_from(jobs)
                .where(
                    IS_QUEUED,
                    jobs.c.space == row.space,
                    jobs.c.person == row.person,
                    jobs.c.priority == row.priority,
                    (jobs.c.asked_at < row.asked_at)
                    | ((jobs.c.asked_at == row.asked_at) & (jobs.c.id < row.id)),
                )
            )
            is_own = (
                (queue_lanes.c.space == row.space)
                & (queue_lanes.c.person == row.person)
                & (queue_lanes.c.priority == row.priority)
            )
            others = await connection.execute(
                select(queue_lanes.c.priority, queue_lanes.c.waiting, func.count().label("lanes"))
                .where(IS_WAITING, ~is_own)
                .group_by(queue_lanes.c.priority, queue_lanes.c.waiting)
            )
            return position(
                (before or 0) + 1,
                row.priority,
                [(other.priority, other.waiting, other.lanes) for other in others],
            )

    async def _all(self, query: Select[*tuple[object, ...]]) -> tuple[Job, ...]:
        async with self._database.read() as connection:
            return tuple(job_of(row) for row in await connection.execute(query))
