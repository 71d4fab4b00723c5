"""A few licences of the demo city with the picture that the public sees: scanned, covered, published by an officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.core.db import db
from webapp.demo.city import DemoShop
from webapp.licences import covering, showing
from webapp.licences.models import Licence
from webapp.licences.rules import LicenceState
from webapp.merchants.models import Shop

from .people_writer import People

#: Shops whose papers are drawn: each takes some tenths of a second.
SHOPS = 4
#: The lower right corner of a drawn paper, where the seal and the signature are.
SIGNATURE = [row * covering.COLUMNS + column for row in (11, 12) for column in (6, 7, 8)]


def show(
    shops: list[tuple[int, DemoShop]], scans: Mapping[tuple[int, str], int], people: People, now: datetime
) -> None:
    """`scans`: the stored scan by (shop, kind of licence). Each is put to its licence, covered and published."""
    for shop_id, _ in shops:
        operator_id = db.session.get_one(Shop, shop_id).operator_id
        own = sa.select(Licence).where(
            Licence.operator_id == operator_id,
            sa.or_(Licence.shop_id == shop_id, Licence.shop_id.is_(None)),
            Licence.state == LicenceState.VERIFIED,
            Licence.replaced_at.is_(None),
        )
        for licence in db.session.scalars(own):
            file_id = scans.get((shop_id, licence.kind_code))
            if file_id is None or licence.file_id is not None:
                continue
            licence.file_id = file_id
            db.session.flush()
            if covering.may_show(licence.kind_code):
                showing.publish(
                    licence.id, SIGNATURE, looked=True, actor=people.bureau, now=now - timedelta(days=30)
                )
