"""Talks and orders for everybody, while they are shown: the list by district and category, RSS."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.merchants.models import Category
from webapp.openapi import offered
from webapp.regions import queries as regions
from webapp.web import access, slots
from webapp.web.words import label

from . import cases, queries, showing, telling
from .models import Correction, Talk

bp = Blueprint("oversight", __name__)
PER_PAGE = 15
FEED_MOST = 30
_TEXT_LONGEST = 40
#: The same for programs: the forms, and the sets of each kind.
FORMS = ("csv", "json", "geojson", "rss")
SETS = {"order": ("orders",), "talk": ("talks",)}


@bp.get("/oversight")
@access.public
def index() -> ResponseReturnValue:
    """约谈告诫 and 责令改正 that are shown now, newest first."""
    asked, today = _asked(), clock.today()
    narrowed = {"district": asked["region"], "category": asked["category"], "q": asked["text"]}
    found = queries.public(today, queries.Asked(**asked))
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return render_template(
        "oversight/public_list.html",
        cases=shown,
        pager=_pager(number, pages, len(found)),
        asked=asked,
        today=today,
        overdue=showing.overdue,
        basis={(case.kind, case.id): telling.basis_of(case) for case in shown},
        numbers={(case.kind, case.id): log_number(case) for case in shown},
        tones=showing.TONES,
        districts=[(county.code, county.name) for county in regions.all_counties()],
        categories=[(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        active=sum(map(bool, asked.values())),
        data=[offered(name, FORMS, **narrowed) for name in SETS.get(asked["kind"], ("orders", "talks"))],
        feed_url=url_for("oversight.feed", **_given(asked)),
        text_longest=_TEXT_LONGEST,
    )


def log_number(case: Talk | Correction) -> int | None:
    """Where its publication stands in the public log (from 1), None before it has a place there."""
    given = {
        "kind": f"{case.kind}.publish",
        "subject_type": cases.subject_of(case),
        "subject_id": case.id,
    }
    found: list[int] = slots.collect(current_app, "log.number", **given)
    return next(iter(found), None)


def _asked() -> dict[str, str]:
    known: dict[str, set[str]] = {
        "region": {county.code for county in regions.all_counties()},
        "category": {entry.value for entry in Category},
        "kind": {"talk", "order"},
    }
    names = {"region": "district", "category": "category", "kind": "kind"}
    given = {name: request.args.get(names[name], "") for name in known}
    asked = {name: value if value in known[name] else "" for name, value in given.items()}
    return asked | {"text": request.args.get("q", "").replace("\0", "").strip()[:_TEXT_LONGEST]}


def _given(asked: dict[str, str]) -> dict[str, Any]:
    names = {"region": "district", "category": "category", "kind": "kind", "text": "q"}
    return {names[name]: value for name, value in asked.items() if value}


def _pager(number: int, pages: int, total: int) -> dict[str, Any]:
    given = _given(_asked())

    def address(page: int) -> str:
        return url_for("oversight.index", **given, page=page)

    return {
        "prev_url": address(number - 1) if number > 1 else None,
        "next_url": address(number + 1) if number < pages else None,
        "page": number,
        "pages": pages,
        "total": total,
    }


@bp.get("/oversight.rss")
@access.public
def feed() -> ResponseReturnValue:
    """The newest as RSS 2.0; narrowed by the same arguments as the list. What has ended is no longer in it."""
    settings = current_app.extensions["ydym.settings"]
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", label("oversight.rss.title", bureau=settings.bureau_name))
    _add(channel, "link", url_for("oversight.index", _external=True))
    _add(channel, "description", label("oversight.rss.description"))
    _add(channel, "language", "zh-cn")
    for case in queries.public(clock.today(), queries.Asked(**_asked()), FEED_MOST):
        _item(channel, case)
    response = make_response(bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)))
    response.content_type = "application/rss+xml; charset=utf-8"
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _item(channel: ET.Element, case: Talk | Correction) -> None:
    address = url_for("oversight.index", _external=True) + f"#{case.kind}-{case.id}"
    item = ET.SubElement(channel, "item")
    kind = label(f"oversight.kind.{case.kind}")
    _add(item, "title", f"{kind}：{case.shop.public_full_name}")
    _add(item, "link", address)
    _add(item, "guid", address)
    _add(item, "category", telling.ground_of(case))
    _add(item, "description", case.public_summary)
    if case.published_at is not None:
        _add(item, "pubDate", format_datetime(case.published_at, usegmt=True))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c in "\t\n" or c >= " ")
