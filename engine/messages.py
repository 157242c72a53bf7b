"""The typed messages that travel through the engine: Intent, Plan, Job, Result, Event.

Everything is frozen and refuses unknown fields, so that a stored message read back by newer
code either is what it says or is refused by name. Unions carry a `kind` tag.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field

SpaceId = NewType("SpaceId", str)
"""A guild, a chat or a DM, as `platform:id`; the engine never looks inside."""
PersonId = NewType("PersonId", str)
JobId = NewType("JobId", str)
EntryId = NewType("EntryId", str)
IntentId = NewType("IntentId", str)
Sha256 = NewType("Sha256", str)
WorkerId = NewType("WorkerId", str)

LoraKind = Literal[
    "character", "style", "lighting", "effect", "object", "concept", "speed", "slider"
]
Rating = Literal["general", "suggestive", "mature"]
TriggerRole = Literal["required", "optional", "pick_one"]


class Message(BaseModel):
    """Base of every message: frozen, exact."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


# --- who and what -----------------------------------------------------------------------------


class Owner(Message):
    """Whose request it is, and in which space."""

    space: SpaceId
    person: PersonId


class Trigger(Message):
    """A word that wakes a LoRA."""

    word: str = Field(min_length=1, max_length=100)
    role: TriggerRole = "required"


class Card(Message):
    """An approved LoRA of a space, as the director sees it."""

    name: str = Field(min_length=1, max_length=80)
    aliases: tuple[str, ...] = ()
    kind: LoraKind = "style"
    family: str
    triggers: tuple[Trigger, ...] = ()
    tags: tuple[str, ...] = ()
    description: str = ""
    weight: float = 1.0
    rating: Rating = "general"
    entry: EntryId | None = None
    sha256: Sha256 | None = None


class Base(Message):
    """A base that this installation can draw with."""

    name: str
    family: str
    version: int = 1
    folder: str
    """Local folder in the diffusers layout, as the worker will open it."""


# --- intent -----------------------------------------------------------------------------------


class LookWish(Message):
    """A LoRA that the words asked for."""

    name: str
    said: str
    """The person's own words that named it: the evidence shown by "Why this?"."""
    strength: float | None = None
    """Explicit weight, or a factor's result; None leaves it to tuning."""


class Settings(Message):
    """What a person may set on a picture; None means: decide for me."""

    width: int | None = None
    height: int | None = None
    aspect: str | None = None
    """Format in words or as a ratio ("portrait", "16:9"); the planner finds the nearest size."""
    steps: int | None = None
    guidance: float | None = None
    count: int | None = None
    seed: int | None = None
    base: str | None = None
    scheduler: str | None = None


class Generate(Message):
    """Make a new picture."""

    kind: Literal["generate"] = "generate"
    words: str
    """What the person typed, kept for history."""
    prompt: str
    """The words without chatter, settings and strengths; triggers are not yet in."""
    negative_prompt: str = ""
    looks: tuple[LookWish, ...] = ()
    settings: Settings = Settings()


class Reroll(Message):
    """The same plan again with a new seed."""

    kind: Literal["reroll"] = "reroll"
    job: JobId


class Vary(Message):
    """The same plan and seed, the noise turned a little."""

    kind: Literal["variation"] = "variation"
    job: JobId
    image: int = 0


class Replay(Message):
    """A ready plan, exactly."""

    kind: Literal["replay"] = "replay"
    plan: "Plan"


class Search(Message):
    """Look for LoRAs of this space."""

    kind: Literal["search"] = "search"
    query: str = ""


class Info(Message):
    """What made this, or what is this look?"""

    kind: Literal["info"] = "info"
    about: str


class Status(Message):
    """My place in the queue."""

    kind: Literal["status"] = "status"


class Cancel(Message):
    """Stop one job of mine, or all when none is named."""

    kind: Literal["cancel"] = "cancel"
    job: JobId | None = None


class Delete(Message):
    """Delete a picture of mine."""

    kind: Literal["delete"] = "delete"
    job: JobId


class Help(Message):
    """How does this work?"""

    kind: Literal["help"] = "help"
    topic: str = ""


class Chat(Message):
    """Nothing to draw: an answer in words."""

    kind: Literal["chat"] = "chat"
    words: str = ""


Intent = Annotated[
    Generate | Reroll | Vary | Replay | Search | Info | Status | Cancel | Delete | Help | Chat,
    Field(discriminator="kind"),
]
Drawing = Generate | Reroll | Vary | Replay
"""Intents that lead to a plan and a job."""


class Reading(Message):
    """What a reader made of the words."""

    intent: Intent
    reply: str = ""
    """A question or a remark; empty when there is nothing to say."""
    results: tuple[str, ...] = ()
    """Names found by a search, best first."""
    about: str | None = None


# --- plan -------------------------------------------------------------------------------------


class PlannedLora(Message):
    """One LoRA of a stack, with everything needed to replay it."""

    name: str
    weight: float
    trigger: str = ""
    reason: str
    kind: LoraKind = "style"
    sha256: Sha256 | None = None
    entry: EntryId | None = None


class Reason(Message):
    """Why a choice differs from the default, in words people can read and undo."""

    choice: str
    value: str
    why: str


class Variation(Message):
    """Noise turned from the plan's seed towards another: 0 keeps it, 1 replaces it."""

    seed: int
    strength: float = Field(ge=0, le=1)


