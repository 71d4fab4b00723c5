"""我的: one's complaints and tips, ratings, shops, and the account itself."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import CONSUMER
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.favourites.standing import standings
from webapp.filing import listed
from webapp.filing import mine as filed
from webapp.ratings import grounds
from webapp.ratings.operations import next_rating_on
from webapp.ratings.rules import HEARTS
from webapp.ratings.views_public import device_of
from webapp.web import access, languages, paging, throttle
from webapp.web.errors import message_of

from . import browser, copying, operations, queries, rules, wechat
from .rules import Way
from .views_door import private

bp = Blueprint("consumers_mine", __name__)
PER_PAGE: Final = 20
#: A device's list is some 30 KB at most.
LIST_BYTES: Final = 100_000


@bp.get("/me")
@access.consumer
def cases() -> ResponseReturnValue:
    """My complaints and tips: state, whose turn it is, date."""
    consumer, now = browser.current(), clock.now()
    number, submissions, total = paging.number_asked(), [], 0
    if consumer.phone_hash:
        complaints, tips, total = queries.cases_page(consumer.phone_hash, number, PER_PAGE)
        submissions = listed.submissions(complaints, tips, now)
    number = min(number, max(1, -(-total // PER_PAGE)))
    page = paging.Page(submissions, number, total, PER_PAGE)
    return _page("cases", page=page)


@bp.get("/me/ratings")
@access.consumer
def ratings() -> ResponseReturnValue:
    """My ratings, as the public sees them, with what became of them."""
    now = clock.now()
    found = queries.ratings_of(browser.current(), device_of(None), now)
    return _page(
        "ratings",
        page=paging.paginate(found, PER_PAGE),
        hearts=HEARTS,
        grounds=grounds.catalogue(),
        again=next_rating_on(now),
    )


@bp.get("/me/favourites")
@access.consumer
def favourites() -> ResponseReturnValue:
    """The shops that I keep, on every device where I am signed in; how each stands now, or that it is no more."""
    page = paging.paginate(queries.shops_of(browser.current().id), PER_PAGE)
    now = {one["number"]: one for one in standings([row.shop_number for row in page.items])}
    return _page("favourites", page=page, now=now)


@bp.get("/me/account")
@access.consumer
def account() -> ResponseReturnValue:
    """Phone, WeChat, browsers; a copy of all; erasing."""
    return _account()


def _account(error: str = "", status: int = 200) -> Response:
    found = browser.signed_in()
    assert found is not None
    consumer, session = found
    return _page(
        "account",
        status,
        session=session,
        sessions=queries.sessions_of(consumer.id, clock.now()),
        error=error,
        may_unlink={way: rules.may_unlink(consumer.ways, way) for way in Way},
        wechat_known=wechat.provider() is not None,
        wechat_offered=wechat.offered(),
    )


def _page(name: str, status: int = 200, /, **values: Any) -> Response:
    text = render_template(f"consumers/public_{name}.html", me=browser.current(), tab=name, **values)
    return private((text, status))


@bp.post("/me/favourites/sync")
@access.consumer
@throttle.limiter.limit("120/hour")
def sync() -> ResponseReturnValue:
    """The device's list (JSON, `static/js/favourites.js`) and the account's become one; answers with what counts.

    Ratings that were given in this browser since it signed in come into the account on the same way.
    """
    raw = request.get_data(cache=False) if (request.content_length or 0) <= LIST_BYTES else b""
    consumer, now = browser.current(), clock.now()
    try:
        device = rules.read_device(json.loads(raw), int(now.timestamp()))
    except (ValueError, RecursionError):
        return private((jsonify(error="list_unreadable"), 400))
    after = operations.sync(consumer, device, now)
    operations.claim(consumer, device_of(None), now)
    return private(jsonify(v=1, shops={str(number): kept.as_device() for number, kept in after.items()}))


@bp.post("/me/favourites/drop")
@access.consumer
def drop() -> ResponseReturnValue:
    """Take a shop out of the list."""
    typed = request.form.get("shop", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else 0
    operations.drop_shop(browser.current(), number, clock.now())
    flash(languages.say("consumers.flash.dropped"), "success")
    return private(redirect(url_for(".favourites"), 303))


@bp.post("/me/unlink/<way>")
@access.consumer
def unlink(way: str) -> ResponseReturnValue:
    """Take the phone or WeChat off the account."""
    if way not in set(Way):
        raise NotFound("no_such_thing")
    try:
        operations.unlink(browser.current(), Way(way), clock.now())
    except Conflict as refusal:
        rollback()
        return _account(message_of(refusal), refusal.status)
    flash(languages.say(f"consumers.flash.unlinked.{way}"), "success")
    return private(redirect(url_for(".account"), 303))


@bp.post("/me/sessions/end")
@access.consumer
def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    found = browser.signed_in()
    assert found is not None
    operations.end_others(found[0], found[1].id)
    flash(languages.say("consumers.flash.others_ended"), "success")
    return private(redirect(url_for(".account"), 303))


@bp.get("/me/account/copy.json")
@access.consumer
@throttle.limiter.limit("30/hour")
def copy_of_mine() -> ResponseReturnValue:
    """A copy of all that the account keeps (个人信息保护法 Art. 45)."""
    now = clock.now()
    answer = Response(copying.copy(browser.current(), device_of(None), now), mimetype="application/json")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="my-records-{clock.day_of(now):%Y%m%d}.json"'
    )
    return private(answer)


@bp.post("/me/account/erase")
@access.consumer
def erase() -> ResponseReturnValue:
    """Erase the account; on wish also name and phone in what was filed and has ended (个人信息保护法 Art. 47)."""
    consumer, now = browser.current(), clock.now()
    if request.form.get("sure") != "yes":
        return _account(message_of(Invalid("consumer_say_sure")), 422)
    if request.form.get("cases") == "yes" and consumer.phone:
        done, kept = filed.forget(consumer.phone, now)
        flash(languages.say("consumers.flash.forgotten", done=done, kept=kept), "info")
    operations.erase(consumer, CONSUMER, now)
    flash(languages.say("consumers.flash.erased"), "success")
    return browser.leave(private(redirect(url_for("consumers.login"), 303)))
