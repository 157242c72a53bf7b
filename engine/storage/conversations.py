"""Conversations, bounded, and forgetting a person altogether."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from engine.messages import ENDED, JobId, PersonId, Plan
from engine.storage.database import Store, reads, writes
from engine.storage.doors import forget_visits
from engine.storage.opinions import forget_opinions
from engine.storage.personal import forget_records, records_of
from engine.storage.posts import forget_posts
from engine.storage.reports import forget_reports
from engine.storage.senders import forget_sender
from engine.storage.tables import (
    deliveries,
    intents,
    job_events,
    jobs,
    keeps,
    members,
    pictures,
    queue_lanes,
    requests,
    turns,
)
from engine.storage.uploads import forget_uploads

TURNS_KEPT = 40
KEPT: Final = select(turns, jobs.c.plan).outerjoin(jobs, jobs.c.id == turns.c.job)
NEWEST_FIRST: Final = (
    KEPT.where(turns.c.conversation == bindparam("of"))
    .order_by(turns.c.id.desc())
    .limit(bindparam("most"))
)
ADD: Final = insert(turns)
DROP_OLD: Final = delete(turns).where(
    turns.c.conversation == bindparam("of"),
    turns.c.id
    < select(turns.c.id)
    .where(turns.c.conversation == bindparam("of"))
    .order_by(turns.c.id.desc())
    .offset(TURNS_KEPT - 1)
    .limit(1)
    .scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: a person's words, our reply, the job they led to."""

    conversation: str
    person: PersonId
    words: str
    reply: str = ""
    job: JobId | None = None
    space: str = ""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn with the plan of its job, if it had one and it is still there."""

    said: Said
    plan: Plan | None
    at: datetime


class ConversationStore(Store):
    """The last turns of every conversation."""

    @writes
    def append(self, connection: Connection, said: Said, now: datetime) -> None:
        """Add a turn; of a conversation only the newest `TURNS_KEPT` stay."""
        said_now = {
            "conversation": said.conversation,
            "person": said.person,
            "words": said.words,
            "reply": said.reply,
            "job": said.job,
            "space": said.space,
            "at": now,
        }
        connection.execute(ADD, said_now)
        connection.execute(DROP_OLD, {"of": said.conversation})

    @reads
    def turns(
        self, connection: Connection, conversation: str, limit: int = TURNS_KEPT
    ) -> tuple[KeptTurn, ...]:
        """The newest turns, oldest first."""
        rows = connection.execute(NEWEST_FIRST, {"of": conversation, "most": limit})
        return tuple(reversed([_turn_of(row) for row in rows]))

    @reads
    def of_person(self, connection: Connection, person: PersonId) -> tuple[KeptTurn, ...]:
        """Everything a person said in any conversation, oldest first."""
        rows = connection.execute(KEPT.where(turns.c.person == person).order_by(turns.c.id))
        return tuple(_turn_of(row) for row in rows)

    @reads
    def records(
        self, connection: Connection, person: PersonId
    ) -> Mapping[str, tuple[Mapping[str, JsonValue], ...]]:
        """Everything else that is kept of a person, by kind."""
        return records_of(connection, person)

    @writes
    def forget(self, connection: Connection, person: PersonId) -> int:
        """Delete a person's turns, posts, intents, opinions and ended jobs with all they left.

        Jobs that still wait or run stay: cancel them first. Blobs go with the next sweep.
        Returns how many rows went.
        """
        return _forget(connection, person)


def _turn_of(row: Row[*tuple[object, ...]]) -> KeptTurn:
    kept = row._mapping
    return KeptTurn(
        said=Said(
            kept["conversation"],
            kept["person"],
            kept["words"],
            kept["reply"],
            kept["job"],
            kept["space"],
        ),
        plan=kept["plan"],
        at=kept["at"],
    )


def _forget(connection: Connection, person: PersonId) -> int:
    over = select(jobs.c.id).where(jobs.c.person == person, jobs.c.state.in_(sorted(ENDED)))
    gone = 0
    for table in (pictures, deliveries, requests, job_events, keeps):
        gone += (connection.execute(delete(table).where(table.c.job.in_(over)))).rowcount
    gone += (
        connection.execute(
            delete(jobs).where(jobs.c.person == person, jobs.c.state.in_(sorted(ENDED)))
        )
    ).rowcount
    gone += forget_records(connection, person)
    for table in (turns, intents, members):
        gone += (connection.execute(delete(table).where(table.c.person == person))).rowcount
    gone += forget_posts(connection, person)
    gone += forget_uploads(connection, person) + forget_visits(connection, person)
    gone += forget_sender(connection, person) + forget_opinions(connection, person)
    gone += forget_reports(connection, person)
    connection.execute(
        delete(queue_lanes).where(queue_lanes.c.person == person, queue_lanes.c.waiting == 0)
    )
    return gone
