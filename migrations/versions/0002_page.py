"""The page: posts with their clock, uploads, one-time sign-ins and sessions.

Before the new code. Revision: 0002_page, after 0001_first
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_page"
down_revision = "0001_first"
branch_labels = None
depends_on = None

ID = sa.String(64)
PLACE = sa.String(200)
MOMENT = sa.DateTime(timezone=True)
TABLES = ("post_clock", "posts", "uploads", "sign_ins", "sessions")


def upgrade() -> None:
    op.create_table(
        "post_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post_clock"),
    )
    op.create_table(
        "posts",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("author", PLACE, nullable=False),
        sa.Column("asked_by", PLACE, nullable=False),
        sa.Column("seen_by", PLACE, nullable=True),
        sa.Column("nonce", sa.String(length=300), nullable=False),
        sa.Column("job", ID, nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("act", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
    )
    op.create_index("ix_posts_space_number", "posts", ["space", "number"])
    op.create_index("uq_posts_revision", "posts", ["revision"], unique=True)
    op.create_index("uq_posts_nonce", "posts", ["nonce"], unique=True)
    op.create_index("ix_posts_author", "posts", ["author"])
    op.create_index("ix_posts_asked_by", "posts", ["asked_by"])
    waiting = sa.text("act IS NOT NULL")
    op.create_index("ix_posts_act", "posts", ["at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "uploads",
        sa.Column("id", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("sha256", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("is_posted", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_person", "uploads", ["person"])
    op.create_index("ix_uploads_sha256", "uploads", ["sha256"])
    loose = sa.text("NOT is_posted")
    op.create_index("ix_uploads_at", "uploads", ["at"], sqlite_where=loose, postgresql_where=loose)
    op.create_table(
        "sign_ins",
        sa.Column("token", ID, nullable=False),
        sa.Column("visitor", sa.JSON(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_sign_ins"),
    )
    op.create_table(
        "sessions",
        sa.Column("token", ID, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("visitor", sa.JSON(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
