"""One's own complaints and tips by a one-time code to the phone that was left in them. No account, no cookie."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from webapp.complaints.models import Complaint
from webapp.core import clock
from webapp.core.errors import Invalid, TooMany
from webapp.core.identifiers import check_phone
from webapp.core.transaction import rollback
from webapp.tips.models import Tip
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of
from webapp.web.words import label

from . import listed, mine, phones, queries
from .views_public import private

bp = Blueprint("filing_lookup", __name__)


class LookupForm(FlaskForm):
    """A phone, then the code that was sent to it. `asked` is the signed word about it."""

    class Meta:
        csrf = False  # the view asks web.samesite: it must work where cookies are refused

    asked = HiddenField()
    phone = StringField()
    code = StringField()


@bp.route("/complaints/by-phone", methods=["GET", "POST"], endpoint="by_phone")
@throttle.limiter.limit("30/hour", methods=["POST"])
@access.public
def by_phone() -> ResponseReturnValue:
    """Ask for a code, then show what was filed with the phone."""
    form = LookupForm()
    if not form.is_submitted():
        return private(_page(form))
    if not samesite.sent_from_here():
        return private((_page(form, {"_form": label("error.sent_from_elsewhere")}), 400))
    now = clock.now()
    try:
        phone, word = _proved(form, now)
    except (Invalid, TooMany) as refusal:
        rollback()
        return private((_page(form, {refusal.field or "phone": message_of(refusal)}), refusal.status))
    if phone is None:
        return private(_page(form))
    return private(_mine(phone, word, now))


@bp.post("/complaints/by-phone/copy.json", endpoint="copy")
@throttle.limiter.limit("30/hour")
@access.public
def copy_of_mine() -> ResponseReturnValue:
    """A copy of everything kept under the phone that was proved a moment ago (个人信息保护法 Art. 45)."""
    now = clock.now()
    phone, _word = _still_proved(now)
    if phone is None:
        return private((_page(LookupForm(), {"phone": label("error.code_expired")}), 400))
    name = f"my-records-{clock.day_of(now):%Y%m%d}.json"
    answer = Response(mine.copy(phone, now), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(answer)


@bp.post("/complaints/by-phone/forget", endpoint="forget")
@throttle.limiter.limit("30/hour")
@access.public
def forget() -> ResponseReturnValue:
    """Take name and phone back from what has ended (个人信息保护法 Art. 47); what is still handled keeps them."""
    now = clock.now()
    phone, word = _still_proved(now)
    if phone is None:
        return private((_page(LookupForm(), {"phone": label("error.code_expired")}), 400))
    done, kept = mine.forget(phone, now)
    return private(_mine(phone, word, now, forgotten=(done, kept)))


def _still_proved(now: datetime) -> tuple[str | None, str]:
    """The phone whose proof the posted form carries, and the proof; None when there is none or it is too old."""
    phone, word = request.form.get("phone", ""), request.form.get("proved", "")
    found = phones.proof(word, phone, now) if samesite.sent_from_here() else None
    return (None if found is None else found.phone), word


def _mine(phone: str, word: str, now: datetime, forgotten: tuple[int, int] | None = None) -> str:
    complaints, tips = queries.complaints_of_phone(phone), queries.tips_of_phone(phone)
    records: list[Complaint | Tip] = [*complaints, *tips]
    return render_template(
        "filing/public_mine.html",
        submissions=listed.submissions(complaints, tips, now),
        most=queries.MOST,
        phone=phone,
        proved=word,
        forgotten=forgotten,
        may_forget=sum(map(mine.may_forget, records)),
    )


def _proved(form: LookupForm, now: datetime) -> tuple[str | None, str]:
    """The phone (E.164) that the form's code proves, and the signed word of it; None when a code was just sent.

    Raises Invalid, TooMany.
    """
    phone = check_phone(form.phone.data or "").e164 or ""
    if not phone:
        raise Invalid("contact_phone_wrong", field="phone")
    if not form.asked.data or not (form.code.data or "").strip():
        form.asked.data = phones.send(phone, now)
        return None, ""
    word = phones.prove(form.asked.data, form.code.data or "", now)
    if phones.proof(word, phone, now) is None:
        raise Invalid("code_expired", field="code")  # the number was changed after the code was sent
    return phone, word


def _page(form: LookupForm, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "filing/public_by_phone.html", form=form, errors=errors or {}, asked=bool(form.asked.data)
    )
