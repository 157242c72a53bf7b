"""Every table, in SQLAlchemy Core; `migrations/` builds them and a test compares the two."""

from typing import Final

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    text,
)

from engine.messages import Failure, Intent, Plan, Result, Sha256, Trigger
from engine.storage.columns import Stores, UtcDateTime

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID: Final = String(64)
"""Our own ids: jobs, entries, intents, hashes."""
PLACE: Final = String(200)
"""`platform:native id` of spaces, people and conversations."""
NAMES: Final = TypeAdapter(tuple[str, ...])
FACTS: Final = TypeAdapter(dict[str, JsonValue])

# Written out rather than bound, so that both databases see that a partial index applies.
IS_QUEUED: Final[ColumnElement[bool]] = literal_column("jobs.state = 'queued'")
IS_RUNNING: Final[ColumnElement[bool]] = literal_column("jobs.state = 'running'")
IS_WAITING: Final[ColumnElement[bool]] = literal_column("queue_lanes.waiting > 0")


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that queries look at; both databases know them."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


# --- spaces and people ------------------------------------------------------------------------

spaces = Table(
    "spaces",
    METADATA,
    Column("id", PLACE, primary_key=True),
    Column("platform", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
)

members = Table(
    "members",
    METADATA,
    Column("space", PLACE, ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
    Column("person", PLACE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Index("ix_members_person", "person"),
)

# --- bases, LoRA files, entries ---------------------------------------------------------------

bases = Table(
    "bases",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("family", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("folder", Text, nullable=False),
)

lora_files = Table(
    "lora_files",
    METADATA,
    Column("sha256", ID, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("format", String(40), nullable=False),
    Column("algorithm", String(40), nullable=False),
    Column("family", String(80), nullable=False),
    Column("header", Stores(FACTS), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

entries = Table(
    "entries",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("name", String(80), nullable=False),
    Column("name_key", String(160), nullable=False),
    Column("aliases", Stores(NAMES), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("tags", Stores(NAMES), nullable=False),
    Column("description", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("consent", Text, nullable=False),
    Column("rating", String(20), nullable=False),
    Column("triggers", Stores(TypeAdapter(tuple[Trigger, ...])), nullable=False),
    Column("weight", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("sha256", ID, ForeignKey("lora_files.sha256"), nullable=False),
    Column("added_by", PLACE, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Index("ix_entries_space_state", "space", "state"),
    Index("ix_entries_sha256", "sha256"),
    _partial(
        "uq_entries_space_name",
        "space",
        "name_key",
        where="state IN ('pending', 'approved')",
        unique=True,
    ),
)

# --- jobs -------------------------------------------------------------------------------------

jobs = Table(
    "jobs",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("space_charge", Float, nullable=False),
    Column("passed_over", Integer, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("worker", String(100)),
    Column("lease_until", UtcDateTime),
    Column("base", String(100), nullable=False),
    Column("loras", Stores(TypeAdapter(frozenset[Sha256])), nullable=False),
    Column("plan", Stores(TypeAdapter(Plan)), nullable=False),
    Column("result", Stores(TypeAdapter(Result))),
    Column("failure", Stores(TypeAdapter(Failure))),
    _partial(
        "ix_jobs_lane", "space", "person", "priority", "asked_at", "id", where="state = 'queued'"
    ),
    _partial("ix_jobs_class", "priority", "asked_at", where="state = 'queued'"),
    _partial("ix_jobs_lease", "lease_until", where="state = 'running'"),
    Index("ix_jobs_person_asked_at", "person", "asked_at"),
    Index("ix_jobs_space_asked_at", "space", "asked_at"),
)

job_events = Table(
    "job_events",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("what", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("facts", Stores(FACTS), nullable=False),
)

pictures = Table(
    "pictures",
    METADATA,
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("sha256", ID, nullable=False, index=True),
    Column("seed", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("platform", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("message_id", Text),
    Column("state", String(20), nullable=False),
    Column("nonce", ID, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("posted_at", UtcDateTime),
    Column("why", Text, nullable=False),
    _partial("ix_deliveries_open", "state", "due_at", where="state IN ('due', 'posting')"),
)

requests = Table(
    "requests",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
)

# --- the fair queue (rules in `fair.py`) --------------------------------------------------------

queue_clock = Table(
    "queue_clock",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("virtual_time", Float, nullable=False),
    Column("ticks", BigInteger, nullable=False),
)
"""One row: where the spaces' race stands. Whoever changes the queue locks it first."""

queue_spaces = Table(
    "queue_spaces",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("priority", Integer, primary_key=True),
    Column("waiting", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("virtual_time", Float, nullable=False),
    Column("tick", BigInteger, nullable=False),
    Column("clock", Float, nullable=False),
    _partial("ix_queue_spaces_turn", "priority", "virtual_time", "tick", where="waiting > 0"),
)
"""A space in one priority class; `clock` is where the race of its people stands."""

queue_lanes = Table(
    "queue_lanes",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("person", PLACE, primary_key=True),
    Column("priority", Integer, primary_key=True),
    Column("waiting", Integer, nullable=False),
    Column("virtual_time", Float, nullable=False),
    Column("tick", BigInteger, nullable=False),
    _partial(
        "ix_queue_lanes_turn", "space", "priority", "virtual_time", "tick", where="waiting > 0"
    ),
    Index("ix_queue_lanes_person", "person"),
)
"""The jobs of one person in one space and priority class."""

# --- talk, buttons, audit -----------------------------------------------------------------------

turns = Table(
    "turns",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("conversation", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("job", ID),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_turns_conversation_id", "conversation", "id"),
)

intents = Table(
    "intents",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("intent", Stores(TypeAdapter[Intent](Intent)), nullable=False),
)

audit = Table(
    "audit",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("actor", PLACE, nullable=False),
    Column("what", String(80), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_audit_space_id", "space", "id"),
)
