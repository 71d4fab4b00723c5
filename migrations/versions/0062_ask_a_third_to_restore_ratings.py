"""A rating whose removal was objected to is restored by somebody who had no part in it: the database holds it, too."""

from __future__ import annotations

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

NAME = "ck_rating_case_restored_by_a_third"
RULE = (
    "state <> 'restored' OR objection IS NULL OR (judged_by_id IS NOT NULL AND judged_by_id <> proposed_by_id"
    " AND judged_by_id <> decided_by_id)"
)
#: The rule from now on. A case that was restored otherwise before (after its removal was upheld) keeps what is true of
#: it: the words of the objection move behind the judgement that answered them.
OLDER = (
    "UPDATE rating_case SET judgement = COALESCE(judgement, '') || '（异议：' || objection || '）', objection = NULL"
    " WHERE state = 'restored' AND objection IS NOT NULL"
    " AND (judged_by_id IS NULL OR judged_by_id = proposed_by_id OR judged_by_id = decided_by_id)"
)


def upgrade() -> None:
    op.execute(OLDER)
    with op.batch_alter_table("rating_case") as batch:
        batch.create_check_constraint(op.f(NAME), RULE)


def downgrade() -> None:
    with op.batch_alter_table("rating_case") as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
