"""What platforms must know after a restart: small values by key, each platform its own."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, delete, select

from engine.storage.database import Store, reads, writes
from engine.storage.tables import marks
from engine.storage.upsert import insert_into

Value = Mapping[str, JsonValue]


class MarkStore(Store):
    """Keys and values; what they mean is the platform's affair."""

    @writes
    def add(
        self, connection: Connection, platform: str, key: str, value: Value, until: datetime | None
    ) -> bool:
        """Keep a value under a new key; False, and nothing changes, when the key is there."""
        statement = insert_into(connection, marks).values(
            platform=platform, key=key, value=dict(value), expires_at=until
        )
        done = connection.execute(statement.on_conflict_do_nothing())
        return done.rowcount > 0

    @writes
    def put(
        self, connection: Connection, platform: str, key: str, value: Value, until: datetime | None
    ) -> None:
        """Keep a value under a key, whether it is there or not."""
        changing = {"value": dict(value), "expires_at": until}
        statement = insert_into(connection, marks).values(platform=platform, key=key, **changing)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["platform", "key"], set_=changing)
        )

    @reads
    def get(self, connection: Connection, platform: str, key: str) -> Value | None:
        """The value of a key."""
        return connection.execute(
            select(marks.c.value).where(marks.c.platform == platform, marks.c.key == key)
        ).scalar_one_or_none()

    @writes
    def take(self, connection: Connection, platform: str, key: str) -> Value | None:
        """The value of a key, which is gone then: only one asker gets it."""
        return connection.execute(
            delete(marks)
            .where(marks.c.platform == platform, marks.c.key == key)
            .returning(marks.c.value)
        ).scalar_one_or_none()

    @reads
    def beginning(
        self, connection: Connection, platform: str, prefix: str
    ) -> tuple[tuple[str, Value], ...]:
        """Keys that begin so, in their order, with their values."""
        rows = connection.execute(
            select(marks.c.key, marks.c.value)
            .where(marks.c.platform == platform, marks.c.key.startswith(prefix, autoescape=True))
            .order_by(marks.c.key)
        )
        return tuple((row.key, row.value) for row in rows)

    @writes
    def expire(self, connection: Connection, platform: str, now: datetime) -> int:
        """Forget what is too old; returns how many."""
        expired = delete(marks).where(marks.c.platform == platform, marks.c.expires_at < now)
        return connection.execute(expired).rowcount
