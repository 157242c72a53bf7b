"""Pictures of jobs: which blobs they are, which were deleted, which blobs must stay."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, union, update

from engine.messages import JobId, Picture, Result, Sha256
from engine.storage.database import Store, reads, writes
from engine.storage.deliveries import make_due_again
from engine.storage.intakes import UNDECIDED
from engine.storage.tables import intakes, jobs, lora_files, pictures, uploads


class PictureStore(Store):
    """Pictures as rows; their bytes are blobs, swept once nothing refers to them."""

    @reads
    def of_job(self, connection: Connection, job: JobId) -> tuple[Picture, ...]:
        """The pictures of a job that were not deleted."""
        rows = connection.execute(
            select(pictures)
            .where(pictures.c.job == job, pictures.c.is_deleted.is_(False))
            .order_by(pictures.c.place)
        )
        return tuple(
            Picture(
                sha256=row.sha256,
                index=row.place,
                seed=row.seed,
                width=row.width,
                height=row.height,
                size_bytes=row.size_bytes,
            )
            for row in rows
        )

    @reads
    def jobs_of(self, connection: Connection, sha256: Sha256) -> tuple[JobId, ...]:
        """Jobs that made a picture with these very bytes, deleted ones left out."""
        found = connection.scalars(
            select(pictures.c.job).where(
                pictures.c.sha256 == sha256, pictures.c.is_deleted.is_(False)
            )
        )
        return tuple(JobId(job) for job in found)

    @writes
    def delete_pictures(self, connection: Connection, job: JobId, now: datetime) -> int:
        """Mark a job's pictures as deleted and take them out of its result; how many went.

        What was posted of them is due again, so that the post changes, too.
        """
        changed = connection.execute(
            update(pictures)
            .where(pictures.c.job == job, pictures.c.is_deleted.is_(False))
            .values(is_deleted=True)
        )
        result: Result | None = connection.scalar(select(jobs.c.result).where(jobs.c.id == job))
        if result is not None and result.pictures:
            emptied = result.model_copy(update={"pictures": ()})
            connection.execute(update(jobs).where(jobs.c.id == job).values(result=emptied))
            make_due_again(connection, job, now)
        return changed.rowcount

    @reads
    def blobs_in_use(self, connection: Connection) -> set[Sha256]:
        """Blobs that a picture, a LoRA file, an upload or an open job refers to."""
        waits = intakes.c.state.in_(UNDECIDED)
        open_jobs = connection.scalars(
            select(jobs.c.loras).where(jobs.c.state.in_(("queued", "running")))
        )
        pinned = {sha256 for loras in open_jobs for sha256 in loras}
        found = connection.scalars(
            union(
                select(pictures.c.sha256).where(pictures.c.is_deleted.is_(False)),
                select(lora_files.c.sha256),
                select(uploads.c.sha256),
                select(intakes.c.sha256).where(intakes.c.sha256.is_not(None), waits),
                select(intakes.c.sheet).where(intakes.c.sheet.is_not(None)),
            )
        )
        return {Sha256(sha256) for sha256 in found} | pinned


def keep_pictures(connection: Connection, job: JobId, result: Result) -> None:
    """Write down the pictures of a finished job."""
    if not result.pictures:
        return
    connection.execute(
        insert(pictures),
        [
            {
                "job": job,
                "place": picture.index,
                "sha256": picture.sha256,
                "seed": picture.seed,
                "width": picture.width,
                "height": picture.height,
                "size_bytes": picture.size_bytes,
                "is_deleted": False,
            }
            for picture in result.pictures
        ],
    )
