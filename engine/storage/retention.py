"""Deletes what a space keeps only for so long: requests with their words, pictures and turns."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from engine.messages import ENDED, VETTING, JobId, PersonId, SpaceId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import deliveries, job_events, jobs, keeps, pictures, requests, turns

AT_A_TIME = 200
"""Jobs of one transaction: a picture that is asked for meanwhile waits for no more."""
CLOSED = ("posted", "undeliverable")


class RetentionStore(Store):
    """What is past its time goes; what is waiting to be posted or not over stays."""

    @writes
    def keep(self, connection: Connection, job: JobId, person: PersonId, now: datetime) -> bool:
        """Keep a picture for good, or let go of it again; whether it is kept now."""
        gone = connection.execute(delete(keeps).where(keeps.c.job == job)).rowcount
        if gone:
            return False
        connection.execute(insert(keeps).values(job=job, person=person, at=now))
        return True

    @reads
    def kept_by(self, connection: Connection, person: PersonId) -> frozenset[JobId]:
        """What this person keeps."""
        return frozenset(connection.scalars(select(keeps.c.job).where(keeps.c.person == person)))

    @writes
    def expire_talk(self, connection: Connection, space: SpaceId, before: datetime) -> int:
        """Delete what was said in a space before then, with or without a picture; how many turns.

        A picture keeps the words that it was drawn from.
        """
        old = delete(turns).where(turns.c.space == space, turns.c.at < before)
        return connection.execute(old).rowcount

    @writes
    def expire(self, connection: Connection, space: SpaceId, before: datetime) -> int:
        """Delete requests that ended before then, oldest first; how many went in this round.

        Their blobs go with the next sweep; what was posted stays where it was posted.
        """
        unposted = select(deliveries.c.job).where(deliveries.c.state.not_in(CLOSED))
        over = list(
            connection.scalars(
                select(jobs.c.id)
                .where(
                    jobs.c.space == space,
                    jobs.c.person != VETTING,
                    jobs.c.state.in_(sorted(ENDED)),
                    jobs.c.ended_at < before,
                    jobs.c.id.not_in(unposted),
                    jobs.c.id.not_in(select(keeps.c.job)),
                )
                .order_by(jobs.c.ended_at)
                .limit(AT_A_TIME)
            )
        )
        for table in (pictures, deliveries, requests, job_events, turns):
            connection.execute(delete(table).where(table.c.job.in_(over)))
        connection.execute(delete(jobs).where(jobs.c.id.in_(over)))
        return len(over)
