"""Reports of pictures: open until a moderator decided about the picture."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.messages import JobId, Owner, PersonId, SpaceId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import reports

MOST_REASONS = 5
"""Of one picture, the newest."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Somebody told the moderators of a space of a picture."""

    owner: Owner
    name: str
    job: JobId
    reason: str


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as it was kept."""

    said: Reported
    at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A picture that somebody has to decide about, and what was said of it."""

    job: JobId
    times: int
    said: tuple[Reported, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenReports:
    """A part of them, and how many there are."""

    shown: tuple[OpenReport, ...]
    total: int


class ReportStore(Store):
    """One row for each time that somebody reported; a picture's rows go with its job."""

    @reads
    def count(self, connection: Connection, person: PersonId, job: JobId) -> int:
        """How often a person reported a picture."""
        mine = (reports.c.person == person) & (reports.c.job == job)
        return connection.scalar(select(func.count()).select_from(reports).where(mine)) or 0

    @reads
    def open(self, connection: Connection, space: SpaceId, skip: int, most: int) -> OpenReports:
        """Pictures with an open report, the one that waits longest first."""
        is_open = (reports.c.space == space) & reports.c.done_at.is_(None)
        since, times = func.min(reports.c.at), func.count()
        rows = connection.execute(
            select(reports.c.job, since.label("since"), times.label("times"))
            .where(is_open)
            .group_by(reports.c.job)
            .order_by(since, reports.c.job)
            .offset(skip)
            .limit(most)
        ).all()
        total = select(func.count(reports.c.job.distinct())).where(is_open)
        shown = tuple(
            OpenReport(row.job, row.times, _said(connection, space, row.job), row.since)
            for row in rows
        )
        return OpenReports(shown, connection.scalar(total) or 0)

    @writes
    def close(self, connection: Connection, space: SpaceId, job: JobId, now: datetime) -> int:
        """All reports of a picture are answered; how many that were."""
        which = update(reports).where(
            reports.c.space == space, reports.c.job == job, reports.c.done_at.is_(None)
        )
        return connection.execute(which.values(done_at=now)).rowcount

    @reads
    def of_person(self, connection: Connection, person: PersonId) -> tuple[KeptReport, ...]:
        """What a person reported, oldest first."""
        rows = connection.execute(
            select(reports).where(reports.c.person == person).order_by(reports.c.id)
        )
        return tuple(
            KeptReport(
                Reported(Owner(space=row.space, person=row.person), row.name, row.job, row.reason),
                row.at,
                row.done_at,
            )
            for row in rows
        )


def add_report(connection: Connection, said: Reported, now: datetime) -> None:
    """Keep a report, in the transaction that tells the moderators."""
    connection.execute(
        insert(reports).values(
            space=said.owner.space, person=said.owner.person, name=said.name[:200], job=said.job,
            reason=said.reason[:500], at=now,
        )
    )  # fmt: skip


def forget_reports(connection: Connection, person: PersonId) -> int:
    """Delete what a person reported; how many rows went."""
    return connection.execute(delete(reports).where(reports.c.person == person)).rowcount


def _said(connection: Connection, space: SpaceId, job: JobId) -> tuple[Reported, ...]:
    rows = connection.execute(
        select(reports)
        .where(reports.c.space == space, reports.c.job == job, reports.c.done_at.is_(None))
        .order_by(reports.c.id.desc())
        .limit(MOST_REASONS)
    )
    return tuple(
        Reported(Owner(space=space, person=row.person), row.name, row.job, row.reason)
        for row in rows
    )
