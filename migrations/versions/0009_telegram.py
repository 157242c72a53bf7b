"""Marks: small things that platforms must know after a restart.

Before the new code. Revision: 0009_telegram, after 0008_choices
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_telegram"
down_revision = "0008_choices"
branch_labels = None
depends_on = None

EXPIRES = "expires_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("platform", "key", name="pk_marks"),
    )
    op.create_index(
        "ix_marks_expires_at",
        "marks",
        ["expires_at"],
        sqlite_where=sa.text(EXPIRES),
        postgresql_where=sa.text(EXPIRES),
    )


def downgrade() -> None:
    op.drop_table("marks")
