"""Taking a storefront photo off the public page, and putting it back; which storefront photos are public at all."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from webapp import audit
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, NotFound
from webapp.core.steps import permit
from webapp.feed import publish
from webapp.files.models import StoredFile
from webapp.merchants import queries as merchants
from webapp.merchants import status
from webapp.merchants.models import Shop, ShopPhoto

from . import rules, telling
from .operations import check_reason

_OFFICERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})


def hide(
    shop_id: int, file_id: int, reason_code: str | None, reason: str, actor: Actor, now: datetime
) -> ShopPhoto:
    """An officer takes a photo off the public page at once; it stays with the shop and the merchant is told why.

    Raises Invalid (reason), Conflict ``photo_hidden`` when a colleague was first, Forbidden, NotFound.
    """
    shop, photo = _photo(shop_id, file_id, actor)
    if photo.hidden_at is not None:
        raise Conflict("photo_hidden")
    reason = reason.strip()
    check_reason(reason_code, rules.HIDE_REASONS, reason)
    photo.hidden_at, photo.hidden_by_id = now, actor.account_id
    photo.hidden_reason_code, photo.hidden_reason = reason_code, reason
    _written(shop, photo, "photo.hide", actor, now, reason_code, reason)
    return photo


def show(shop_id: int, file_id: int, actor: Actor, now: datetime) -> ShopPhoto:
    """Put a hidden photo back; Conflict ``photo_shown`` when it is shown already."""
    shop, photo = _photo(shop_id, file_id, actor)
    if photo.hidden_at is None:
        raise Conflict("photo_shown")
    photo.hidden_at = photo.hidden_by_id = photo.hidden_reason_code = photo.hidden_reason = None
    _written(shop, photo, "photo.show", actor, now)
    return photo


def _photo(shop_id: int, file_id: int, actor: Actor) -> tuple[Shop, ShopPhoto]:
    shop = merchants.get_shop(shop_id)
    permit(actor, _OFFICERS, shop.scope)
    photo = db.session.scalar(
        sa.select(ShopPhoto)
        .where(ShopPhoto.shop_id == shop_id, ShopPhoto.file_id == file_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if photo is None:
        raise NotFound("no_such_thing")
    return shop, photo


def _written(
    shop: Shop,
    photo: ShopPhoto,
    action: str,
    actor: Actor,
    now: datetime,
    reason_code: str | None = None,
    reason: str | None = None,
) -> None:
    db.session.flush()
    hidden = action == "photo.hide"
    audit.record(
        actor,
        action,
        "shop",
        shop.id,
        now=now,
        shop_id=shop.id,
        operator_id=shop.operator_id,
        old={"photo": photo.file_id, "hidden": not hidden},
        new={"photo": photo.file_id, "hidden": hidden},
        reason_code=reason_code,
        reason=reason or None,
    )
    publish("shop_changed", now=now, shop_id=shop.id)
    key = f"{action}-{photo.id}-{int(now.timestamp())}"
    telling.tell_of_photo(shop, action.removeprefix("photo."), key, now)


def is_public(file: StoredFile) -> bool:
    """For ``files.access.publishers``: a photo that a shop which the public may know of shows now.

    What waits for an officer, was taken down or replaced, or belongs to a draft is nobody's to see.
    """
    statement = (
        sa.select(Shop)
        .join(ShopPhoto, ShopPhoto.shop_id == Shop.id)
        .where(ShopPhoto.file_id == file.id, ShopPhoto.hidden_at.is_(None))
    )
    return any(status.was_ever_public(shop) for shop in db.session.scalars(statement))
