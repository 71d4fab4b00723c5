"""The reporter's page: where the tip stands, supplement, withdraw. Opened by its receipt; no account."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.clocks import showing as clock_showing
from webapp.core import clock, receipts
from webapp.core.actor import CONSUMER
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.letters import Recipient, Subject, serving
from webapp.letters.showing import party_list
from webapp.regions import offices
from webapp.web import access, throttle, typed
from webapp.web.errors import message_of

from . import documents, operations, passes, queries, showing, timing
from .models import Tip, TipSide
from .rules import STEPS, TipState

bp = Blueprint("tips", __name__)

ACTIONS = ("supplement", "withdraw")
_BY_REPORTER = "any(" + ", ".join(ACTIONS) + ")"
_guesses = throttle.limiter.shared_limit("20/hour", scope="tip-receipts")


def _private(page: ResponseReturnValue) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/tips/<receipt>")
@access.public
def follow(receipt: str) -> ResponseReturnValue:
    """Where it stands, what was said, what can be done now."""
    return _private(_page(_opened(receipt), receipt))


@bp.post(f"/tips/<receipt>/<{_BY_REPORTER}:action>")
@throttle.limiter.limit("60/hour")
@access.public
def act(receipt: str, action: str) -> ResponseReturnValue:
    """The reporter's next word. Who holds the receipt may speak, so no other token is asked."""
    tip = _opened(receipt)
    text, version = typed.lines(request.form.get("text")), request.form.get("version", type=int)
    try:
        operations.act(tip.id, action, CONSUMER, clock.now(), text=text, version=version)
    except (Invalid, Conflict) as error:
        rollback()
        page = _page(queries.get(tip.id), receipt, tried=action, text=text, error=error)
        return _private((page, error.status))
    return _private(redirect(url_for("tips.follow", receipt=receipt, said=action), 303))


def _subject(receipt: str) -> Subject:
    return Subject(timing.SUBJECT, _opened(receipt).id)


bp.get("/tips/<receipt>/letters/<int:letter_id>", endpoint="letter")(
    access.public(serving.download(_subject, recipient=Recipient.TIPSTER, holds=True))
)


def _opened(receipt: str) -> Tip:
    if (tip := passes.read(receipt)) is not None:
        return tip
    try:
        return queries.by_receipt(receipt)
    except NotFound:
        with _guesses:
            abort(404)


def _page(
    tip: Tip, receipt: str, *, tried: str = "", text: str = "", error: DomainError | None = None
) -> str:
    tidy = receipts.tidy(receipt) or ""
    said = request.args.get("said", "")
    return render_template(
        "tips/public_follow.html",
        tip=tip,
        receipt=receipts.show(tidy) or receipt,
        groups=receipts.show(tidy).split("-") if tidy else [],
        situation=showing.situation(tip, clock.now(), TipSide.REPORTER),
        handler=offices.name_of(tip.scope)
        if tip.state not in {TipState.TRANSFERRED, TipState.WITHDRAWN}
        else "",
        state_tone=showing.STATE_TONES[tip.state],
        result=documents.grounds_said(tip),
        letters=party_list(
            _subject(receipt),
            Recipient.TIPSTER,
            lambda letter_id: url_for("tips.letter", receipt=receipt, letter_id=letter_id),
        ),
        moves=clock_showing.moves(timing.SUBJECT, tip.id),
        thread=showing.thread(tip, TipSide.REPORTER),
        actions=[step.action for step in STEPS.open_to(tip.state, CONSUMER)],
        said=said if said in {"filed", "filed_before", *ACTIONS} else "",
        beside=bool(request.args.get("beside")),
        from_form=bool(request.args.get("form")),
        tried=tried,
        typed=text,
        error=message_of(error) if error else "",
    )
