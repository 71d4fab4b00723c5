"""The merchant's home: tasks of all features in one order, figures, drawings, one shop or several, the poster."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts, complaints, licences, mediation
from tests.factories.codes import make_code
from tests.factories.merchants import NOW, make_member, make_shop
from tests.factories.ratings import make_rating
from tests.factories.shopfront import make_vouched
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.mediation import operations as mediations
from webapp.merchants.models import Operator, Shop
from webapp.stickers import operations as stickers


@dataclass
class Owner:
    """A signed-in owner with one vouched shop."""

    client: FlaskClient
    shop_id: int
    operator_id: int

    def tasks(self, query: str = "") -> list[str]:
        """What the list says, in its order."""
        found = re.findall(r'class="todo__what">([^<]+)<', self.client.get(f"/merchant/{query}").text)
        return [str(text) for text in found]


@pytest.fixture
def owner(app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]) -> Owner:
    freeze(NOW)
    with app.app_context():
        shop = make_vouched(1)
        with unit():
            account = accounts.make_merchant("王芳")
            make_member(db.session.get_one(Operator, shop.operator_id), account)
            account_id = account.id
    accounts.sign_in(client, account_id)
    return Owner(client, shop.shop_id, shop.operator_id)


def shop_of(owner: Owner) -> Shop:
    return db.session.get_one(Shop, owner.shop_id)


def test_a_new_shop_hangs_its_stickers_first_and_then_nothing_waits(app: Flask, owner: Owner) -> None:
    assert owner.tasks() == ["打印码贴，贴到门口和收银台"]
    page = owner.client.get("/merchant/").text
    assert "还没有评价" in page
    assert "都答复了" in page
    with app.app_context():
        from tests.factories import scans

        scans.count({(owner.shop_id, 1, clock.day_of(NOW).isoformat(), 9): 3})
        db.session.commit()
    assert owner.tasks() == []
    assert "没有要办的事，安心做生意。" in owner.client.get("/merchant/").text


def test_tasks_of_all_features_stand_in_one_order(app: Flask, owner: Owner) -> None:
    today = clock.day_of(NOW)
    with app.app_context(), unit():
        shop = shop_of(owner)
        complaints.make_complaint(shop)
        licences.make_licence(shop, valid_until=today + timedelta(days=20))
        licences.make_licence(shop, "health", valid_until=today - timedelta(days=1))
        make_rating(shop, 5, text="好吃")
        make_rating(shop, 4)  # without words nothing is to be replied to
        stickers.replace(shop.id, 1, "worn", complaints.merchant_actor(shop), NOW)
        officer = complaints.make_officer().actor()
        case = mediation.accepted(shop, officer)
        running = mediations.start(case.id, None, officer, NOW)
        mediations.draft(running.id, "退一半", officer, NOW)
    found = owner.tasks()
    assert found[0] == "食品经营许可证（餐饮服务）已到期，请上传新证"
    assert found[1].startswith("答复一件投诉：")
    assert set(found[2:-1]) == {"打印新码贴，换下旧的", "回复 1 条顾客评价", "看调解协议，同意就签名"}
    assert found[-1] == "食品经营许可证（餐饮服务）快到期了，换好新证后上传"
    page = owner.client.get("/merchant/").text
    assert "已过 1 天" in page
    assert "还有 1 天 0 小时" in page
    assert re.search(r"figure--stop|figure--caution", page)


def test_a_promise_is_kept_by_its_day(app: Flask, owner: Owner) -> None:
    from webapp.complaints import settlement
    from webapp.complaints.settlement import Terms

    with app.app_context(), unit():
        shop = shop_of(owner)
        case = complaints.make_complaint(shop)
        until = clock.day_of(NOW) + timedelta(days=2)
        terms = Terms(case.demand, 1000, "退钱", until, "王芳")
        offer = settlement.make(case.id, terms, complaints.merchant_actor(shop), NOW)
        settlement.accept(case.id, offer.id, "李雷", NOW)
    assert owner.tasks()[0] == "兑现答应顾客的方案"


def test_one_shop_or_all_together(app: Flask, owner: Owner) -> None:
    with app.app_context(), unit():
        first = shop_of(owner)
        second = make_shop(first.operator, "分店", branch="西大街店")
        complaints.make_complaint(second)
        make_rating(first, 5, text="好")
        make_rating(second, 3, text="一般")
        second_id = second.id
    page = owner.client.get("/merchant/").text
    assert "2 家店合计" in page
    assert re.search(r">4\.0<small>分", page)
    assert "西大街店" in page
    assert "回复 2 条顾客评价" in owner.tasks()
    alone = owner.client.get(f"/merchant/?shop={second_id}").text
    assert re.search(r">3\.0<small>分", alone)
    assert "回复 1 条顾客评价" in owner.tasks(f"?shop={second_id}")
    assert not any(task.startswith("答复") for task in owner.tasks(f"?shop={owner.shop_id}"))
    for nonsense in ("999999", "x", "-1"):
        assert "2 家店合计" in owner.client.get(f"/merchant/?shop={nonsense}").text


def test_with_many_shops_one_is_chosen_from_a_list(app: Flask, owner: Owner) -> None:
    with app.app_context(), unit():
        operator = shop_of(owner).operator
        numbers = [make_shop(operator, f"分店{number}").id for number in range(6)]
    page = owner.client.get("/merchant/").text
    assert 'class="pill"' not in page
    assert f'<option value="{numbers[-1]}"' in page
    assert f'<option value="{numbers[0]}" selected' in owner.client.get(f"/merchant/?shop={numbers[0]}").text


def test_the_first_task_stands_large_with_its_button_and_what_a_guest_said(app: Flask, owner: Owner) -> None:
    assert "最近一条好评" not in owner.client.get("/merchant/").text
    with app.app_context(), unit():
        shop = shop_of(owner)
        complaints.make_complaint(shop)
        make_rating(shop, 5, text="面条筋道，老板实在", now=NOW - timedelta(days=2))
        make_rating(shop, 2, text="等了四十分钟", now=NOW - timedelta(days=1))
        make_rating(shop, 5, text="去年写的", now=NOW - timedelta(days=200))
    page = owner.client.get("/merchant/").text
    lead = page.split('class="todo__lead')[1].split("</div>")[0]
    assert "答复一件投诉" in lead
    assert "还有 1 天 0 小时" in lead
    assert "去答复" in lead
    praise = page.split('id="praise"')[1].split("</section>")[0]
    assert "面条筋道，老板实在" in praise
    assert "等了四十分钟" not in praise


def test_shops_where_something_waits_come_first_and_many_fold_away(app: Flask, owner: Owner) -> None:
    with app.app_context(), unit():
        operator = shop_of(owner).operator
        numbers = [make_shop(operator, f"分店{number}").id for number in range(9)]
        complaints.make_complaint(db.session.get_one(Shop, numbers[-1]))
    page = owner.client.get("/merchant/").text
    cards = [int(number) for number in re.findall(r'class="tileshop" href="/merchant/shops/(\d+)"', page)]
    assert sorted(cards) == sorted([owner.shop_id, *numbers])
    assert numbers[-1] in cards[:2]
    assert "还有 4 家店" in page


def test_the_page_asks_the_database_as_often_for_sixteen_shops_as_for_eight(app: Flask, owner: Owner) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    def count() -> int:
        owner.client.get("/merchant/")  # what is loaded once a process is loaded
        asked.clear()
        assert owner.client.get("/merchant/").status_code == 200
        return len(asked)

    def more(numbers: range) -> None:
        with app.app_context(), unit():
            operator = shop_of(owner).operator
            for number in numbers:
                shop = make_shop(operator, f"分店{number}")
                make_code(shop)
                complaints.make_complaint(shop)
                make_rating(shop, 4, text="好")

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        more(range(7))
        few = count()
        more(range(7, 15))
        many = count()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert many == few <= 43  # the transaction's begin among them


def test_stars_over_time_are_drawn_with_their_table(app: Flask, owner: Owner) -> None:
    with app.app_context(), unit():
        shop = shop_of(owner)
        for months, hearts in ((6, 3), (5, 4), (1, 5)):
            make_rating(shop, hearts, now=NOW - timedelta(days=30 * months))
    page = owner.client.get("/merchant/").text
    assert re.search(r"平均打 5\.0 分，</span><span class=\"phrase\">比之前高 1\.5", page)
    assert page.count("line__dot") == 3
    assert page.count("line__line") == 2
    assert "<caption" in page


def test_the_poster_is_the_shops_own_and_only_while_its_code_is_active(
    app: Flask, owner: Owner, make_client: Callable[[], FlaskClient]
) -> None:
    from tests.factories.shopfront import suspend

    here = f"/merchant/shops/{owner.shop_id}/poster"
    picture = owner.client.get(f"{here}.png?save=1")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert "attachment" in picture.headers["Content-Disposition"]
    assert f"{here}.png" in owner.client.get(here).text
    assert f"/s/{owner.shop_id}" in owner.client.get(here).text
    with app.app_context(), unit():
        stranger_id = accounts.make_merchant().id
    stranger = make_client()
    accounts.sign_in(stranger, stranger_id)
    for path in (here, f"{here}.png"):
        assert stranger.get(path).status_code == 404
        assert make_client().get(path).status_code == 302
    with app.app_context():
        suspend(owner.shop_id)
    assert owner.client.get(f"{here}.png").status_code == 409
    assert "现在不能做海报" in owner.client.get(here).text
    assert f"{here}.png" not in owner.client.get("/merchant/").text
