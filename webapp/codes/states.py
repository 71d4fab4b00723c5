"""Where many shops' codes stand at once, for whoever publishes a list of them (slot ``shop.code_states``)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from webapp.core.db import db

from .models import TrustCode


def code_states(first: int, last: int, shop_ids: Sequence[int] | None = None) -> dict[int, str]:
    """State of each shop's newest code for the shop numbers `first` to `last`; shops that never had one are left out.

    `shop_ids` narrows it to these.
    """
    state = sa.type_coerce(TrustCode.state, sa.String)
    statement = sa.select(TrustCode.shop_id, state).where(TrustCode.shop_id.between(first, last))
    if shop_ids is not None:
        statement = statement.where(TrustCode.shop_id.in_(shop_ids))
    # By the connection, as it may be a whole list of 65,536 shops.
    return dict(db.session.connection().execute(statement.order_by(TrustCode.id)).tuples().all())
