"""What was filed with one phone."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.core.db import db
from webapp.core.secrets import keyed_hash
from webapp.tips.models import Tip

#: As many as a page shows; older ones are opened by their receipts.
MOST = 50


def complaints_of_phone(phone: str, most: int | None = MOST) -> list[Complaint]:
    """Complaints that named this phone (E.164), the newest first; all with `most` None. Only for who proved it."""
    statement = sa.select(Complaint).where(Complaint.contact_phone_hash == keyed_hash("phone", phone))
    return list(db.session.scalars(statement.order_by(Complaint.id.desc()).limit(most)))


def tips_of_phone(phone: str, most: int | None = MOST) -> list[Tip]:
    """Tips that named this phone, the newest first; all with `most` None. Only for who proved it."""
    statement = sa.select(Tip).where(Tip.reporter_phone_hash == keyed_hash("phone", phone))
    return list(db.session.scalars(statement.order_by(Tip.id.desc()).limit(most)))
