"""Jobs read back: one, a person's, a space's, those running or overdue, and how long it takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, and_, bindparam, case, func, select
from sqlalchemy.sql import Select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from engine.messages import ENDED, Job, JobId, Owner, PersonId, Priority, SpaceId
from engine.storage.database import Store, reads
from engine.storage.fair import Rivals, position
from engine.storage.lanes import LANE_KEY, SPACE_KEY
from engine.storage.rows import job_of
from engine.storage.tables import IS_QUEUED, IS_RUNNING, IS_WAITING, jobs, queue_lanes, queue_spaces

Columns = ReadOnlyColumnCollection[str, Column[Any]]


def _is_before(other: Columns, own: Columns) -> ColumnElement[int]:
    is_before = (other.virtual_time < own.virtual_time) | (
        (other.virtual_time == own.virtual_time) & (other.tick < own.tick)
    )
    return case((is_before, 1), else_=0)


def _place_in_lane() -> Select[str, str, int, int]:
    """A waiting job's lane, and how many jobs of it are older."""
    own = jobs.alias("own")
    is_older = (jobs.c.asked_at < own.c.asked_at) | (
        (jobs.c.asked_at == own.c.asked_at) & (jobs.c.id < own.c.id)
    )
    older = (
        select(func.count())
        .select_from(jobs)
        .where(IS_QUEUED, *(jobs.c[name] == own.c[name] for name in LANE_KEY), is_older)
        .scalar_subquery()
        .label("before")
    )
    return select(own.c.space, own.c.person, own.c.priority, older).where(
        own.c.id == bindparam("job"), own.c.state == "queued"
    )


def _rivals() -> Select[int, int, int, int]:
    """Every other lane that waits, alike ones counted together.

    In its own space the order of people says who is ahead, between spaces that of spaces.
    """
    own_lane = queue_lanes.alias("own_lane")
    own_space = queue_spaces.alias("own_space")
    in_own_space = queue_lanes.c.space == bindparam("space")
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
        .join(own_lane, and_(*(own_lane.c[name] == bindparam(name) for name in LANE_KEY)))
        .join(own_space, and_(*(own_space.c[name] == bindparam(name) for name in SPACE_KEY)))
        .where(
            IS_WAITING,
            ~and_(*(queue_lanes.c[name] == bindparam(name) for name in LANE_KEY)),
        )
        .group_by(queue_lanes.c.priority, queue_lanes.c.waiting, is_ahead)
    )


PLACE_IN_LANE: Final = _place_in_lane()
RIVALS: Final = _rivals()
ONE: Final = select(jobs).where(jobs.c.id == bindparam("job"))
"""Built once: most of the time of a short statement goes into putting it together."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs wait, by class, and how many run."""

    waiting: dict[Priority, int]
    running: int


class JobStore(Store):
    """The reading side of the queue; `QueueStore` changes it."""

    async def get(self, job: JobId) -> Job | None:
        """One job."""
        return await self._one(job)

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
        place = connection.execute(PLACE_IN_LANE, {"job": job}).one_or_none()
        if place is None:
            return 0
        own = {"space": place.space, "person": place.person, "priority": place.priority}
        rivals = [
            Rivals(rival.priority, rival.waiting, bool(rival.is_ahead), rival.lanes)
            for rival in connection.execute(RIVALS, own)
        ]
        return position(place.before + 1, place.priority, rivals)

    @reads
    def _one(self, connection: Connection, job: JobId) -> Job | None:
        row = connection.execute(ONE, {"job": job}).one_or_none()
        return None if row is None else job_of(row)

    @reads
    def _all(self, connection: Connection, query: Select[*tuple[object, ...]]) -> tuple[Job, ...]:
        return tuple(job_of(row) for row in connection.execute(query))
