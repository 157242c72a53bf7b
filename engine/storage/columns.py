"""Column types that behave the same on SQLite and PostgreSQL: UTC times, stored messages."""

from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import JSON, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

Stored = TypeVar("Stored")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps it without a zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a naive time is a programming mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Stores(TypeDecorator[Stored], Generic[Stored]):
    """JSON that holds one message type (or a tuple of them), checked on the way in and out."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, adapter: TypeAdapter[Stored]) -> None:
        super().__init__()
        self.adapter = adapter

    def process_bind_param(self, value: Stored | None, dialect: Dialect) -> JsonValue:
        """To the database."""
        if value is None:
            return None
        dumped: JsonValue = self.adapter.dump_python(value, mode="json")
        return dumped

    def process_result_value(self, value: JsonValue, dialect: Dialect) -> Stored | None:
        """From the database; a message of an unknown shape is refused by name."""
        return None if value is None else self.adapter.validate_python(value, strict=False)
