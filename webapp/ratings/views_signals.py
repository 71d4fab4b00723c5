"""Officers look at what may be made-up ratings: what was seen, in plain words, with the ratings themselves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import queries as accounts
from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import moderation, records, rules, watching
from . import signals as weighing
from .forms import CaseForm
from .models import RatingSignal

bp = Blueprint("ratings_signals", __name__)


@bp.get("/office/ratings/signals")
@access.officer("rating.read")
def index() -> ResponseReturnValue:
    """The open signals within reach, oldest first; or the ended ones."""
    posts = access.reach(access.current_actor(), "rating.read")
    ended = request.args.get("ended") == "1"
    page = paging.paginate(records.signals_in(posts, ended=ended), 20)
    return render_template(
        "ratings/office_signals.html",
        page=page,
        ended=ended,
        waiting=records.waiting(posts),
        says={signal.id: says(signal) for signal in page.items},
    )


@bp.get("/office/ratings/signals/<int:signal_id>")
@access.officer("rating.read", on=records.scope_of_signal)
def show(signal_id: int) -> ResponseReturnValue:
    """One signal: what was seen and why that is odd, and the ratings."""
    return _page(records.get_signal(signal_id))


@bp.post("/office/ratings/signals/<int:signal_id>/<any(handle, dismiss, reopen):action>")
@access.officer("rating.moderate", on=records.scope_of_signal)
def decide(signal_id: int, action: str) -> ResponseReturnValue:
    """Handled, nothing to it, or taken up again; each with a reason. The ratings stand whatever is chosen."""
    form, actor, now = CaseForm(), access.current_actor(), clock.now()
    reason = typed.lines(form.reason.data)
    try:
        watching.decide(signal_id, action, reason, actor, now, form.known_version())
    except (Invalid, Conflict) as error:
        rollback()
        return _page(records.get_signal(signal_id), action, error), error.status
    flash(label(f"rating.flash.signal_{action}"), "success")
    return redirect(url_for("ratings_signals.show", signal_id=signal_id), 303)


def says(signal: RatingSignal) -> str:
    """What was seen, in one sentence."""
    facts = dict(signal.facts)
    if signal.kind is weighing.SignalKind.SELF:
        parts = [
            label(f"rating.signal.self_praise.{part}", count=facts[part])
            for part in ("own", "alike")
            if facts[part]
        ]
        return "；".join(parts) + "。"
    facts["way"] = label(f"rating.way.{facts['way']}")
    facts["shops"] = len(facts.get("shops", ()))
    return label(f"rating.signal.{signal.kind.value}.says", **facts)


def _page(signal: RatingSignal, tried: str = "", error: DomainError | None = None) -> str:
    actor, scope = access.current_actor(), signal.shop.scope
    ratings = records.by_ids(signal.rating_ids)
    others = [number for number in signal.facts.get("shops", ()) if number != signal.shop_id]
    return render_template(
        "ratings/office_signal.html",
        signal=signal,
        says=says(signal),
        ratings=ratings,
        hearts=rules.HEARTS,
        devices=devices([one.device_mark for one in ratings]),
        others=records.shops_named(others),
        may=access.may("rating.moderate", scope),
        aside=access.must_stand_aside(scope),
        steps=[step.action for step in weighing.STEPS.open_to(signal.state, actor, scope)],
        names=accounts.names_of([signal.ended_by_id]),
        limits=watching.limits_on(clock.now()),
        form=CaseForm(),
        tried=tried,
        error=message_of(error) if error else "",
        longest=moderation.REASON_LONGEST,
    )


def devices(marks: list[str | None]) -> dict[str, str]:
    """A letter for each device, in order of appearance: what an officer needs to see is which are the same."""
    known = list(dict.fromkeys(mark for mark in marks if mark))
    return {mark: chr(ord("A") + place) if place < 26 else f"{place + 1}" for place, mark in enumerate(known)}
