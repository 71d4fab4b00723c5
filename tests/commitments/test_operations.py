"""The catalogue, signing and withdrawing; on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import commitments as make
from tests.factories import merchants
from webapp.audit.models import AuditEvent
from webapp.commitments import operations, queries
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.feed.models import Change
from webapp.merchants.models import Shop

NOW = make.NOW
TODAY = date(2026, 5, 6)


@pytest.fixture
def shop(context: Flask) -> Shop:
    return merchants.make_shop()


@pytest.fixture
def merchant(shop: Shop) -> Actor:
    account = merchants.make_account()
    merchants.make_member(shop.operator, account)
    return account.actor()


@pytest.mark.each_database
def test_the_catalogue_fills_the_table_once(context: Flask) -> None:
    assert operations.sync() >= 8
    assert operations.sync() == 0
    for category in ("eat", "stay", "tour", "shop", "play"):
        required = {row.code for row in queries.offered(category, TODAY) if row.required}
        assert {"integrity", "clear_prices", "answer_24h"} <= required
    assert "food_safety" in {row.code for row in queries.offered("eat", TODAY)}
    assert "food_safety" not in {row.code for row in queries.offered("shop", TODAY)}


def test_a_changed_body_under_an_old_version_is_an_error(context: Flask, tmp_path: Path) -> None:
    operations.sync()
    text = operations.CATALOGUE.read_text(encoding="utf-8")
    other = tmp_path / "catalogue.toml"
    other.write_text(text.replace("一、我店依法取得", "一、我店取得"), encoding="utf-8")
    with pytest.raises(operations.ChangedBody, match="integrity version 1"):
        operations.sync(other)


def test_a_summary_may_be_corrected(context: Flask, tmp_path: Path) -> None:
    operations.sync()
    text = operations.CATALOGUE.read_text(encoding="utf-8")
    other = tmp_path / "catalogue.toml"
    other.write_text(text.replace("证照齐全，不虚假宣传", "证照齐全、不虚假宣传"), encoding="utf-8")
    assert operations.sync(other) == 1


@pytest.mark.each_database
def test_signing(shop: Shop, merchant: Actor) -> None:
    first, second = make.make_template(), make.make_template("clear_prices", title="明码标价", position=20)
    assert [row.code for row in queries.lacking(shop, TODAY)] == ["integrity", "clear_prices"]
    signed = operations.sign(shop.id, [second.id, first.id, first.id], " 王  芳 ", merchant, NOW)
    assert len(signed) == 2
    assert [(c.code, c.signed_name, c.signed_at) for c in queries.standing(shop.id)] == [
        ("integrity", "王 芳", NOW),
        ("clear_prices", "王 芳", NOW),
    ]
    assert queries.lacking(shop, TODAY) == []
    assert operations.sign(shop.id, [first.id], "王芳", merchant, NOW) == []
    assert db.session.query(Commitment).count() == 2
    event = db.session.query(AuditEvent).filter_by(action="commitment.sign").first()
    assert event is not None
    assert event.new["body_sha256"] == second.body_sha256
    db.session.commit()
    assert [change.shop_id for change in db.session.query(Change)] == [shop.id]


def test_a_new_version_takes_the_old_ones_place(shop: Shop, merchant: Actor) -> None:
    old = make.make_template(in_force_until=TODAY)
    by = merchants.make_account()
    held = make.make_commitment(shop, old, by)
    new = make.make_template(version=2)
    assert queries.lacking(shop, TODAY) == []  # what was signed stands until the shop signs the new text
    operations.sign(shop.id, [new.id], "王芳", merchant, NOW)
    assert held.withdrawn_at == NOW
    assert [(c.code, c.version) for c in queries.standing(shop.id)] == [("integrity", 2)]


def test_a_bad_signature_signs_nothing(shop: Shop, merchant: Actor) -> None:
    template = make.make_template()
    with pytest.raises(Invalid) as refused:
        operations.sign(shop.id, [template.id], "同意1", merchant, NOW)
    assert (refused.value.code, refused.value.field) == ("signature_name", "name")
    assert queries.standing(shop.id) == []


def test_a_text_that_is_not_offered_is_not_signed(shop: Shop, merchant: Actor) -> None:
    ended = make.make_template(in_force_until=TODAY)
    other_trade = make.make_template("stay", categories="stay")
    for template in (ended, other_trade):
        with pytest.raises(Conflict, match="commitment_changed"):
            operations.sign(shop.id, [template.id], "王芳", merchant, NOW)


def test_only_the_operators_people_sign(shop: Shop) -> None:
    template = make.make_template()
    for actor in (merchants.make_account("赵六").actor(), SYSTEM):
        with pytest.raises(Forbidden):
            operations.sign(shop.id, [template.id], "赵六", actor, NOW)


def test_withdrawing(shop: Shop, merchant: Actor) -> None:
    by = merchants.make_account()
    required = make.make_commitment(shop, make.make_template(), by)
    free = make.make_commitment(shop, make.make_template("advance", title="先行赔付", required=False), by)
    with pytest.raises(Conflict, match="commitment_required"):
        operations.withdraw(required.id, merchant, NOW)
    operations.withdraw(free.id, merchant, NOW)
    assert [c.code for c in queries.standing(shop.id)] == ["integrity"]
    with pytest.raises(NotFound):
        operations.withdraw(free.id, merchant, NOW)


@pytest.mark.each_database
def test_the_database_keeps_one_standing_signature(shop: Shop) -> None:
    template, by = make.make_template(), merchants.make_account()
    make.make_commitment(shop, template, by)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        make.make_commitment(shop, template, by)


def test_every_body_has_its_hash(context: Flask) -> None:
    operations.sync()
    for row in db.session.query(CommitmentTemplate):
        assert len(row.body_sha256) == 64
        assert row.body == row.body.strip()
        assert row.summary
        assert row.how_to_claim
