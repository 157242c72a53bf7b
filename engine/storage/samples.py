"""Which job draws the sample picture of a plan: each is drawn once, whoever asks."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from engine.messages import JobId, Sha256
from engine.storage.database import Store, reads, writes
from engine.storage.tables import jobs, pictures, samples
from engine.storage.upsert import insert_into


class SampleStore(Store):
    """Sample jobs by the hash of their plan."""

    @reads
    def pictures(self, connection: Connection, plans: tuple[str, ...]) -> dict[str, Sha256]:
        """Plan hash -> the first picture of its sample, for those that are drawn."""
        query = (
            select(samples.c.plan, pictures.c.sha256)
            .join(pictures, pictures.c.job == samples.c.job)
            .where(samples.c.plan.in_(plans), pictures.c.place == 0)
        )
        return {row.plan: Sha256(row.sha256) for row in connection.execute(query)}

    @reads
    def asked(self, connection: Connection, plans: tuple[str, ...]) -> frozenset[str]:
        """Those whose job waits, runs or is done."""
        query = (
            select(samples.c.plan)
            .join(jobs, jobs.c.id == samples.c.job)
            .where(samples.c.plan.in_(plans), jobs.c.state.in_(("queued", "running", "done")))
        )
        return frozenset(row.plan for row in connection.execute(query))

    @writes
    def take(self, connection: Connection, plan: str, job: JobId, now: datetime) -> None:
        """This job draws it from now on; an earlier one failed or is gone."""
        connection.execute(delete(samples).where(samples.c.plan == plan))
        connection.execute(insert_into(connection, samples).values(plan=plan, job=job, at=now))
