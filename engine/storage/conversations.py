"""Conversations, bounded, and forgetting a person altogether."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, insert, select

from engine.messages import ENDED, JobId, PersonId, Plan
from engine.storage.database import Store, reads, writes
from engine.storage.tables import (
    deliveries,
    intents,
    job_events,
    jobs,
    members,
    pictures,
    queue_lanes,
    requests,
    turns,
)

TURNS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: a person's words, our reply, the job they led to."""

    conversation: str
    person: PersonId
    words: str
    reply: str = ""
    job: JobId | None = None


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
        connection.execute(
            insert(turns).values(
                conversation=said.conversation,
                person=said.person,
                words=said.words,
                reply=said.reply,
                job=said.job,
                at=now,
            )
        )
        oldest_kept = (
            select(turns.c.id)
            .where(turns.c.conversation == said.conversation)
            .order_by(turns.c.id.desc())
            .offset(TURNS_KEPT - 1)
            .limit(1)
            .scalar_subquery()
        )
        connection.execute(
            delete(turns).where(turns.c.conversation == said.conversation, turns.c.id < oldest_kept)
        )

    @reads
    def turns(
        self, connection: Connection, conversation: str, limit: int = TURNS_KEPT
    ) -> tuple[KeptTurn, ...]:
        """The newest turns, oldest first."""
        newest_first = (
            _kept().where(turns.c.conversation == conversation).order_by(turns.c.id.desc())
        )
        rows = connection.execute(newest_first.limit(limit))
        return tuple(reversed([_turn_of(row) for row in rows]))

    @reads
    def of_person(self, connection: Connection, person: PersonId) -> tuple[KeptTurn, ...]:
        """Everything a person said in any conversation, oldest first."""
        rows = connection.execute(_kept().where(turns.c.person == person).order_by(turns.c.id))
        return tuple(_turn_of(row) for row in rows)

    @writes
    def forget(self, connection: Connection, person: PersonId) -> int:
        """Delete a person's turns, intents, memberships and ended jobs with all they left.

        Jobs that still wait or run stay: cancel them first. Blobs go with the next sweep.
        Returns how many rows went.
        """
        return _forget(connection, person)


def _kept() -> Select[*tuple[object, ...]]:
    return select(turns, jobs.c.plan).outerjoin(jobs, jobs.c.id == turns.c.job)


def _turn_of(row: Row[*tuple[object, ...]]) -> KeptTurn:
    kept = row._mapping
    return KeptTurn(
        said=Said(kept["conversation"], kept["person"], kept["words"], kept["reply"], kept["job"]),
        plan=kept["plan"],
        at=kept["at"],
    )


def _forget(connection: Connection, person: PersonId) -> int:
    over = select(jobs.c.id).where(jobs.c.person == person, jobs.c.state.in_(sorted(ENDED)))
    gone = 0
    for table in (pictures, deliveries, requests, job_events):
        gone += (connection.execute(delete(table).where(table.c.job.in_(over)))).rowcount
    gone += (
        connection.execute(
            delete(jobs).where(jobs.c.person == person, jobs.c.state.in_(sorted(ENDED)))
        )
    ).rowcount
    for table in (turns, intents, members):
        gone += (connection.execute(delete(table).where(table.c.person == person))).rowcount
    connection.execute(
        delete(queue_lanes).where(queue_lanes.c.person == person, queue_lanes.c.waiting == 0)
    )
    return gone
