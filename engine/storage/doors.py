"""Who may come in: one-time links and the sessions of browsers, known by hashes only."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select, update

from engine.messages import PersonId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import sessions, sign_ins

TOKEN_BYTES = 32
"""256 bits from the system's generator: nothing to guess."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a link or a session stands for."""

    person: PersonId
    name: str
    level: int = 0
    spaces: tuple[tuple[str, str, int], ...] = ()
    """Spaces beyond those that everyone sees: id, title, and the level held there."""


_VISITOR: TypeAdapter[Visitor] = TypeAdapter(Visitor)


class DoorStore(Store):
    """Tokens are handed out once and never stored: a stolen database opens no door."""

    async def invite(self, visitor: Visitor, now: datetime, lasts: timedelta) -> str:
        """A token that signs this visitor in once, until it expires."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._invite(_hash(token), visitor, now, now + lasts)
        return token

    async def redeem(self, token: str, now: datetime) -> Visitor | None:
        """Use a one-time token up; None when it is unknown, used or too old."""
        return await self._redeem(_hash(token), now)

    async def admit(self, visitor: Visitor, now: datetime, lasts: timedelta) -> str:
        """Begin a session; returns the token of its cookie."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._admit(_hash(token), visitor, now, now + lasts)
        return token

    async def visitor(self, token: str, now: datetime) -> Visitor | None:
        """Whose session it is; None when it is unknown or over."""
        return await self._visitor(_hash(token), now)

    async def rename(self, token: str, name: str, now: datetime) -> Visitor | None:
        """Give a session's visitor another name."""
        visitor = await self.visitor(token, now)
        if visitor is None:
            return None
        renamed = replace(visitor, name=name)
        await self._rename(_hash(token), renamed)
        return renamed

    async def leave(self, token: str) -> None:
        """End a session."""
        await self._leave(_hash(token))

    @writes
    def _invite(
        self, connection: Connection, token: str, visitor: Visitor, now: datetime, until: datetime
    ) -> None:
        connection.execute(delete(sign_ins).where(sign_ins.c.expires_at < now))
        connection.execute(
            sign_ins.insert().values(token=token, visitor=_told(visitor), expires_at=until)
        )

    @writes
    def _redeem(self, connection: Connection, token: str, now: datetime) -> Visitor | None:
        used = connection.execute(
            delete(sign_ins)
            .where(sign_ins.c.token == token, sign_ins.c.expires_at > now)
            .returning(sign_ins.c.visitor)
        ).scalar_one_or_none()
        return None if used is None else _VISITOR.validate_python(used)

    @writes
    def _admit(
        self, connection: Connection, token: str, visitor: Visitor, now: datetime, until: datetime
    ) -> None:
        connection.execute(delete(sessions).where(sessions.c.expires_at < now))
        connection.execute(
            sessions.insert().values(
                token=token, person=visitor.person, visitor=_told(visitor),
                expires_at=until,
            )
        )  # fmt: skip

    @reads
    def _visitor(self, connection: Connection, token: str, now: datetime) -> Visitor | None:
        found = connection.execute(
            select(sessions.c.visitor).where(sessions.c.token == token, sessions.c.expires_at > now)
        ).scalar_one_or_none()
        return None if found is None else _VISITOR.validate_python(found)

    @writes
    def _rename(self, connection: Connection, token: str, visitor: Visitor) -> None:
        connection.execute(
            update(sessions).where(sessions.c.token == token).values(visitor=_told(visitor))
        )

    @writes
    def _leave(self, connection: Connection, token: str) -> None:
        connection.execute(delete(sessions).where(sessions.c.token == token))


def forget_visits(connection: Connection, person: PersonId) -> int:
    """End every session of a person."""
    return connection.execute(delete(sessions).where(sessions.c.person == person)).rowcount


def _told(visitor: Visitor) -> dict[str, object]:
    told = asdict(visitor)
    return {**told, "spaces": [list(space) for space in visitor.spaces]}


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
