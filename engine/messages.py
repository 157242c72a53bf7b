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
IntakeId = NewType("IntakeId", str)
IntentId = NewType("IntentId", str)
Sha256 = NewType("Sha256", str)
WorkerId = NewType("WorkerId", str)

VETTING = PersonId("atelier:vetting")
"""Whose jobs the previews of unapproved files are: nobody's, so no person is shown them."""

LoraKind = Literal[
    "character", "style", "lighting", "effect", "object", "concept", "speed", "slider"
]
BaseDtype = Literal["auto", "fp32", "bf16", "fp16", "fp8"]
"""How a base's numbers are held; `auto` is what the device knows best."""
BaseForm = Literal["folder", "single-file", "gguf"]
Rating = Literal["general", "suggestive", "mature"]
EVERY_RATING: frozenset[Rating] = frozenset({"general", "suggestive", "mature"})
TriggerRole = Literal["required", "optional", "pick_one"]
Verdict = Literal["good", "bad", "overdone", "too_strong", "too_weak", "not_alike"]
"""What is said of a picture: praise, complaint, fried, a look too strong or weak, a face off."""


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
    file: str = ""
    """Weights in one file (.safetensors, .gguf) beside the folder, which then holds the rest."""
    variant: str = ""
    """The word in the names of its weight files (`fp16`)."""
    source: str = ""
    """Where it came from: `hub:OWNER/NAME`, or a path of the host's."""
    revision: str = ""
    """Commit of the hub's repository that it was pinned to."""
    sha256: str = ""
    """Of its weights, when they were added."""
    dtype: BaseDtype = "auto"
    sub_family: str = ""
    """What its makers call it within its family: pony, illustrious ..."""
    distilled: str = ""
    """Which kind of few-step base it is: turbo, lightning ... (`engine.families.distilled`)."""
    size_bytes: int = 0

    @property
    def form(self) -> BaseForm:
        """How its weights are kept."""
        if not self.file:
            return "folder"
        return "gguf" if self.file.endswith(".gguf") else "single-file"


# --- intent -----------------------------------------------------------------------------------


class LookWish(Message):
    """A LoRA that the words asked for."""

    name: str
    said: str
    """The person's own words that named it: the evidence shown by "Why this?"."""
    strength: float | None = None
    """Explicit weight, or a factor's result; None leaves it to tuning."""
    whose: Literal["", "person", "space"] = ""
    """Nobody said it: it is what this person or the place chose beforehand."""


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
    clip_skip: int | None = None


class Generate(Message):
    """Make a picture: a new one, or (`edit`) the last one with something changed."""

    kind: Literal["generate", "edit"] = "generate"
    words: str
    """What the person typed, kept for history."""
    prompt: str
    """The words without chatter, settings and strengths; triggers are not yet in."""
    negative_prompt: str = ""
    looks: tuple[LookWish, ...] = ()
    settings: Settings = Settings()
    word_looks: tuple[str, ...] = ()
    """Looks of the catalogue, by name: words and settings, no LoRA."""
    base_before: str | None = None
    """Base of the picture that this edits: kept while every look acts on it."""
    variation_before: "Variation | None" = None
    """How the noise of the picture that this edits was turned: kept with its seed."""
    read_by: str = ""
    """Who read the words when it wasn't the reader that was asked to, and why."""


class Reroll(Message):
    """The same plan again with a new seed."""

    kind: Literal["reroll"] = "reroll"
    job: JobId
    count: int | None = None
    """How many this time; None is as many as before."""
    ease: float | None = None
    """Factor on every LoRA, because the last picture was said to be overdone."""


class Vary(Message):
    """The same plan and seed, the noise turned a little."""

    kind: Literal["variation"] = "variation"
    job: JobId
    image: int = 0
    count: int | None = None
    """How many pictures, each turned another way; None is as many as before."""


class Replay(Message):
    """A ready plan, exactly."""

    kind: Literal["replay"] = "replay"
    plan: "Plan"


class Revise(Message):
    """The plan of a picture with parts of it set by hand; what is None stays as it was."""

    kind: Literal["revise"] = "revise"
    job: JobId
    prompt: str | None = None
    """As drawn: triggers are in it already."""
    negative_prompt: str | None = None
    settings: Settings = Settings()
    weights: dict[str, float | None] = Field(default_factory=dict)
    """LoRA names of the plan -> another weight; None leaves that one out."""


class Upscale(Message):
    """The same picture with more pixels."""

    kind: Literal["upscale"] = "upscale"
    job: JobId | None = None
    image: int = 0
    factor: float | None = None


class Search(Message):
    """Look for LoRAs of this space."""

    kind: Literal["search"] = "search"
    query: str = ""
    """Words that a look must answer to; empty is all."""
    kinds: tuple[LoraKind, ...] = ()
    families: tuple[str, ...] = ()
    """Only looks that act on one of these; empty is any."""


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
    """Delete a picture of mine; None when the words named none and there is none."""

    kind: Literal["delete"] = "delete"
    job: JobId | None = None


