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
from webapp.stickers.queries import Wanted

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


@pytest.mark.parametrize("count", [0, -1, 21])
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


def test_what_is_to_be_printed(here: Town) -> None:
    shop = get_shop(here.shop)
    for place in (P.DOOR, P.TILL):
        make_sticker(shop, place)
    other = merchants.make_shop(name="没有码")
    make_sticker(other)
    posts = here.actor(here.bureau).posts
    far = here.actor(here.elsewhere).posts

    def labels(wanted: Wanted, of: tuple[object, ...] | None = posts) -> list[str]:
        rows = db.session.execute(queries.to_print(wanted, of)).tuples()  # type: ignore[arg-type]
        found = [sticker.label for sticker, _ in rows]
        assert queries.count_to_print(wanted, of) == len(found)  # type: ignore[arg-type]
        return found

    both = [f"{shop.id:06d}-01", f"{shop.id:06d}-02"]
    assert labels(Wanted()) == both
    assert labels(Wanted(), None) == both
    assert labels(Wanted(), far) == []
    assert labels(Wanted(), ()) == []
    assert labels(Wanted(place="till")) == both[1:]
    assert labels(Wanted(region="130606")) == both
    assert labels(Wanted(region="130602")) == []
    assert labels(Wanted(since=NOW.date())) == both
    assert labels(Wanted(since=NOW.date().replace(day=7))) == []
    assert labels(Wanted(shop_id=other.id)) == []
    run = operations.note_printed([queries.get(shop.id, 1)], {}, here.actor(here.bureau), NOW)
    assert labels(Wanted()) == both[1:]
    assert labels(Wanted(only_new=False)) == both
    assert queries.printed_at([s.id for s in queries.of_shop(shop.id)]) == {queries.get(shop.id, 1).id: NOW}
    again = db.session.execute(queries.of_run(run.id, posts)).tuples().all()
    assert [sticker.label for sticker, _ in again] == both[:1]
    codes.suspend(shop.id, "other", "because", here.actor(here.bureau), NOW)
    assert labels(Wanted(only_new=False)) == []
