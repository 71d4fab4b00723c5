"""What the register, licences and lists do to codes by themselves, as the senders really send it."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants, registry
from tests.factories.codes import Town, make_code
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.codes import operations, queries
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.signals import (
    application_approved,
    licence_changed,
    listing_published,
    registry_changed,
    send,
)
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.merchants.queries import get_shop
from webapp.registry import operations as register
from webapp.registry import rules as registry_rules
from webapp.registry.models import RegistryRecord, RegistryRun
from webapp.registry.rows import Row
from webapp.registry.rules import RegistryStatus
from webapp.stickers.keys import NoSigningKey, store
from webapp.stickers.models import Sticker
from webapp.web.words import label

pytestmark = pytest.mark.each_database


def register_says(town: Town, status: RegistryStatus, *, abnormal: bool = False) -> None:
    """The news as :mod:`webapp.registry.operations` sends it, the consequence from its own rules."""
    what, ground = registry_rules.consequence(status, abnormal=abnormal)
    send(
        registry_changed,
        operator_id=get_shop(town.shop).operator_id,
        record=RegistryRecord(status=status, abnormal=abnormal, serious_violation=False),
        before=None,
        consequence=what.value,
        ground=ground,
        actor=SYSTEM,
        now=NOW,
    )


def standing(town: Town) -> tuple[CodeState, list[str]]:
    code = queries.latest(town.shop)
    assert code is not None
    return code.state, [entry.ground for entry in queries.open_grounds(code)]


@pytest.mark.parametrize("status", [RegistryStatus.DEREGISTERED, RegistryStatus.LICENCE_REVOKED])
def test_gone_from_the_register_revokes_all_shops(here: Town, status: RegistryStatus) -> None:
    second = merchants.make_shop(get_shop(here.shop).operator, name="二店")
    make_code(second, CodeState.SUSPENDED, ("other",))
    register_says(here, status)
    assert standing(here)[0] is CodeState.REVOKED
    assert queries.standing(second.id) is None


def test_the_register_suspends_changes_its_ground_and_lifts(here: Town) -> None:
    register_says(here, RegistryStatus.ACTIVE, abnormal=True)
    assert standing(here) == (CodeState.SUSPENDED, ["abnormal_list"])
    register_says(here, RegistryStatus.ACTIVE, abnormal=True)
    assert standing(here) == (CodeState.SUSPENDED, ["abnormal_list"])
    register_says(here, RegistryStatus.CLOSED)
    assert standing(here) == (CodeState.SUSPENDED, ["operator_closed"])
    states = [event.new["state"] for event in db.session.scalars(sa.select(AuditEvent)) if event.new]
    assert "active" not in states, "between two grounds the code was never active"
    register_says(here, RegistryStatus.ACTIVE)
    assert standing(here) == (CodeState.ACTIVE, [])


def test_the_register_leaves_an_officers_ground(here: Town) -> None:
    operations.suspend(here.shop, "inspection_failed", "because", here.actor(here.bureau), NOW)
    register_says(here, RegistryStatus.ACTIVE, abnormal=True)
    register_says(here, RegistryStatus.ACTIVE)
    assert standing(here) == (CodeState.SUSPENDED, ["inspection_failed"])


def test_every_consequence_of_the_register_has_its_words(context: Flask) -> None:
    for status in RegistryStatus:
        for abnormal in (False, True):
            what, ground = registry_rules.consequence(status, abnormal=abnormal)
            if what is not registry_rules.Consequence.NONE:
                assert label(f"code.because.{ground}")
                assert label(f"code.ground.{ground}")


def test_an_imported_record_suspends(here: Town) -> None:
    """From the register's own operation through the signal to the code."""
    uscc = get_shop(here.shop).operator.uscc
    registry.make_record(uscc=uscc)
    run = RegistryRun(source="test", started_at=NOW)
    db.session.add(run)
    db.session.flush()
    row = Row(uscc, date(2026, 5, 6), {"abnormal": True})
    counts, refused = register.take_in(run.id, "test", [(2, row)], SYSTEM, NOW)
    assert (counts.suspended, refused) == (1, [])
    assert standing(here) == (CodeState.SUSPENDED, ["abnormal_marked"])


def licences_say(town: Town, lacking: list[str]) -> None:
    send(
        licence_changed,
        operator_id=1,
        shop_id=town.shop,
        shop_ids=[town.shop, 999],
        missing_or_expired={town.shop: lacking, 999: ["food"]},
        actor=SYSTEM,
        now=NOW,
    )


def test_licences_suspend_and_lift(here: Town) -> None:
    licences_say(here, ["food"])
    assert standing(here) == (CodeState.SUSPENDED, ["licence_expired"])
    licences_say(here, ["food", "health"])
    assert standing(here) == (CodeState.SUSPENDED, ["licence_expired"])
    licences_say(here, [])
    assert standing(here) == (CodeState.ACTIVE, [])
    licences_say(here, [])
    assert standing(here) == (CodeState.ACTIVE, [])


@pytest.mark.parametrize(("colour", "after"), [("black", CodeState.REVOKED), ("red", CodeState.ACTIVE)])
def test_the_black_list_revokes(here: Town, colour: str, after: CodeState) -> None:
    send(
        listing_published,
        listing_id=1,
        shop_id=here.shop,
        colour=colour,
        reason="短斤少两",
        actor=SYSTEM,
        now=NOW,
    )
    code = queries.latest(here.shop)
    assert code is not None
    assert (code.state, code.revoked_ground) == (after, "black_listed" if colour == "black" else None)


def approve(shop_id: int, town: Town) -> None:
    with unit():
        send(application_approved, shop_id=shop_id, actor=town.actor(town.bureau), now=NOW)


def test_an_approval_gives_code_stickers_history_and_feed(here: Town) -> None:
    shop = merchants.make_shop(name="新店")
    db.session.commit()
    approve(shop.id, here)
    assert queries.facts(shop.id).is_active
    stickers = list(db.session.scalars(sa.select(Sticker).order_by(Sticker.serial)))
    assert [(s.shop_id, s.serial, s.place.value) for s in stickers] == [
        (shop.id, 1, "door"),
        (shop.id, 2, "till"),
    ]
    assert list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id))) == [
        "code.issue", "sticker.issue", "sticker.issue",
    ]  # fmt: skip
    assert [(c.kind, c.shop_id) for c in db.session.scalars(sa.select(Change))] == [("code.issued", shop.id)]


def test_an_approval_without_a_key_leaves_nothing(here: Town) -> None:
    shop = merchants.make_shop(name="新店")
    db.session.commit()
    for pem in store()._folder.glob("*.pem"):
        pem.unlink()
    store()._signer = None
    with pytest.raises(NoSigningKey):
        approve(shop.id, here)
    assert queries.latest(shop.id) is None
    for table in (Sticker, AuditEvent, Change):
        assert db.session.query(table).count() == 0
    assert db.session.query(TrustCode).count() == 1
