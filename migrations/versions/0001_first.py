"""The first tables: spaces, LoRAs, jobs and the fair queue, deliveries, talk, audit.

Revision: 0001_first, after nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(64)
PLACE = sa.String(200)
MOMENT = sa.DateTime(timezone=True)
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "audit",
    "bases",
    "intents",
    "jobs",
    "lora_files",
    "queue_clock",
    "queue_lanes",
    "queue_spaces",
    "spaces",
    "turns",
    "deliveries",
    "entries",
    "job_events",
    "members",
    "pictures",
    "requests",
)
"""In the order in which they are made."""


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ROW, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("actor", PLACE, nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_space_id", "audit", ["space", "id"])
    op.create_table(
        "bases",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_bases"),
    )
    op.create_table(
        "intents",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("intent", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
    )
    op.create_index("ix_intents_person", "intents", ["person"])
    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("space_charge", sa.Float(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("worker", sa.String(length=100), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("base", sa.String(length=100), nullable=False),
        sa.Column("loras", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("failure", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    _partial_index("ix_jobs_class", "jobs", ["priority", "asked_at"], where="state = 'queued'")
    _partial_index(
        "ix_jobs_lane",
        "jobs",
        ["space", "person", "priority", "asked_at", "id"],
        where="state = 'queued'",
    )
    _partial_index("ix_jobs_lease", "jobs", ["lease_until"], where="state = 'running'")
    op.create_index("ix_jobs_person_asked_at", "jobs", ["person", "asked_at"])
    op.create_index("ix_jobs_space_asked_at", "jobs", ["space", "asked_at"])
    op.create_table(
        "lora_files",
        sa.Column("sha256", ID, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("algorithm", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=80), nullable=False),
        sa.Column("header", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_lora_files"),
    )
    op.create_table(
        "queue_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("virtual_time", sa.Float(), nullable=False),
        sa.Column("ticks", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_clock"),
    )
    op.create_table(
        "queue_lanes",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("virtual_time", sa.Float(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space", "person", "priority", name="pk_queue_lanes"),
    )
    op.create_index("ix_queue_lanes_person", "queue_lanes", ["person"])
    _partial_index(
        "ix_queue_lanes_turn",
        "queue_lanes",
        ["space", "priority", "virtual_time", "tick"],
        where="waiting > 0",
    )
    op.create_table(
        "queue_spaces",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("virtual_time", sa.Float(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("space", "priority", name="pk_queue_spaces"),
    )
    _partial_index(
        "ix_queue_spaces_turn",
        "queue_spaces",
        ["priority", "virtual_time", "tick"],
        where="waiting > 0",
    )
    op.create_table(
        "spaces",
        sa.Column("id", PLACE, nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
    )
    op.create_table(
        "turns",
        sa.Column("id", ROW, nullable=False),
        sa.Column("conversation", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("job", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_conversation_id", "turns", ["conversation", "id"])
    op.create_index("ix_turns_person", "turns", ["person"])
    op.create_table(
        "deliveries",
        sa.Column("job", ID, nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("nonce", ID, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("posted_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_deliveries_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", name="pk_deliveries"),
    )
    _partial_index(
        "ix_deliveries_open", "deliveries", ["state", "due_at"], where="state IN ('due', 'posting')"
    )
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=160), nullable=False),
        sa.Column("aliases", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("rating", sa.String(length=20), nullable=False),
        sa.Column("triggers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sha256", ID, nullable=False),
        sa.Column("added_by", PLACE, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["lora_files.sha256"], name="fk_entries_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    op.create_index("ix_entries_sha256", "entries", ["sha256"])
    op.create_index("ix_entries_space_state", "entries", ["space", "state"])
    _partial_index(
        "uq_entries_space_name",
        "entries",
        ["space", "name_key"],
        where="state IN ('pending', 'approved')",
        unique=True,
    )
    op.create_table(
        "job_events",
        sa.Column("id", ROW, nullable=False),
        sa.Column("job", ID, nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_job_events_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job_events"),
    )
    op.create_index("ix_job_events_job", "job_events", ["job"])
    op.create_table(
        "members",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["space"], ["spaces.id"], name="fk_members_space", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space", "person", name="pk_members"),
    )
    op.create_index("ix_members_person", "members", ["person"])
    op.create_table(
        "pictures",
        sa.Column("job", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", ID, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_pictures_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "place", name="pk_pictures"),
    )
    op.create_index("ix_pictures_sha256", "pictures", ["sha256"])
    op.create_table(
        "requests",
        sa.Column("id", PLACE, nullable=False),
        sa.Column("job", ID, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_requests_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_job", "requests", ["job"])
    clock = sa.table(
        "queue_clock",
        sa.column("id", sa.Integer()),
        sa.column("virtual_time", sa.Float()),
        sa.column("ticks", sa.BigInteger()),
    )
    op.bulk_insert(clock, [{"id": 1, "virtual_time": 0.0, "ticks": 0}])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _partial_index(
    name: str, table: str, columns: list[str], *, where: str, unique: bool = False
) -> None:
    """An index over some rows, in the words of both databases."""
    only = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)
