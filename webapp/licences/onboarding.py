"""What licences add to the application: its step, statement, checks and pieces of pages. All by slots.

The step is drawn inside a `frame` that its caller gives: the onboarding of an application or the shop's own page. A
frame has `steps` (for the stepper, may be empty), `current` (1-based), `here` (address of the step), `back`, `next`
(addresses), `asked` (what an officer asked to have mended, or "") and `title`.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock, policy
from webapp.core.checks import Check
from webapp.core.db import db
from webapp.core.errors import Invalid, NotFound
from webapp.files import staging
from webapp.files.models import FilePurpose, StoredFile
from webapp.merchants.models import Shop
from webapp.web.access import current_actor, may
from webapp.web.errors import message_of
from webapp.web.words import label

from . import covering, operations, proposing, queries, rules
from .forms import LicenceForm, form_for
from .models import Licence, LicenceKind
from .rules import LicenceState


class Step:
    """The step of the onboarding where licences are stated, one kind a screen."""

    key = "licences"
    order = 60

    def missing(self, shop: Shop) -> list[tuple[str, str, dict[str, str]]]:
        """What is lacking: (kind code, word key, details of the words)."""
        stated = {licence.kind_code: licence for licence in queries.stated(shop)}
        found = []
        for kind in queries.required_kinds(shop.industry_code):
            licence = stated.get(kind.code)
            if licence is None or not rules.is_complete(queries.as_stated(licence, kind.name)):
                found.append((kind.code, "licence.missing.absent", {"kind": kind.name}))
            elif licence.state is LicenceState.REFUSED:
                found.append((kind.code, "licence.missing.refused", {"kind": kind.name}))
            elif not rules.in_force(licence.valid_from, licence.valid_until, clock.today()):
                found.append((kind.code, "licence.missing.not_in_force", {"kind": kind.name}))
        return found

    def answer(self, shop: Shop, item: str, frame: Any) -> ResponseReturnValue:
        """The page of the step, or of one kind (`item`); takes what that page posts."""
        if not item:
            return overview(shop, frame)
        kind = queries.get_kind(item)
        if kind.code not in {need.kind.code for need in queries.needs(shop.industry_code)}:
            raise NotFound("no_such_thing")
        return one(shop, kind, frame)


def rows_of(shop: Shop) -> list[dict[str, Any]]:
    """For the list of a shop's licences: each need with what is stated and its checks."""
    uscc, today = shop.operator.uscc, clock.today()
    by_kind: dict[str, list[Licence]] = {}
    for licence in queries.of_shop(shop.id):
        by_kind.setdefault(licence.kind_code, []).append(licence)
    rows = []
    for need in queries.needs(shop.industry_code):
        held = by_kind.get(need.kind.code, [])
        now = held[-1] if held else None
        checks = queries.checks_of(now, uscc, today) if now is not None else []
        rows.append(
            {
                "need": need,
                "licence": now,
                "in_force": held[0] if len(held) > 1 else None,
                "checks": checks,
                "cover": url_for("licences_proposing.mark", shop_id=shop.id, kind=need.kind.code)
                if now is not None and now.file_id is not None and covering.may_show(need.kind.code)
                else None,
                "marked": None if now is None else proposing.proposed(now),
            }
        )
    return rows


def overview(shop: Shop, frame: Any) -> ResponseReturnValue:
    """The list of what the industry needs and what is there."""
    return render_template("licences/merchant_step.html", shop=shop, frame=frame, rows=rows_of(shop))


def own_page(shop: Shop, frame: Any, *, frozen: bool) -> ResponseReturnValue:
    """The same list outside an application."""
    rows = rows_of(shop)
    return render_template(
        "licences/merchant_licences.html", shop=shop, frame=frame, rows=rows, frozen=frozen
    )


def one(shop: Shop, kind: LicenceKind, frame: Any) -> ResponseReturnValue:
    """One licence: image first, then its facts. An image that came in is kept while a fact is not right yet."""
    stated = queries.find_stated(shop, kind.code)
    if stated is not None and stated.state is LicenceState.VERIFIED:
        stated = None  # what is posted is a renewal beside it
    form = form_for(stated)
    if request.method != "POST":
        return _page(shop, kind, form, {}, frame, None)
    if request.form.get("remove") and stated is not None:
        operations.withdraw(stated.id, current_actor(), clock.now())
        return redirect(frame.here, 303)
    # Two, so that a new picture can take the place of one that waits: the last counts.
    photo = staging.collect("photo", FilePurpose.LICENCE, max_files=2, actor=current_actor(), now=clock.now())
    photo.files = photo.files[-1:]
    errors = _errors(form, photo, has_image=stated is not None and stated.file_id is not None)
    if not errors:
        try:
            _state(shop, kind, form, photo.ids[-1] if photo.ids else None)
            flash(label("licence.saved", kind=kind.name), "success")
            return redirect(frame.here, 303)
        except Invalid as error:
            errors[error.field or "_form"] = message_of(error)
    return _page(shop, kind, form, errors, frame, photo), 422


