"""The pages: what the public sees and no longer sees, who may open and do what, what is kept when a form is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.codes import make_code
from tests.factories.files import picture
from tests.factories.listings import People, make_confirmed, make_listing, make_proposal
from tests.factories.merchants import NOW, make_operator, make_shop
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.files import queries as files
from webapp.listings import hearing, operations, queries
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import Shop
from webapp.web import slots

Browser = Callable[[Actor], FlaskClient]
NASTY = '<script>alert("x")</script>'


def send(client: FlaskClient, page: str, path: str | None = None, **data: Any) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, page
    return client.post(
        path or page.partition("?")[0],
        data={"csrf_token": found.group(1), **data},
        content_type="multipart/form-data",
    )


def publish(app: Flask, people: People, colour: Colour = Colour.BLACK, **more: Any) -> int:
    with app.app_context(), unit():
        return make_listing(people, colour, **more).id


def propose(app: Flask, people: People, colour: Colour = Colour.BLACK) -> tuple[int, int]:
    with app.app_context(), unit():
        proposal = make_proposal(people, colour)
        db.session.flush()
        return proposal.id, proposal.version


def filled(people: People, **more: Any) -> dict[str, Any]:
    facts = {
        "shop": str(people.shop.id),
        "colour": "black",
        "ground": "short_measure",
        "evidence": "三次复称都少。",
        "public_summary": "电子秤短斤少两。",
        "term_until": "2027-04-20",
    }
    return facts | more


# --- public -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", ["red", "black"])
def test_an_empty_list_says_so(client: FlaskClient, city: People, colour: str) -> None:
    answer = client.get(f"/lists/{colour}")
    assert answer.status_code == 200
    assert {"red": "红榜还没有店", "black": "黑榜现在没有店"}[colour] in answer.text


def test_an_entry_shows_everything_but_people_and_evidence(
    app: Flask, client: FlaskClient, city: People
) -> None:
    publish(app, city)
    text = client.get("/lists/black").text
    for shown in (
        "老槐树面馆",
        "莲池区",
        "短斤少两",
        "《零售商品称重计量监督管理办法》",
        "电子秤短斤少两。",
        "2026年5月6日 周三",
        "到 2027年4月20日 周二",
        "莲池区市场监督管理局",
        f'href="/s/{city.shop.id}"',
    ):
        assert shown in text, shown
    for hidden in ("三次复称", "赵科长", "钱科长"):
        assert hidden not in text
    assert "老槐树面馆" not in client.get("/lists/red").text


def test_the_city_bureau_is_named_when_it_decided(app: Flask, client: FlaskClient, city: People) -> None:
    from tests.factories.accounts import make_officer

    with app.app_context(), unit():
        proposal = make_proposal(city)
        higher = make_officer(region_code="1306").actor()
        operations.decide(proposal.id, "confirm", "属实", higher, NOW, proposal.version)
        hearing.speak(proposal.id, "不对", city.owner, NOW)
        operations.publish(proposal.id, "属实", higher, NOW, proposal.version)
    assert "保定市市场监督管理局</dd>" in client.get("/lists/black").text


def test_a_proposal_is_not_public(app: Flask, client: FlaskClient, city: People) -> None:
    propose(app, city)
    assert "老槐树面馆" not in client.get("/lists/black").text


@pytest.mark.parametrize("action", ["repair", "strike"])
def test_an_ended_entry_is_gone_at_once(app: Flask, client: FlaskClient, city: People, action: str) -> None:
    listing_id = publish(app, city)
    assert "老槐树面馆" in client.get("/lists/black").text
    with app.app_context(), unit():
        operations.end(listing_id, action, "整改完成", city.second, NOW, queries.get(listing_id).version)
    assert "老槐树面馆" not in client.get("/lists/black").text


def test_the_term_ends_without_the_job(
    app: Flask, client: FlaskClient, city: People, freeze: Callable[[datetime], datetime]
) -> None:
    publish(app, city)
    last = datetime(2027, 4, 20, 15, 59, tzinfo=NOW.tzinfo)
    freeze(last)
    assert "老槐树面馆" in client.get("/lists/black").text
    freeze(last + timedelta(minutes=1))
    assert "老槐树面馆" not in client.get("/lists/black").text


def test_filters_and_pages(app: Flask, client: FlaskClient, city: People) -> None:
    with app.app_context(), unit():
        operator = make_operator()
        for number in range(25):
            shop = make_shop(operator, f"好店{number:02}", branch="裕华路店" if number == 3 else "")
            make_code(shop)
            db.session.add(
                Listing(
                    shop_id=shop.id,
                    colour=Colour.RED,
                    state=ListingState.PUBLISHED,
                    ground="clean_record",
                    evidence="e",
                    public_summary="s",
                    proposed_by_id=city.bureau.account_id,
                    proposed_at=NOW,
                    decided_by_id=city.second.account_id,
                    decided_at=NOW,
                    published_at=NOW + timedelta(minutes=number),
                )
            )
    first, second = client.get("/lists/red").text, client.get("/lists/red?page=2").text
    assert (first.count('id="listing-'), second.count('id="listing-')) == (20, 5)
    assert "好店24" in first
    assert "好店00" in second
    assert "第 1 / 2 页，共 25 条" in first
    assert client.get("/lists/red?page=99").text.count('id="listing-') == 5
    one = client.get("/lists/red?q=裕华路").text
    assert (one.count('id="listing-'), "好店03" in one) == (1, True)
    assert client.get("/lists/red?category=stay").text.count('id="listing-') == 0
    assert client.get("/lists/red?category=eat&district=130606").text.count('id="listing-') == 20
    assert client.get("/lists/red?q=%25").text.count('id="listing-') == 0  # a percent sign is no wildcard
    for nonsense in ("district=abc", "category=<b>", "page=-1", "page=x"):
        assert client.get(f"/lists/red?{nonsense}").status_code == 200


def test_no_condition_fits(app: Flask, client: FlaskClient, city: People) -> None:
    publish(app, city)
    text = client.get("/lists/black?q=没有这家").text
    assert "没有符合条件的店" in text
    assert "看全部" in text


# --- office -----------------------------------------------------------------------------------------------------------


def test_the_whole_way_by_two_browsers(
    app: Flask,
    client: FlaskClient,
    city: People,
    browser: Browser,
    freeze: Callable[[datetime], datetime],
) -> None:
    first, second = browser(city.bureau), browser(city.second)
    found = first.get("/office/listings/new?q=老槐树").text
    address = f"/office/listings/new?shop={city.shop.id}"
    assert address in found
    assert "先选列入红榜还是黑榜" in first.get(address).text
    page = f"{address}&colour=black"
    preview = send(first, page, **filled(city, do="preview"))
    assert preview.status_code == 200
    assert "公示后的样子" in preview.text
    assert "到 2027年4月20日 周二" in preview.text
    photo = (io.BytesIO(picture()), "称.jpg")
    done = send(first, page, **filled(city, do="propose", evidence_files=photo))
    assert done.status_code == 303
    case = done.location
    text = first.get(case).text
    assert "须由另一位有权限的同事确认" in text
    assert 'action="/office/listings/1/confirm"' not in text
    assert ">1</b>" in re.sub(r"\s", "", second.get("/office/listings").text)
    listing_id = int(case.rsplit("/", 1)[1])
    with app.app_context():
        [file] = files.of_owner("listing", listing_id)
        key, version = file.key, queries.get(listing_id).version
    assert f"/files/{key}" in second.get(case).text
    assert second.get(f"/files/{key}").status_code == 200
    assert client.get(f"/files/{key}").status_code == 404
    assert browser(city.owner).get(f"/files/{key}").status_code == 404
    assert send(second, case, f"{case}/confirm", version=str(version), reason="属实").status_code == 303
    assert "老槐树面馆" not in client.get("/lists/black").text, "the merchant is heard first"
    assert "听取商户说明" in second.get(case).text
    with app.app_context(), unit():
        until = queries.get(listing_id).hearing_until
        assert until is not None
        assert operations.publish_heard(until - timedelta(seconds=1)) == 0
        assert operations.publish_heard(until) == 1
    freeze(until)
    assert "老槐树面馆" in client.get("/lists/black").text
    second = browser(city.second)  # the session of the first days is over
    assert "公示中" in second.get(case).text
    version = version + 2
    assert send(second, case, f"{case}/strike", version=str(version), reason="有误").status_code == 303
    assert "老槐树面馆" not in client.get("/lists/black").text


def test_the_proposer_who_posts_anyway_is_refused(app: Flask, city: People, browser: Browser) -> None:
    listing_id, version = propose(app, city)
    client = browser(city.bureau)
    answer = send(
        client,
        "/office/listings/new?q=x",
        f"/office/listings/{listing_id}/confirm",
        version=str(version),
        reason="属实",
    )
    assert answer.status_code == 403
    assert "提议的人不能复核自己的提议" in answer.text


def test_a_decision_needs_a_reason_and_keeps_what_was_typed(
    app: Flask, city: People, browser: Browser
) -> None:
    listing_id, version = propose(app, city)
    case, client = f"/office/listings/{listing_id}", browser(city.second)
    answer = send(client, case, f"{case}/confirm", version=str(version), reason=" ")
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    answer = send(client, case, f"{case}/confirm", version=str(version), reason="长" * 501)
    assert answer.status_code == 422
    assert "长" * 501 in answer.text


def test_the_second_of_two_officers_is_told(app: Flask, city: People, browser: Browser) -> None:
    listing_id, version = propose(app, city)
    case, client = f"/office/listings/{listing_id}", browser(city.second)
    assert send(client, case, f"{case}/refuse", version=str(version), reason="证据不足").status_code == 303
    answer = send(client, "/office/listings/new?q=x", f"{case}/confirm", version=str(version), reason="属实")
    assert answer.status_code == 409
    assert "已有别人改过" in answer.text


@pytest.mark.parametrize("path", ["", "/confirm", "/strike"])
def test_another_districts_officer_finds_nothing(
    app: Flask, city: People, browser: Browser, path: str
) -> None:
    listing_id, version = propose(app, city)
    client = browser(city.stranger)
    address = f"/office/listings/{listing_id}"
    if path:
        answer = send(client, "/office/listings/new?q=x", address + path, version=str(version), reason="属实")
    else:
        answer = client.get(address)
    assert answer.status_code == 404
    assert "老槐树面馆" not in client.get("/office/listings").text
    assert "老槐树面馆" not in client.get("/office/listings/new?q=老槐树").text
    assert client.get(f"/office/listings/new?shop={city.shop.id}").status_code == 404
    assert send(client, "/office/listings/new?q=x", "/office/listings/new", **filled(city)).status_code == 404


def test_a_station_officer_reads_and_proposes_but_has_no_decision(
    app: Flask, city: People, browser: Browser
) -> None:
    listing_id, version = propose(app, city)
    client, case = browser(city.station), f"/office/listings/{listing_id}"
    text = client.get(case).text
    assert "复核由局里有权限的同事办理" in text
    assert f"{case}/confirm" not in text
    answer = send(client, "/office/listings/new?q=x", f"{case}/confirm", version=str(version), reason="属实")
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/office/listings", "/office/listings/new", "/office/listings/1"])
def test_nobody_else_comes_in(
    app: Flask, client: FlaskClient, city: People, browser: Browser, path: str
) -> None:
    propose(app, city)
    assert client.get(path).status_code == 302
    assert browser(city.owner).get(path).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ground": "clean_record"}, "请从这张榜的依据里选一项"),
        ({"evidence": ""}, "这一项要填写"),
        ({"term_until": "2027-13-40"}, "请写成年-月-日"),
        ({"term_until": ""}, "最长 12 个月"),
        ({"term_until": "2026-06-01"}, "至少公示 3 个月"),
        ({"colour": "blue"}, "请选红榜或黑榜"),
    ],
)
def test_a_wrong_form_says_what_to_do_and_loses_nothing(
    app: Flask, city: People, browser: Browser, changes: dict[str, str], said: str
) -> None:
    client = browser(city.bureau)
    data = filled(
        city, public_summary="摘要不能丢", evidence_files=(io.BytesIO(picture()), "a.jpg"), **changes
    )
    answer = send(client, f"/office/listings/new?shop={city.shop.id}&colour=black", do="propose", **data)
    assert answer.status_code == 422
    assert said in answer.text
    if changes.get("colour") != "blue":
        assert "摘要不能丢" in answer.text
        assert "evidence_files_kept" in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Listing.id))) == 0


def test_what_people_write_is_text(app: Flask, client: FlaskClient, city: People, browser: Browser) -> None:
    with app.app_context(), unit():
        db.session.get_one(Shop, city.shop.id).name = NASTY
        proposal = operations.propose(
            city.shop.id, Colour.BLACK, "fake_goods", NASTY, NASTY, make_listing_term(), city.bureau, NOW
        )
        operations.decide(proposal.id, "confirm", NASTY, city.second, NOW, proposal.version)
        hearing.speak(proposal.id, NASTY, city.owner, NOW)
        operations.publish(proposal.id, NASTY, city.second, NOW, proposal.version)
        hearing.reply(proposal.id, NASTY, city.owner, NOW)
        listing_id = proposal.id
    officer = browser(city.second)
    pages = ["/office/listings", f"/office/listings/{listing_id}", "/office/listings/new?q=script"]
    texts = [officer.get(path).text for path in pages] + [client.get("/lists/black").text]
    for text in texts:
        assert NASTY not in text
        assert "&lt;script&gt;alert" in text


def make_listing_term() -> Any:
    return datetime(2028, 4, 20, tzinfo=NOW.tzinfo).date()


def test_filters_of_the_desk(app: Flask, city: People, browser: Browser) -> None:
    publish(app, city, Colour.RED)
    propose(app, city)
    client = browser(city.bureau)
    rows = {
        query: client.get(f"/office/listings{query}").text.count("data-row=")
        for query in (
            "",
            "?state=proposed",
            "?colour=red",
            "?state=refused",
            "?q=老槐树",
            "?q=无",
            "?state=x",
        )
    }
    assert rows == {
        "": 3,  # what waits stands above the whole list, too
        "?state=proposed": 1,
        "?colour=red": 1,
        "?state=refused": 0,
        "?q=老槐树": 2,
        "?q=无": 0,
        "?state=x": 2,
    }
    text = client.get("/office/listings").text
    assert text.index("待复核</span>") < text.index("公示中</span>")  # what waits comes first
    assert "没有符合条件的记录" in client.get("/office/listings?q=无").text


def test_pieces_of_others_pages(app: Flask, city: People, browser: Browser) -> None:
    listing_id = publish(app, city)
    client = browser(city.second)
    client.get("/office/listings")
    with app.test_request_context("/merchant/"):
        shop = db.session.get_one(Shop, city.shop.id)
        [piece] = [p for p in slots.collect(app, "merchant.shop", shop=shop) if f"listing-{listing_id}" in p]
        assert f"/merchant/listings/{listing_id}" in piece
        assert "三次复称" not in piece
    with app.app_context(), unit():
        operations.end(listing_id, "repair", "整改完成", city.second, NOW, queries.get(listing_id).version)
    with app.test_request_context("/merchant/"):
        shop = db.session.get_one(Shop, city.shop.id)
        [piece] = [p for p in slots.collect(app, "merchant.shop", shop=shop) if f"listing-{listing_id}" in p]
        assert "公众已经看不到" in piece


def test_the_officers_shop_page_tells_of_the_lists(app: Flask, city: People, browser: Browser) -> None:
    listing_id, _ = propose(app, city)
    text = browser(city.second).get(f"/office/shops/{city.shop.id}").text
    assert f"/office/listings/{listing_id}" in text
    assert f"/office/listings/new?shop={city.shop.id}" in text


def test_every_ground_and_state_has_words(app: Flask) -> None:
    from webapp.listings import grounds, process, rules, telling
    from webapp.web.words import label

    with app.app_context():
        for colour_code, ground in grounds.catalogue():
            assert label(f"listing.ground.{colour_code}.{ground}")
            assert label(f"listing.ground.{colour_code}.{ground}.basis")
        for severity in grounds.Severity:
            assert label(f"listing.severity.{severity.value}")
        for case in process.CaseState:
            assert label(f"listing.case.{case.value}")
        for pledge in process.PLEDGES:
            assert label(f"listing.repair.pledge.{pledge}")
        for state in ListingState:
            assert label(f"listing.state.{state.value}")
        for step in rules.STEPS:
            assert label(f"audit.action.listing.{step.action}")
        for code in rules.ENDED_BY_ITSELF:
            assert label(f"listing.reason.{code}")
        for colour, action in telling.TOLD:
            assert label(f"notice.listing.{colour.value}.{action}", shop="s", ground="g", until="u")
        for colour, action in telling.BY_SMS:
            assert label(f"sms.listing.{colour.value}.{action}", shop="s", ground="g", until="u")


def test_the_proposer_takes_the_proposal_back(app: Flask, city: People, browser: Browser) -> None:
    listing_id, version = propose(app, city)
    case, first, second = f"/office/listings/{listing_id}", browser(city.bureau), browser(city.second)
    assert "撤回提议" in first.get(case).text
    assert "撤回提议" not in second.get(case).text
    assert send(second, case, f"{case}/withdraw", version=str(version)).status_code == 403
    assert send(first, case, f"{case}/withdraw", version=str(version + 1)).status_code == 409
    assert send(first, case, f"{case}/withdraw", version=str(version)).status_code == 303
    text = first.get(case).text
    assert "提议人已撤回" in text
    assert "撤回红黑榜提议" in text
    late = send(
        second, "/office/listings/new?q=x", f"{case}/confirm", version=str(version + 1), reason="属实"
    )
    assert late.status_code == 409
    with app.app_context():
        assert queries.get(listing_id).state is ListingState.WITHDRAWN
        assert queries.get(listing_id).decided_by_id is None
    assert propose(app, city)[0] != listing_id  # the shop is free for another proposal


def test_a_station_officer_takes_an_own_proposal_back(app: Flask, city: People) -> None:
    with app.app_context(), unit():
        listing = operations.propose(
            city.shop.id, Colour.RED, "clean_record", "一年无投诉", "一年没有投诉。", None, city.station, NOW
        )
        operations.withdraw(listing.id, city.station, NOW, listing.version)
        assert listing.state is ListingState.WITHDRAWN


def test_what_turns_out_wrong_while_the_merchant_is_heard_is_dropped_at_once(
    app: Flask, city: People, browser: Browser
) -> None:
    """Before the hearing is over nobody publishes; what is wrong need not wait until the machine publishes it."""
    with app.app_context(), unit():
        entry = make_confirmed(city)
        listing_id, version = entry.id, entry.version
    page = f"/office/listings/{listing_id}"
    text = browser(city.second).get(page).text
    assert f"{page}/drop" in text
    assert f"{page}/publish" not in text
    done = send(browser(city.second), page, f"{page}/drop", version=version, reason="查错了店")
    assert done.status_code == 303
    with app.app_context():
        assert queries.get(listing_id).state is ListingState.REFUSED
        assert operations.publish_heard(NOW + timedelta(days=30)) == 0
