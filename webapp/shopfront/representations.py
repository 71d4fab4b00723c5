"""The same facts for programs. Keys are stable: new ones may come, none goes or changes its meaning.

JSON of a shop (``Accept: application/json``)::

    verdict, shop_verdict   trusted uncertain suspended revoked black replaced (never vouched for: 404)
    reasons                 [{code, text, since, by}]; by: system, officer, bureau_officer, register, …
    shop                    {number, name, branch, address, region, county, street, latitude, longitude, phone,
                             opening_hours, industry: {code, name}, photo: {url, width, height} | null}
    operator                {uscc, name}
    sticker                 null, or {serial, label, human_check, state, replaced_by_serial, ended_at, ended_reason}
    code                    null, or {state, issued_at, changed_at, revoked_at}
    register                null, or {status, abnormal, as_of}
    licences                [{kind, name, number, scope, valid_from, valid_until, validity, verified_at, verified_how}]
    licences_lacking        [kind]
    commitments             [{code, version, title, summary, signed_at}]
    ratings                 {count, average, hearts: {environment, quality, price, service, redress}}
    complaints              {received, answered, answered_on_time, resolved, unresolved}
    listings                [{colour, ground, summary, published_at, term_until, under_appeal, reply}]
    honours                 [{kind, sector, standard, days, terms, chain, published_at, term_until}]
    inspections             [{inspected_on, kind, result, number, summary}]
    reminders               [{kind, title, published_at}]
    history                 [{at, by, action, reason_code}]
    station                 null, or {name, phone}: the market regulation station (市场监管所) in charge
    service_station         null, or {number, name, address, latitude, longitude, phone, opening_hours}: 消费维权服务站
    online_resolution       null, or the same of the ODR enterprise
    links                   {self, shop, complain, rate}
    log                     null, or {number, receipt}: where the newest decision on the code stands in the public log
    as_of_change            number of the newest change of the public feed that these facts include

Instants are RFC 3339 in UTC, days ISO 8601, no value is null. Refusals are problem+json (RFC 9457) with status 404 and
``code``: forged (with ``stage``), unknown_shop, unknown_sticker.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, current_app, jsonify, make_response

from webapp.mediation.models import MediationBody
from webapp.stickers.reading import Reading

from . import linked
from .composition import TrustPage
from .presentation import word
from .rules import StickerFact


def facts(page: TrustPage, reading: Reading | None) -> dict[str, Any]:
    """The JSON described above."""
    rows, shop, code, figures = page.rows, page.rows.shop, page.rows.code, page.rows.figures
    return {
        "verdict": page.shown.value,
        "shop_verdict": page.shop.value,
        "reasons": [
            {
                "code": reason.code,
                "text": reason.text or None,
                "since": _instant(reason.since),
                "by": reason.by or None,
            }
            for reason in page.reasons
        ],
        "shop": _shop(page),
        "operator": {"uscc": rows.operator.uscc, "name": rows.operator.name},
        "sticker": None if reading is None else _sticker(page, reading),
        "code": None
        if code is None
        else {
            "state": code.state.value,
            "issued_at": _instant(code.issued_at),
            "changed_at": _instant(code.changed_at),
            "revoked_at": _instant(code.revoked_at),
        },
        "register": None
        if rows.record is None
        else {
            "status": rows.record.status.value,
            "abnormal": rows.record.abnormal,
            "as_of": _day(rows.record.as_of),
        },
        "licences": _licences(page),
        "licences_lacking": list(page.lacking),
        "commitments": [
            {
                "code": pledge.code,
                "version": pledge.version,
                "title": pledge.title,
                "summary": pledge.summary,
                "signed_at": _instant(pledge.signed_at),
            }
            for pledge in rows.commitments
        ],
        "ratings": {
            "count": 0 if figures is None else figures.ratings,
            "average": _rounded(page.average),
            "hearts": {heart: _rounded(value) for heart, value in page.hearts.items()},
        },
        "complaints": {
            "received": 0 if figures is None else figures.complaints,
            "settle_first": 0 if figures is None else figures.complaints_settle_first,
            "answered": 0 if figures is None else figures.complaints_answered,
            "answered_on_time": 0 if figures is None else figures.complaints_answered_on_time,
            "resolved": 0 if figures is None else figures.complaints_resolved,
            "unresolved": 0 if figures is None else figures.complaints_unresolved,
        },
        "listings": [
            {
                "colour": entry.colour.value,
                "ground": entry.ground,
                "summary": entry.public_summary,
                "published_at": _instant(entry.published_at),
                "term_until": _day(entry.term_until),
                "under_appeal": entry.under_appeal,
                "reply": entry.public_reply or None,
            }
            for entry in rows.listings
        ],
        "honours": [
            {
                "kind": one.kind.value,
                "sector": one.sector,
                "standard": one.standard or None,
                "days": one.days,
                "terms": one.terms,
                "chain": None if one.chain is None else one.chain.name,
                "published_at": _instant(one.published_at),
                "term_until": _day(one.term_until),
            }
            for one in rows.honours
        ],
        "inspections": [
            {
                "inspected_on": _day(one.inspected_on),
                "kind": one.kind.value,
                "result": one.result.value,
                "number": one.number,
                "summary": one.summary or None,
            }
            for one in rows.inspections
        ],
        "reminders": [
            {"kind": entry.kind.value, "title": entry.title, "published_at": _instant(entry.published_at)}
            for entry in rows.reminders
        ],
        "history": [
            {
                "at": _instant(event.at),
                "by": event.actor_role,
                "action": event.action,
                "reason_code": event.reason_code,
            }
            for event in rows.history
        ],
        "station": None if rows.station is None else {"name": rows.station.name, "phone": rows.station.phone},
        "service_station": _body(rows.helper),
        "online_resolution": _body(rows.online),
        "links": {
            "self": _base(shop.id, reading),
            "shop": f"{_origin()}/s/{shop.id}",
            "complain": f"{_base(shop.id, reading)}/complain",
            "rate": f"{_base(shop.id, reading)}/rate",
        },
        "log": None
        if rows.log_number is None
        else {"number": rows.log_number, "receipt": f"{_origin()}/log/{rows.log_number}/receipt"},
        "as_of_change": rows.seq,
    }


def linkset(page: TrustPage, reading: Reading | None) -> dict[str, Any]:
    """The page's links (RFC 9264) with registered relation types."""
    here = _base(page.rows.shop.id, reading)
    links: dict[str, Any] = {
        "anchor": here,
        "canonical": [{"href": f"{_origin()}/s/{page.rows.shop.id}", "type": "text/html"}],
        "alternate": [
            {"href": here, "type": "text/html", "hreflang": ["zh-CN"]},
            {"href": here, "type": "application/json"},
        ],
        "help": [{"href": f"{here}/complain", "type": "text/html"}],
    }
    picture = linked.picture(page)
    if picture is not None:
        links["preview"] = [{"href": picture["url"], "type": "image/jpeg"}]
    return {"linkset": [links]}


