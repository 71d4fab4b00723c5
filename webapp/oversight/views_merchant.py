"""The merchant's side on the phone: invited to a talk, ordered to correct; come, report with photos, ask for time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound, StepRefused
from webapp.core.transaction import rollback
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.letters import Recipient, Subject, serving
from webapp.letters.showing import party_list
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopStatus
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import whole_number
from webapp.web.words import label

from . import extensions, orders, queries, rules, showing, talks, telling
from .forms import SayForm
from .models import Correction, Talk

bp = Blueprint("oversight_merchant", __name__)


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: what waits for this merchant, the soonest of each shop."""
    return {shop_id: _status(cases[0]) for shop_id, cases in queries.pressing([s.id for s in shops]).items()}


def _status(case: Talk | Correction) -> ShopStatus:
    see, today = label("oversight.merchant.see"), clock.today()
    if isinstance(case, Talk):
        words = label(f"oversight.merchant.status.{case.state}")
        waits = case.confirmed_at is None
        return ShopStatus(words, "caution", url=_url(case), action=see, due=case.talk_at, urgent=waits)
    late = showing.overdue(case, today)
    words = label("oversight.merchant.status." + ("overdue" if late else case.state.value))
    return ShopStatus(
        words,
        "stop" if late else "caution",
        url=_url(case),
        action=see,
        due=case.due_on,
        urgent=case.state is rules.OrderState.OPEN,
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """A piece of the shop's page: talks and orders that the merchant was told of; None when there are none."""
    told = [case for case in queries.of_shop(shop.id) if queries.is_told(case)]
    if not told:
        return None
    return Markup(  # noqa: S704 - our template
        render_template("oversight/_merchant_shop.html", cases=told[:5], tones=showing.TONES, url=_url)
    )


@bp.get("/merchant/oversight")
@access.merchant()
def index() -> ResponseReturnValue:
    """Everything that the own shops were told of."""
    told = queries.told_to(access.current_actor().operator_ids)
    return render_template("oversight/merchant_index.html", cases=told, tones=showing.TONES, url=_url)


# --- talks ------------------------------------------------------------------------------------------------------------


@bp.get("/merchant/talks/<int:talk_id>")
@access.merchant(on=queries.scope_of_talk)
def talk(talk_id: int) -> ResponseReturnValue:
    """One invitation: when, where, why; to be confirmed; afterwards what was admonished."""
    return _talk_page(_told_talk(talk_id))


@bp.post("/merchant/talks/<int:talk_id>/confirm")
@access.merchant(on=queries.scope_of_talk)
def confirm(talk_id: int) -> ResponseReturnValue:
    """I come, and who."""
    _told_talk(talk_id)
    form = SayForm()
    try:
        seen = request.form.get("version", type=whole_number)
        talks.confirm(talk_id, form.text.data or "", access.current_actor(), clock.now(), seen)
    except (Invalid, Conflict) as error:
        if isinstance(error, StepRefused):
            raise
        rollback()
        return _talk_page(_told_talk(talk_id), form, error), error.status
    flash(label("oversight.done.confirm"), "success")
    return redirect(url_for("oversight_merchant.talk", talk_id=talk_id), 303)


def _told_talk(talk_id: int) -> Talk:
    found = queries.get_talk(talk_id)
    if not queries.is_told(found):
        raise NotFound("no_such_thing")
    return found


def _talk_page(found: Talk, form: SayForm | None = None, error: DomainError | None = None) -> str:
    return render_template(
        "oversight/merchant_talk.html",
        case=found,
        tone=showing.TONES[found.state.value],
        basis=telling.basis_of(found),
        form=form or SayForm(formdata=None, text=found.comes or ""),
        error=message_of(error) if error else "",
        ahead=found.state in rules.AHEAD,
        past=found.talk_at <= clock.now(),
        is_public=found.is_public(clock.today()),
        longest=talks.COMES_LONGEST,
        letters=_letters(found),
    )


# --- orders -----------------------------------------------------------------------------------------------------------


@bp.get("/merchant/orders/<int:order_id>")
@access.merchant(on=queries.scope_of_order)
def order(order_id: int) -> ResponseReturnValue:
    """One order: what to correct by when, what was reported, what was found."""
    found, today = _told_order(order_id), clock.today()
    return render_template(
        "oversight/merchant_order.html",
        case=found,
        tone=showing.TONES[found.state.value],
        basis=telling.basis_of(found),
        late=showing.overdue(found, today),
        days_left=None if found.due_on is None else (found.due_on - today).days,
        running=found.state in rules.RUNNING,
        may_extend=not extensions.refusal(found, today),
        is_public=found.is_public(today),
        files=files.of_owner(orders.REPORT_OWNER, found.id),
        letters=_letters(found),
    )


@bp.get("/merchant/orders/<int:order_id>/<any(report, extension):action>")
@access.merchant(on=queries.scope_of_order)
def ask(order_id: int, action: str) -> ResponseReturnValue:
    """One question: what was corrected, or why more time is needed."""
    found = _told_order(order_id)
    shut = found.state not in rules.RUNNING
    if shut or (action == "extension" and extensions.refusal(found, clock.today())):
        return redirect(url_for("oversight_merchant.order", order_id=order_id), 303)
    typed = (found.report or "") if action == "report" else ""
    return _ask_page(found, action, SayForm(formdata=None, text=typed))


@bp.post("/merchant/orders/<int:order_id>/<any(report, extension):action>")
@access.merchant(on=queries.scope_of_order)
def say(order_id: int, action: str) -> ResponseReturnValue:
    """Say it; what was typed and uploaded stays when something is wrong."""
    found, actor, now, form = _told_order(order_id), access.current_actor(), clock.now(), SayForm()
    staged = staging.collect("photos", FilePurpose.EVIDENCE, max_files=rules.FILES_MOST, actor=actor, now=now)
    if staged.error is not None:
        bad = Invalid(staged.error.code, field="photos", **staged.error.details)
        return _ask_page(found, action, form, bad, staged), 422
    form.validate()  # reads the number of days
    try:
        if action == "report":
            orders.report(order_id, form.text.data or "", actor, now, staged.ids)
        else:
            extensions.ask(order_id, form.days.data, form.text.data or "", actor, now)
    except (Invalid, Conflict) as error:
        if isinstance(error, StepRefused):
            raise
        rollback()
        return _ask_page(found, action, form, error, staged), error.status
    flash(label(f"oversight.done.{action}"), "success")
    return redirect(url_for("oversight_merchant.order", order_id=order_id), 303)


def _told_order(order_id: int) -> Correction:
    found = queries.get_order(order_id)
    if not queries.is_told(found):
        raise NotFound("no_such_thing")
    return found


def _ask_page(
    found: Correction,
    action: str,
    form: SayForm,
    error: DomainError | None = None,
    staged: staging.Staged | None = None,
) -> str:
    field = (error.field or "text") if error else ""
    return render_template(
        "oversight/merchant_ask.html",
        case=found,
        action=action,
        form=form,
        error=message_of(error) if error else "",
        error_field="text" if field == "reason" else field,
        staged=staged,
        most_days=extensions.most_days(clock.today()),
        longest=rules.REPORT_LONGEST if action == "report" else rules.REASON_LONGEST,
        files_most=rules.FILES_MOST,
    )


# --- both -------------------------------------------------------------------------------------------------------------


def _url(case: Talk | Correction) -> str:
    return f"/merchant/{case.kind}s/{case.id}"


def _letters(case: Talk | Correction) -> Markup | None:
    key: dict[str, Any] = {f"{case.kind}_id": case.id}
    return party_list(
        telling.subject(case),
        Recipient.RESPONDENT,
        lambda letter_id: url_for(f"oversight_merchant.{case.kind}_letter", letter_id=letter_id, **key),
    )


bp.add_url_rule(
    "/merchant/talks/<int:talk_id>/letters/<int:letter_id>",
    "talk_letter",
    access.merchant(on=queries.scope_of_talk)(
        serving.download(lambda talk_id: Subject("talk", talk_id), recipient=Recipient.RESPONDENT, holds=True)
    ),
)
bp.add_url_rule(
    "/merchant/orders/<int:order_id>/letters/<int:letter_id>",
    "order_letter",
    access.merchant(on=queries.scope_of_order)(
        serving.download(
            lambda order_id: Subject("correction", order_id), recipient=Recipient.RESPONDENT, holds=True
        )
    ),
)
