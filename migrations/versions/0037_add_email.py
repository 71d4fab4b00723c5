"""Let an officer leave an e-mail address, and a message in the outbox have a subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("email", sa.LargeBinary(), nullable=True))
    op.add_column("outbox_message", sa.Column("subject", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox_message", "subject")
    op.drop_column("account", "email")
