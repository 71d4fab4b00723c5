"""Give mediating bodies opening hours and the area that each serves, and keep files of bodies until they are confirmed.

A body that was registered before serves the region in which it stands.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "mediation_body", sa.Column("opening_hours", sa.JSON(), server_default="{}", nullable=False)
    )
    op.create_table(
        "mediation_body_area",
        sa.Column("id", BIG, nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("region_code", sa.String(9), nullable=True),
        sa.Column("mall_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(region_code IS NULL) <> (mall_id IS NULL)", name=op.f("ck_mediation_body_area_region_or_mall")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["mediation_body.id"], name=op.f("fk_mediation_body_area_body_id_mediation_body")
        ),
        sa.ForeignKeyConstraint(["mall_id"], ["mall.id"], name=op.f("fk_mediation_body_area_mall_id_mall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_body_area")),
        sa.UniqueConstraint(
            "body_id", "region_code", name=op.f("uq_mediation_body_area_body_id_region_code")
        ),
        sa.UniqueConstraint("body_id", "mall_id", name=op.f("uq_mediation_body_area_body_id_mall_id")),
    )
    op.create_index(op.f("ix_mediation_body_area_region_code"), "mediation_body_area", ["region_code"])
    op.create_index(op.f("ix_mediation_body_area_mall_id"), "mediation_body_area", ["mall_id"])
    op.execute(
        "INSERT INTO mediation_body_area (body_id, region_code) SELECT id, region_code FROM mediation_body"
    )
    op.create_table(
        "mediation_body_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("uploaded_by_id", BIG, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("dropped_at", INSTANT, nullable=True),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR dropped_at IS NULL", name=op.f("ck_mediation_body_file_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_mediation_body_file_uploaded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_body_file")),
    )
    op.create_index(op.f("ix_mediation_body_file_uploaded_by_id"), "mediation_body_file", ["uploaded_by_id"])


def downgrade() -> None:
    op.drop_table("mediation_body_file")
    op.drop_table("mediation_body_area")
    op.drop_column("mediation_body", "opening_hours")
