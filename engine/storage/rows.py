"""Job rows: read back as messages, and the trail of events that every change leaves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import Connection, Row, insert

from engine.messages import Job, JobId, Owner
from engine.storage.tables import job_events

NOTE: Final = insert(job_events)


def job_of(row: Row[*tuple[object, ...]]) -> Job:
    """The job that a row of `jobs` holds."""
    kept = row._mapping
    return Job(
        id=kept["id"],
        owner=Owner(space=kept["space"], person=kept["person"]),
        **{
            name: kept[name]
            for name in (
                "plan",
                "priority",
                "state",
                "attempts",
                "fence",
                "cost",
                "passed_over",
                "asked_at",
                "started_at",
                "ended_at",
                "cancel_asked",
                "result",
                "failure",
            )
        },
    )


def note(
    connection: Connection,
    job: JobId,
    what: str,
    now: datetime,
    facts: Mapping[str, JsonValue] | None = None,
) -> None:
    """Leave an event in the trail of a job."""
    connection.execute(NOTE, {"job": job, "what": what, "at": now, "facts": dict(facts or {})})
