"""Languages: what the app of a member speaks.

Before the new code. Revision: 0004_languages, after 0003_registry
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_languages"
down_revision = "0003_registry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "members", sa.Column("locale", sa.String(length=40), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("members") as table:
        table.drop_column("locale")
