"""Create registry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "registry_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("older", sa.Integer(), nullable=False),
        sa.Column("takedowns", sa.Integer(), nullable=False),
        sa.Column("live_shops", sa.Integer(), nullable=False),
        sa.Column("started_by_id", BIG, nullable=True),
        sa.Column("forced_by", sa.String(length=200), nullable=True),
        sa.Column("stopped_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["account.id"], name=op.f("fk_registry_run_started_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_run")),
    )
    op.create_index(op.f("ix_registry_run_started_by_id"), "registry_run", ["started_by_id"], unique=False)
    op.create_table(
        "registry_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("legal_representative", sa.String(length=80), nullable=False),
        sa.Column("registered_address", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "moved_out",
                "closed",
                "licence_revoked",
                "deregistered",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("abnormal", sa.Boolean(), nullable=False),
        sa.Column("abnormal_ground", sa.Text(), nullable=True),
        sa.Column("abnormal_on", sa.Date(), nullable=True),
        sa.Column("serious_violation", sa.Boolean(), nullable=False),
        sa.Column("penalties", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["registry_run.id"], name=op.f("fk_registry_record_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_record")),
        sa.UniqueConstraint("uscc", name=op.f("uq_registry_record_uscc")),
    )
    op.create_index(op.f("ix_registry_record_run_id"), "registry_record", ["run_id"], unique=False)
    op.create_table(
        "registry_refusal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["registry_run.id"], name=op.f("fk_registry_refusal_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_refusal")),
    )
    op.create_index(op.f("ix_registry_refusal_run_id"), "registry_refusal", ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_table("registry_refusal")
    op.drop_table("registry_record")
    op.drop_table("registry_run")
