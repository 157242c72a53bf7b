"""Bases: what is known of each, its versions, and what a space is pinned to.

Before the new code. Revision: 0006_bases, after 0005_evidence
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_bases"
down_revision = "0005_evidence"
branch_labels = None
depends_on = None

PLACE = sa.String(200)
NAME = sa.String(100)


def upgrade() -> None:
    op.add_column("bases", sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "base_versions",
        sa.Column("name", NAME, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family", sa.String(40), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("name", "version", name="pk_base_versions"),
    )
    op.create_table(
        "base_pins",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("space", "name", name="pk_base_pins"),
    )
    op.execute(
        "INSERT INTO base_versions (name, version, family, folder, facts) "
        "SELECT name, version, family, folder, facts FROM bases"
    )


def downgrade() -> None:
    op.drop_table("base_pins")
    op.drop_table("base_versions")
    with op.batch_alter_table("bases") as bases:
        bases.drop_column("facts")
