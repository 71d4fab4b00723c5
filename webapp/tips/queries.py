"""Reading tips."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.actor import Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.identifiers import normalise
from webapp.core.secrets import keyed_hash
from webapp.files import queries as file_queries
from webapp.files.models import StoredFile

from .models import Tip

#: Base32 has no 0, 1 and 8: written so, they are o, l and b.
_MISREAD = str.maketrans("018", "olb")


def get(tip_id: int) -> Tip:
    """The tip; raises NotFound."""
    tip = db.session.get(Tip, tip_id)
    if tip is None:
        raise NotFound("no_such_thing")
    return tip


def get_locked(tip_id: int) -> Tip:
    """The tip as it stands now, held against other writers until the commit; raises NotFound."""
    tip = db.session.get(Tip, tip_id, with_for_update={"of": Tip}, populate_existing=True)
    if tip is None:
        raise NotFound("no_such_thing")
    return tip


def scope_of(tip_id: int, **_rest: object) -> Scope:
    """For access rules: the office that handles it."""
    return get(tip_id).scope


def by_receipt(receipt: str) -> Tip:
    """The tip that this receipt opens; raises NotFound. Case, blanks and hyphens do not count."""
    tip = None
    if len(receipt) <= 64:
        kept = normalise(receipt).lower().translate(_MISREAD)
        tip = db.session.scalar(sa.select(Tip).where(Tip.receipt_hash == keyed_hash("receipt", kept)))
    if tip is None:
        raise NotFound("no_such_receipt")
    return tip


def photos(tip: Tip) -> list[StoredFile]:
    """The photos that came with it."""
    return file_queries.of_owner("tip", tip.id)
