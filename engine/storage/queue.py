"""The durable queue: every change of a job's state, each in one transaction with its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from engine.choices import Quota
from engine.errors import NotFound, QueueFull, QuotaSpent
from engine.messages import (
    ENDED,
    Failure,
    Job,
    JobId,
    JobState,
    Owner,
    Plan,
    Result,
    Sha256,
    WorkerId,
)
from engine.storage import foremost, lanes
from engine.storage.database import Store, writes
from engine.storage.deliveries import make_due, wait_for_outcome
from engine.storage.fair import FairRules, Holds, Turn, competing, next_turn
from engine.storage.pictures import keep_pictures
from engine.storage.rows import job_of, note
from engine.storage.tables import IS_QUEUED, jobs, queue_lanes, queue_spaces, requests

OF_PERSON: Final = select(func.coalesce(func.sum(queue_lanes.c.waiting), 0))
OF_SPACE: Final = select(func.coalesce(func.sum(queue_spaces.c.waiting), 0))
WAITING: Final = select(
    OF_PERSON.where(queue_lanes.c.person == bindparam("person")).scalar_subquery(),
    OF_SPACE.where(queue_spaces.c.space == bindparam("space")).scalar_subquery(),
    OF_SPACE.scalar_subquery(),
)
ADD_JOB: Final = insert(jobs)
ADD_REQUEST: Final = insert(requests)
JOB_OF_REQUEST: Final = select(requests.c.job).where(requests.c.id == bindparam("request"))
START: Final = (
    update(jobs)
    .where(jobs.c.id == bindparam("chosen"), IS_QUEUED)
    .values(
        state="running",
        attempts=jobs.c.attempts + 1,
        fence=jobs.c.fence + 1,
        worker=bindparam("by"),
        lease_until=bindparam("until"),
        started_at=bindparam("now"),
        space_charge=bindparam("charge"),
    )
    .returning(jobs)
)
PASS_OVER: Final = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("passed", expanding=True)))
    .values(passed_over=jobs.c.passed_over + 1)
)


@dataclass(frozen=True, slots=True)
class Caps:
    """How many jobs may wait: of one person (in all spaces), of one space, altogether."""

    person: int
    space: int
    everyone: int


@dataclass(frozen=True, slots=True)
class Admission:
    """A job at the door: where its outcome goes, and the act of the person that asked for it.

    Without a platform nobody is told how it ended.
    """

    job: Job
    platform: str = ""
    address: str = ""
    request: str | None = None
    quota: Quota | None = None
    """What this person may draw in this space, if its admins set a limit."""


class QueueStore(Store):
    """Admission, claims, endings. A report that carries an old fence changes nothing."""

    @writes
    def admit(
        self, connection: Connection, admission: Admission, caps: Caps, now: datetime
    ) -> JobId:
        """Put a job into the queue, once: a repeated request gives the id of the first job.

        Raises `QueueFull` with `scope` and `limit`.
        """
        job = admission.job
        race = lanes.lock_race(connection)
        first = _job_of_request(connection, admission.request)
        if first is not None:
            return first
        _check_caps(connection, job.owner, caps)
        if admission.quota is not None:
            check_quota(connection, job, admission.quota, now)
        lanes.enter(connection, race, lanes.Lane(job.owner, int(job.priority)))
        connection.execute(ADD_JOB, _row_of(job))
        if admission.platform:
            wait_for_outcome(connection, job.id, admission.platform, admission.address)
        note(connection, job.id, "queued", now)
        if admission.request is not None:
            connection.execute(ADD_REQUEST, {"id": admission.request, "job": job.id})
        return job.id

    @writes
    def claim(
        self,
        connection: Connection,
        worker: WorkerId,
        now: datetime,
        lease_until: datetime,
        holds: Holds,
        rules: FairRules,
    ) -> Job | None:
        """Give the next job in fair order to a worker, under a lease with a new fence."""
        places = max(1, rules.affinity_places)
        race = lanes.lock_race(connection)
        oldest = foremost.oldest_by_class(connection)
        classes = competing(oldest, now, rules.ageing_s)
        if not classes:
            return None
        spaces = foremost.foremost_spaces(connection, classes, places)
        heads = foremost.foremost_lanes(connection, spaces, places)
        turn = next_turn(spaces, heads, race.virtual_time, holds, rules)
        if turn is None:
            return None
        lanes.move_on(connection, race, turn)
        return _start(connection, turn, {"by": worker, "until": lease_until}, now)

    @writes
    def renew(self, connection: Connection, job: JobId, fence: int, lease_until: datetime) -> bool:
        """Prolong a lease; False when it is not ours any more."""
        return _change(connection, job, fence, lease_until=lease_until)

    @writes
    def finish(
        self, connection: Connection, job: JobId, fence: int, result: Result, now: datetime
    ) -> bool:
        """The job is done; False when the fence is old or the job is not running."""
        is_ours = _end(connection, job, fence, "done", now, result=result)
        if is_ours:
            keep_pictures(connection, job, result)
        return is_ours

    @writes
    def fail(
        self, connection: Connection, job: JobId, fence: int, failure: Failure, now: datetime
    ) -> bool:
        """The job failed for good; False when the fence is old or the job is not running."""
        return _end(connection, job, fence, "failed", now, failure=failure)

    @writes
    def cancelled(self, connection: Connection, job: JobId, fence: int, now: datetime) -> bool:
        """The worker stopped as asked; False when the fence is old or the job is not running."""
        return _end(connection, job, fence, "cancelled", now)

    @writes
    def give_back(
        self, connection: Connection, job: JobId, fence: int, now: datetime, *, count_attempt: bool
    ) -> bool:
        """From running back to its old place in the queue, its turn refunded.

        A job whose owner asked to cancel it ends as cancelled instead. False when the fence is
        old or the job is not running.
        """
        race = lanes.lock_race(connection)
        row = (connection.execute(select(jobs).where(*_is_ours(job, fence)))).one_or_none()
        if row is None:
            return False
        if row.cancel_asked:
            return _end(connection, job, fence, "cancelled", now)
        attempts = row.attempts if count_attempt else row.attempts - 1
        is_ours = _change(
            connection,
            job,
            fence,
            state="queued",
            attempts=attempts,
            worker=None,
            lease_until=None,
            started_at=None,
        )
        if is_ours:
            lane = lanes.Lane(Owner(space=row.space, person=row.person), row.priority)
            lanes.enter(connection, race, lane)
            lanes.refund(connection, lane, row.cost, row.space_charge)
            note(connection, job, "queued", now, {"attempts": attempts})
        return is_ours

    @writes
    def ask_cancel(
        self, connection: Connection, job: JobId, now: datetime
    ) -> Literal["cancelled", "asked", "over"]:
        """Cancel a waiting job at once, ask a running one to stop. Raises `NotFound`."""
        lanes.lock_race(connection)
        row = (connection.execute(select(jobs).where(jobs.c.id == job))).one_or_none()
        if row is None:
            raise NotFound(what="job", name=job)
        if row.state in ENDED:
            return "over"
        if row.state == "running" and _change(connection, job, row.fence, cancel_asked=True):
            note(connection, job, "cancel_asked", now)
            return "asked"
        is_waiting = _end(
            connection, job, row.fence, "cancelled", now, before="queued", cancel_asked=True
        )
        if not is_waiting:
            return "over"
        owner = Owner(space=row.space, person=row.person)
        lanes.leave(connection, lanes.Lane(owner, row.priority))
        return "cancelled"


# --- the steps of a transaction ---------------------------------------------------------------


def _job_of_request(connection: Connection, request: str | None) -> JobId | None:
    if request is None:
        return None
    found: str | None = connection.scalar(JOB_OF_REQUEST, {"request": request})
    return None if found is None else JobId(found)


def _check_caps(connection: Connection, owner: Owner, caps: Caps) -> None:
    waiting = connection.execute(WAITING, {"person": owner.person, "space": owner.space}).one()
    limits = (("person", caps.person), ("space", caps.space), ("everyone", caps.everyone))
    for (scope, limit), count in zip(limits, waiting, strict=True):
        if count >= limit:
            raise QueueFull(scope=scope, limit=limit)


def check_quota(connection: Connection, job: Job, quota: Quota, now: datetime) -> None:
    """Raise `QuotaSpent` when the job would go beyond it.

    Counted are pictures that were made or are asked for: what failed or was cancelled never was.
    """
    mine = (jobs.c.person == job.owner.person, jobs.c.space == job.owner.space)
    if quota.at_once is not None:
        at_work = connection.scalar(
            select(func.count()).where(*mine, jobs.c.state.in_(("queued", "running")))
        )
        if (at_work or 0) >= quota.at_once:
            raise QuotaSpent(scope="at_once", limit=quota.at_once)
    for scope, most, span in (
        ("hour", quota.per_hour, timedelta(hours=1)),
        ("day", quota.per_day, timedelta(days=1)),
    ):
        if most is None:
            continue
        found = connection.execute(
            select(jobs.c.asked_at, jobs.c.plan)
            .where(
                *mine, jobs.c.asked_at > now - span,
                jobs.c.state.in_(("queued", "running", "done")),
            )
            .order_by(jobs.c.asked_at)
        ).all()  # fmt: skip
        rows = [(row.asked_at, row.plan) for row in found]
        over = sum(plan.count for _, plan in rows) + job.plan.count - most
        if over > 0:
            raise QuotaSpent(scope=scope, limit=most, retry_in_s=_free_in_s(rows, over, span, now))


def _free_in_s(
    rows: Sequence[tuple[datetime, Plan]], over: int, span: timedelta, now: datetime
) -> float:
    """Until so many pictures have left the span; the whole span when they never fit."""
    for asked_at, plan in rows:
        over -= plan.count
        if over <= 0:
            return max(1.0, (asked_at + span - now).total_seconds())
    return span.total_seconds()


def _start(connection: Connection, turn: Turn, lease: Mapping[str, object], now: datetime) -> Job:
    started = connection.execute(
        START,
        {
            **lease,
            "chosen": turn.lane.head.job,
            "charge": turn.space_charge,
            "now": now,
        },
    ).one()
    if turn.passed:
        connection.execute(PASS_OVER, {"passed": list(turn.passed)})
    job = job_of(started)
    facts: dict[str, JsonValue] = {
        "worker": started.worker,
        "fence": job.fence,
        "attempt": job.attempts,
    }
    note(connection, job.id, "started", now, facts)
    return job


def _is_ours(
    job: JobId, fence: int, state: JobState = "running"
) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.id == job, jobs.c.fence == fence, jobs.c.state == state


def _change(
    connection: Connection,
    job: JobId,
    fence: int,
    before: JobState = "running",
    **values: object,
) -> bool:
    """Change a job only if it still is as the caller believes."""
    changed = connection.execute(update(jobs).where(*_is_ours(job, fence, before)).values(**values))
    return changed.rowcount == 1


def _end(
    connection: Connection,
    job: JobId,
    fence: int,
    state: Literal["done", "failed", "cancelled"],
    now: datetime,
    before: JobState = "running",
    **values: object,
) -> bool:
    """The end of a job: its outcome is due from the same moment on."""
    is_ours = _change(
        connection,
        job,
        fence,
        before,
        state=state,
        ended_at=now,
        worker=None,
        lease_until=None,
        **values,
    )
    if is_ours:
        failure = values.get("failure")
        facts: Mapping[str, JsonValue] = (
            {"code": failure.code} if isinstance(failure, Failure) else {}
        )
        note(connection, job, state, now, facts)
        make_due(connection, job, now)
    return is_ours


def _row_of(job: Job) -> dict[str, object]:
    plan = job.plan
    return {
        "id": job.id,
        "space": job.owner.space,
        "person": job.owner.person,
        "priority": int(job.priority),
        "state": "queued",
        "attempts": 0,
        "fence": 0,
        "cost": job.cost,
        "space_charge": 0.0,
        "passed_over": 0,
        "cancel_asked": False,
        "asked_at": job.asked_at,
        "base": plan.base,
        "loras": frozenset[Sha256](lora.sha256 for lora in plan.loras if lora.sha256 is not None),
        "plan": plan,
    }
