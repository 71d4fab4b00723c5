"""Ordering, making, cancelling, making again, handing over: on each database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import merchants
from tests.factories.codes import Town, make_code
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.printing.conftest import Order
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.merchants.models import Category
from webapp.merchants.queries import get_shop
from webapp.printing import limits, operations, queries
from webapp.printing.models import FileForm, PrintItem, PrintJob, PrintState
from webapp.printing.queries import Reach
from webapp.printing.rules import Make, Wanted
from webapp.stickers import operations as stickers
from webapp.stickers import queries as sticker_queries

pytestmark = pytest.mark.each_database
S = PrintState


# --- what is to be printed --------------------------------------------------------------------------------------------


def test_the_filters(here: Town, papers: list[str]) -> None:
    shop = get_shop(here.shop)
    merchants.make_shop(name="没有码")
    chain = merchants.make_shop(merchants.make_operator("连锁百货"), name="二店")
    chain.category = Category.SHOP
    make_code(chain)
    make_sticker(chain)
    db.session.flush()
    post, far = here.actor(here.bureau).posts[0], here.actor(here.elsewhere).posts[0]
    mine, other = [f"{shop.id:06d}-01", f"{shop.id:06d}-02"], [f"{chain.id:06d}-01"]

    def labels(wanted: Wanted, reach: Reach | None = None) -> list[str]:
        reach = reach or Reach(post=post)
        found = [sticker.label for sticker, _ in queries.first_to_print(wanted, reach, 99)]
        assert queries.count_to_print(wanted, reach) == len(found)
        return found

    assert labels(Wanted()) == mine + other
    assert labels(Wanted(), Reach(everywhere=True)) == mine + other
    assert labels(Wanted(), Reach()) == []
    assert labels(Wanted(), Reach(post=far)) == []
    assert labels(Wanted(), Reach(operator_id=shop.operator_id)) == mine
    assert labels(Wanted(shop_id=chain.id), Reach(operator_id=shop.operator_id)) == []
    assert labels(Wanted(place="till")) == mine[1:]
    assert labels(Wanted(category="shop")) == other
    assert labels(Wanted(chain="连锁")) == other
    assert labels(Wanted(chain=shop.operator.uscc.lower())) == mine
    assert labels(Wanted(chain="100%")) == []
    assert labels(Wanted(region="130602")) == []
    assert labels(Wanted(since=NOW.date().replace(day=7))) == []
    stickers.suspend(shop.id, 1, "under_check", here.actor(here.bureau), NOW)
    assert labels(Wanted(shop_id=shop.id)) == mine[1:]
    codes.suspend(shop.id, "other", "because", here.actor(here.bureau), NOW)
    assert labels(Wanted()) == other


def test_what_was_ordered_is_printed_and_what_was_cancelled_is_not(
    here: Town, papers: list[str], order: Order
) -> None:
    job = order(here, here.bureau, Wanted(place="door"))
    reach, (first, second) = Reach(post=here.actor(here.bureau).posts[0]), sticker_queries.of_shop(here.shop)
    assert [sticker.id for sticker, _ in queries.first_to_print(Wanted(), reach, 9)] == [second.id]
    assert queries.count_to_print(Wanted(only_new=False), reach) == 2
    assert sticker_queries.printed_at([first.id, second.id]) == {first.id: NOW}
    assert [(one.at, one.template) for one in sticker_queries.printings(first.id)] == [(NOW, "door")]
    operations.cancel(job.id, here.actor(here.bureau), NOW)
    assert queries.count_to_print(Wanted(), reach) == 2
    assert sticker_queries.printed_at([first.id]) == {}


# --- ordering ---------------------------------------------------------------------------------------------------------


def test_an_order_writes_down_what_and_who(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.station)
    assert (job.count, job.state, job.by_id, job.operator_id) == (2, S.QUEUED, here.station, None)
    assert job.scope.region_code == "130606"
    items = db.session.scalars(sa.select(PrintItem).order_by(PrintItem.position)).all()
    assert [(item.position, item.shop_name) for item in items] == [(1, "老槐树面馆"), (2, "老槐树面馆")]
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="print.order")).one()
    assert event.new is not None
    assert (event.actor_id, event.new["count"]) == (here.station, 2)


def test_who_may_order(here: Town, papers: list[str]) -> None:
    operator = get_shop(here.shop).operator_id
    post = here.actor(here.bureau).posts[0]
    stranger = merchants.make_account()
    merchants.make_member(merchants.make_operator("别人家"), stranger)
    db.session.commit()
    for account, reach in (
        (here.department, Reach(post=post)),
        (here.elsewhere, Reach(post=post)),
        (here.merchant, Reach(post=post)),
        (stranger.id, Reach(operator_id=operator)),
    ):
        with pytest.raises(Forbidden):
            operations.order(Wanted(), Make(), reach, {}, here.actor(account), NOW)


def test_orders_that_cannot_be(here: Town, papers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    actor = here.actor(here.bureau)
    reach = Reach(post=actor.posts[0])
    for make in (
        Make(template="moon"),
        Make(language="tlh"),
        Make(bleed=7),
        Make(template="door", form=FileForm.ESCPOS),
    ):
        with pytest.raises(Invalid):
            operations.order(Wanted(), make, reach, {}, actor, NOW)
    with pytest.raises(Conflict) as nothing:
        operations.order(Wanted(region="11"), Make(), reach, {}, actor, NOW)
    assert nothing.value.code == "nothing_to_print"
    monkeypatch.setattr(limits, "stickers_most", lambda *_: 1)
    with pytest.raises(Invalid) as many:
        operations.order(Wanted(), Make(), reach, {}, actor, NOW)
    assert many.value.details == {"most": 1, "count": 2}
    assert db.session.scalar(sa.select(sa.func.count(PrintJob.id))) == 0


def test_a_form_sent_twice_orders_once(here: Town, papers: list[str], order: Order) -> None:
    order(here, here.bureau, Wanted(only_new=False), key="form-1")
    with pytest.raises(Conflict) as caught:
        order(here, here.bureau, Wanted(only_new=False), key="form-1")
    assert caught.value.code == "already_done"
