"""Depth of the trust page: what the bureau says now, proofs, ratings, links for programs, places for later features."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from tests.factories.files import make_file
from tests.factories.shopfront import NOW, Vouched, make_vouched, suspend
from tests.shopfront.test_views import change, text_of
from webapp import audit
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.files.models import FilePurpose
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import Shop, ShopFigures
from webapp.publiclog import sequencer
from webapp.ratings.models import Origin, Rating, RatingPhoto
from webapp.registry.models import RegistryRecord
from webapp.shopfront import linked
from webapp.shopfront.offers import Offer
from webapp.web import slots


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@pytest.fixture
def shop(app: Flask) -> Vouched:
    with app.app_context():
        return make_vouched()


HEARTS = tuple(f"hearts_{heart}" for heart in ("environment", "quality", "price", "service", "redress"))


def figures(shop: Vouched, **counts: int) -> None:
    row = db.session.get_one(ShopFigures, shop.shop_id)
    for name, count in counts.items():
        setattr(row, name, count)


def now_lines(page: str) -> list[tuple[str, str]]:
    return re.findall(r'now__line--(\w+)">.*?<a href="#\w+">(.*?)</a>', page)


def test_the_first_screen_says_what_the_bureau_says_now(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    lines = now_lines(text_of(client, shop.scan))
    assert lines[0] == ("good", "登记正常在业（5月5日核对）")
    assert lines[-1] == ("quiet", "没有收到过投诉")

    def worse() -> None:
        db.session.query(RegistryRecord).one().abnormal = True
        figures(shop, complaints=3, complaints_resolved=2)

    change(app, shop, worse)
    lines = now_lines(text_of(client, shop.scan))
    assert lines[0] == ("stop", "登记信息不正常"), "a bad line stands before the good ones"
    assert ("quiet", "收到投诉 3 件，消费者说已解决 2 件") in lines


def test_each_public_decision_has_its_place_in_the_log(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    def decide() -> None:
        audit.record(SYSTEM, "code.issue", "trust_code", 1, now=NOW, shop_id=shop.shop_id, public=True)

    change(app, shop, decide)
    assert 'past__proof"' not in text_of(client, shop.plain), "it waits for its place"
    with app.app_context():
        sequencer.run(NOW)
    app.extensions["ydym.tail"].poll()
    page = text_of(client, shop.plain)
    number = re.search(
        r'past__proof"><a href="/log/(\d+)">日志第 \1 条</a><a href="/log/\1/receipt">凭证</a>', page
    )
    assert number
    assert client.get(f"/log/{number[1]}").status_code == 200
    assert client.get(f"/log/{number[1]}/receipt").status_code == 200


def _rate(shop_id: int, text: str, file_id: int | None = None, *, hidden: bool = False) -> None:
    rating = Rating(
        shop_id=shop_id, origin=Origin.SCAN, environment=5, quality=5, price=4, service=5, redress=5,
        text=text, rater_hash=text, created_at=NOW, reply="谢谢，打 13800001111 找我", replied_at=NOW,
    )  # fmt: skip
    if file_id is not None:
        rating.photos.append(
            RatingPhoto(file_id=file_id, hidden_at=NOW if hidden else None,
                        hidden_ground="privacy" if hidden else None, hidden_by_id=1 if hidden else None)
        )  # fmt: skip
    db.session.add(rating)


def test_the_newest_ratings_stand_with_photos_and_the_merchants_reply(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    def rate() -> None:
        for text, hidden in (("面很劲道", False), ("拍到了别人", True)):
            file = make_file(FilePurpose.RATING)
            file.owner_type, file.owner_id = "rating", 1
            db.session.flush()
            _rate(shop.shop_id, text, file.id, hidden=hidden)
        figures(shop, ratings=2, **dict.fromkeys(HEARTS, 9))

    change(app, shop, rate)
    page = text_of(client, shop.plain)
    assert "面很劲道" in page
    assert "商家回复" in page
    assert "13800001111" not in page, "a number in a reply is not shown"
    assert page.count('class="thumbs"') == 1, "a hidden photo is not shown"
    assert f'href="/s/{shop.shop_id}/ratings"' in page


def ld(page: str) -> dict[str, object] | None:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(found[1]) if found else None


def test_search_engines_get_the_facts_of_a_green_shop_and_of_no_other(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    def describe() -> None:
        row = db.session.get_one(Shop, shop.shop_id)
        row.opening_hours, row.name = {"1": [["09:00", "17:30"]]}, "</script><b>面馆"
        figures(shop, ratings=linked.RATINGS_LEAST - 1, **dict.fromkeys(HEARTS, 16))

    change(app, shop, describe)
    page = text_of(client, shop.plain)
    facts = ld(page)
    assert facts is not None
    assert facts["@type"] == "LocalBusiness"
    assert facts["name"] == "</script><b>面馆", "a name cannot end the script"
    assert facts["url"] == f"http://codes.test/s/{shop.shop_id}"
    assert facts["openingHoursSpecification"] == [
        {"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/Monday", "opens": "09:00",
         "closes": "17:30"}
    ]  # fmt: skip
    assert "aggregateRating" not in facts, "too few to say something"
    assert ld(text_of(client, shop.scan)) is None, "a scanned page is not for search engines"
    assert f'property="og:url" content="http://codes.test/s/{shop.shop_id}"' in page
    with app.app_context():
        suspend(shop.shop_id)
    page = text_of(client, shop.plain)
    assert ld(page) is None
    assert re.search(r'property="og:title" content="[^"]*：诚信码已暂停"', page), "the preview warns, too"
    preview = re.search(r'og:description" content="([^"]*)"', page)
    assert preview is not None
    assert "由保定市市场监督管理局核验" not in preview[1]


def test_what_later_features_offer_stands_only_while_the_shop_is_green(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    assert "coupon" not in text_of(client, shop.plain)
    ends = NOW + timedelta(hours=2)
    slots.add(
        app, "shop.coupons", 10, lambda shop_id, **_about: Offer(Markup(f"<p>coupon-{shop_id}</p>"), ends)
    )
    slots.add(app, "shop.prepaid", 10, lambda **_about: None)
    change(app, shop, lambda: None)
    assert f"coupon-{shop.shop_id}" in text_of(client, shop.plain)
    with clock.use(ends + timedelta(seconds=1)):
        assert "coupon" not in text_of(client, shop.plain), "what has ended is not given from memory"
    with app.app_context():
        suspend(shop.shop_id)
    assert "coupon" not in text_of(client, shop.plain)


def test_the_page_to_share_from_and_the_sheet_to_print(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    share, sheet = text_of(client, f"{shop.plain}/share"), text_of(client, f"{shop.plain}/print")
    for page in (share, sheet):
        assert "<svg" in page
        assert "老槐树面馆" in page
        assert "noindex" in page
    assert f"http://codes.test{shop.plain}" in share
    assert "2026年5月6日" in sheet
    with app.app_context():
        suspend(shop.shop_id)
    assert "诚信码已暂停" in text_of(client, f"{shop.plain}/share")
    assert "诚信码已暂停" in text_of(client, f"{shop.plain}/print")
    for address in ("/s/99/share", "/s/99/print", "/s/x/share"):
        assert client.get(address).status_code == 404


def test_a_red_entry_is_said_first_of_the_good(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    from tests.factories.accounts import make_officer

    def praise() -> None:
        one, two = make_officer(), make_officer()
        db.session.add(
            Listing(
                shop_id=shop.shop_id, colour=Colour.RED, state=ListingState.PUBLISHED, ground="no_complaints",
                evidence="e", public_summary="一年没有投诉", term_until=date(2027, 5, 6), proposed_by_id=one.id,
                proposed_at=NOW, decided_by_id=two.id, decided_at=NOW, published_at=NOW,
            )
        )  # fmt: skip

    change(app, shop, praise)
    assert now_lines(text_of(client, shop.plain))[0] == ("good", "在消费红榜上")
