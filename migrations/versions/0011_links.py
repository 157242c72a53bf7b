"""Links: places of several platforms that are one space.

Before the new code. Revision: 0011_links, after 0010_keeps
"""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import UtcDateTime

revision = "0011_links"
down_revision = "0010_keeps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_codes",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("space", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_link_codes"),
        sa.UniqueConstraint("space", name="uq_link_codes_space"),
    )
    op.create_table(
        "links",
        sa.Column("space", sa.String(length=200), nullable=False),
        sa.Column("main", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("space", name="pk_links"),
    )
    op.create_index("ix_links_main", "links", ["main"])


def downgrade() -> None:
    op.drop_table("links")
    op.drop_table("link_codes")
