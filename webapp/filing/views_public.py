"""The consumer's form, from a scan or a search, and its paper sister. No account, no cookie, no script needed."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from webapp.clocks import queries as clocks
from webapp.clocks.laws import Kind
from webapp.complaints import intake as complaint_intake
from webapp.complaints import passes
from webapp.complaints import rules as complaints
from webapp.complaints.forms import lost_photos
from webapp.complaints.models import Demand
from webapp.complaints.queries import by_receipt as complaint_by_receipt
from webapp.complaints.queries import by_submission
from webapp.complaints.rules import Route, Source
from webapp.core import clock, policy, receipts
from webapp.core.errors import Invalid, NotFound, TooMany
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants import malls, scanning
from webapp.merchants.models import Shop
from webapp.merchants.status import public_shop
from webapp.tips import intake as tips
from webapp.tips import passes as tip_passes
from webapp.tips.queries import by_receipt as tip_by_receipt
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of
from webapp.web.filters import yuan
from webapp.web.words import label

from . import operations, phones, rules, words, work
from .forms import FilingForm, Way, new_submission, read_submission
from .operations import Earlier, Filed, Stated

bp = Blueprint("filing", __name__)

Errors = dict[str, str]


def private(page: ResponseReturnValue) -> Response:
    """A page that holds a receipt or what somebody typed: kept nowhere, named to nobody, found by no search."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _photos_max() -> int:
    return policy.get_int("complaint.photos_max", clock.today())


# --- floods -----------------------------------------------------------------------------------------------------------


def _too_many(_limit: RequestLimit) -> Response:
    """Too many forms from here in an hour: said above the form, which keeps what was typed."""
    arguments = request.view_args or {}
    number = arguments["number"] if "number" in arguments else scanning.read(arguments["token"]).shop_number
    page = _form_page(public_shop(number), FilingForm(), {"_form": label("error.too_many_complaints")}, None)
    return private((page, 429))


def _allowed() -> str:
    """How many forms of one address are taken in an hour: many more when each was worked for."""
    most = rules.FORMS_WITH_WORK if _worked() else rules.FORMS_PLAIN
    return f"{most}/hour"


def _worked() -> bool:
    if "worked" not in g:
        g.worked = bool(request.form.get("work")) and work.spend(request.form["work"], clock.now())
    return bool(g.worked)


_limits = throttle.limiter.limit(
    _allowed,
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 303,
    on_breach=_too_many,
)
_attempts = throttle.limiter.limit("200/hour", methods=["POST"], on_breach=_too_many)


# --- the form ---------------------------------------------------------------------------------------------------------


