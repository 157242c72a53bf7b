"""Counts what reaches the database while a block runs."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from unittest.mock import patch

from sqlalchemy import Connection, Engine, event

from engine.storage.database import Database

Returned = TypeVar("Returned")
Work = Callable[[Connection], Returned]


@dataclass(slots=True)
class Transactions:
    """What was counted; `statements` leaves out the words that begin and end transactions."""

    reads: int = 0
    writes: int = 0
    statements: int = 0
    by_store: Counter[str] = field(default_factory=Counter)

    @property
    def transactions(self) -> int:
        """Of both kinds."""
        return self.reads + self.writes


@contextmanager
def counted() -> Iterator[Transactions]:
    """Count the transactions and statements of every database of this process."""
    found = Transactions()
    read, write = Database.read, Database.write

    async def counted_read(database: Database, work: Work[Returned]) -> Returned:
        found.reads += 1
        found.by_store[_name(work)] += 1
        return await read(database, work)

    async def counted_write(database: Database, work: Work[Returned]) -> Returned:
        found.writes += 1
        found.by_store[_name(work)] += 1
        return await write(database, work)

    def execute(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.statements += not statement.startswith("BEGIN")

    event.listen(Engine, "before_cursor_execute", execute)
    try:
        with (
            patch.object(Database, "read", counted_read),
            patch.object(Database, "write", counted_write),
        ):
            yield found
    finally:
        event.remove(Engine, "before_cursor_execute", execute)


def _name(work: Callable[..., object]) -> str:
    """The store's method behind a transaction, for a message that says where to look."""
    for cell in work.__closure__ or ():
        inner = cell.cell_contents
        if callable(inner) and hasattr(inner, "__qualname__"):
            return str(inner.__qualname__)
    return work.__qualname__
