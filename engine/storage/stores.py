"""Every store of one database and the blobs beside it, opened and closed together."""

from dataclasses import dataclass, field
from typing import Self

from engine.errors import DatabaseOutdated
from engine.storage import migration
from engine.storage.audit import AuditStore
from engine.storage.bases import BaseStore
from engine.storage.blobs import BlobStore
from engine.storage.choices import ChoiceStore
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.deliveries import DeliveryStore
from engine.storage.displacements import DisplacementStore
from engine.storage.doors import DoorStore
from engine.storage.entries import EntryStore
from engine.storage.entry_search import EntrySearch
from engine.storage.gallery import GalleryStore
from engine.storage.intakes import IntakeStore
from engine.storage.intents import IntentStore
from engine.storage.jobs import JobStore
from engine.storage.links import LinkStore
from engine.storage.marks import MarkStore
from engine.storage.notices import NoticeStore
from engine.storage.opinions import OpinionStore
from engine.storage.own_looks import OwnLookStore
from engine.storage.pictures import PictureStore
from engine.storage.posts import PostStore
from engine.storage.queue import QueueStore
from engine.storage.reports import ReportStore
from engine.storage.retention import RetentionStore
from engine.storage.samples import SampleStore
from engine.storage.spaces import SpaceStore
from engine.storage.upload_links import UploadLinkStore
from engine.storage.uploads import UploadStore
from engine.threads import in_thread


@dataclass(slots=True)
class Stores:
    """The engine's memory. Opening is apart from building, so that wiring does no I/O."""

    url: str
    database: Database
    blobs: BlobStore
    audit: AuditStore = field(init=False)
    bases: BaseStore = field(init=False)
    choices: ChoiceStore = field(init=False)
    conversations: ConversationStore = field(init=False)
    deliveries: DeliveryStore = field(init=False)
    displacements: DisplacementStore = field(init=False)
    doors: DoorStore = field(init=False)
    entries: EntryStore = field(init=False)
    entry_search: EntrySearch = field(init=False)
    gallery: GalleryStore = field(init=False)
    intakes: IntakeStore = field(init=False)
    intents: IntentStore = field(init=False)
    jobs: JobStore = field(init=False)
    links: LinkStore = field(init=False)
    marks: MarkStore = field(init=False)
    notices: NoticeStore = field(init=False)
    opinions: OpinionStore = field(init=False)
    own_looks: OwnLookStore = field(init=False)
    pictures: PictureStore = field(init=False)
    posts: PostStore = field(init=False)
    queue: QueueStore = field(init=False)
    samples: SampleStore = field(init=False)
    reports: ReportStore = field(init=False)
    retention: RetentionStore = field(init=False)
    spaces: SpaceStore = field(init=False)
    upload_links: UploadLinkStore = field(init=False)
    uploads: UploadStore = field(init=False)

    def __post_init__(self) -> None:
        """Give every store the one database."""
        database = self.database
        self.audit = AuditStore(database)
        self.bases = BaseStore(database)
        self.choices = ChoiceStore(database)
        self.conversations = ConversationStore(database)
        self.deliveries = DeliveryStore(database)
        self.displacements = DisplacementStore(database)
        self.doors = DoorStore(database)
        self.entries = EntryStore(database)
        self.entry_search = EntrySearch(database)
        self.gallery = GalleryStore(database)
        self.intakes = IntakeStore(database, self.entries)
        self.intents = IntentStore(database)
        self.jobs = JobStore(database)
        self.links = LinkStore(database, self.entries)
        self.marks = MarkStore(database)
        self.notices = NoticeStore(database)
        self.opinions = OpinionStore(database)
        self.own_looks = OwnLookStore(database)
        self.pictures = PictureStore(database)
        self.posts = PostStore(database)
        self.queue = QueueStore(database)
        self.samples = SampleStore(database)
        self.reports = ReportStore(database)
        self.retention = RetentionStore(database)
        self.spaces = SpaceStore(database)
        forget = [self.choices.forget, self.links.forget, self.own_looks.forget]
        self.spaces.moved += forget
        self.upload_links = UploadLinkStore(database)
        self.uploads = UploadStore(database)

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
