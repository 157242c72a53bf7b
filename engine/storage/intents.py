"""Intents kept for buttons: a button carries the id, so it works after a restart, for ever."""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from engine.messages import Intent, IntentId, Owner
from engine.storage.database import Store, reads, writes
from engine.storage.tables import intents
from engine.storage.upsert import Insert, insert_for

ID_BYTES = 16
"""22 characters in base64: a button has room for 64 bytes."""
INTENT: TypeAdapter[Intent] = TypeAdapter(Intent)


class IntentStore(Store):
    """Intents by an id that follows from their content and owner."""

    @writes
    def remember(self, connection: Connection, owner: Owner, intent: Intent) -> IntentId:
        """Keep an intent; the same one of the same owner has the same id."""
        name = intent_id(owner, intent)
        row = {"id": name, "space": owner.space, "person": owner.person, "intent": intent}
        connection.execute(_keep(connection.dialect.name), row)
        return name

    @reads
    def recall(self, connection: Connection, name: IntentId) -> tuple[Owner, Intent] | None:
        """An intent and whose it was; None when it is unknown or was deleted."""
        row = (connection.execute(select(intents).where(intents.c.id == name))).one_or_none()
        if row is None:
            return None
        return Owner(space=row.space, person=row.person), row.intent


@lru_cache(maxsize=2)
def _keep(dialect: str) -> Insert:
    return insert_for(dialect, intents).on_conflict_do_nothing(index_elements=["id"])


def intent_id(owner: Owner, intent: Intent) -> IntentId:
    """A short url-safe id, 22 characters."""
    told = owner.model_dump_json().encode() + b"\n" + INTENT.dump_json(intent)
    return IntentId(urlsafe_b64encode(sha256(told).digest()[:ID_BYTES]).decode().rstrip("="))
