"""Pictures of licences as the public sees them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
STANDING = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "licence_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("licence_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_licence_copy_withdrawn_by")
        ),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"], name=op.f("fk_licence_copy_licence_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_licence_copy_file_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_licence_copy_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_copy")),
    )
    for column in ("licence_id", "file_id", "made_by_id"):
        op.create_index(op.f(f"ix_licence_copy_{column}"), "licence_copy", [column])
    op.create_index(
        "uq_licence_copy_standing",
        "licence_copy",
        ["licence_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    op.drop_table("licence_copy")
