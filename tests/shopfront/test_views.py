"""The trust page for every verdict; forged codes; programs; weight; names that try to be markup."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from qrservice import KeyRing, KeyState
from tests.factories.files import make_file
from tests.factories.shopfront import NOW, Vouched, make_vouched, sticker_row, suspend
from webapp import feed
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.feed.stored import OneStatement
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import Shop, ShopFigures, ShopPhoto
from webapp.registry.models import RegistryRecord
from webapp.registry.rules import RegistryStatus
from webapp.stickers.keys import store
from webapp.stickers.models import Sticker, StickerPlace, StickerState
from webapp.stickers.operations import issue


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@pytest.fixture
def shop(app: Flask) -> Vouched:
    with app.app_context():
        return make_vouched()


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run inside, on any connection of the process."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    def straight(statement: OneStatement, **asked: int | str) -> tuple[object, ...] | None:
        seen.append(statement._sql)
        return first(statement, **asked)

    first = OneStatement.first
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(OneStatement, "first", straight)
            yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def reads(statements: list[str]) -> list[str]:
    return [statement for statement in statements if not statement.startswith(("BEGIN", "PRAGMA"))]


def change(app: Flask, shop: Vouched, do: Callable[[], None]) -> None:
    with app.app_context(), unit():
        do()
        feed.publish("test", now=NOW, shop_id=shop.shop_id)


def text_of(client: FlaskClient, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "text/html"
    return answer.text


def test_a_good_scan_is_green_with_all_its_facts(client: FlaskClient, shop: Vouched) -> None:
    page = text_of(client, shop.scan)
    assert "印章：放心" in page
    assert "核验" in page
    assert "老槐树面馆" in page
    assert "000001-01" in page
    assert "您就在这家店吗" in page
    assert f'href="{shop.scan}/complain"' in page
    assert f'href="{shop.scan}/not-here"' in page
    assert "12315" in page
    assert "2026.05.06 发码" in page
    assert page.count("<script") == page.count("<script defer src=") == 4
    assert 'name="csrf_token"' not in page


def test_a_page_without_a_scan_never_says_that_one_was_checked(client: FlaskClient, shop: Vouched) -> None:
    page = text_of(client, shop.plain)
    assert "印章：放心" in page
    assert "您就在这家店吗" not in page
    assert "这不是这家店" not in page
    assert shop.tokens[1] not in page
    assert f'href="{shop.plain}/complain"' in page


def test_two_stickers_differ_in_their_own_facts_only(client: FlaskClient, shop: Vouched) -> None:
    first, second = text_of(client, shop.scan), text_of(client, f"/c/{shop.tokens[2]}")
    assert "000001-02" in second
    assert first != second
    swapped = first.replace(shop.tokens[1], shop.tokens[2]).replace("000001-01", "000001-02")
    groups = [page.split('check__group">')[1][:9] for page in (first, second)]
    assert swapped.replace(groups[0], groups[1]) == second


def _revoke() -> None:
    code = db.session.query(TrustCode).one()
    code.state, code.revoked_at, code.revoked_ground = CodeState.REVOKED, NOW, "operator_deregistered"


def _blacken(shop: Vouched) -> None:
    from tests.factories.accounts import make_officer

    one, two = make_officer(), make_officer()
    db.session.add(
        Listing(
            shop_id=shop.shop_id,
            colour=Colour.BLACK,
            state=ListingState.PUBLISHED,
            ground="short_measure",
            evidence="e",
            public_summary="电子秤少称，复查仍不合格",
            term_until=date(2027, 5, 6),
            proposed_by_id=one.id,
            proposed_at=NOW,
            decided_by_id=two.id,
            decided_at=NOW,
            published_at=NOW,
        )
    )


def _closed() -> None:
    db.session.query(RegistryRecord).one().status = RegistryStatus.CLOSED


def _unregistered() -> None:
    db.session.query(RegistryRecord).delete()


CASES = [
    ("uncertain: register", lambda _shop: _closed(), "印章：待核实", "不是正常在业"),
    ("uncertain: unknown", lambda _shop: _unregistered(), "印章：待核实", "查不到这家经营主体"),
    ("revoked", lambda _shop: _revoke(), "印章：已下架", "注销登记"),
    ("black", _blacken, "印章：黑榜", "电子秤少称"),
]


@pytest.mark.parametrize(("do", "seal", "why"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("scanned", [True, False])
def test_every_other_verdict_has_its_own_page(
    app: Flask, client: FlaskClient, shop: Vouched, do: Callable[[Vouched], None], seal: str, why: str,
    *, scanned: bool,
) -> None:  # fmt: skip
    change(app, shop, lambda: do(shop))
    page = text_of(client, shop.scan if scanned else shop.plain)
    assert seal in page
    assert why in page
    assert "对您意味着什么" in page
    assert "印章：放心" not in page
    assert "已由" not in page


def test_a_suspended_shop_says_why_since_when_and_what_it_means(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    with app.app_context():
        suspend(shop.shop_id)
    page = text_of(client, shop.scan)
    assert "印章：暂停" in page
    assert "经营异常名录" in page
    assert "2026年5月6日" in page
    assert "不为这家店作保证" in page


def test_an_officers_own_words_are_shown(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    with app.app_context():
        suspend(shop.shop_id, "unsafe_food", "后厨卫生不合格，限期整改")
    assert "后厨卫生不合格，限期整改" in text_of(client, shop.plain)


@pytest.mark.parametrize("state", [StickerState.REPLACED, StickerState.LOST])
def test_a_dead_sticker_tells_the_reason_and_the_shops_own_verdict(
    app: Flask, client: FlaskClient, shop: Vouched, state: StickerState
) -> None:
    def end() -> None:
        row = sticker_row(shop.shop_id)
        row.state, row.ended_at, row.ended_reason = state, NOW, "worn"
        row.replaced_by_serial = 2 if state is StickerState.REPLACED else None

    change(app, shop, end)
    page = text_of(client, shop.scan)
    assert ("印章：此贴已换新" if state is StickerState.REPLACED else "印章：此贴已作废") in page
    assert "磨损" in page
    assert "这家店本身：已核验" in page
    assert "请告诉店家" in page
    assert "印章：放心" not in page
    assert "您就在这家店吗" not in page
    assert "印章：放心" in text_of(client, f"/c/{shop.tokens[2]}")


@pytest.mark.parametrize(
    ("place", "replaced", "lost"),
    [
        ("door", "门口还是旧码贴", "门口这张贴已经作废，应当撕掉"),
        ("till", "收银台上还是旧码贴", "收银台上这张贴已经作废，应当撕掉"),
        ("table", "桌上还是旧码贴", "桌上这张贴已经作废，应当撕掉"),
        ("vehicle", "车上还是旧码贴", "车上这张贴已经作废，应当撕掉"),
        ("receipt", "小票上印的还是旧码贴", "小票上印的这张贴已经作废，不要再给顾客"),
    ],
)
def test_the_visitor_is_asked_to_tell_the_shop_where_the_dead_sticker_is(
    app: Flask, client: FlaskClient, shop: Vouched, place: str, replaced: str, lost: str
) -> None:
    for state, words in ((StickerState.REPLACED, replaced), (StickerState.LOST, lost)):

        def end(state: StickerState = state) -> None:
            row = sticker_row(shop.shop_id)
            row.place, row.state, row.ended_at = StickerPlace(place), state, NOW

        change(app, shop, end)
        assert words in text_of(client, shop.scan)


def test_a_serial_that_is_not_in_the_books(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    change(app, shop, lambda: db.session.delete(sticker_row(shop.shop_id)))
    page = text_of(client, shop.scan)
    assert "印章：查无此贴" in page
    assert "查不到发放记录" in page
    assert "旧码贴" not in page


def _issue_anew(app: Flask, shop: Vouched) -> str:
    """Serial 1 issued again under a new key, as after the restore of an older backup; its address."""
    with app.app_context():
        store().rotate(NOW)

        def again() -> None:
            db.session.delete(sticker_row(shop.shop_id, 1))
            db.session.delete(sticker_row(shop.shop_id, 2))
            db.session.flush()
            issue(shop.shop_id, StickerPlace.DOOR, SYSTEM, NOW)

        change(app, shop, again)
        return f"/c/{sticker_row(shop.shop_id, 1).token}"


def test_a_paper_whose_serial_was_issued_again_is_not_the_one_in_the_books(
    app: Flask, make_app: Callable[..., Flask], client: FlaskClient, shop: Vouched
) -> None:
    address = _issue_anew(app, shop)
    with counted() as statements:
        new = text_of(client, address)
    assert len(reads(statements)) <= 10
    assert "印章：放心" in new
    app.extensions["ydym.background"].flush()
    other = make_app()
    # Rendered here, and there with the new paper's rendering stored.
    for worker in (client, other.test_client()):
        old = text_of(worker, shop.scan)
        assert "印章：查无此贴" in old
        assert "印章：放心" not in old
        assert "印章：放心" in text_of(worker, address)
        facts = worker.get(shop.scan, headers={"Accept": "application/json"}).get_json()
        assert facts["sticker"]["state"] == "unknown"
    scans = app.extensions["ydym.frontcache"].take_scans()
    assert scans == {(shop.shop_id, 1): 1}, "a paper in no book is no scan of another's sticker"


def test_a_withdrawn_key_unmakes_what_is_kept(app: Flask, shop: Vouched) -> None:
    client, tail = app.test_client(), app.extensions["ydym.tail"]
    tail.poll()
    assert "印章：放心" in text_of(client, shop.scan)
    assert len(app.extensions["ydym.frontcache"]) == 1
    with app.app_context():
        keys = store(app)
        keys._write(
            app.extensions["ydym.settings"].keys_dir / "ring.json",
            json.dumps(
                KeyRing([replace(key, state=KeyState.WITHDRAWN) for key in keys.ring()]).to_jwks()
            ).encode(),
            0o644,
        )
    tail.poll()
    assert "印章：放心" not in text_of(client, shop.scan, 404)


def forged(shop: Vouched) -> str:
    letter = "A" if shop.scan[60] != "A" else "B"
    return shop.scan[:60] + letter + shop.scan[61:]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "A",
        "x" * 114,
        "a" * 10_000,
        "%00",
        "%FF%FE",
        "%E5%BA%97" * 40,
        "%C5%BF" * 57,
        "<script>",
        "A" * 114,
        "..%2f",
    ],
)
def test_malformed_codes_cost_no_query_and_no_error(
    app: Flask, client: FlaskClient, shop: Vouched, token: str
) -> None:
    with counted() as statements:
        answer = client.get(f"/c/{token}")
        again = client.get(f"/c/{token}")
    assert answer.status_code == again.status_code == 404
    assert statements == []
    assert "<script>" not in answer.text


def test_a_wrong_signature_costs_no_query_and_says_so(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    with counted() as statements:
        page = text_of(client, forged(shop), 404)
        text_of(client, forged(shop), 404)
        text_of(client, forged(shop) + "/not-here", 404)
    assert statements == []
    assert "印章：非本平台签发" in page
    assert "数字签名对不上" in page
    assert shop.tokens[1][:40] not in page
    assert "老槐树" not in page


@pytest.mark.parametrize(
    "number", ["2", "4294967295", "4294967296", "99999999999999999999", "0", "-1", "x", "１", "1x"]
)
def test_unknown_shop_numbers(client: FlaskClient, shop: Vouched, number: str) -> None:
    assert "公示信息" in text_of(client, f"/s/{number}", 404)


def test_a_printed_number_with_zeros_opens_the_shop(client: FlaskClient, shop: Vouched) -> None:
    assert "老槐树面馆" in text_of(client, "/s/000001")


def test_the_first_rendering_asks_at_most_nine_times(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    client.get(shop.plain)  # the connection's own start
    with counted() as statements:
        client.get(shop.scan)
    assert 4 < len(reads(statements)) <= 10, reads(statements)  # one look at the shelf, nine for the facts


def test_a_stored_page_is_one_query_in_another_worker(
    app: Flask, make_app: Callable[..., Flask], shop: Vouched
) -> None:
    first = app.test_client().get(shop.scan)
    app.extensions["ydym.background"].flush()
    other = make_app()
    client = other.test_client()
    with counted() as statements:
        page = client.get(shop.scan)
        second = client.get(f"/c/{shop.tokens[2]}")
        plain = client.get(shop.scan, headers={"Accept-Encoding": "gzip"})
    assert page.text == first.text
    assert page.headers["ETag"] == first.headers["ETag"]
    assert dict(page.headers) == dict(first.headers)
    assert gzip.decompress(plain.data).decode() == first.text
    assert "000001-02" in second.text
    assert len(reads(statements)) == 3, "one for each, as nothing follows the feed here"


def test_a_dead_sticker_does_not_get_the_stored_page(
    app: Flask, make_app: Callable[..., Flask], shop: Vouched
) -> None:
    app.test_client().get(shop.scan)
    app.extensions["ydym.background"].flush()
    with app.app_context(), unit():  # without a word in the feed: the sticker's own row decides
        sticker_row(shop.shop_id).state = StickerState.LOST
    page = make_app().test_client().get(shop.scan).text
    assert "印章：放心" not in page


def test_head_and_conditional_requests(client: FlaskClient, shop: Vouched) -> None:
    page = client.get(shop.scan)
    head = client.head(shop.scan)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(page.data))
    same = client.get(shop.scan, headers={"If-None-Match": page.headers["ETag"]})
    assert same.status_code == 304
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Vary"):
        assert page.headers[name]
    assert "Set-Cookie" not in page.headers


def test_the_same_facts_for_programs(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    answer = client.get(shop.scan, headers={"Accept": "application/json"})
    facts = answer.get_json()
    assert answer.mimetype == "application/json"
    assert facts["verdict"] == "trusted"
    assert facts["shop"]["number"] == shop.shop_id
    assert facts["sticker"]["label"] == "000001-01"
    assert facts["sticker"]["state"] == "valid"
    assert facts["code"]["issued_at"] == "2026-05-06T04:00:00Z"
    assert facts["links"]["complain"] == f"http://codes.test{shop.scan}/complain"
    assert client.get(shop.plain, headers={"Accept": "application/json"}).get_json()["sticker"] is None
    with app.app_context():
        suspend(shop.shop_id)
    facts = client.get(shop.plain, headers={"Accept": "application/json"}).get_json()
    assert facts["verdict"] == "suspended"
    assert facts["reasons"] == [
        {"code": "abnormal_list", "text": None, "since": "2026-05-06T04:00:00Z", "by": "system"}
    ]


def test_the_documented_keys_are_the_keys(client: FlaskClient, shop: Vouched) -> None:
    from webapp.shopfront import representations

    facts = client.get(shop.scan, headers={"Accept": "application/json"}).get_json()
    documented = representations.__doc__ or ""
    for key in facts:
        assert f"\n    {key}" in documented or f"{key}" in documented.split("trusted uncertain")[0], key


def test_links_for_programs(client: FlaskClient, shop: Vouched) -> None:
    answer = client.get(shop.scan, headers={"Accept": "application/linkset+json"})
    assert answer.mimetype == "application/linkset+json"
    (links,) = json.loads(answer.data)["linkset"]
    assert links["anchor"] == f"http://codes.test{shop.scan}"
    assert links["canonical"][0]["href"] == "http://codes.test/s/1"


@pytest.mark.parametrize("path", ["/c/xxx", "/s/77"])
def test_refusals_for_programs(client: FlaskClient, shop: Vouched, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] in {"forged", "unknown_shop"}


def test_names_are_text_and_never_markup(app: Flask, client: FlaskClient) -> None:
    nasty = '<script>alert(1)</script>"><img src=x onerror=y>{{7*7}}'
    with app.app_context():
        shop = make_vouched(name=nasty, branch=nasty[:60], address=nasty)
    for path in (shop.scan, shop.plain, shop.scan + "/not-here"):
        page = text_of(client, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page
        assert "{{7*7}}" in page


def test_no_name_can_ask_for_a_gap(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    def rename() -> None:
        db.session.get_one(Shop, shop.shop_id).name = "TOKEN LABEL CHECK"

    change(app, shop, rename)
    assert "TOKEN LABEL CHECK" in text_of(client, shop.scan)


def test_another_shop_page_says_what_the_paper_cannot_prove(client: FlaskClient, shop: Vouched) -> None:
    page = text_of(client, shop.scan + "/not-here")
    assert "000001-01" in page
    assert "12315" in page
    assert f'href="{shop.scan}"' in page


def test_views_of_the_page(client: FlaskClient, shop: Vouched) -> None:
    client.set_cookie("ydym_view", "elder", domain="localhost")
    assert 'class="elder"' in text_of(client, shop.scan)
    client.set_cookie("ydym_theme", "dark", domain="localhost")
    assert 'data-theme="dark"' in text_of(client, shop.scan)
    client.delete_cookie("ydym_view", domain="localhost")
    client.delete_cookie("ydym_theme", domain="localhost")
    assert 'class="elder"' not in text_of(client, shop.scan)


def test_a_visitors_session_leaves_no_trace(client: FlaskClient, shop: Vouched) -> None:
    with client.session_transaction() as session:
        session["_flashes"] = [("info", "a word for me")]
    page = client.get(shop.scan)
    assert "a word for me" not in page.text
    assert "Set-Cookie" not in page.headers


def test_scans_are_counted_for_each_sticker(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    client.get(shop.scan)
    client.get(shop.scan)
    client.get(f"/c/{shop.tokens[2]}")
    client.get(shop.plain)
    client.get(shop.scan, headers={"Accept": "application/json"})
    scans = app.extensions["ydym.frontcache"].take_scans()
    assert scans == {(shop.shop_id, 1): 2, (shop.shop_id, 2): 1}


def test_dead_papers_are_counted_and_forged_codes_robots_and_prefetches_are_not(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    with app.app_context(), unit():
        papers = db.session.scalars(sa.select(Sticker).where(Sticker.shop_id == shop.shop_id))
        for sticker, state in zip(papers, (StickerState.REPLACED, StickerState.SUSPENDED), strict=True):
            sticker.state = state
        feed.publish("stickers", now=NOW, shop_id=shop.shop_id)
    robot = {
        "User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"
    }
    for token in shop.tokens.values():
        for headers in ({}, {}, robot, {"Sec-Purpose": "prefetch"}):
            assert client.get(f"/c/{token}", headers=headers).status_code == 200
        client.head(f"/c/{token}")
        client.get(f"/c/{token[:-6]}AAAAAA")
    scans = app.extensions["ydym.frontcache"].take_scans()
    assert scans == {(shop.shop_id, 1): 2, (shop.shop_id, 2): 2}
    with app.app_context():
        suspend(shop.shop_id)
    client.get(shop.scan)
    assert app.extensions["ydym.frontcache"].take_scans() == {(shop.shop_id, 1): 1}


def test_the_weight_of_the_page(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    """HTML at most 14 KB compressed; with styles (compressed by nobody here) and photo at most 50 KB."""

    def furnish() -> None:
        photo = make_file()
        photo.owner_type, photo.owner_id = "operator", shop.operator_id
        db.session.add(ShopPhoto(shop_id=shop.shop_id, file_id=photo.id))
        figures = db.session.get_one(ShopFigures, shop.shop_id)
        figures.ratings, figures.hearts_environment, figures.complaints = 3, 14, 2

    change(app, shop, furnish)
    page = client.get(shop.scan, headers={"Accept-Encoding": "gzip"})
    assert len(page.data) <= 14 * 1024
    html = gzip.decompress(page.data).decode()
    assert 'width="112" height="84"' in html, "its place is kept"
    total = len(page.data)
    for part in html.split('href="/static/')[1:]:
        with client.get("/static/" + part.split('"')[0]) as static:
            total += len(static.data)
    jpeg = html.split('place__photo" src="')[1].split('"')[0].replace("&amp;", "&")
    copies = [
        one.split(" ")[0]
        for one in html.split('<picture><source type="image/webp" srcset="')[1].split('"')[0].split(", ")
    ]
    answers = [client.get(address) for address in (jpeg, *copies)]
    assert [answer.mimetype for answer in answers] == ["image/jpeg", *["image/webp"] * 3]
    heaviest = max(len(answer.data) for answer in answers)
    assert heaviest <= 20 * 1024
    assert total + heaviest <= 50 * 1024


def test_the_calendar_turns_the_page(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    from tests.factories.licences import make_kind, make_licence

    def hold() -> None:
        make_kind("food_catering")
        licence = make_licence(
            db.session.get_one(Shop, shop.shop_id), "food_catering", valid_until=date(2026, 5, 9)
        )
        assert licence.valid_until == date(2026, 5, 9)

    change(app, shop, hold)
    assert "有效期至 2026.05.09" in text_of(client, shop.plain)
    app.extensions["ydym.background"].flush()
    with clock.use(clock.end_of_day(date(2026, 5, 9)) - timedelta(seconds=1)):
        assert "有效期至 2026.05.09" in text_of(client, shop.plain)
    with clock.use(clock.end_of_day(date(2026, 5, 9))):
        assert "已于 2026.05.09 过期" in text_of(client, shop.plain)
