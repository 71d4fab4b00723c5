"""Say in the audit trail from where a change came: the address or job, and the number of the request.

Columns are added in place (no table is made anew), so the append-only triggers stay as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("origin", 120), ("request_id", 32)):
        op.add_column("audit_event", sa.Column(name, sa.String(length), nullable=True))
        op.create_index(op.f(f"ix_audit_event_{name}"), "audit_event", [name])
    op.create_index("ix_audit_event_action", "audit_event", ["action", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_event_action", table_name="audit_event")
    for name in ("request_id", "origin"):
        op.drop_index(op.f(f"ix_audit_event_{name}"), table_name="audit_event")
        op.drop_column("audit_event", name)
