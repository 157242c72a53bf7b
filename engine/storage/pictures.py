"""Pictures of jobs: which blobs they are, which were deleted, which blobs must stay."""

from sqlalchemy import Connection, insert, select, union, update

from engine.messages import JobId, Picture, Result, Sha256
from engine.storage.database import Store, reads, writes
from engine.storage.tables import jobs, lora_files, pictures


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

    @writes
    def delete_pictures(self, connection: Connection, job: JobId) -> int:
        """Mark a job's pictures as deleted and take them out of its result; how many went."""
        changed = connection.execute(
            update(pictures)
            .where(pictures.c.job == job, pictures.c.is_deleted.is_(False))
            .values(is_deleted=True)
        )
        result: Result | None = connection.scalar(select(jobs.c.result).where(jobs.c.id == job))
        if result is not None and result.pictures:
            emptied = result.model_copy(update={"pictures": ()})
            connection.execute(update(jobs).where(jobs.c.id == job).values(result=emptied))
        return changed.rowcount

    @reads
    def blobs_in_use(self, connection: Connection) -> set[Sha256]:
        """Blobs that a picture or a LoRA file refers to."""
        found = connection.scalars(
            union(
                select(pictures.c.sha256).where(pictures.c.is_deleted.is_(False)),
                select(lora_files.c.sha256),
            )
        )
        return {Sha256(sha256) for sha256 in found}


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