def _errors(form: LicenceForm, photo: staging.Staged, *, has_image: bool) -> dict[str, str]:
    errors = {}
    if photo.error is not None:
        errors["photo"] = message_of(photo.error)
    elif not photo.files and not has_image:
        errors["photo"] = label("error.licence_photo_required")
    if not form.validate_on_submit():
        errors.update({name: _word(codes[0]) for name, codes in form.errors.items()})
    return errors


def _word(code: str) -> str:
    return label(f"error.{code}", most=rules.SCOPE_LONGEST if "scope" in code else rules.NUMBER_LONGEST)


def _state(shop: Shop, kind: LicenceKind, form: LicenceForm, file_id: int | None) -> None:
    operations.state(
        shop.id,
        kind.code,
        number=form.number.data or "",
        scope=form.scope.data or "",
        valid_from=form.first_day,
        valid_until=form.last_day,
        file_id=file_id,
        actor=current_actor(),
        now=clock.now(),
    )


def _page(
    shop: Shop,
    kind: LicenceKind,
    form: LicenceForm,
    errors: dict[str, str],
    frame: Any,
    photo: staging.Staged | None,
) -> str:
    stated = queries.find_stated(shop, kind.code)
    renews = stated if stated is not None and stated.state is LicenceState.VERIFIED else None
    licence = None if renews else stated
    return render_template(
        "licences/merchant_one.html",
        shop=shop,
        kind=kind,
        need=next(need for need in queries.needs(shop.industry_code) if need.kind.code == kind.code),
        form=form,
        errors=errors,
        frame=frame,
        photo=photo,
        licence=licence,
        renews=renews,
        file=image_of(licence),
        checks=queries.checks_of(licence, shop.operator.uscc, clock.today())
        if licence and not errors
        else [],
        uscc=shop.operator.uscc,
        business_licence=kind.code == rules.BUSINESS_LICENCE,
    )


def image_of(licence: Licence | None) -> StoredFile | None:
    """The stored image of a licence, or None."""
    return db.session.get(StoredFile, licence.file_id) if licence is not None and licence.file_id else None


def checks(shop: Shop) -> list[Check]:
    """For the slot ``application.checks``."""
    return queries.checks_of_shop(shop, clock.today())


def statement(shop: Shop) -> dict[str, dict[str, dict[str, str]]]:
    """For the slot ``application.statement``: what is stated, by kind."""
    kind_names = queries.names()
    section = {}
    for licence in queries.stated(shop):
        file = image_of(licence)
        section[licence.kind_code] = {
            "name": kind_names[licence.kind_code],
            "number": licence.number,
            "scope": licence.scope,
            "valid_from": licence.valid_from.isoformat() if licence.valid_from else "",
            "valid_until": licence.valid_until.isoformat() if licence.valid_until else "",
            "image": file.sha256 if file else "",
        }
    return {"licences": section}


def review(shop: Shop) -> Markup | None:
    """For the slot ``application.review``: images, facts and checks beside each other."""
    rows = [{**row, "file": image_of(row["licence"])} for row in rows_of(shop)]
    decides = may("application.review", shop.scope)
    page = render_template("licences/_office_review.html", shop=shop, rows=rows, decides=decides)
    return Markup(page)  # noqa: S704 - our template


def preview(shop: Shop) -> Markup | None:
    """For the slot ``application.preview``: as the public page will show them once they are verified."""
    notice = policy.get_int("licence.notice_days", clock.today())
    rows = [
        (name, licence, rules.validity(licence.valid_from, licence.valid_until, clock.today(), notice))
        for licence in queries.stated(shop)
        if (name := queries.get_kind(licence.kind_code).name) and licence.number
    ]
    return Markup(render_template("licences/_preview.html", rows=rows))  # noqa: S704 - our template
