"""Jobs read back: one, a person's, a space's, those running or overdue, and how long it takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, case, func, select
from sqlalchemy.sql import Select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from engine.messages import ENDED, Job, JobId, Owner, PersonId, Priority, SpaceId
from engine.storage.database import Store, reads
from engine.storage.fair import Rivals, position
from engine.storage.rows import job_of
from engine.storage.tables import IS_QUEUED, IS_RUNNING, IS_WAITING, jobs, queue_lanes, queue_spaces

Columns = ReadOnlyColumnCollection[str, Column[Any]]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs wait, by class, and how many run."""

    waiting: dict[Priority, int]
    running: int


class JobStore(Store):
    """The reading side of the queue; `QueueStore` changes it."""

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

    async def unfinished_of(self, person: PersonId) -> tuple[Job, ...]:
        """A person's waiting and running jobs in all spaces."""
        return await self._all(
            select(jobs).where(jobs.c.person == person, jobs.c.state.in_(("queued", "running")))
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

    @reads
    def counts(self, connection: Connection) -> Counts:
        """How many wait and run now."""
        rows = connection.execute(
            select(
                queue_spaces.c.priority, func.sum(queue_spaces.c.waiting).label("jobs")
            ).group_by(queue_spaces.c.priority)
        )
        waiting = {Priority(row.priority): int(row.jobs) for row in rows if row.jobs}
        running = connection.scalar(select(func.count()).select_from(jobs).where(IS_RUNNING))
        return Counts(waiting=waiting, running=running or 0)

    @reads
    def position(self, connection: Connection, job: JobId) -> int:
        """About how many turns until a waiting job is taken, 1 is next; 0 when it does not wait."""
        row = (connection.execute(select(jobs).where(jobs.c.id == job, IS_QUEUED))).one_or_none()
        if row is None:
            return 0
        waiting = job_of(row)
        before = connection.scalar(_older_in_lane(waiting))
        rivals = [
            Rivals(rival.priority, rival.waiting, bool(rival.is_ahead), rival.lanes)
            for rival in connection.execute(_rivals(waiting))
        ]
        return position((before or 0) + 1, waiting.priority, rivals)

    @reads
    def _all(self, connection: Connection, query: Select[*tuple[object, ...]]) -> tuple[Job, ...]:
        return tuple(job_of(row) for row in connection.execute(query))


def _older_in_lane(job: Job) -> Select[int]:
    is_older = (jobs.c.asked_at < job.asked_at) | (
        (jobs.c.asked_at == job.asked_at) & (jobs.c.id < job.id)
    )
    return (
        select(func.count())
        .select_from(jobs)
        .where(
            IS_QUEUED,
            jobs.c.space == job.owner.space,
            jobs.c.person == job.owner.person,
            jobs.c.priority == int(job.priority),
            is_older,
        )
    )


def _rivals(job: Job) -> Select[int, int, int, int]:
    """Every other lane that waits, alike ones counted together.

    In its own space the order of people says who is ahead, between spaces that of spaces.
    """
    own_lane = queue_lanes.alias("own_lane")
    own_space = queue_spaces.alias("own_space")
    in_own_space = queue_lanes.c.space == job.owner.space
    is_ahead = case(
        (in_own_space, _is_before(queue_lanes.c, own_lane.c)),
        else_=_is_before(queue_spaces.c, own_space.c),
    ).label("is_ahead")
    return (
        select(
            queue_lanes.c.priority,
            queue_lanes.c.waiting,
            is_ahead,
            func.count().label("lanes"),
        )
        .join(
            queue_spaces,
            (queue_spaces.c.space == queue_lanes.c.space)
            & (queue_spaces.c.priority == queue_lanes.c.priority),
        )
        .join(
            own_lane,
            (own_lane.c.space == job.owner.space)
            & (own_lane.c.person == job.owner.person)
            & (own_lane.c.priority == int(job.priority)),
        )
        .join(
            own_space,
            (own_space.c.space == job.owner.space) & (own_space.c.priority == int(job.priority)),
        )
        .where(
            IS_WAITING,
            ~(
                in_own_space
                & (queue_lanes.c.person == job.owner.person)
                & (queue_lanes.c.priority == int(job.priority))
            ),
        )
        .group_by(queue_lanes.c.priority, queue_lanes.c.waiting, is_ahead)
    )


def _is_before(other: Columns, own: Columns) -> ColumnElement[int]:
    is_before = (other.virtual_time < own.virtual_time) | (
        (other.virtual_time == own.virtual_time) & (other.tick < own.tick)
    )
    return case((is_before, 1), else_=0)
