"""Every table, in SQLAlchemy Core; `migrations/` builds them and a test compares the two."""

from typing import Final

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import (
    JSON,
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

from engine.messages import Displacement, Failure, Intent, Plan, Result, Sha256, Trigger
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
    Column("locale", String(40), nullable=False),
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
    Column("facts", JSON, nullable=False, server_default="{}"),
)
"""The version of each base that serves where nothing else is pinned."""

base_versions = Table(
    "base_versions",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("family", String(40), nullable=False),
    Column("folder", Text, nullable=False),
    Column("facts", JSON, nullable=False, server_default="{}"),
)

base_pins = Table(
    "base_pins",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("version", Integer, nullable=False),
)
"""The version of a base that a space stays with."""

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
    Column("creator", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("family", String(80)),
    Column("answers", Stores(FACTS), nullable=False),
    Column("replaces", ID),
    Index("ix_entries_space_state", "space", "state"),
    Index("ix_entries_space_name", "space", "state", "name_key", "id"),
    Index("ix_entries_sha256", "sha256"),
    _partial(
        "uq_entries_space_name",
        "space",
        "name_key",
        where="state IN ('pending', 'approved')",
        unique=True,
    ),
)

displacements = Table(
    "displacements",
    METADATA,
    Column("sha256", ID, ForeignKey("lora_files.sha256", ondelete="CASCADE"), primary_key=True),
    Column("base", String(100), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("measured", Stores(TypeAdapter(Displacement)), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""How far a file moves a base's predictions at each weight, measured at intake."""

entry_words = Table(
    "entry_words",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("entry", ID, ForeignKey("entries.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("space", PLACE, nullable=False, index=True),
    Column("names", Text, nullable=False),
    Column("told", Text, nullable=False),
)
"""What an entry is found by, folded: names and triggers, and all the rest. The full-text index
over it (`entry_fts`) is made by the migration, in the words of each database."""

space_choices = Table(
    "space_choices",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("members_may_add", Boolean, nullable=False),
)
"""Whether members may bring LoRAs; a space without a row has the default."""

choices = Table(
    "choices",
    METADATA,
    Column("subject", String(210), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("before", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""What a space's admins or a person (`subject`) chose: `engine.choices`."""

# --- what the director learns -----------------------------------------------------------------

opinions = Table(
    "opinions",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("look", String(80), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("weight", Float),
    Column("job", ID),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_opinions_space_look", "space", "look", "id"),
)
"""What somebody thought of a look in a picture; no look is the whole picture."""

own_looks = Table(
    "own_looks",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("name_key", String(160), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("facts", Stores(FACTS)),
    Column("before", Stores(FACTS)),
    Column("changed_by", PLACE, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""A space's looks in words: no facts is one that was taken away."""

samples = Table(
    "samples",
    METADATA,
    Column("plan", ID, primary_key=True),
    Column("job", ID, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""The job that draws a look's sample picture, by the hash of its plan."""

link_codes = Table(
    "link_codes",
    METADATA,
    Column("code", ID, primary_key=True),
    Column("space", PLACE, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""One-time codes by their hash, one of a space at a time: whoever gives it joins that space."""

links = Table(
    "links",
    METADATA,
    Column("space", PLACE, primary_key=True),
    Column("main", PLACE, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("known_as", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
)
"""Spaces that are one with another: what is asked for there counts as asked for in `main`.

`title` and `kind` are those of `main`, `known_as` is the title of `space`."""

brought = Table(
    "brought",
    METADATA,
    Column("entry", ID, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("space", PLACE, nullable=False, index=True),
    Column("origin", ID, nullable=False),
)
"""Entries of a main space that came along with `space`, and the entry there that each is of."""

# --- intake: files on their way in ------------------------------------------------------------

intakes = Table(
    "intakes",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("person_name", Text, nullable=False),
    Column("platform", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("road", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("request", String(300)),
    Column("file_name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sha256", ID, index=True),
    Column("size_bytes", BigInteger),
    Column("facts", Stores(FACTS), nullable=False),
    Column("beside", Stores(FACTS), nullable=False),
    Column("inspection", Stores(FACTS), nullable=False),
    Column("findings", Stores(NAMES), nullable=False),
    Column("why", Text, nullable=False),
    Column("entry", ID, index=True),
    Column("sheet", ID),
    Column("tries", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_intakes_space_state", "space", "state", "at", "id"),
    Index("uq_intakes_request", "request", unique=True),
    _partial(
        "ix_intakes_open",
        "at",
        where="state IN ('fetching', 'received', 'checked', 'identified', 'previewing')",
    ),
)
"""One row for each file that somebody brought, from its first byte to the decision."""

previews = Table(
    "previews",
    METADATA,
    Column("intake", ID, ForeignKey("intakes.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("job", ID, nullable=False),
    Column("entry", ID, nullable=False),
    Column("cell", Stores(FACTS), nullable=False),
    Index("uq_previews_job", "job", unique=True),
)
"""Jobs that show an unapproved file: the only ones that may use it. Only the intake writes here."""

upload_links = Table(
    "upload_links",
    METADATA,
    Column("token", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("person_name", Text, nullable=False),
    Column("platform", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("cap_bytes", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("part", ID),
    Column("file_name", Text, nullable=False),
    Column("size_bytes", BigInteger),
    Column("intake", ID),
)
"""One-time links by the hash of their token; `part` names the file that grows."""

notices = Table(
    "notices",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("platform", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("body", Stores(FACTS), nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    _partial("ix_notices_open", "state", "due_at", where="state IN ('due', 'posting')"),
)
"""What somebody is to be told of their file; the bot posts it and deletes the row."""

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

keeps = Table(
    "keeps",
    METADATA,
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("person", PLACE, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Pictures that their person keeps: no retention deletes them."""

reports = Table(
    "reports",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("job", ID, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person", PLACE, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    _partial("ix_reports_open", "space", "at", where="done_at IS NULL"),
)
"""Pictures that somebody (`person`, called `name`) told the moderators of."""

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
    Column("space", PLACE, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_turns_conversation_id", "conversation", "id"),
    Index("ix_turns_space_at", "space", "at"),
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

# --- the page: posts, uploads, who signed in ---------------------------------------------------

post_clock = Table(
    "post_clock",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)
"""One row. Whoever changes a post locks it first, so that revisions are seen in their order."""

posts = Table(
    "posts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("author", PLACE, nullable=False),
    Column("asked_by", PLACE, nullable=False),
    Column("seen_by", PLACE),
    Column("nonce", String(300), nullable=False),
    Column("job", ID),
    Column("body", Stores(FACTS), nullable=False),
    Column("act", Stores(FACTS)),
    Column("at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("is_deleted", Boolean, nullable=False),
    Index("ix_posts_space_number", "space", "number"),
    Index("uq_posts_revision", "revision", unique=True),
    Index("uq_posts_nonce", "nonce", unique=True),
    Index("ix_posts_author", "author"),
    Index("ix_posts_asked_by", "asked_by"),
    _partial("ix_posts_act", "at", where="act IS NOT NULL"),
)
"""What was said in places that have no platform to remember it; `act` waits for its answer."""

uploads = Table(
    "uploads",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("space", PLACE, nullable=False),
    Column("person", PLACE, nullable=False, index=True),
    Column("is_private", Boolean, nullable=False),
    Column("sha256", ID, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("is_posted", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    _partial("ix_uploads_at", "at", where="NOT is_posted"),
)
"""Files that people sent; what was not posted goes after a day."""

sign_ins = Table(
    "sign_ins",
    METADATA,
    Column("token", ID, primary_key=True),
    Column("visitor", Stores(FACTS), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""One-time links by the hash of their token; a used one is gone."""

sessions = Table(
    "sessions",
    METADATA,
    Column("token", ID, primary_key=True),
    Column("person", PLACE, nullable=False, index=True),
    Column("visitor", Stores(FACTS), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Browsers that are signed in, by the hash of their cookie."""

# --- what platforms remember -------------------------------------------------------------------

marks = Table(
    "marks",
    METADATA,
    Column("platform", String(40), primary_key=True),
    Column("key", PLACE, primary_key=True),
    Column("value", Stores(FACTS), nullable=False),
    Column("expires_at", UtcDateTime),
    _partial("ix_marks_expires_at", "expires_at", where="expires_at IS NOT NULL"),
)
"""Small things that a platform must know after a restart; the engine reads none of them."""
