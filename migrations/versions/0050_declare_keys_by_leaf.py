"""Let the declaration of a compromised key name the index in the public log before which its stickers stay valid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("key_proposal") as batch:
        batch.add_column(sa.Column("leaf", BIG, nullable=True))
        batch.create_check_constraint(
            op.f("ck_key_proposal_leaf_of_compromise"),
            "leaf IS NULL OR (action = 'compromise' AND leaf >= 0)",
        )


def downgrade() -> None:
    with op.batch_alter_table("key_proposal") as batch:
        batch.drop_constraint(op.f("ck_key_proposal_leaf_of_compromise"), type_="check")
        batch.drop_column("leaf")
