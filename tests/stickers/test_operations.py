"""Issuing, replacing, losing and printing stickers, on each database."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants
from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.merchants.queries import get_shop
from webapp.stickers import operations, queries, reading
from webapp.stickers.models import StickerPlace, StickerState

pytestmark = pytest.mark.each_database
P, S = StickerPlace, StickerState


def serials(shop_id: int) -> list[tuple[int, str]]:
    return [(sticker.serial, sticker.state.value) for sticker in queries.of_shop(shop_id)]


def test_serials_go_up_and_tokens_say_so(here: Town) -> None:
    made = operations.request(here.shop, P.TABLE, 3, here.actor(here.merchant), NOW, 0)
    assert [sticker.serial for sticker in made] == [1, 2, 3]
    read = reading.read(made[2].token)
    assert (read.shop_number, read.serial, read.label) == (here.shop, 3, f"{here.shop:06d}-03")
    assert made[2].label == read.label


def test_a_form_sent_twice_makes_one(here: Town) -> None:
    actor = here.actor(here.merchant)
    operations.request(here.shop, P.TILL, 1, actor, NOW, 0)
    with pytest.raises(Conflict) as caught:
        operations.request(here.shop, P.TILL, 1, actor, NOW, 0)
    assert caught.value.code == "stickers_changed"
    assert len(serials(here.shop)) == 1


@pytest.mark.parametrize("count", [0, -1, 61])
def test_how_many_at_once(here: Town, count: int) -> None:
    with pytest.raises(Invalid) as caught:
        operations.request(here.shop, P.TABLE, count, here.actor(here.merchant), NOW)
    assert caught.value.field == "count"


def test_how_many_in_all(here: Town) -> None:
    row = db.session.scalars(sa.select(policy.PolicyValue).filter_by(key="sticker.max_valid")).one()
    row.value = "3"
    db.session.flush()
    actor = here.actor(here.merchant)
    operations.request(here.shop, P.TABLE, 2, actor, NOW)
    with pytest.raises(Invalid) as caught:
        operations.request(here.shop, P.TABLE, 2, actor, NOW)
    assert (caught.value.code, caught.value.details["valid"]) == ("too_many_stickers", 2)
    operations.report_lost(here.shop, 1, "lost", actor, NOW)
    operations.request(here.shop, P.TABLE, 2, actor, NOW)


def test_who_may_ask(here: Town) -> None:
    for account in (here.elsewhere, here.department, here.admin):
        with pytest.raises(Forbidden):
            operations.request(here.shop, P.DOOR, 1, here.actor(account), NOW)
    stranger = merchants.make_account()
    merchants.make_member(merchants.make_operator("别人家"), stranger)
    with pytest.raises(Forbidden):
        operations.request(here.shop, P.DOOR, 1, here.actor(stranger.id), NOW)
    make_sticker(get_shop(here.shop))
    with pytest.raises(Forbidden):
        operations.report_lost(here.shop, 1, "lost", here.actor(stranger.id), NOW)
    operations.request(here.shop, P.DOOR, 1, here.actor(here.station), NOW)


def test_a_replaced_sticker_names_its_successor(here: Town) -> None:
    make_sticker(get_shop(here.shop), P.TILL)
    new = operations.replace(here.shop, 1, "worn", here.actor(here.merchant), NOW)
    old = queries.get(here.shop, 1)
    assert (old.state, old.ended_at, old.ended_reason, old.replaced_by_serial) == (S.REPLACED, NOW, "worn", 2)
    assert (new.serial, new.place, new.state) == (2, P.TILL, S.VALID)
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="sticker.replace")).one()
    assert (event.reason_code, event.new) == (
        "worn",
        {"state": "replaced", "serial": 1, "replaced_by_serial": 2},
    )
    db.session.commit()
    assert [(c.kind, c.facts) for c in db.session.scalars(sa.select(Change))] == [
        ("sticker.replace", {"serial": 1})
    ]
    with pytest.raises(StepRefused):
        operations.replace(here.shop, 1, "worn", here.actor(here.merchant), NOW)


def test_a_lost_sticker_stays_lost(here: Town) -> None:
    make_sticker(get_shop(here.shop))
    operations.report_lost(here.shop, 1, "stolen", here.actor(here.merchant), NOW)
    assert serials(here.shop) == [(1, "lost")]
    with pytest.raises(StepRefused):
        operations.report_lost(here.shop, 1, "lost", here.actor(here.merchant), NOW)
    with pytest.raises(NotFound):
        operations.report_lost(here.shop, 9, "lost", here.actor(here.merchant), NOW)


def test_reasons(here: Town) -> None:
    make_sticker(get_shop(here.shop))
    actor = here.actor(here.merchant)
    for reason, note, field in (
        ("", "", "reason"),
        ("lost", "", "reason"),
        ("other", " ", "note"),
        ("worn", "长" * 201, "note"),
    ):
        with pytest.raises(Invalid) as caught:
            operations.replace(here.shop, 1, reason, actor, NOW, note)
        assert caught.value.field == field
    operations.replace(here.shop, 1, "other", actor, NOW, " 换了招牌 ")
    assert queries.get(here.shop, 1).ended_reason == "换了招牌"


def test_nothing_is_made_while_the_code_is_not_active(here: Town) -> None:
    make_sticker(get_shop(here.shop))
    codes.suspend(here.shop, "other", "because", here.actor(here.bureau), NOW)
    actor = here.actor(here.merchant)
    for work in (
        lambda: operations.request(here.shop, P.DOOR, 1, actor, NOW),
        lambda: operations.replace(here.shop, 1, "worn", actor, NOW),
    ):
        with pytest.raises(Conflict) as caught:
            work()
        assert caught.value.code == "code_not_active_suspended"
    operations.report_lost(here.shop, 1, "lost", actor, NOW)
    bare = merchants.make_shop(get_shop(here.shop).operator, name="没码")
    with pytest.raises(Conflict) as none:
        operations.request(bare.id, P.DOOR, 1, here.actor(here.merchant), NOW)
    assert none.value.code == "code_not_active_none"


def test_a_new_code_ends_the_old_papers(here: Town) -> None:
    make_sticker(get_shop(here.shop))
    codes.revoke_now(here.shop, "operator_deregistered", "gone", SYSTEM, NOW)
    codes.issue(here.shop, here.actor(here.bureau), NOW)
    assert serials(here.shop) == [(1, "destroyed"), (2, "valid"), (3, "valid")]


def test_two_at_once_draw_two_serials(app: Flask, town: Town) -> None:
    barrier, made = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            actor = town.actor(town.merchant)
            db.session.rollback()
            barrier.wait(timeout=20)
            with unit():
                made.append(operations.issue(town.shop, P.TABLE, actor, NOW).serial)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(made) == [1, 2]


def test_labels_of_tables(here: Town) -> None:
    actor = here.actor(here.merchant)
    made = operations.request(here.shop, P.TABLE, 2, actor, NOW, 0, ("1号桌", "2号桌"))
    assert [(sticker.serial, sticker.spot) for sticker in made] == [(1, "1号桌"), (2, "2号桌")]
    assert operations.replace(here.shop, 2, "worn", actor, NOW).spot == "2号桌"


def test_one_paper_suspended_and_back(here: Town) -> None:
    for _ in range(2):
        make_sticker(get_shop(here.shop))
    officer = here.actor(here.station)
    with pytest.raises(Forbidden):
        operations.suspend(here.shop, 1, "copied", here.actor(here.merchant), NOW)
    with pytest.raises(Forbidden):
        operations.suspend(here.shop, 1, "copied", here.actor(here.elsewhere), NOW)
    with pytest.raises(Invalid):
        operations.suspend(here.shop, 1, "worn", officer, NOW)
    operations.suspend(here.shop, 1, "copied", officer, NOW)
    paper = queries.get(here.shop, 1)
    assert (paper.state, paper.ended_at, paper.ended_reason) == (S.SUSPENDED, NOW, "copied")
    assert serials(here.shop)[1] == (2, "valid")
    with pytest.raises(StepRefused):
        operations.suspend(here.shop, 1, "copied", officer, NOW)
    with pytest.raises(Forbidden):
        operations.resume(here.shop, 1, "cleared", here.actor(here.merchant), NOW)
    operations.resume(here.shop, 1, "cleared", officer, NOW)
    assert (paper.state, paper.ended_at, paper.ended_reason) == (S.VALID, None, None)
    db.session.commit()
    kinds = [change.kind for change in db.session.scalars(sa.select(Change).order_by(Change.seq))]
    assert kinds == ["sticker.suspend", "sticker.resume"]


def test_a_suspended_paper_can_be_replaced_lost_and_destroyed(here: Town) -> None:
    actor, officer = here.actor(here.merchant), here.actor(here.bureau)
    for _ in range(3):
        make_sticker(get_shop(here.shop))
    for serial in (1, 2, 3):
        operations.suspend(here.shop, serial, "under_check", officer, NOW)
    operations.replace(here.shop, 1, "copied", actor, NOW)
    operations.report_lost(here.shop, 2, "stolen", actor, NOW)
    operations.destroy(here.shop, 3, "misprinted", actor, NOW)
    assert [state for _, state in serials(here.shop)] == ["replaced", "lost", "destroyed", "valid"]
    for serial in (1, 2, 3):
        with pytest.raises(StepRefused):
            operations.resume(here.shop, serial, "cleared", officer, NOW)


def test_suspended_papers_count_and_go_with_the_code(here: Town) -> None:
    make_sticker(get_shop(here.shop))
    operations.suspend(here.shop, 1, "under_check", here.actor(here.bureau), NOW)
    row = db.session.scalars(sa.select(policy.PolicyValue).filter_by(key="sticker.max_valid")).one()
    row.value = "1"
    db.session.flush()
    with pytest.raises(Invalid):
        operations.request(here.shop, P.DOOR, 1, here.actor(here.merchant), NOW)
    operations.retire_all(here.shop, "code_revoked", SYSTEM, NOW)
    assert serials(here.shop) == [(1, "destroyed")]
