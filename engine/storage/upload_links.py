"""One-time links to send a large file by: known by their hash, with a cap and an end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from engine.messages import IntakeId
from engine.storage.database import Store, reads, writes
from engine.storage.intakes import Sender
from engine.storage.tables import upload_links

TOKEN_BYTES = 32
KEPT_AFTER = timedelta(days=1)
"""A used link answers for so long what became of its file."""


@dataclass(frozen=True, slots=True)
class UploadLink:
    """A link as it is now; `part` names the file that grows until the last byte is there."""

    sender: Sender
    cap_bytes: int
    expires_at: datetime
    part: str | None
    file_name: str
    size_bytes: int | None
    intake: IntakeId | None


class UploadLinkStore(Store):
    """Tokens are handed out once and never stored."""

    async def make(self, sender: Sender, cap_bytes: int, now: datetime, lasts: timedelta) -> str:
        """A token that takes one file of this person into this space."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._make(hash_of(token), sender, cap_bytes, now, now + lasts)
        return token

    @reads
    def get(self, connection: Connection, token: str, now: datetime) -> UploadLink | None:
        """The link of a token; None when it is unknown or too old."""
        row = connection.execute(
            select(upload_links).where(
                upload_links.c.token == hash_of(token), upload_links.c.expires_at > now
            )
        ).one_or_none()
        if row is None:
            return None
        sender = Sender(row.space, row.person, row.person_name, row.platform, row.address)
        return UploadLink(
            sender, row.cap_bytes, row.expires_at, row.part, row.file_name, row.size_bytes,
            row.intake,
        )  # fmt: skip

    @writes
    def begin(
        self, connection: Connection, token: str, part: str, name: str, size_bytes: int
    ) -> bool:
        """A file begins under this link; False when one has begun already."""
        begun = (
            update(upload_links)
            .where(upload_links.c.token == hash_of(token), upload_links.c.part.is_(None))
            .values(part=part, file_name=name, size_bytes=size_bytes)
        )
        return connection.execute(begun).rowcount == 1

    @writes
    def restart(self, connection: Connection, token: str) -> None:
        """Begin anew: what came so far was no good."""
        which = (upload_links.c.token == hash_of(token)) & upload_links.c.intake.is_(None)
        connection.execute(
            update(upload_links).where(which).values(part=None, file_name="", size_bytes=None)
        )

    @writes
    def done(self, connection: Connection, token: str, intake: IntakeId, until: datetime) -> None:
        """The file is whole: the link is used up, and says for a while what became of it."""
        connection.execute(
            update(upload_links)
            .where(upload_links.c.token == hash_of(token))
            .values(part=None, intake=intake, expires_at=until)
        )

    @writes
    def drop_old(self, connection: Connection, now: datetime) -> tuple[str, ...]:
        """Delete links that are over; returns the parts that nobody will finish."""
        old = delete(upload_links).where(upload_links.c.expires_at <= now)
        parts = connection.scalars(old.returning(upload_links.c.part))
        return tuple(part for part in parts if part)

    @writes
    def _make(
        self,
        connection: Connection,
        token: str,
        sender: Sender,
        cap_bytes: int,
        now: datetime,
        until: datetime,
    ) -> None:
        connection.execute(
            upload_links.insert().values(
                token=token, space=sender.space, person=sender.person, person_name=sender.name,
                platform=sender.platform, address=sender.address, cap_bytes=cap_bytes,
                expires_at=until, part=None, file_name="", size_bytes=None, intake=None,
            )
        )  # fmt: skip


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()
