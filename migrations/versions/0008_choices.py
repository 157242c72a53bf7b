"""Choices: what admins chose for their space, and people for themselves.

Before the new code. Revision: 0008_choices, after 0007_director
"""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import UtcDateTime

revision = "0008_choices"
down_revision = "0007_director"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("subject", sa.String(length=210), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_choices"),
    )


def downgrade() -> None:
    op.drop_table("choices")
