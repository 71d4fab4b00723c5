"""Trust codes for tests: rows as they stand, without the news that issuing and moving them would send."""

from __future__ import annotations

from tests.factories.merchants import NOW
from webapp.codes.models import SuspensionGround, TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.merchants.models import Shop


def make_code(
    shop: Shop, state: CodeState = CodeState.ACTIVE, grounds: tuple[str, ...] = (), by_id: int | None = None
) -> TrustCode:
    """The shop's code in `state`; suspended on `grounds`, revoked on the first of them."""
    is_revoked = state is CodeState.REVOKED
    code = TrustCode(
        shop_id=shop.id,
        state=state,
        issued_at=NOW,
        changed_at=NOW,
        revoked_at=NOW if is_revoked else None,
        revoked_ground=grounds[0] if is_revoked and grounds else None,
    )
    for ground in () if is_revoked else grounds:
        code.grounds.append(
            SuspensionGround(
                ground=ground, reason=f"because of {ground}", started_at=NOW, started_by_id=by_id
            )
        )
    db.session.add(code)
    db.session.flush()
    return code
