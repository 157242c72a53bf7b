"""Files that people sent to a place, and files that the bot handed to one person: blobs by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from engine.messages import PersonId, Sha256, SpaceId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import uploads


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and who may fetch it: everyone in the space, or the person alone."""

    id: str
    space: SpaceId
    person: PersonId
    sha256: Sha256
    name: str
    media_type: str
    size_bytes: int
    at: datetime
    width: int | None = None
    height: int | None = None
    is_private: bool = False
    is_posted: bool = False
    """What no post shows goes after a while; see `drop_loose`."""


class UploadStore(Store):
    """Rows of uploads; the bytes are blobs that stay as long as a row names them."""

    @writes
    def add(self, connection: Connection, upload: Upload) -> None:
        """Write one down."""
        connection.execute(
            uploads.insert().values(
                id=upload.id, space=upload.space, person=upload.person, sha256=upload.sha256,
                name=upload.name, media_type=upload.media_type, size_bytes=upload.size_bytes,
                width=upload.width, height=upload.height, is_private=upload.is_private,
                is_posted=upload.is_posted, at=upload.at,
            )
        )  # fmt: skip

    @reads
    def get(self, connection: Connection, upload: str) -> Upload | None:
        """One of them."""
        row = connection.execute(select(uploads).where(uploads.c.id == upload)).one_or_none()
        return None if row is None else Upload(**row._mapping)

    @writes
    def posted(self, connection: Connection, names: Sequence[str]) -> None:
        """A post shows them now: they stay."""
        which = uploads.c.id.in_(names)
        connection.execute(update(uploads).where(which).values(is_posted=True))

    @writes
    def drop_loose(self, connection: Connection, before: datetime) -> int:
        """Delete rows that no post shows and that are older; how many went."""
        loose = uploads.c.is_posted.is_(False) & (uploads.c.at < before)
        return connection.execute(delete(uploads).where(loose)).rowcount


def forget_uploads(connection: Connection, person: PersonId) -> int:
    """Delete what a person sent or was handed; the blobs go with the next sweep."""
    return connection.execute(delete(uploads).where(uploads.c.person == person)).rowcount
