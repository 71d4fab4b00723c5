"""Photos of ratings, reports, removal by two people, signals, and the day's scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('objected', 'proposed', 'removed', 'upheld')")
OPEN = sa.text("state = 'open'")
ADDED = ("phone_hash", "complaint_hash", "device_mark", "own_hand", "removed_at", "removed_ground")


def _choice(name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    _widen_rating()
    _create_photos_and_reports()
    _create_cases()
    _create_signals()
    _create_scores()


def _widen_rating() -> None:
    with op.batch_alter_table("rating") as batch:
        batch.add_column(sa.Column("phone_hash", sa.String(64), nullable=True))
        batch.add_column(sa.Column("complaint_hash", sa.String(64), nullable=True))
        batch.add_column(sa.Column("device_mark", sa.String(32), nullable=True))
        batch.add_column(sa.Column("own_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("removed_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("removed_ground", sa.String(40), nullable=True))
        batch.create_unique_constraint("uq_rating_shop_id_phone_hash", ["shop_id", "phone_hash"])
        batch.create_unique_constraint("uq_rating_complaint_hash", ["complaint_hash"])
        batch.create_check_constraint(
            op.f("ck_rating_removed_on_a_ground"), "(removed_at IS NULL) = (removed_ground IS NULL)"
        )
    op.create_index("ix_rating_device_mark", "rating", ["device_mark"])
    op.create_index("ix_rating_created_at", "rating", ["created_at"])


def _create_photos_and_reports() -> None:
    op.create_table(
        "rating_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rating_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("hidden_at", INSTANT, nullable=True),
        sa.Column("hidden_ground", sa.String(40), nullable=True),
        sa.Column("hidden_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_ground IS NULL) AND (hidden_at IS NULL) = (hidden_by_id IS NULL)",
            name=op.f("ck_rating_photo_hidden_on_a_ground"),
        ),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_photo_rating_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_rating_photo_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_photo")),
        sa.UniqueConstraint("file_id", name=op.f("uq_rating_photo_file_id")),
    )
    op.create_index(op.f("ix_rating_photo_rating_id"), "rating_photo", ["rating_id"])
    op.create_table(
        "rating_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rating_id", BIG, nullable=False),
        _choice("side", "consumer", "merchant"),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reporter_hash", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        _choice("state", "open", "kept", "removed"),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name=op.f("ck_rating_report_answered_when_closed")
        ),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_report_rating_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_report")),
        sa.UniqueConstraint(
            "rating_id", "reporter_hash", name=op.f("uq_rating_report_rating_id_reporter_hash")
        ),
    )
    op.create_index(op.f("ix_rating_report_rating_id"), "rating_report", ["rating_id"])


def _create_cases() -> None:
    op.create_table(
        "rating_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rating_id", BIG, nullable=False),
        _choice("state", "proposed", "refused", "withdrawn", "removed", "objected", "upheld", "restored"),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("objected_at", INSTANT, nullable=True),
        sa.Column("objected_own", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("judged_by_id", BIG, nullable=True),
        sa.Column("judged_at", INSTANT, nullable=True),
        sa.Column("judgement", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
            name=op.f("ck_rating_case_two_people"),
        ),
        sa.CheckConstraint(
            "state <> 'upheld' OR (judged_by_id <> proposed_by_id AND judged_by_id <> decided_by_id)",
            name=op.f("ck_rating_case_third_person"),
        ),
        sa.CheckConstraint(
            "state <> 'objected' OR objection IS NOT NULL", name=op.f("ck_rating_case_objection_in_words")
        ),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_case_rating_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_rating_case_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_case")),
    )
    for column in ("rating_id", "proposed_by_id"):
        op.create_index(op.f(f"ix_rating_case_{column}"), "rating_case", [column])
    op.create_index(
        "uq_rating_case_live",
        "rating_case",
        ["rating_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def _create_signals() -> None:
    op.create_table(
        "rating_own_mark",
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_rating_own_mark_operator_id")
        ),
        sa.PrimaryKeyConstraint("operator_id", "mark", name=op.f("pk_rating_own_mark")),
    )
    op.create_table(
        "rating_signal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        _choice("kind", "burst", "ring", "self_praise"),
        _choice("state", "open", "handled", "dismissed"),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("latest_at", INSTANT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("rating_ids", sa.JSON(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_rating_signal_ended_when_closed")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_rating_signal_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_signal")),
    )
    op.create_index(op.f("ix_rating_signal_shop_id"), "rating_signal", ["shop_id"])
    op.create_index(
        "uq_rating_signal_open",
        "rating_signal",
        ["shop_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _create_scores() -> None:
    op.create_table(
        "rating_score",
        sa.Column("shop_id", BIG, autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_rating_score_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_rating_score")),
    )
    op.create_index("ix_rating_score_rank", "rating_score", ["score", "shop_id"])
    op.create_table(
        "rating_snapshot",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("csv_sha256", sa.String(64), nullable=False),
        sa.Column("scores_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_rating_snapshot")),
    )


def downgrade() -> None:
    for table in (
        "rating_snapshot",
        "rating_score",
        "rating_signal",
        "rating_own_mark",
        "rating_case",
        "rating_report",
        "rating_photo",
    ):
        op.drop_table(table)
    op.drop_index("ix_rating_created_at", table_name="rating")
    op.drop_index("ix_rating_device_mark", table_name="rating")
    with op.batch_alter_table("rating") as batch:
        batch.drop_constraint(op.f("ck_rating_removed_on_a_ground"), type_="check")
        batch.drop_constraint("uq_rating_complaint_hash", type_="unique")
        batch.drop_constraint("uq_rating_shop_id_phone_hash", type_="unique")
        for column in reversed(ADDED):
            batch.drop_column(column)
