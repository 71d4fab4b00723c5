"""Create print jobs in the place of print runs, and the links that hand their files over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_jobs()
    _create_items()
    _create_handovers()
    # What was printed stays known. The files of runs were never kept; as jobs they can be made again.
    op.execute(
        """
        INSERT INTO print_job (id, order_key, state, at, by_id, by_name, region_code, filters, template, language, form,
            bleed, face, count, done, attempt, finished_at, store_key, parts, differs)
        SELECT id, 'run-' || id, 'expired', at, by_id, by_name,
            COALESCE((SELECT MIN(p.region_code) FROM officer_post p WHERE p.account_id = by_id), ''),
            filters, 'door', 'zh-Hans', 'sheets', 0, '{}', count, 0, 0, at, '', 0, false
        FROM print_run
        """
    )
    op.execute(
        """
        INSERT INTO print_item (job_id, position, sticker_id, shop_name, branch, spot)
        SELECT p.run_id,
            ROW_NUMBER() OVER (PARTITION BY p.run_id ORDER BY h.region_code, h.id, s.serial),
            p.sticker_id, h.name, h.branch, s.spot
        FROM printed_sticker p JOIN sticker s ON s.id = p.sticker_id JOIN shop h ON h.id = s.shop_id
        """
    )
    op.drop_table("printed_sticker")
    op.drop_table("print_run")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('print_job', 'id'),"
            " (SELECT COALESCE(MAX(id), 0) + 1 FROM print_job), false)"
        )


def _create_jobs() -> None:
    op.create_table(
        "print_job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_key", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "made",
                "failed",
                "cancelled",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("operator_id", BIG, nullable=True),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("station_id", BIG, nullable=True),
        sa.Column("department_code", sa.String(length=40), nullable=True),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "sheets",
                "pages",
                "png",
                "svg",
                "escpos",
                name="form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bleed", sa.Integer(), nullable=False),
        sa.Column("face", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("store_key", sa.String(length=80), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("size", BIG, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.CheckConstraint("done BETWEEN 0 AND count", name=op.f("ck_print_job_done_of_count")),
        sa.CheckConstraint("state <> 'made' OR sha256 IS NOT NULL", name=op.f("ck_print_job_made_has_file")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_print_job_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint("order_key", name=op.f("uq_print_job_order_key")),
    )
    for column in ("by_id", "operator_id", "state"):
        op.create_index(op.f(f"ix_print_job_{column}"), "print_job", [column], unique=False)


def _create_items() -> None:
    op.create_table(
        "print_item",
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sticker_id", BIG, nullable=False),
        sa.Column("shop_name", sa.String(length=200), nullable=False),
        sa.Column("branch", sa.String(length=80), nullable=False),
        sa.Column("spot", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_item_job_id")),
        sa.ForeignKeyConstraint(["sticker_id"], ["sticker.id"], name=op.f("fk_print_item_sticker_id")),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_print_item")),
    )
    op.create_index(op.f("ix_print_item_sticker_id"), "print_item", ["sticker_id"], unique=False)


def _create_handovers() -> None:
    op.create_table(
        "print_handover",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("downloads_most", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("used BETWEEN 0 AND downloads_most", name=op.f("ck_print_handover_used_of_most")),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_handover_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_handover")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_print_handover_token_hash")),
    )
    op.create_index(op.f("ix_print_handover_job_id"), "print_handover", ["job_id"], unique=False)
    op.create_table(
        "print_download",
        sa.Column("id", BIG, nullable=False),
        sa.Column("handover_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["print_handover.id"], name=op.f("fk_print_download_handover_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_download")),
    )
    op.create_index(op.f("ix_print_download_handover_id"), "print_download", ["handover_id"], unique=False)


def downgrade() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_table(
        "printed_sticker",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("sticker_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_printed_sticker_run_id")),
        sa.ForeignKeyConstraint(["sticker_id"], ["sticker.id"], name=op.f("fk_printed_sticker_sticker_id")),
        sa.PrimaryKeyConstraint("run_id", "sticker_id", name=op.f("pk_printed_sticker")),
    )
    op.create_index(op.f("ix_printed_sticker_sticker_id"), "printed_sticker", ["sticker_id"], unique=False)
    op.execute(
        "INSERT INTO print_run (id, at, by_id, by_name, filters, count) SELECT id, at, by_id, by_name, filters, count"
        " FROM print_job WHERE state NOT IN ('cancelled', 'failed')"
    )
    op.execute(
        "INSERT INTO printed_sticker (run_id, sticker_id) SELECT DISTINCT i.job_id, i.sticker_id FROM print_item i"
        " JOIN print_run r ON r.id = i.job_id"
    )
    for table in ("print_download", "print_handover", "print_item", "print_job"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('print_run', 'id'),"
            " (SELECT COALESCE(MAX(id), 0) + 1 FROM print_run), false)"
        )
