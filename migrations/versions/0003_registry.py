"""The registry: files on their way in, previews, upload links, notices, full-text search.

Before the new code. Revision: 0003_registry, after 0002_page
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_registry"
down_revision = "0002_page"
branch_labels = None
depends_on = None

ID = sa.String(64)
PLACE = sa.String(200)
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "entry_words", "space_choices", "intakes", "previews", "upload_links", "notices",
)  # fmt: skip
NEW_COLUMNS = ("creator", "source", "family", "answers", "replaces")
OPEN = "state IN ('fetching', 'received', 'checked', 'identified', 'previewing')"
SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE entry_fts USING fts5(names, told, content='entry_words', "
    "content_rowid='id', prefix='2 3', tokenize='unicode61')",
    "CREATE TRIGGER entry_words_added AFTER INSERT ON entry_words BEGIN "
    "INSERT INTO entry_fts(rowid, names, told) VALUES (new.id, new.names, new.told); END",
    "CREATE TRIGGER entry_words_gone AFTER DELETE ON entry_words BEGIN "
    "INSERT INTO entry_fts(entry_fts, rowid, names, told) "
    "VALUES ('delete', old.id, old.names, old.told); END",
    "CREATE TRIGGER entry_words_changed AFTER UPDATE ON entry_words BEGIN "
    "INSERT INTO entry_fts(entry_fts, rowid, names, told) "
    "VALUES ('delete', old.id, old.names, old.told); "
    "INSERT INTO entry_fts(rowid, names, told) VALUES (new.id, new.names, new.told); END",
)
POSTGRES_SEARCH = (
    "CREATE INDEX entry_fts ON entry_words USING gin "
    "((setweight(to_tsvector('simple', names), 'A') || to_tsvector('simple', told)))"
)


def upgrade() -> None:
    op.add_column("entries", sa.Column("creator", sa.Text(), nullable=False, server_default=""))
    op.add_column("entries", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.add_column("entries", sa.Column("family", sa.String(length=80), nullable=True))
    op.add_column("entries", sa.Column("answers", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("entries", sa.Column("replaces", ID, nullable=True))
    op.create_index("ix_entries_space_name", "entries", ["space", "state", "name_key", "id"])
    _search()
    op.create_table(
        "space_choices",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("members_may_add", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("space", name="pk_space_choices"),
    )
    _intakes()
    op.create_table(
        "upload_links",
        sa.Column("token", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("cap_bytes", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("part", ID, nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("intake", ID, nullable=True),
        sa.PrimaryKeyConstraint("token", name="pk_upload_links"),
    )
    op.create_index("ix_upload_links_person", "upload_links", ["person"])
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_person", "notices", ["person"])
    waiting = sa.text("state IN ('due', 'posting')")
    op.create_index(
        "ix_notices_open", "notices", ["state", "due_at"],
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip


def _search() -> None:
    """The words of every entry, those that are there already by their names; then the index."""
    op.create_table(
        "entry_words",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("entry", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"], ["entries.id"], name="fk_entry_words_entry", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entry_words"),
        sa.UniqueConstraint("entry", name="uq_entry_words_entry"),
    )
    op.create_index("ix_entry_words_space", "entry_words", ["space"])
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
    else:
        op.execute(POSTGRES_SEARCH)
    op.execute(
        "INSERT INTO entry_words (entry, space, names, told) "
        "SELECT id, space, name_key, lower(description) FROM entries"
    )


def _intakes() -> None:
    op.create_table(
        "intakes",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("road", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("request", sa.String(length=300), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", ID, nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("inspection", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("entry", ID, nullable=True),
        sa.Column("sheet", ID, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intakes"),
    )
    for name in ("person", "sha256", "entry"):
        op.create_index(f"ix_intakes_{name}", "intakes", [name])
    op.create_index("ix_intakes_space_state", "intakes", ["space", "state", "at", "id"])
    op.create_index("uq_intakes_request", "intakes", ["request"], unique=True)
    is_open = sa.text(OPEN)
    op.create_index(
        "ix_intakes_open", "intakes", ["at"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "previews",
        sa.Column("intake", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("job", ID, nullable=False),
        sa.Column("entry", ID, nullable=False),
        sa.Column("cell", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake"], ["intakes.id"], name="fk_previews_intake", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("intake", "place", name="pk_previews"),
    )
    op.create_index("uq_previews_job", "previews", ["job"], unique=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE entry_fts")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_entries_space_name", "entries")
    with op.batch_alter_table("entries") as entries:
        for column in reversed(NEW_COLUMNS):
            entries.drop_column(column)
