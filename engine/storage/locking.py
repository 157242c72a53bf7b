"""Names that one transaction at a time holds, for what has no row to lock yet."""

from typing import Final

from sqlalchemy import Connection, text

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def hold(connection: Connection, name: str) -> None:
    """Hold a name until the transaction ends; whoever else wants it waits, as for a row.

    On SQLite a transaction that writes holds the only write lock from its first word on.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK, {"name": name})
