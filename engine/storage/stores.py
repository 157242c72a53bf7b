"""Every store of one database and the blobs beside it, opened and closed together."""

from dataclasses import dataclass, field
from typing import Self

from engine.errors import DatabaseOutdated
from engine.storage import migration
from engine.storage.audit import AuditStore
from engine.storage.bases import BaseStore
from engine.storage.blobs import BlobStore
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.deliveries import DeliveryStore
from engine.storage.entries import EntryStore
from engine.storage.intents import IntentStore
from engine.storage.jobs import JobStore
from engine.storage.pictures import PictureStore
from engine.storage.queue import QueueStore
from engine.storage.spaces import SpaceStore
from engine.threads import in_thread


@dataclass(slots=True)
class Stores:
    """The engine's memory. Opening is apart from building, so that wiring does no I/O."""

    url: str
    database: Database
    blobs: BlobStore
    audit: AuditStore = field(init=False)
    bases: BaseStore = field(init=False)
    conversations: ConversationStore = field(init=False)
    deliveries: DeliveryStore = field(init=False)
    entries: EntryStore = field(init=False)
    intents: IntentStore = field(init=False)
    jobs: JobStore = field(init=False)
    pictures: PictureStore = field(init=False)
    queue: QueueStore = field(init=False)
    spaces: SpaceStore = field(init=False)

    def __post_init__(self) -> None:
        """Give every store the one database."""
        database = self.database
        self.audit = AuditStore(database)
        self.bases = BaseStore(database)
        self.conversations = ConversationStore(database)
        self.deliveries = DeliveryStore(database)
        self.entries = EntryStore(database)
        self.intents = IntentStore(database)
        self.jobs = JobStore(database)
        self.pictures = PictureStore(database)
        self.queue = QueueStore(database)
        self.spaces = SpaceStore(database)

    @classmethod
    async def of(cls, url: str, blobs: BlobStore, *, busy_timeout_s: float, pool_size: int) -> Self:
        """Stores on this database; nothing is connected yet."""
        database = await Database.open(url, busy_timeout_s=busy_timeout_s, pool_size=pool_size)
        return cls(url, database, blobs)

    async def open(self) -> None:
        """Check the database; an outdated SQLite file or an empty database is upgraded first.

        A PostgreSQL database that holds data is left to the host: raises `DatabaseOutdated`,
        as well as `DatabaseNewer`, `StoreReadOnly` and `StoreBusy`.
        """
        file = self.database.file
        if file is not None and not await in_thread(file.exists):
            await migration.upgrade(self.url)
        try:
            await self.database.check()
        except DatabaseOutdated:
            if file is None and await migration.current(self.url) is not None:
                raise
            await migration.upgrade(self.url)
            await self.database.check()
        await self.blobs.check()

    async def close(self) -> None:
        """Close the database's connections."""
        await self.database.close()
