"""Intents kept for buttons: a button carries the id, so it works after a restart, for ever."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy import select

from engine.messages import Intent, IntentId, Owner
from engine.storage.database import Database
from engine.storage.tables import intents
from engine.storage.upsert import insert_into

ID_BYTES = 16
"""22 characters in base64: a button has room for 64 bytes."""
INTENT: TypeAdapter[Intent] = TypeAdapter(Intent)


class IntentStore:
    """Intents by an id that follows from their content and owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Keep an intent; the same one of the same owner has the same id."""
        name = intent_id(owner, intent)
        async with self._database.write() as connection:
            statement = insert_into(connection, intents).values(
                id=name, space=owner.space, person=owner.person, intent=intent
            )
            await connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))
        return name

    async def recall(self, name: IntentId) -> tuple[Owner, Intent] | None:
        """An intent and whose it was; None when it is unknown or was deleted."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(intents).where(intents.c.id == name))
            ).one_or_none()
            if row is None:
                return None
            return Owner(space=row.space, person=row.person), row.intent


def intent_id(owner: Owner, intent: Intent) -> IntentId:
    """A short url-safe id, 22 characters."""
    told = owner.model_dump_json().encode() + b"\n" + INTENT.dump_json(intent)
    return IntentId(urlsafe_b64encode(sha256(told).digest()[:ID_BYTES]).decode().rstrip("="))