class Feedback(Message):
    """What a person thinks of a picture."""

    kind: Literal["feedback"] = "feedback"
    verdict: Verdict
    job: JobId | None = None
    looks: tuple[str, ...] = ()
    """Names of the looks that it is about; empty: the whole picture."""
    words: str = ""


class Unlearn(Message):
    """Forget what I said of a look's strength here."""

    kind: Literal["unlearn"] = "unlearn"
    look: str


class UndoLook(Message):
    """Undo the last change of one of this space's own looks in words."""

    kind: Literal["undo_look"] = "undo_look"
    name: str


class Train(Message):
    """Make a LoRA from my pictures."""

    kind: Literal["train"] = "train"
    words: str = ""


class Help(Message):
    """How does this work?"""

    kind: Literal["help"] = "help"
    topic: str = ""


class Chat(Message):
    """Nothing to draw: an answer in words."""

    kind: Literal["chat"] = "chat"
    words: str = ""


Decision = Literal["show", "approve", "reject", "ask", "edit", "retire", "undo"]


class Vet(Message):
    """A moderator looks at a LoRA or decides about it; `skip` walks through those that wait."""

    kind: Literal["vet"] = "vet"
    decision: Decision = "show"
    entry: EntryId | None = None
    reason: str = Field(default="", max_length=500)
    skip: int = 0


Intent = Annotated[
    Generate
    | Reroll
    | Vary
    | Replay
    | Revise
    | Upscale
    | Search
    | Info
    | Status
    | Cancel
    | Delete
    | Feedback
    | Unlearn
    | UndoLook
    | Train
    | Help
    | Chat
    | Vet,
    Field(discriminator="kind"),
]
Drawing = Generate | Reroll | Vary | Replay | Revise
"""Intents that lead to a plan and a job."""


class Reading(Message):
    """What a reader made of the words."""

    intent: Intent
    reply: str = ""
    """A question or a remark; empty when there is nothing to say."""
    results: tuple[str, ...] = ()
    """Names found by a search, best first."""
    about: str | None = None
    has_seen: bool = False
    """Whether whoever read the words also looked at the pictures shown with them."""


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
    warns: bool = False
    """Whether it is told under the picture as well, because the picture may suffer from it."""


class Turn(Message):
    """Noise turned towards a seed: 0 keeps it, 1 replaces it."""

    seed: int
    strength: float = Field(ge=0, le=1)


class Variation(Turn):
    """Noise turned from the plan's seed towards another."""

    keeps_seed: bool = False
    """Every picture of the plan has its seed and is turned its own way; else both seeds grow."""
    before: tuple[Turn, ...] = Field(default=(), max_length=32)
    """Turns made first, in order: this is a variation of a variation."""


class Probe(Message):
    """Asks for a measurement instead of pictures: how far the plan's one LoRA moves its base."""

    weights: tuple[float, ...] = Field(min_length=1, max_length=8)
    prompts: tuple[str, ...] = Field(min_length=1, max_length=4)
    """The first without the LoRA's trigger, the others with it."""
    times: tuple[float, ...] = (0.85, 0.5, 0.2)
    """Where on the way from noise (1) to the picture (0)."""


class Moved(Message):
    """How far a LoRA at a weight moves what the base predicts, relative to its length."""

    weight: float
    bare: float = Field(ge=0, allow_inf_nan=False)
    """Without the trigger."""
    woken: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """With it; None where there is none."""


class Displacement(Message):
    """What a probe found on one base, by growing weight."""

    moved: tuple[Moved, ...] = Field(max_length=8)


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
    clip_skip: int = Field(default=1, ge=1, le=12)
    """Which layer of a CLIP encoder is used, counted from its end; 1 is the last."""
    seed: int = Field(ge=0, lt=2**63)
    count: int = Field(default=1, ge=1)
    variation: Variation | None = None
    reasons: tuple[Reason, ...] = ()
    words: str = ""
    wish: Generate | None = None
    """The wish it was made from: what an edit of the conversation starts from."""
    probe: Probe | None = None
    """Set by the intake alone: nothing is drawn."""


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
    displacement: Displacement | None = None
    """What was measured, where the plan asked for that."""


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


class Removed(Message):
    """Pictures of an ended job were deleted: what was posted of them must go, too."""

    kind: Literal["removed"] = "removed"
    job: JobId


Event = Annotated[Queued | Started | Progress | Ended | Removed, Field(discriminator="kind")]


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


class Kept(Message):
    """What a store of LoRAs did since its process began, and the bytes that it holds now."""

    store: Literal["host", "device"]
    hits: int = 0
    misses: int = 0
    dropped: int = 0
    held_bytes: int = 0


class Beat(Message):
    """Still alive; says what it holds."""

    kind: Literal["beat"] = "beat"
    worker: WorkerId
    jobs: tuple[JobId, ...] = ()
    base: str | None = None
    loras: tuple[Sha256, ...] = ()
    kept: tuple[Kept, ...] = ()


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
    displacement: Displacement | None = None
    """What a probe measured; then there are no images."""


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
