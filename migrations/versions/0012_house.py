"""Who joined a place and what came along, open reports, and the space that a turn was said in.

Before the new code. Revision: 0012_house, after 0011_links
"""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import UtcDateTime

revision = "0012_house"
down_revision = "0011_links"
branch_labels = None
depends_on = None

ID = sa.String(64)
PLACE = sa.String(200)
SPACES_OF_TALK = sa.text(
    "UPDATE turns SET space = COALESCE((SELECT jobs.space FROM turns AS other"
    " JOIN jobs ON jobs.id = other.job WHERE other.conversation = turns.conversation"
    " ORDER BY other.id DESC LIMIT 1), '')"
)
"""Of a conversation that drew something: it was in one space."""


def upgrade() -> None:
    op.add_column("links", sa.Column("known_as", sa.Text(), nullable=False, server_default=""))
    op.add_column("turns", sa.Column("space", PLACE, nullable=False, server_default=""))
    op.create_index("ix_turns_space_at", "turns", ["space", "at"])
    op.execute(SPACES_OF_TALK)
    op.create_table(
        "brought",
        sa.Column("entry", ID, nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("origin", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"], ["entries.id"], name="fk_brought_entry", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry", name="pk_brought"),
    )
    op.create_index("ix_brought_space", "brought", ["space"])
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("space", PLACE, nullable=False),
        sa.Column("job", ID, nullable=False),
        sa.Column("person", PLACE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_reports_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_job", "reports", ["job"])
    op.create_index("ix_reports_person", "reports", ["person"])
    where = sa.text("done_at IS NULL")
    op.create_index(
        "ix_reports_open", "reports", ["space", "at"], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_table("brought")
    op.drop_index("ix_turns_space_at", table_name="turns")
    with op.batch_alter_table("turns") as table:
        table.drop_column("space")
    with op.batch_alter_table("links") as table:
        table.drop_column("known_as")
