"""The director: opinions on looks, a space's own looks in words, sample pictures.

Before the new code. Revision: 0007_director, after 0006_bases
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_director"
down_revision = "0006_bases"
branch_labels = None
depends_on = None

ID = sa.String(64)
PLACE = sa.String(200)
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("look", sa.String(80), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("job", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opinions"),
    )
    op.create_index("ix_opinions_person", "opinions", ["person"])
    op.create_index("ix_opinions_space_look", "opinions", ["space", "look", "id"])
    op.create_table(
        "own_looks",
        sa.Column("space", PLACE, nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("changed_by", PLACE, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("space", "name_key", name="pk_own_looks"),
    )
    op.create_table(
        "samples",
        sa.Column("plan", ID, nullable=False),
        sa.Column("job", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("plan", name="pk_samples"),
    )


def downgrade() -> None:
    op.drop_table("samples")
    op.drop_table("own_looks")
    op.drop_table("opinions")
