"""Keeps: pictures that no retention deletes.

Before the new code. Revision: 0010_keeps, after 0009_telegram
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_keeps"
down_revision = "0009_telegram"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeps",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_keeps_job_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", name="pk_keeps"),
    )
    op.create_index("ix_keeps_person", "keeps", ["person"])


def downgrade() -> None:
    op.drop_table("keeps")