def problem(status: int, code: str, **details: Any) -> Response:
    """A refusal as problem+json (RFC 9457)."""
    title = word(f"shopfront.problem.{code}")
    body = {"type": "about:blank", "status": status, "title": title, "code": code, **details}
    response = make_response(jsonify(body), status)
    response.content_type = "application/problem+json"
    response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language, Cookie"
    return response


def _shop(page: TrustPage) -> dict[str, Any]:
    rows, shop = page.rows, page.rows.shop
    latitude, longitude = shop.public_position or (None, None)
    return {
        "number": shop.id,
        "name": shop.public_name,
        "branch": shop.public_branch,
        "address": shop.public_address,
        "region": shop.public_region,
        "county": rows.county,
        "street": rows.street,
        "latitude": latitude,
        "longitude": longitude,
        "phone": shop.phone,
        "opening_hours": shop.opening_hours,
        "industry": None
        if rows.industry is None
        else {"code": rows.industry.code, "name": rows.industry.name},
        "photo": linked.picture(page),
    }


def _body(body: MediationBody | None) -> dict[str, Any] | None:
    if body is None:
        return None
    return {
        "number": body.id,
        "name": body.name,
        "address": body.address,
        "latitude": body.latitude,
        "longitude": body.longitude,
        "phone": body.public_phone,
        "opening_hours": body.opening_hours,
    }


def _sticker(page: TrustPage, reading: Reading) -> dict[str, Any]:
    sticker = page.rows.sticker
    return {
        "serial": reading.serial,
        "label": reading.label,
        "human_check": reading.human_check,
        "state": _state(page),
        "replaced_by_serial": None if sticker is None else sticker.replaced_by_serial,
        "ended_at": None if sticker is None else _instant(sticker.ended_at),
        "ended_reason": None if sticker is None else sticker.ended_reason,
    }


def _state(page: TrustPage) -> str:
    """As in the books; ``unknown`` when it is in none, ``distrusted`` when its key is compromised and it is too new."""
    sticker = page.rows.sticker
    if page.sticker_fact is StickerFact.DISTRUSTED or sticker is None:
        return page.sticker_fact.value
    return sticker.state.value


def _licences(page: TrustPage) -> list[dict[str, Any]]:
    return [
        {
            "kind": line.code,
            "name": line.name,
            "number": line.number,
            "scope": line.scope,
            "valid_from": _day(line.start),
            "valid_until": _day(line.until),
            "validity": line.validity.value,
            "verified_at": _instant(line.verified_at),
            "verified_how": line.how,
        }
        for line in page.licences
    ]


def _base(shop_id: int, reading: Reading | None) -> str:
    return f"{_origin()}/s/{shop_id}" if reading is None else f"{_origin()}/c/{reading.token}"


def _origin() -> str:
    settings = current_app.extensions["ydym.settings"]
    return f"{settings.public_scheme}://{settings.public_host}"


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