@bp.route("/c/<token>/complain", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_scan(token: str) -> ResponseReturnValue:
    """The form after a scan: the sticker's serial is noted."""
    scanned = scanning.read(token)
    return _form(public_shop(scanned.shop_number), Way(scanned.serial, Source.SCAN))


@bp.route("/s/<int:number>/complain", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_shop(number: int) -> ResponseReturnValue:
    """The form for any shop that the public may know of, whatever its code is worth today."""
    return _form(public_shop(number), Way(None, Source.SEARCH))


@bp.get("/s/<int:number>/complain/paper")
@access.public
def paper(number: int) -> ResponseReturnValue:
    """The form to print and fill in with a pen; handed in at the counter, an officer enters it."""
    shop = public_shop(number)
    settings = current_app.extensions["ydym.settings"]
    form = url_for("filing.form_shop", number=number)
    address = f"{settings.public_scheme}://{settings.public_host}{form}"
    return render_template(
        "filing/public_paper.html",
        shop=shop,
        topics=topics(shop),
        demands=demands(),
        code=words.symbol(address),
    )


def _form(shop: Shop, way: Way) -> ResponseReturnValue:
    form = FilingForm()
    if request.method != "POST":
        if way.serial is not None:  # who scans is standing in the shop
            form.happened_on.data = clock.today().isoformat()
        return private(_form_page(shop, form, {}, None))
    key = read_submission(form.submission.data)
    if key and (before := known(key)) is not None:
        return _to_receipt(before, form)
    if not samesite.sent_from_here():
        return private((_form_page(shop, form, {"_form": label("error.sent_from_elsewhere")}, None), 400))
    now = clock.now()
    photos = staging.collect(
        "photos", FilePurpose.COMPLAINT, max_files=_photos_max(), actor=access.current_actor(), now=now
    )
    if form.do.data in {"send_code", "preview"}:
        return _help(shop, form, photos)
    errors = _prove(form)
    answer = _file(shop, way, key, form, photos, errors)
    if isinstance(answer, Response):
        return answer
    return private((_form_page(shop, form, answer, photos), 422))


def known(key: str) -> Filed | None:
    """What this very form became when it was sent before."""
    complaint, tip = by_submission(key), tips.by_submission(key)
    if complaint is None and tip is None:
        return None
    return Filed(
        complaint,
        complaint_intake.receipt_for(key) if complaint else "",
        tip,
        tips.receipt_for(key) if tip else "",
    )


def _help(shop: Shop, form: FilingForm, photos: staging.Staged) -> Response:
    """The buttons inside the form: send a code, show how it will look in public. Nothing is filed."""
    errors: Errors = {}
    if form.do.data == "send_code":
        if not form.phone:
            errors["contact_phone"] = label("error.contact_phone_wrong")
        else:
            try:
                form.asked.data = phones.send(form.phone, clock.now())
                form.proved.data = form.code.data = ""
            except TooMany as refusal:
                rollback()
                errors["contact_phone"] = message_of(refusal)
    status = 422 if errors else 200
    return private((_form_page(shop, form, errors, photos, preview=form.do.data == "preview"), status))


def _prove(form: FilingForm) -> list[Invalid]:
    """Take the typed code, if there is one; afterwards the form carries the proof."""
    if not form.asked.data or not (form.code.data or "").strip():
        return []
    try:
        form.proved.data = phones.prove(form.asked.data, form.code.data or "", clock.now())
    except Invalid as refusal:
        return [] if form.skip_code.data else [refusal]
    form.asked.data = form.code.data = ""
    return []


def _file(
    shop: Shop, way: Way, key: str | None, form: FilingForm, photos: staging.Staged, wrong: list[Invalid]
) -> Errors | Response:
    stated, unreadable = form.stated(key or "", way, photos.ids, clock.now())
    proving = {error.field for error in wrong}
    unreadable = [error for error in unreadable if error.field not in proving]
    wrong = [*wrong, *unreadable, *photos.errors, *lost_photos(photos)]
    if key is None:
        wrong.insert(0, Invalid("form_again"))
    if stated is not None and not wrong:
        if (earlier := _earlier(shop, stated)) and form.do.data not in {"again", "supplement"}:
            return private(_form_page(shop, form, {}, photos, earlier=earlier))
        try:
            if earlier and form.do.data == "supplement":
                return _to_earlier(
                    operations.supplement(earlier, shop.id, stated, clock.now(), wants(stated))
                )
            return _to_receipt(operations.submit(shop.id, stated, clock.now()), form)
        except Invalid as refusal:
            wrong.append(refusal)
    errors: Errors = {}
    for error in wrong:
        errors.setdefault(error.field or "_form", message_of(error))
    return errors


def _earlier(shop: Shop, stated: Stated) -> Earlier:
    """What the same person, who proved the phone, filed lately against this shop and is still open."""
    if stated.verified_at is None:
        return Earlier()
    return operations.same_matter(shop.id, stated, clock.now())


def wants(stated: Stated) -> str:
    """What is asked for, in words: a supplement may ask for something else than the complaint did."""
    if stated.demand is None:
        return ""
    demand = label(f"complaint.demand.{stated.demand.value}")
    if stated.amount_fen is None:
        return label("filing.wants", demand=demand)
    return label("filing.wants_amount", demand=demand, amount=yuan(stated.amount_fen))


def _to_earlier(filed: Filed) -> Response:
    """To the page of what was supplemented; a record that is new is shown first, with its receipt."""
    if filed.tip is not None and filed.tip_receipt:
        shown = receipts.show(filed.tip_receipt)
        return private(redirect(url_for("tips.follow", receipt=shown, said="filed", beside=1), 303))
    if filed.complaint is not None:
        opened = receipts.show(filed.complaint_receipt) or passes.by_phone(filed.complaint)
        said = "filed" if filed.complaint_receipt else "supplement"
        return private(redirect(url_for("complaints.follow", receipt=opened, said=said, form=1), 303))
    tip: Any = filed.tip
    return private(
        redirect(url_for("tips.follow", receipt=tip_passes.by_phone(tip), said="supplement", form=1), 303)
    )


def _to_receipt(filed: Filed, form: FilingForm) -> Response:
    # The same form may have come back by the browser's Back with other words in it: they must not vanish silently.
    record: Any = filed.complaint or filed.tip
    said = "filed" if form.told == record.story else "filed_before"
    if filed.complaint is not None and filed.tip is not None:
        receipt, tip_receipt = receipts.show(filed.complaint_receipt), receipts.show(filed.tip_receipt)
        both = url_for("filing.both_filed", receipt=receipt, tip_receipt=tip_receipt, said=said)
        return private(redirect(both, 303))
    if filed.complaint is not None:
        receipt = receipts.show(filed.complaint_receipt)
        return private(redirect(url_for("complaints.follow", receipt=receipt, said=said), 303))
    receipt = receipts.show(filed.tip_receipt)
    return private(redirect(url_for("tips.follow", receipt=receipt, said=said), 303))


_guesses = throttle.limiter.shared_limit("20/hour", scope="both-receipts")


@bp.get("/filed/<receipt>/<tip_receipt>")
@access.public
def both_filed(receipt: str, tip_receipt: str) -> ResponseReturnValue:
    """One form became two records: both receipts with their code words, to be written down once."""
    try:
        complaint, tip = complaint_by_receipt(receipt), tip_by_receipt(tip_receipt)
    except NotFound:
        with _guesses:
            abort(404)
    if tip.complaint_number != complaint.number:
        abort(404)
    shown, tip_shown = (receipts.show(receipts.tidy(one) or "") for one in (receipt, tip_receipt))
    filed = [
        ("complaint", shown, words.said(shown), url_for("complaints.follow", receipt=shown)),
        ("tip", tip_shown, words.said(tip_shown), url_for("tips.follow", receipt=tip_shown)),
    ]
    page = render_template(
        "filing/public_filed.html",
        complaint=complaint,
        tip=tip,
        filed=filed,
        before=request.args.get("said") == "filed_before",
    )
    return private(page)


def _form_page(
    shop: Shop,
    form: FilingForm,
    errors: Errors,
    photos: staging.Staged | None,
    *,
    preview: bool = False,
    earlier: Earlier | None = None,
) -> str:
    if read_submission(form.submission.data) is None:
        form.submission.data = new_submission()
    now = clock.now()
    term = clocks.law_table().term(Kind.FIRST_ANSWER, clock.day_of(now), malls.places(shop))
    phone = form.phone
    return render_template(
        "filing/public_form.html",
        shop=shop,
        form=form,
        errors=errors,
        photos=photos,
        photos_max=_photos_max(),
        wishes=[(wish.value, label(f"filing.wish.{wish}")) for wish in rules.Wish],
        topics=topics(shop),
        demands=demands(),
        routes=[
            (route.value, label(f"filing.route.{route}"), label(f"filing.route.{route}.hint"))
            for route in Route
        ],
        hours=term.value,
        today=clock.today().isoformat(),
        story_max=complaints.STORY_LENGTH[1],
        name_max=complaints.NAME_MAX,
        asked=bool(form.asked.data),
        proved=phones.proof(form.proved.data or "", phone, now) is not None,
        puzzle=work.puzzle(now),
        preview=_preview(form, shop) if preview else None,
        earlier=earlier,
    )


def _preview(form: FilingForm, shop: Shop) -> str | None:
    """The story as the public would read it; None when there is nothing to show or no feature discloses cases."""
    scrubber = current_app.extensions.get("ydym.scrub")
    if scrubber is None or not form.told:
        return None
    shown: str = scrubber(form.told, public=(shop.public_address, shop.name, shop.public_full_name))
    return shown


def topics(shop: Shop) -> list[tuple[str, str, str]]:
    """Categories by the shop's trade: (code, words, example)."""
    category = shop.category.value if shop.category else "any"
    return [
        (topic, label(f"complaint.topic.{topic}"), label(f"filing.example.{category}.{topic}"))
        for topic in rules.topics_for(shop.category.value if shop.category else None)
    ]


def demands() -> list[tuple[str, str]]:
    """What can be asked for."""
    return [(demand.value, label(f"complaint.demand.{demand.value}")) for demand in Demand]
