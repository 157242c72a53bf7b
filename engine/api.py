"""The engine's front door: with messages, errors and wiring, all that the bot sees."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import JsonValue

from engine.bases.shelf import REPOSITORY as REPOSITORY
from engine.bases.shelf import Added as Added
from engine.bases.shelf import BaseShelf as BaseShelf
from engine.bases.shelf import Listed as Listed
from engine.bases.shelf import Offer as Offer
from engine.bases.shelf import Wanted as Wanted
from engine.bases.shelf import held_as as held_as
from engine.choices import OF_A_PLACE as OF_A_PLACE
from engine.choices import RATINGS as RATINGS
from engine.choices import HouseRules as HouseRules
from engine.choices import Quota as Quota
from engine.choices import Wishes as Wishes
from engine.choices import quota_of as quota_of
from engine.choices import set_at as set_at
from engine.choices import strongest as strongest
from engine.choices import up_to as up_to
from engine.director.adjust import Adjustment as Adjustment
from engine.director.adjust import adjusted as adjusted
from engine.director.adjust import alternatives as alternatives
from engine.director.adjust import swapped as swapped
from engine.director.batch import plan_batch as plan_batch
from engine.director.cards import cards_from_json as cards_from_json
from engine.director.catalogue import OwnLooks as OwnLooks
from engine.director.catalogue import WordLook as WordLook
from engine.director.catalogue.looks import look_named as look_named
from engine.director.planner import LEARNED as LEARNED
from engine.director.reader import Turn
from engine.dispatch.pool import WorkerStatus as WorkerStatus
from engine.formats.inspect import inspect as inspect
from engine.house import Changes as Changes
from engine.house import House as House
from engine.messages import (
    Base,
    Card,
    Event,
    Feedback,
    Intent,
    IntentId,
    Job,
    JobId,
    Owner,
    PersonId,
    Picture,
    Plan,
    Priority,
    Rating,
    Reading,
    Search,
    Sha256,
    SpaceId,
    Ticket,
)
from engine.recipe import parameters_text as parameters_text
from engine.recipe import plan_of_image as plan_of_image
from engine.recipe import read_recipe as read_recipe
from engine.registry.beside import ASIDE as ASIDE
from engine.registry.beside import is_beside as is_beside
from engine.registry.beside import stem_of as stem_of
from engine.registry.beside import texts_beside as texts_beside
from engine.registry.consent import open_questions as open_questions
from engine.registry.facts import UNNAMED as UNNAMED
from engine.registry.facts import CardFacts as CardFacts
from engine.registry.facts import facts_from_json as facts_from_json
from engine.registry.link_uploads import Standing as Standing
from engine.registry.quarantine import BROKEN_BY as BROKEN_BY
from engine.registry.registry import Registry as Registry
from engine.registry.registry import Shown as Shown
from engine.registry.registry import ShownPicture as ShownPicture
from engine.registry.registry import WaitingPage as WaitingPage
from engine.registry.registry import best_cell as best_cell
from engine.registry.vetting import CardEdit as CardEdit
from engine.storage.audit import AuditLine as AuditLine
from engine.storage.blobs import BlobStore
from engine.storage.bringing import Along as Along
from engine.storage.doors import DoorStore
from engine.storage.doors import Visitor as Visitor
from engine.storage.entries import Entry as Entry
from engine.storage.entries import EntryState as EntryState
from engine.storage.entry_search import EntryPage as EntryPage
from engine.storage.entry_search import EntryQuery as EntryQuery
from engine.storage.gallery import GalleryPage as GalleryPage
from engine.storage.gallery import GalleryQuery as GalleryQuery
from engine.storage.gallery import GalleryStore
from engine.storage.gallery import Hung as Hung
from engine.storage.intakes import MODERATORS as MODERATORS
from engine.storage.intakes import Intake as Intake
from engine.storage.intakes import IntakeState as IntakeState
from engine.storage.intakes import Sender as Sender
from engine.storage.links import Joined as Joined
from engine.storage.links import Joining as Joining
from engine.storage.links import Linked as Linked
from engine.storage.marks import MarkStore
from engine.storage.notices import Notice as Notice
from engine.storage.notices import Report as Report
from engine.storage.opinions import KeptOpinion as KeptOpinion
from engine.storage.posts import KeptPost as KeptPost
from engine.storage.posts import NewPost as NewPost
from engine.storage.posts import PostStore
from engine.storage.reports import OpenReport as OpenReport
from engine.storage.reports import OpenReports as OpenReports
from engine.storage.reports import Reported as Reported
from engine.storage.spaces import Entrance as Entrance
from engine.storage.spaces import SpaceStore
from engine.storage.spaces import Spoken as Spoken
from engine.storage.uploads import Upload as Upload
from engine.storage.uploads import UploadStore

GENERAL: frozenset[Rating] = frozenset({"general"})
"""What may be used where nothing else was allowed."""
SpaceKind = Literal["guild", "chat", "dm", "local"]
DeliveryState = Literal["waiting", "due", "posting", "posted", "undeliverable"]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who speaks, and where: what the engine needs to know of a space and a person."""

    owner: Owner
    platform: str
    space_title: str
    space_kind: SpaceKind
    person_name: str
    conversation: str
    """Key of the talk: one person in one place, as the platform defines it."""
    allowed_ratings: frozenset[Rating] = GENERAL
    """Ratings of looks that the rules of this place allow."""
    locale: str = ""
    """What the platform says that this person's app speaks."""
    roles: tuple[str, ...] = ()
    """The platform's ids of this person's roles: quotas may go by them."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a job's outcome goes: a platform's name and an address only it can read."""

    platform: str
    address: str
    message_id: str | None = None
    """The progress message, once it is posted: edited instead of posting anew."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A job that is not over, and its progress message (`message_id` is set)."""

    owner: Owner
    job: JobId
    destination: Destination


