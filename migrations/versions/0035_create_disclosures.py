"""Create disclosed cases, requests about them, and the day's open data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "removed",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("reply_waiting", sa.Text(), nullable=True),
        sa.Column("scrubbed", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", BIG, nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correction", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_disclosure_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.CheckConstraint(
            "published_at IS NOT NULL OR state <> 'published'", name=op.f("ck_disclosure_published_at")
        ),
        sa.CheckConstraint(
            "ended_reason IS NOT NULL OR state NOT IN ('removed', 'dropped')",
            name=op.f("ck_disclosure_ended"),
        ),
        sa.CheckConstraint(
            "(corrected_at IS NULL) = (correction IS NULL)", name=op.f("ck_disclosure_correction")
        ),
    )
    op.create_index(op.f("ix_disclosure_complaint_id"), "disclosure", ["complaint_id"], unique=True)
    op.create_index("ix_disclosure_state", "disclosure", ["state", "published_at"])
    op.create_table(
        "disclosure_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("disclosure_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_request_disclosure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_request")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (granted IS NULL) AND (answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_disclosure_request_answered"),
        ),
    )
    op.create_index(
        op.f("ix_disclosure_request_disclosure_id"), "disclosure_request", ["disclosure_id"], unique=False
    )
    waits = sa.text("answered_at IS NULL")
    op.create_index(
        "uq_disclosure_request_open",
        "disclosure_request",
        ["disclosure_id", "side"],
        unique=True,
        sqlite_where=waits,
        postgresql_where=waits,
    )
    _create_open_data()


def _create_open_data() -> None:
    op.create_table(
        "open_snapshot",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("csv_sha256", sa.String(length=64), nullable=False),
        sa.Column("json_sha256", sa.String(length=64), nullable=False),
        sa.Column("figures_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_open_snapshot")),
    )
    op.create_table(
        "open_figure",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("scans", BIG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk_open_figure")),
    )


def downgrade() -> None:
    op.drop_table("open_figure")
    op.drop_table("open_snapshot")
    op.drop_table("disclosure_request")
    op.drop_table("disclosure")
