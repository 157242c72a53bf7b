"""Evidence at intake: what files beside a LoRA say, and how far it moves each base.

Before the new code. Revision: 0005_evidence, after 0004_languages
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_evidence"
down_revision = "0004_languages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intakes", sa.Column("beside", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "displacements",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("base", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["lora_files.sha256"], name="fk_displacements_sha256", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", "base", name="pk_displacements"),
    )


def downgrade() -> None:
    op.drop_table("displacements")
    with op.batch_alter_table("intakes") as intakes:
        intakes.drop_column("beside")
