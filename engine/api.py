"""The engine's front door: with messages, errors and wiring, all that the bot sees."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from engine.director.batch import plan_batch as plan_batch
from engine.director.cards import cards_from_json as cards_from_json
from engine.director.reader import Turn
from engine.dispatch.pool import WorkerStatus as WorkerStatus
from engine.formats.inspect import inspect as inspect
from engine.messages import (
    Base,
    Card,
    Event,
    Intent,
    IntentId,
    Job,
    JobId,
    Owner,
    PersonId,
    Picture,
    Plan,
    Priority,
    Reading,
    SpaceId,
    Ticket,
)

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


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a job's outcome goes: a platform's name and an address only it can read."""

    platform: str
    address: str
    message_id: str | None = None
    """The progress message, once it is posted: edited instead of posting anew."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A job's outcome on its way to people; `nonce` is the same at every try."""

    job: Job
    destination: Destination
    state: DeliveryState
    nonce: str
    tries: int = 0


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
class Kept:
    """Everything that is stored about one person, oldest first."""

    jobs: tuple[Job, ...]
    turns: tuple[Turn, ...]


class Engine(Protocol):
    """Everything that the bot may ask. `engine.wiring.build` makes the real one."""

    async def start(self) -> None:
        """Check the database, recover jobs, start workers and the dispatcher."""
        ...

    async def stop(self) -> None:
        """Let running pictures finish within the grace period, return the rest to the queue."""
        ...

    async def read(self, visit: Visit, words: str) -> Reading:
        """Understand words with this conversation's history."""
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

    async def delete(self, owner: Owner, job: JobId) -> None:
        """Delete a job's pictures; only its owner may."""
        ...

    async def show(self, owner: Owner, job: JobId) -> Job:
        """A job of this space, or of the person's own; `NotFound` otherwise."""
        ...

    async def queue(self, owner: Owner) -> QueueView:
        """This person's jobs and the length of the queue."""
        ...

    async def waiting(self) -> Mapping[Priority, int]:
        """How many jobs wait, by priority class."""
        ...

    async def looks(self, space: SpaceId, query: str = "") -> tuple[Card, ...]:
        """Approved LoRAs of a space, best match first; all of them for an empty query."""
        ...

    async def bases(self) -> tuple[Base, ...]:
        """Bases this installation can draw with, default first."""
        ...

    async def picture(self, owner: Owner, job: JobId, index: int) -> bytes:
        """The PNG of one picture; raises `NotFound` or `BlobCorrupt`."""
        ...

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Store an intent for a button: it works after a restart, for ever."""
        ...

    async def recall(self, owner: Owner, intent: IntentId) -> Intent:
        """A button's intent, if it was made in this space; `NotFound` otherwise."""
        ...

    async def talk(self, visit: Visit, words: str, reply: str, job: JobId | None) -> None:
        """Keep one turn of a conversation (bounded)."""
        ...

    async def kept(self, person: PersonId) -> Kept:
        """A person's jobs and conversations in every space: what an export shows."""
        ...

    async def forget(self, person: PersonId) -> int:
        """Delete a person's conversations, pictures and jobs; returns how many rows went."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Events from now on, for one subscriber; slow ones lose `Progress`, nothing else."""
        ...

    async def progress_posted(self, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id."""
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
