"""Which storefront photos are public, and taking one off the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import files, merchants
from tests.factories.codes import Town
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.changes import operations, photos
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.transaction import unit
from webapp.directory.queries import photos_of
from webapp.feed import operations as feed
from webapp.files.models import StoredFile
from webapp.files.operations import attach
from webapp.merchants.models import Shop, ShopPhoto
from webapp.notices.models import Notice, OutboxMessage
from webapp.shopfront.queries import gather

LATER = NOW + timedelta(hours=2)


def photo_of(town: Town) -> ShopPhoto:
    return db.session.get_one(Shop, town.shop).photos[0]


def is_public(file_id: int) -> bool:
    return photos.is_public(db.session.get_one(StoredFile, file_id))


def test_hiding_takes_it_off_every_page_and_says_why(town: Town) -> None:
    photo, officer = photo_of(town), town.actor(town.station)
    shop = db.session.get_one(Shop, town.shop)
    assert is_public(photo.file_id)
    assert photos_of([shop])
    photos.hide(town.shop, photo.file_id, "personal_data", "车牌号看得清", officer, LATER)
    assert not is_public(photo.file_id)
    assert photos_of([shop]) == {}
    rows = gather(town.shop, None, NOW.date())
    assert rows is not None
    assert rows.photo is None
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "photo.hide")).one()
    assert (event.reason_code, event.reason, event.actor_id) == (
        "personal_data",
        "车牌号看得清",
        officer.account_id,
    )
    assert db.session.scalars(sa.select(Notice)).one().word == "notice.photo.hide"
    assert db.session.scalars(sa.select(OutboxMessage)).one().template == "sms.photo.hide"
    assert [change["kind"] for _, change in db.session.info[feed._PENDING]] == ["shop_changed"]
    with pytest.raises(Conflict, match="photo_hidden"):
        photos.hide(town.shop, photo.file_id, "personal_data", "", officer, LATER)
    photos.show(town.shop, photo.file_id, officer, LATER + timedelta(hours=1))
    assert is_public(photo.file_id)
    assert photo.hidden_reason is None
    with pytest.raises(Conflict, match="photo_shown"):
        photos.show(town.shop, photo.file_id, officer, LATER)


def test_it_needs_a_reason_an_officer_of_here_and_a_photo_of_the_shop(town: Town) -> None:
    photo = photo_of(town)
    with pytest.raises(Invalid, match="reason_code"):
        photos.hide(town.shop, photo.file_id, None, "", town.actor(town.station), NOW)
    with pytest.raises(Invalid, match="reason_required"):
        photos.hide(town.shop, photo.file_id, "other", " ", town.actor(town.station), NOW)
    for account_id in (town.elsewhere, town.merchant, town.department, town.admin):
        with pytest.raises(Forbidden):
            photos.hide(town.shop, photo.file_id, "indecent", "", town.actor(account_id), NOW)
    other = merchants.make_shop(name="别家")
    with pytest.raises(NotFound):
        photos.hide(other.id, photo.file_id, "indecent", "", town.actor(town.bureau), NOW)


def test_a_hidden_photo_stays_hidden_when_the_others_change(town: Town) -> None:
    hidden, owner = photo_of(town), town.actor(town.merchant)
    photos.hide(town.shop, hidden.file_id, "indecent", "", town.actor(town.station), NOW)
    mine = files.make_file(actor=owner)
    change = operations.request_photos(town.shop, [hidden.file_id, mine.id], owner, NOW)
    operations.decide(change.id, "approve", town.actor(town.station), LATER, change.version, "seen_on_site")
    assert not is_public(hidden.file_id)
    assert is_public(mine.id)
    rows = gather(town.shop, None, NOW.date())
    assert rows is not None
    assert rows.photo is not None
    assert rows.photo.id == mine.id


def test_what_waits_for_an_officer_and_what_was_replaced_are_nobodys_to_see(
    app: Flask, site: Town, client: FlaskClient
) -> None:
    with app.app_context(), unit():
        owner = site.actor(site.merchant)
        old = db.session.get_one(StoredFile, photo_of(site).file_id)
        new = files.make_file(actor=owner)
        change = operations.request_photos(site.shop, [new.id], owner, NOW)
    assert [client.get(f"/media/{file.key}").status_code for file in (old, new)] == [200, 404]
    assert client.get(f"/files/{new.key}").status_code == 404
    with app.app_context(), unit():
        officer = site.actor(site.station)
        operations.decide(change.id, "approve", officer, LATER, change.version, "seen_on_site")
    assert [client.get(f"/media/{file.key}").status_code for file in (old, new)] == [404, 200]


def test_photos_of_a_shop_that_was_never_vouched_for_are_not_public(context: Flask) -> None:
    shop = merchants.make_shop()
    photo = files.make_file()
    attach([photo.id], "operator", shop.operator_id)
    shop.photos.append(ShopPhoto(file_id=photo.id, position=0))
    db.session.flush()
    assert context.name
    assert not is_public(photo.id)
