"""Where a talk or an order comes from: the complaint, tip, inspection or hot spot that it names."""

from __future__ import annotations

import re

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.tips.models import Tip

from .rules import REF_LONGEST, Source, check_length

#: County, category and last day of a hot spot's period, as ``hotspots.reference`` writes it.
_HOTSPOT = re.compile(r"(\d{6})/([a-z_]+)/(\d{4}-\d{2}-\d{2})")


def check(source: Source, ref: str, shop_id: int) -> None:
    """Raise Invalid unless `ref` is the number of a complaint or tip on this shop, or, of an inspection, says which."""
    check_length(ref, REF_LONGEST, "source_ref")
    if source is Source.HOTSPOT:
        return
    if not ref.strip():
        raise Invalid("required", field="source_ref")
    if source in {Source.COMPLAINT, Source.TIP} and _find(source, ref.strip(), shop_id) is None:
        raise Invalid(f"oversight_source_{source}", field="source_ref")


def address(source: Source, ref: str, shop_id: int) -> str:
    """The office's page about it, or ""."""
    if source in {Source.COMPLAINT, Source.TIP}:
        found = _find(source, ref, shop_id)
        return "" if found is None else f"/office/{source}s/{found}"
    if source is not Source.HOTSPOT:
        return ""
    named = _HOTSPOT.fullmatch(ref)
    return "/office/hotspots" + ("" if named is None else f"/{named[1]}/{named[2]}?until={named[3]}")


def _find(source: Source, number: str, shop_id: int) -> int | None:
    model = Complaint if source is Source.COMPLAINT else Tip
    return db.session.scalar(sa.select(model.id).where(model.number == number, model.shop_id == shop_id))
