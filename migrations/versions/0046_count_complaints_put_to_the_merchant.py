"""Count the complaints that the merchant was asked to answer first, and only their answers as answers.

A word on a complaint that went straight to the authority had been counted as an answer on time, though none was due.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_EVERY = "c.shop_id = shop_figures.shop_id"
_PUT = f"{_EVERY} AND c.route = 'settle_first'"


def upgrade() -> None:
    op.add_column(
        "shop_figures",
        sa.Column("complaints_settle_first", sa.Integer(), server_default="0", nullable=False),
    )
    _count("complaints_settle_first", _PUT)
    _count_answers(_PUT)


def downgrade() -> None:
    op.drop_column("shop_figures", "complaints_settle_first")
    _count_answers(_EVERY)


def _count_answers(among: str) -> None:
    _count("complaints_answered", f"{among} AND c.first_answered_at IS NOT NULL")
    _count("complaints_answered_on_time", f"{among} AND c.first_answered_at <= c.answer_due_at")


def _count(column: str, which: str) -> None:
    counted = f"SELECT count(*) FROM complaint c WHERE {which}"  # noqa: S608 - names and conditions of this file
    op.execute(f"UPDATE shop_figures SET {column} = ({counted}) WHERE complaints > 0")  # noqa: S608
