"""At the counter: an officer enters a paper form, or what somebody tells, as the consumer's own form."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import StringField

from webapp.complaints import rules as complaints
from webapp.complaints.forms import lost_photos
from webapp.complaints.rules import Route, Source
from webapp.core import clock, policy, receipts
from webapp.core.clock import SHANGHAI
from webapp.core.errors import Invalid
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop, scope_of_shop
from webapp.web import access, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import entering, operations, rules, words
from .forms import FilingForm, Way, new_submission, read_submission
from .operations import Earlier, Filed
from .views_public import demands, known, topics, wants

bp = Blueprint("filing_office", __name__)
_NOON = time(12)


class PaperForm(FilingForm):
    """The consumer's form with what the counter adds: the day of receipt, and why it is an earlier one."""

    received_on = StringField()
    late_reason = StringField()

    def received(self, now: datetime) -> date:
        """The day on which the paper was handed in. Raises Invalid."""
        day = typed.line(self.received_on.data)
        try:
            return date.fromisoformat(day) if day else clock.day_of(now)
        except ValueError:
            raise Invalid("day_unreadable", field="received_on") from None


def shop_section(shop: Shop, **_context: Any) -> Markup | None:
    """For the officer's page of a shop (slot ``office.shop``): the way to the counter's form."""
    if not access.may("complaint.handle", shop.scope):
        return None
    return Markup(render_template("filing/_office_shop.html", shop=shop))  # noqa: S704 - our own template


@bp.get("/office/shops/<int:shop_id>/paper")
@access.officer("complaint.handle", on=scope_of_shop)
def form(shop_id: int) -> ResponseReturnValue:
    """The empty form."""
    return _private(_page(get_shop(shop_id), PaperForm(), {}, None))


@bp.post("/office/shops/<int:shop_id>/paper")
@access.officer("complaint.handle", on=scope_of_shop)
def enter(shop_id: int) -> ResponseReturnValue:
    """Store it; the answer is the slip for the consumer, the same one when the form is sent again."""
    shop, form, now = get_shop(shop_id), PaperForm(), clock.now()
    photos = staging.collect(
        "photos", FilePurpose.COMPLAINT, max_files=_photos_max(), actor=access.current_actor(), now=now
    )
    key = read_submission(form.submission.data)
    stated, wrong = form.stated(key or "", Way(None, Source.OFFICE), photos.ids, now)
    wrong = [*wrong, *photos.errors, *lost_photos(photos)]
    if key is None:
        wrong.insert(0, Invalid("form_again"))
    if stated is not None and not wrong:
        try:
            day = form.received(now)
            reason = typed.line(form.late_reason.data)
            moment = datetime.combine(day, _NOON, SHANGHAI) if day < clock.day_of(now) else now
            earlier = operations.same_matter(shop.id, stated, now)
            if earlier and form.do.data not in {"again", "supplement"} and not known(key or ""):
                return _private(_page(shop, form, {}, photos, earlier=earlier))
            into = earlier if form.do.data == "supplement" else Earlier()
            filed = entering.enter(
                shop.id, stated, moment, reason, access.current_actor(), now, into=into, wants=wants(stated)
            )
            return _private(_slip(shop, filed))
        except Invalid as refusal:
            rollback()
            wrong = [refusal]
    errors: dict[str, str] = {}
    for error in wrong:
        errors.setdefault(error.field or "_form", message_of(error))
    return _private(_page(shop, form, errors, photos), 422)


def _slip(shop: Shop, filed: Filed) -> str:
    given = []
    if filed.complaint is not None:
        given.append(("complaint", filed.complaint.number, receipts.show(filed.complaint_receipt)))
    if filed.tip is not None:
        given.append(("tip", filed.tip.number, receipts.show(filed.tip_receipt)))
    return render_template(
        "filing/office_slip.html",
        shop=shop,
        complaint=filed.complaint,
        added=[(kind, number) for kind, number, receipt in given if not receipt],
        given=[
            (
                kind,
                number,
                receipt,
                words.said(receipt),
                url_for(
                    "complaints.follow" if kind == "complaint" else "tips.follow",
                    receipt=receipt,
                    _external=True,
                ),
            )
            for kind, number, receipt in given
            if receipt
        ],
    )


def _page(
    shop: Shop,
    form: PaperForm,
    errors: dict[str, str],
    photos: staging.Staged | None,
    earlier: Earlier | None = None,
) -> str:
    if read_submission(form.submission.data) is None:
        form.submission.data = new_submission()
    today = clock.today()
    return render_template(
        "filing/office_form.html",
        shop=shop,
        form=form,
        errors=errors,
        photos=photos,
        earlier=earlier,
        photos_max=_photos_max(),
        wishes=[(wish.value, label(f"filing.wish.{wish}")) for wish in rules.Wish],
        topics=topics(shop),
        demands=demands(),
        routes=[(route.value, label(f"filing.route.{route}")) for route in Route],
        today=today.isoformat(),
        backdate_days=policy.get_int("complaint.backdate_days", today),
        story_max=complaints.STORY_LENGTH[1],
        name_max=complaints.NAME_MAX,
    )


def _photos_max() -> int:
    return policy.get_int("complaint.photos_max", clock.today())


def _private(page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
