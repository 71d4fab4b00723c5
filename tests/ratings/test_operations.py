"""Rating once, counting rightly, replying once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import complaints as people
from tests.factories import ratings as make
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.core.actor import CONSUMER, Actor
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.transaction import commit
from webapp.feed.models import Change
from webapp.merchants.models import Shop, ShopFigures
from webapp.merchants.queries import figures_of
from webapp.merchants.scanning import EndedComplaint
from webapp.ratings import operations, queries
from webapp.ratings.models import Origin, Rating, RatingOwnMark
from webapp.ratings.rules import Raters

DAY = timedelta(days=1)


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield people.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def merchant(shop: Shop) -> Actor:
    return people.make_merchant(shop).actor()


def rate(shop: Shop, device: str, now: object = NOW, **more: int) -> tuple[Rating, bool]:
    who = operations.raters(device, shop.id, now)  # type: ignore[arg-type]
    return operations.rate(shop.id, make.marks(4) | more, " 好 ", Origin.SCAN, who, now)  # type: ignore[arg-type]


def test_a_device_rates_a_shop_once_in_a_period(shop: Shop) -> None:
    other = people.make_shop_with_policy("别家")
    first, is_new = rate(shop, "a")
    assert is_new
    assert (first.text, first.mean) == ("好", 4)
    assert rate(shop, "a", price=1) == (first, False)
    assert rate(shop, "b")[1]
    assert rate(other, "a")[1]
    again_on = operations.next_rating_on(NOW)
    assert rate(shop, "a", NOW + (again_on - NOW.date() - DAY))[1] is False
    assert rate(shop, "a", NOW + (again_on - NOW.date()))[1]
    assert queries.recount(shop.id)["ratings"] == 3


def test_one_phone_and_one_complaint_rate_once(shop: Shop) -> None:
    def ended(complaint: int, phone: str | None) -> EndedComplaint:
        return EndedComplaint(shop.id, complaint, "TS1", phone)

    def given(device: str, complaint: EndedComplaint, now: datetime = NOW) -> bool:
        who = operations.raters(device, shop.id, now, complaint)
        return operations.rate(shop.id, make.marks(2), "", Origin.COMPLAINT, who, now)[1]

    later = NOW + timedelta(days=40)
    assert given("a", ended(7, "phone"))
    assert not given("a", ended(8, "other"))  # the same device
    assert not given("b", ended(8, "phone"))  # the same phone
    assert not given("c", ended(7, "other"), later)  # the same complaint, in any period
    assert given("b", ended(8, "phone"), later)
    assert given("d", ended(9, None))
    assert given("e", ended(10, None))


def test_marks_are_forgotten_and_nothing_joins_two_shops_then(shop: Shop) -> None:
    other = people.make_shop_with_policy("别家")
    first, second = rate(shop, "a")[0], rate(other, "a")[0]
    assert first.device_mark == second.device_mark is not None
    assert first.rater_hash != second.rater_hash
    operations.note_own_browser({shop.operator_id}, "a", NOW)
    assert queries.is_own_hand(shop.operator_id, operations.raters("a", shop.id, NOW), None)
    assert not queries.is_own_hand(other.operator_id, operations.raters("a", other.id, NOW), None)
    assert operations.forget_marks(NOW + timedelta(days=90)) == 0
    assert operations.forget_marks(NOW + timedelta(days=91)) == 2
    db.session.expire_all()
    assert first.device_mark is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RatingOwnMark)) == 0


def test_the_rater_cannot_be_found_out_of_the_row(shop: Shop) -> None:
    assert "device" not in rate(shop, "device")[0].rater_hash
    assert len(rate(shop, "x")[0].rater_hash) == 64


@pytest.mark.parametrize("mark", [0, 6, -1])
def test_marks_outside_are_refused(shop: Shop, mark: int) -> None:
    with pytest.raises(Invalid) as caught:
        rate(shop, "a", service=mark)
    assert (caught.value.code, caught.value.field) == ("choose_hearts", "service")
    assert queries.recount(shop.id)["ratings"] == 0


def test_a_rating_too_long_or_of_no_shop(shop: Shop) -> None:
    with pytest.raises(Invalid, match="rating_too_long"):
        operations.rate(shop.id, make.marks(5), "长" * 501, Origin.SCAN, Raters("x"), NOW)
    with pytest.raises(NotFound):
        operations.rate(shop.id + 1, make.marks(5), "", Origin.SCAN, Raters("x"), NOW)


def test_figures_equal_a_recount_and_make_the_summary(shop: Shop) -> None:
    for numbers in ((5, 4, 3, 2, 1), (5, 5, 5, 5, 5), (1, 1, 1, 1, 2)):
        make.make_rating(shop, *numbers)
    commit()
    db.session.expire_all()
    figures = figures_of(shop.id)
    assert {name: getattr(figures, name) for name in queries.recount(shop.id)} == queries.recount(shop.id)
    summary = queries.summary(figures)
    assert summary.count == 3
    assert summary.mean == pytest.approx(46 / 15)
    assert summary.hearts["environment"] == pytest.approx(11 / 3)
    assert queries.distribution(shop.id) == {5: 1, 4: 0, 3: 1, 2: 0, 1: 1}
    assert db.session.scalars(sa.select(Change.kind)).all() == ["rating.given"] * 3
    nobody = queries.summary(ShopFigures(shop_id=1, **dict.fromkeys(queries.recount(shop.id), 0)))
    assert (nobody.count, nobody.mean, set(nobody.hearts.values())) == (0, None, {None})


@pytest.mark.parametrize(
    ("total", "stars"), [(5, 1), (7, 1), (8, 2), (12, 2), (13, 3), (22, 4), (23, 5), (25, 5)]
)
def test_the_distribution_rounds_half_up_on_each_database(app_on: Flask, total: int, stars: int) -> None:
    with app_on.app_context():
        shop = people.make_shop_with_policy()
        numbers = [total // 5 + (heart < total % 5) for heart in range(5)]
        make.make_rating(shop, *numbers)
        found = queries.distribution(shop.id)
        assert [number for number, count in found.items() if count] == [stars]
        db.session.rollback()


def test_eight_threads_of_one_device_make_one_rating(app_on: Flask) -> None:
    with app_on.app_context():
        shop_id = people.make_shop_with_policy().id
        commit()
    outcomes: list[tuple[int, bool]] = []
    start = threading.Barrier(8)

    def send() -> None:
        may_write.set(True)
        with app_on.app_context():
            start.wait(timeout=20)
            rating, is_new = operations.rate(
                shop_id, make.marks(3), "", Origin.SCAN, Raters("one-rater"), NOW
            )
            commit()
            outcomes.append((rating.id, is_new))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(outcomes) == 8
    assert len({rating_id for rating_id, _ in outcomes}) == 1
    assert [is_new for _, is_new in outcomes].count(True) == 1
    with app_on.app_context():
        assert db.session.get_one(ShopFigures, shop_id).ratings == 1


def test_the_latest_with_words_come_first(shop: Shop) -> None:
    silent, spoken, newest = (make.make_rating(shop, text=text) for text in ("", "话", ""))
    assert queries.latest(shop.id, 2) == [spoken, newest]
    assert queries.latest(shop.id, 9) == [spoken, newest, silent]


def test_one_reply_that_can_be_mended_for_a_day(shop: Shop, merchant: Actor) -> None:
    rating = make.make_rating(shop)
    operations.reply(rating.id, " 谢谢 ", merchant, NOW)
    assert (rating.reply, rating.replied_at, rating.replied_by_id) == ("谢谢", NOW, merchant.account_id)
    operations.reply(rating.id, "谢谢您", merchant, NOW + DAY / 2)
    assert (rating.reply, rating.replied_at) == ("谢谢您", NOW)
    with pytest.raises(Conflict, match="reply_fixed"):
        operations.reply(rating.id, "别的", merchant, NOW + DAY)
    assert operations.reply(rating.id, "谢谢您", merchant, NOW + DAY) is rating
    commit()
    actions = db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["rating.give", "rating.reply", "rating.mend_reply"]
    assert "rating.replied" in db.session.scalars(sa.select(Change.kind)).all()


def test_strangers_and_nonsense_do_not_reply(shop: Shop, merchant: Actor) -> None:
    rating = make.make_rating(shop)
    other = people.make_merchant(people.make_shop_with_policy("别家")).actor()
    for stranger in (CONSUMER, other, people.make_officer().actor()):
        with pytest.raises(Forbidden):
            operations.reply(rating.id, "x", stranger, NOW)
    for text, code in (("  ", "reply_empty"), ("长" * 501, "reply_too_long")):
        with pytest.raises(Invalid, match=code):
            operations.reply(rating.id, text, merchant, NOW)
    with pytest.raises(NotFound):
        operations.reply(rating.id + 1, "x", merchant, NOW)
    assert rating.reply is None


def test_lists_are_narrowed(shop: Shop, merchant: Actor) -> None:
    other = people.make_shop_with_policy("百货商店")
    low, good = make.make_rating(shop, 2), make.make_rating(shop, 4)
    elsewhere = make.make_rating(other, 5)
    operations.reply(good.id, "谢谢", merchant, NOW)

    def ids(statement: sa.Select[tuple[Rating]]) -> list[int]:
        return [rating.id for rating in db.session.scalars(statement)]

    assert ids(queries.of_operators(merchant.operator_ids)) == [good.id, low.id]
    assert ids(queries.of_operators(merchant.operator_ids, unanswered=True)) == [low.id]
    posts = people.make_officer().actor().posts
    assert ids(queries.office_list(posts)) == [elsewhere.id, good.id, low.id]
    assert ids(queries.office_list(posts, low=True)) == [low.id]
    assert ids(queries.office_list(posts, text="百货")) == [elsewhere.id]
    assert ids(queries.office_list(posts, shop_id=other.id)) == [elsewhere.id]
    assert ids(queries.office_list(())) == []
