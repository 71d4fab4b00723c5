"""A merchant's own answer texts: kept, ordered, put into an answer with the case's facts, never another merchant's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import answer_texts, intake
from webapp.complaints.models import AnswerTemplate
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.merchants.models import Shop

AS = {HEADER: "merchant"}
HOME = "/merchant/complaints/templates"


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    with app_on.app_context():
        yield make.make_shop_with_policy()
    may_write.reset(token)


@given(st.text(), st.dictionaries(st.sampled_from(["门店", "金额"]), st.text(alphabet="ab")))
def test_filling_leaves_what_it_does_not_know(text: str, facts: dict[str, str]) -> None:
    filled = answer_texts.fill(f"{text}【别的】", facts)
    assert filled.endswith("【别的】")
    for name, value in facts.items():
        if value:
            assert f"【{name}】" not in filled


def test_texts_are_kept_in_order_once_and_up_to_a_number(shop: Shop) -> None:
    owner = make.merchant_actor(shop)
    first, second, third = (
        answer_texts.add(shop.operator_id, title, "文字", owner, NOW) for title in ("一", "二", "三")
    )
    assert answer_texts.add(shop.operator_id, " 一 ", "文字 ", owner, NOW) is first, "the same form twice"
    with pytest.raises(Invalid, match="template_title_taken"):
        answer_texts.add(shop.operator_id, "一", "另外的", owner, NOW)
    with pytest.raises(Invalid, match="template_title_taken"):
        answer_texts.edit(second.id, "一", "文字", owner, NOW)
    db.session.expire_all()
    answer_texts.move(third.id, "up")
    answer_texts.move(first.id, "up")  # it is the first already
    assert [one.title for one in answer_texts.of_operator(shop.operator_id)] == ["一", "三", "二"]
    answer_texts.delete(first.id, owner, NOW)
    for number in range(answer_texts.MOST - 2):
        answer_texts.add(shop.operator_id, f"n{number}", "文字", owner, NOW)
    with pytest.raises(Conflict, match="template_most"):
        answer_texts.add(shop.operator_id, "多了", "文字", owner, NOW)
    with pytest.raises(NotFound):
        answer_texts.add(shop.operator_id + 1, "别人的", "文字", owner, NOW)
    for title, text in (("", "文字"), ("长" * 41, "文字"), ("名", " "), ("名", "长" * 2001)):
        with pytest.raises(Invalid):
            answer_texts.edit(second.id, title, text, owner, NOW)


def test_a_text_goes_into_the_answer_behind_what_was_typed_and_nothing_is_sent(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        complaint, _ = intake.file(street.shop_id, make.make_filing(), NOW)
        db.session.commit()
        page, shop = f"/merchant/complaints/{complaint.id}", complaint.shop.full_name
    ready = client.get(f"{HOME}/new?from=refund", headers=AS)
    assert "同意退款【金额】" in ready.text
    words = {"title": "退款", "text": "【门店】退【金额】，【未知】"}
    assert client.post(f"{HOME}/new", data=words | {"title": ""}, headers=AS).status_code == 422
    assert client.post(f"{HOME}/new", data=words, headers=AS).status_code == 303
    assert "【门店】退" in client.get(HOME, headers=AS).text
    with app.app_context():
        own = db.session.query(AnswerTemplate).one().id
    put = {"do": "insert", "template": str(own), "text": "先说一句", "version": "1"}
    shown = client.post(f"{page}/answer", data=put, headers=AS)
    assert shown.status_code == 200
    [typed] = re.findall(r'<textarea[^>]*name="text"[^>]*>([^<]*先说一句[^<]*)<', shown.text)
    assert typed.strip() == f"先说一句\n{shop}退¥35.50，【未知】"
    assert "还没有发送" in shown.text
    assert "等您回复" in client.get("/merchant/complaints", headers=AS).text, "nothing was sent"
    none = client.post(f"{page}/answer", data=put | {"template": "nonsense"}, headers=AS)
    assert "先说一句" in none.text


def test_the_list_as_a_table_names_nobody(app: Flask, client: FlaskClient, street: Street) -> None:
    with app.app_context():
        intake.file(street.shop_id, make.make_filing(), NOW)
        ended, _ = intake.file(street.shop_id, make.make_filing(), NOW + timedelta(hours=1))
        make.move(ended, ("withdraw", make.CONSUMER), now=NOW + timedelta(hours=2))
        db.session.commit()
    table = client.get("/merchant/complaints.csv?view=", headers=AS)
    assert table.mimetype == "text/csv"
    lines = table.text.strip().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("\ufeff编号,门店,")
    for secret in (make.NAME, make.PHONE, make.PHONE[3:], "酱肉"):
        assert secret not in table.text
    assert len(client.get("/merchant/complaints.csv?view=settling", headers=AS).text.splitlines()) == 2
