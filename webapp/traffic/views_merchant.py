"""The merchant looks at how often the shop's stickers were scanned."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopLink
from webapp.web import access, spreadsheet
from webapp.web.paging import Page, number_asked
from webapp.web.words import label

from . import export, queries, rules, showing
from .rules import Period

bp = Blueprint("traffic_merchant", __name__)
SHOPS_A_PAGE = 30


@bp.get("/merchant/shops/<int:shop_id>/scans")
@access.merchant(on=merchants.scope_of_shop)
def shop(shop_id: int) -> str:
    """One shop: today, then a period by day, hour, weekday and sticker."""
    period, found = _period(), merchants.get_shop(shop_id)
    traffic = queries.of_shop(shop_id, period, clock.today())
    return render_template(
        "traffic/merchant_shop.html",
        shop=found,
        traffic=traffic,
        periods=list(Period),
        showing=showing,
        has_stickers=bool(queries.with_stickers([shop_id])),
        several=len(merchants.shops_of(access.current_actor().operator_ids)) > 1,
    )


@bp.get("/merchant/shops/<int:shop_id>/scans.csv")
@access.merchant(on=merchants.scope_of_shop)
def shop_table(shop_id: int) -> Response:
    """The same as CSV."""
    period, today = _period(), clock.today()
    traffic = queries.of_shop(shop_id, period, today)
    return _csv(export.shop_rows(traffic), f"scans-{shop_id}-{period}-{today:%Y%m%d}.csv")


@bp.get("/merchant/scans")
@access.merchant()
def index() -> ResponseReturnValue:
    """All own shops beside each other; who has one sees that one."""
    shops = merchants.shops_of(access.current_actor().operator_ids)
    if len(shops) == 1:
        return redirect(url_for(".shop", shop_id=shops[0].id), 302)
    today = clock.today()
    lines = queries.of_shops(shops, today)
    number = min(number_asked(), max(1, -(-len(lines) // SHOPS_A_PAGE)))
    start = (number - 1) * SHOPS_A_PAGE
    return render_template(
        "traffic/merchant_index.html",
        page=Page(lines[start : start + SHOPS_A_PAGE], number, len(lines), SHOPS_A_PAGE),
        lines=lines,
        week=rules.span_of(Period.WEEK, today),
        now=queries.now_of([shop.id for shop in shops], today),
        exactness=queries.exactness(today),
        showing=showing,
    )


@bp.get("/merchant/scans.csv")
@access.merchant()
def index_table() -> Response:
    """The same as CSV."""
    today = clock.today()
    lines = queries.of_shops(merchants.shops_of(access.current_actor().operator_ids), today)
    return _csv(export.list_rows(lines, rules.span_of(Period.WEEK, today)), f"scans-{today:%Y%m%d}.csv")


def link(shop: Shop) -> ShopLink | None:
    """Slot ``merchant.shop_links``: the way to the figures, once there is something to scan."""
    if not queries.with_stickers([shop.id]):
        return None
    today = clock.today()
    said = showing.so_far(queries.now_of([shop.id], today), queries.exactness(today).step)
    return ShopLink(
        label("traffic.link"),
        url_for("traffic_merchant.shop", shop_id=shop.id),
        label("traffic.link_note", count=said),
    )


def _period() -> Period:
    return rules.period_of(request.args.get("period", ""))


def _csv(rows: Iterable[list[str]], name: str) -> Response:
    answer = Response("".join(spreadsheet.as_csv(rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
