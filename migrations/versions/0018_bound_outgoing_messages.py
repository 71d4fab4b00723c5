"""Let the outbox tell how many messages leave in an hour, and how many go to one phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("phone_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_outbox_message_send_after", "outbox_message", ["send_after"], unique=False)
    op.create_index(
        "ix_outbox_message_phone_hash", "outbox_message", ["phone_hash", "send_after"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_phone_hash", table_name="outbox_message")
    op.drop_index("ix_outbox_message_send_after", table_name="outbox_message")
    op.drop_column("outbox_message", "phone_hash")