class Plan(Message):
    """Everything decided and explained; can be shown, edited and replayed."""

    base: str
    family: str
    prompt: str
    negative_prompt: str = ""
    loras: tuple[PlannedLora, ...] = ()
    width: int
    height: int
    steps: int
    guidance: float
    scheduler: str
    seed: int = Field(ge=0, lt=2**63)
    count: int = Field(default=1, ge=1)
    variation: Variation | None = None
    reasons: tuple[Reason, ...] = ()
    words: str = ""
    wish: Generate | None = None
    """The wish it was made from: what an edit of the conversation starts from."""


# --- job --------------------------------------------------------------------------------------


class Priority(IntEnum):
    """Lower goes first; ageing lifts a waiting job by a class."""

    INTERACTIVE = 0
    BATCH = 1
    BACKGROUND = 2


JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})


class Picture(Message):
    """One finished image, stored as a blob."""

    sha256: Sha256
    index: int
    seed: int
    width: int
    height: int
    size_bytes: int


class Result(Message):
    """What a job made."""

    pictures: tuple[Picture, ...]
    seconds: float
    warnings: tuple[str, ...] = ()


class Failure(Message):
    """Why a job ended without a picture: a stable code and its facts."""

    code: str
    facts: dict[str, str] = Field(default_factory=dict)


class Job(Message):
    """A plan that was admitted. The row in the database is the truth; this is a copy of it."""

    id: JobId
    owner: Owner
    plan: Plan
    priority: Priority = Priority.INTERACTIVE
    state: JobState = "queued"
    attempts: int = 0
    fence: int = 0
    """Grows with every lease; a report that carries an older one is ignored."""
    cost: float
    passed_over: int = 0
    asked_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_asked: bool = False
    result: Result | None = None
    failure: Failure | None = None


class Ticket(Message):
    """The answer to a request: it is in the queue, here is your place."""

    job: JobId
    position: int
    """1 is next."""
    eta_low_s: float | None = None
    eta_high_s: float | None = None


# --- events: ids and facts only ---------------------------------------------------------------


class Queued(Message):
    """Admitted, or back in the queue after `attempt` tries."""

    kind: Literal["queued"] = "queued"
    job: JobId
    position: int
    attempt: int = 0


class Started(Message):
    """A worker took it."""

    kind: Literal["started"] = "started"
    job: JobId
    worker: WorkerId


class Progress(Message):
    """A step was done; not stored."""

    kind: Literal["progress"] = "progress"
    job: JobId
    step: int
    steps: int
    preview: bytes | None = None
    """A small PNG of the picture as it is now, every few steps."""


class Ended(Message):
    """The job is over; `state` says how. The row holds the rest."""

    kind: Literal["ended"] = "ended"
    job: JobId
    state: Literal["done", "failed", "cancelled"]


Event = Annotated[Queued | Started | Progress | Ended, Field(discriminator="kind")]


# --- between the dispatcher and a worker ------------------------------------------------------


class LoraFile(Message):
    """A LoRA file of an order: where its bytes are and how strong it is."""

    name: str
    sha256: Sha256
    path: str
    weight: float


class WorkOrder(Message):
    """A leased job as a worker sees it: no owner, no place, no token."""

    job: JobId
    fence: int
    plan: Plan
    base: Base
    loras: tuple[LoraFile, ...] = ()
    preview_every: int = 4


class Drawn(Message):
    """One image's facts; its PNG bytes travel beside the message."""

    index: int
    seed: int
    width: int
    height: int


class WorkerReady(Message):
    """The worker is up and can take an order."""

    kind: Literal["ready"] = "ready"
    worker: WorkerId
    device: str
    memory_bytes: int | None = None


class Beat(Message):
    """Still alive; says what it holds."""

    kind: Literal["beat"] = "beat"
    worker: WorkerId
    job: JobId | None = None
    base: str | None = None
    loras: tuple[Sha256, ...] = ()


class StepDone(Message):
    """Progress of an order; `preview` is a small PNG."""

    kind: Literal["step"] = "step"
    worker: WorkerId
    job: JobId
    fence: int
    step: int
    steps: int
    preview: bytes | None = None


class Finished(Message):
    """An order is done; `images` are whole PNG files in the order of `drawn`."""

    kind: Literal["finished"] = "finished"
    worker: WorkerId
    job: JobId
    fence: int
    drawn: tuple[Drawn, ...]
    images: tuple[bytes, ...]
    seconds: float
    stages: dict[str, float] = Field(default_factory=dict)
    """Seconds by stage: load, encode, denoise, decode, write."""
    warnings: tuple[str, ...] = ()


class Stopped(Message):
    """An order was cancelled between two steps."""

    kind: Literal["stopped"] = "stopped"
    worker: WorkerId
    job: JobId
    fence: int


class GaveUp(Message):
    """An order failed; `retry` says whether another try may help."""

    kind: Literal["gave_up"] = "gave_up"
    worker: WorkerId
    job: JobId
    fence: int
    failure: Failure
    retry: bool


class WorkerGone(Message):
    """Written by the pool, not the worker: it died, hung or was stopped; its order is free."""

    kind: Literal["gone"] = "gone"
    worker: WorkerId
    how: str
    job: JobId | None = None
    fence: int | None = None


Report = Annotated[
    WorkerReady | Beat | StepDone | Finished | Stopped | GaveUp | WorkerGone,
    Field(discriminator="kind"),
]

Replay.model_rebuild()