@dataclass(frozen=True, slots=True)
class Delivery:
    """A job's outcome on its way to people; `nonce` is the same at every try."""

    job: Job
    destination: Destination
    state: DeliveryState
    nonce: str
    tries: int = 0
    is_elsewhere: bool = False
    """It goes to another place than it was asked for in, which is gone."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """A person's own jobs with their places, and how long the whole queue is."""

    mine: tuple[tuple[Job, Ticket], ...]
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of health: what was looked at, whether it is well, and the cure when not."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The plan inside a picture, and the job it came from when that was here."""

    plan: Plan
    job: Job | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is stored about one person, oldest first."""

    jobs: tuple[Job, ...]
    turns: tuple[Turn, ...]
    opinions: tuple[KeptOpinion, ...] = ()
    bookmarks: frozenset[JobId] = frozenset()
    """Jobs whose pictures no retention deletes."""
    wishes: Wishes = field(default_factory=Wishes)
    records: Mapping[str, tuple[Mapping[str, JsonValue], ...]] = field(default_factory=dict)
    """All the rest by kind: `engine.storage.personal`."""


@dataclass(frozen=True, slots=True)
class Board:
    """What platforms keep here: the web page all it shows, the others a little."""

    posts: PostStore
    uploads: UploadStore
    doors: DoorStore
    gallery: GalleryStore
    blobs: BlobStore
    spaces: SpaceStore
    marks: MarkStore


class Engine(Protocol):
    """Everything that the bot may ask. `engine.wiring.build` makes the real one."""

    @property
    def registry(self) -> Registry:
        """LoRA files: bringing, looking, deciding."""
        ...

    @property
    def house(self) -> House:
        """What admins chose for their space, and people for themselves."""
        ...

    async def start(self) -> None:
        """Check the database, recover jobs, start workers and the dispatcher."""
        ...

    async def stop(self) -> None:
        """Let running pictures finish within the grace period, return the rest to the queue."""
        ...

    @property
    def own_looks(self) -> OwnLooks:
        """A space's own looks in words: adding, editing, taking away, undoing."""
        ...

    @property
    def sees_pictures(self) -> bool:
        """Whether pictures shown with words are looked at."""
        ...

    async def read(
        self,
        visit: Visit,
        words: str,
        about: Plan | None = None,
        pictures: Sequence[bytes] = (),
    ) -> Reading:
        """Understand words with this conversation's history.

        `about` is a plan that the words are said of, such as that of a picture shown with them;
        `pictures` are files shown with the words, as they came.
        """
        ...

    async def plan(self, visit: Visit, intent: Intent, *, seed: int | None = None) -> Plan:
        """Decide everything for a drawing intent; raises `PersonError` with the cure."""
        ...

    async def draw(
        self,
        visit: Visit,
        intent: Intent,
        destination: Destination,
        *,
        priority: Priority = Priority.INTERACTIVE,
        request: str | None = None,
    ) -> Ticket:
        """Plan and admit a job.

        `request` identifies the person's act (an update or press id): a repeat of the same act
        gives the ticket of the first. Raises `QueueFull` and other `PersonError`s.
        """
        ...

    async def cancel(self, owner: Owner, job: JobId | None) -> tuple[JobId, ...]:
        """Cancel one job or all of this person's; returns those that were not over yet."""
        ...

    async def withdraw(self, platform: str, prefix: str) -> tuple[JobId, ...]:
        """Cancel all that is drawn for addresses that begin so: the place is gone."""
        ...

    async def delete(self, owner: Owner, job: JobId) -> None:
        """Delete a job's pictures; only its owner may."""
        ...

    async def show(self, owner: Owner, job: JobId) -> Job:
        """A job of this space, or of the person's own; `NotFound` otherwise."""
        ...

    async def keep(self, owner: Owner, job: JobId) -> bool:
        """Keep a picture of one's own for good, or let go again; whether it is kept now.

        Raises `NotFound`, and `NotAllowed` for a picture of somebody else.
        """
        ...

    async def rating(self, job: Job) -> Rating:
        """The strongest rating among the looks of its plan, as they are rated now."""
        ...

    async def queue(self, owner: Owner) -> QueueView:
        """This person's jobs and the length of the queue."""
        ...

    async def ticket(self, job: JobId) -> Ticket | None:
        """Where a waiting job stands now; None when it does not wait."""
        ...

    async def waiting(self) -> Mapping[Priority, int]:
        """How many jobs wait, by priority class."""
        ...

    async def looks(self, space: SpaceId, query: str | Search = "") -> tuple[Card, ...]:
        """Approved LoRAs of a space, best match first; all of them for an empty query.

        Words may name kinds and bases: "lights for sdxl".
        """
        ...

    async def word_looks(self, space: SpaceId, query: str | Search = "") -> tuple[WordLook, ...]:
        """Looks that need no LoRA, those that answer the query."""
        ...

    async def samples(
        self, space: SpaceId, looks: Sequence[Card | WordLook]
    ) -> Mapping[str, Sha256]:
        """Name -> sample picture, for looks of this space that have one by now."""
        ...

    async def sample(self, space: SpaceId, look: Card | WordLook) -> bytes | None:
        """The PNG of a look's sample, or of its preview when it was vetted; None without one."""
        ...

    async def ask_samples(self, space: SpaceId, looks: Sequence[Card | WordLook]) -> int:
        """Have missing samples drawn, behind everybody's work; how many were asked for."""
        ...

    async def search(self, space: SpaceId, words: str) -> Search:
        """What typed words search for: kinds and bases that they name, and the rest."""
        ...

    async def bases(self) -> tuple[Base, ...]:
        """Bases this installation can draw with, default first."""
        ...

    async def picture(self, owner: Owner, job: JobId, index: int) -> bytes:
        """The PNG of one picture; raises `NotFound` or `BlobCorrupt`."""
        ...

    async def recipe(self, owner: Owner, png: bytes) -> Recipe | None:
        """What made this picture, if it is one of ours; None when it holds no recipe."""
        ...

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Store an intent for a button: it works after a restart, for ever."""
        ...

    async def recall(self, owner: Owner, intent: IntentId) -> Intent:
        """A button's intent, if it was made in this space; `NotFound` otherwise."""
        ...

    async def asked_in(self, person: PersonId, intent: IntentId) -> Linked | None:
        """The space that this person's own button was made in; None when it is not theirs."""
        ...

    async def talk(self, visit: Visit, words: str, reply: str, job: JobId | None) -> None:
        """Keep one turn of a conversation (bounded)."""
        ...

    async def spoken(self, person: PersonId, space: SpaceId | None = None) -> Spoken:
        """Which languages were chosen or seen, for what is said to this person there."""
        ...

    async def kept(self, person: PersonId) -> Kept:
        """A person's jobs and conversations in every space: what an export shows."""
        ...

    async def forget(self, person: PersonId) -> int:
        """Delete a person's conversations, pictures and jobs; returns how many rows went."""
        ...

    async def opine(self, visit: Visit, said: Feedback) -> tuple[str, ...]:
        """Keep what a person thinks of a picture; looks that are drawn otherwise from now on."""
        ...

    async def unlearn(self, owner: Owner, look: str) -> int:
        """Forget what this person said of a look in this space; how many opinions that were."""
        ...

    async def invite(self, visitor: Visitor, lasts_s: float) -> str:
        """A token that signs this person in on the web page, once, for so long."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Events from now on, for one subscriber; slow ones lose `Progress`, nothing else."""
        ...

    async def progress_posted(self, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id."""
        ...

    async def announced(self) -> tuple[Announced, ...]:
        """Jobs that wait or run and have a progress message, oldest first."""
        ...

    async def due(self) -> tuple[JobId, ...]:
        """Jobs whose outcome is waiting to be posted, oldest first (also left-overs of a crash)."""
        ...

    async def start_posting(self, job: JobId) -> Delivery | None:
        """Take an outcome for posting (`due` -> `posting`); None when someone has it already."""
        ...

    async def posted(self, job: JobId, message_id: str) -> None:
        """The outcome is posted (`posting` -> `posted`)."""
        ...

    async def redirect(self, job: JobId, address: str, why: str) -> bool:
        """Send an outcome that is being posted to another address of its platform, once.

        It is due there at once; False when it was redirected before.
        """
        ...

    async def not_posted(self, job: JobId, *, final: bool, why: str) -> None:
        """Posting failed: back to `due`, or `undeliverable` when trying again is of no use."""
        ...

    async def checks(self) -> tuple[Check, ...]:
        """Readiness: database, blobs, workers."""
        ...

    def workers(self) -> tuple[WorkerStatus, ...]:
        """Workers as they are now."""
        ...

    def picture_path(self, picture: Picture) -> Path:
        """Where a picture's bytes are on this machine (embedded blob folder)."""
        ...
