"""The consumer's pages: the form, looking up by receipt, following up. No account, no script needed."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.clocks import showing as clock_showing
from webapp.core import clock, policy, receipts
from webapp.core.actor import CONSUMER, Role
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.files.views import answer as send_file
from webapp.letters import Recipient, Subject, serving
from webapp.letters.showing import party_list
from webapp.web import access, languages, slots, spoken, throttle
from webapp.web.errors import message_of
from webapp.web.typed import line as typed_line
from webapp.web.words import label

from . import agreement, code_words, operations, passes, queries, rules, settlement, showing, telling, timing
from .forms import ConsumerSayingForm, HandlingForm, ReceiptForm, SayingForm, SigningForm, lost_photos
from .models import Complaint, Side

bp = Blueprint("complaints", __name__)

ACTIONS = ("supplement", "confirm_resolved", "say_unresolved", "withdraw", "reopen")
#: What the page thanks for besides.
OTHER = ("filed", "filed_before", "accept_offer", "decline_offer", "handling", "language")
_BY_CONSUMER = "any(" + ", ".join(ACTIONS) + ")"


def _private(page: ResponseReturnValue) -> Response:
    """A page that holds a receipt or what somebody typed: kept nowhere, named to nobody, found by no search."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _photos_max() -> int:
    return policy.get_int("complaint.photos_max", clock.today())


# --- looking up and following up ------------------------------------------------------------------------------------


#: Wrong receipts are counted where they turn out to be wrong: whoever shares an address with a guesser (a mall, a
#: mobile network) still opens their own complaint. A receipt has 80 random bits; this only keeps floods away.
_guesses = throttle.limiter.shared_limit("20/hour", scope="complaint-receipts")


@bp.route("/complaints", methods=["GET", "POST"])
@access.public
def index() -> ResponseReturnValue:
    """Looking a complaint up by its receipt."""
    form = ReceiptForm()
    if request.method != "POST":
        return _private(_lookup_page(""))
    typed = form.receipt.data or ""
    if form.number.data and not typed.strip():
        return _by_code_word(form)
    if not typed.strip():
        return _private((_lookup_page(typed, label("error.receipt_empty")), 422))
    tidy = receipts.tidy(typed)
    if tidy is None:
        return _private((_lookup_page(typed, label("error.receipt_form")), 422))
    try:
        queries.by_receipt(typed)
    except NotFound:  # a tip's receipt looks the same
        for address in slots.collect(current_app, "lookup.receipt", receipt=receipts.show(tidy)):
            return _private(redirect(address, 303))
        _opened(typed)
    return _private(redirect(url_for("complaints.follow", receipt=receipts.show(tidy)), 303))


def _number_asked() -> str:
    """The number in one spelling, for the look-up and for who counts the guesses."""
    return typed_line(request.form.get("number"), 20).upper()


#: Code words have 28 bits: whoever guesses, from wherever, has few tries for one number in a day.
_word_guesses = throttle.limiter.shared_limit("8/day", scope="complaint-code-words", key_func=_number_asked)


def _by_code_word(form: ReceiptForm) -> ResponseReturnValue:
    """By number and code word: the page opens for two hours, without the receipt in its address."""
    number = _number_asked()
    try:
        with _word_guesses:
            address = _address_by_code_word(number, form.word.data or "")
    except NotFound as error:
        return _private((_lookup_page("", number=number, number_error=message_of(error)), 404))
    return _private(redirect(address, 303))


def _address_by_code_word(number: str, word: str) -> str:
    """The page of the complaint, or of another feature's record, that number and word open; raises NotFound."""
    others = slots.collect(current_app, "lookup.code_word", number=number, digest=code_words.digest(word))
    if others:
        return str(others[0])
    complaint = queries.by_code_word(number, word)
    return url_for("complaints.follow", receipt=passes.by_code_word(complaint))


def _lookup_page(typed: str, error: str = "", *, number: str = "", number_error: str = "") -> str:
    return render_template(
        "complaints/public_lookup.html", typed=typed, error=error, number=number, number_error=number_error
    )


@bp.get("/complaints/<receipt>")
@access.public
def follow(receipt: str) -> ResponseReturnValue:
    """Where it stands, what was said, what can be done now."""
    return _private(_follow_page(_opened(receipt), receipt))


def _opened(receipt: str) -> Complaint:
    """The complaint of this receipt or pass; else the look-up form comes back with what was typed."""
    if (complaint := passes.read(receipt)) is not None:
        return complaint
    try:
        return queries.by_receipt(receipt)
    except NotFound as error:
        with _guesses:
            abort(_private((_lookup_page(receipt, message_of(error)), 404)))


@bp.post(f"/complaints/<receipt>/<{_BY_CONSUMER}:action>")
@throttle.limiter.limit("60/hour")
@access.public
def act(receipt: str, action: str) -> ResponseReturnValue:
    """The consumer's next word. Who holds the receipt may speak: no other site knows it, so no other token is asked."""
    complaint = _opened(receipt)
    form = ConsumerSayingForm()
    now = clock.now()
    photos = staging.collect(
        "photos",
        FilePurpose.COMPLAINT,
        max_files=_photos_max(),
        actor=access.current_actor(),
        now=now,
    )
    error: DomainError | None = next(iter([*photos.errors, *lost_photos(photos)]), None)
    if error is None:
        try:
            operations.act(
                complaint.id,
                action,
                CONSUMER,
                now,
                text=form.said,
                file_ids=tuple(photos.ids),
                version=form.version.data,
            )
        except (Invalid, Conflict) as refusal:
            error = refusal
    if error is not None:
        page = _follow_page(complaint, receipt, tried=action, form=form, error=error, photos=photos)
        return _private((page, error.status))
    return _private(redirect(url_for("complaints.follow", receipt=receipt, said=action), 303))


def _follow_page(
    complaint: Complaint,
    receipt: str,
    *,
    tried: str = "",
    form: SayingForm | None = None,
    error: DomainError | None = None,
    photos: staging.Staged | None = None,
) -> str:
    """The page; after a fault with what was typed for `tried`. It is drawn from the complaint as it stands now."""
    if error is not None:
        rollback()
        complaint = queries.get(complaint.id)
    said = request.args.get("said", "")
    tidy = receipts.tidy(receipt) or ""
    context: dict[str, Any] = {
        "complaint": complaint,
        "receipt": receipts.show(tidy) or receipt,
        "groups": receipts.show(tidy).split("-") if tidy else [],
        "code_word": code_words.of_receipt(tidy) if tidy and complaint.code_word_hash else "",
        "situation": showing.situation(complaint, clock.now(), Side.CONSUMER),
        "handler": showing.handler(complaint),
        "moves": clock_showing.moves(timing.SUBJECT, complaint.id),
        "letters": party_list(
            Subject(timing.SUBJECT, complaint.id),
            Recipient.COMPLAINANT,
            lambda letter_id: url_for("complaints.letter", receipt=receipt, letter_id=letter_id),
        ),
        "thread": showing.thread(complaint, Side.CONSUMER),
        "photos": showing.photos(queries.photos(complaint), Side.CONSUMER),
        "actions": rules.open_actions(complaint.state, Role.CONSUMER),
        "rateable": complaint.state in rules.RATEABLE,
        "said": said if said in {*OTHER, *ACTIONS} else "",
        "from_form": bool(request.args.get("form")),
        "offer": showing.offer(complaint),
        "signed": agreement.signed(complaint),
        "may_rate_handling": operations.may_rate_handling(complaint),
        "reopen_days": policy.get_int("complaint.reopen_days", clock.today()),
        "tried": tried,
        "typed": form.text.data if form else "",
        "error": message_of(error) if error else "",
        "staged": photos,
        "photos_max": _photos_max(),
        "may_change_language": telling.is_reachable(complaint)
        and complaint.contact_language is not spoken.of_request(),
        "messages_in": languages.name_of(complaint.contact_language),
        "state_tone": showing.STATE_TONES[complaint.state],
    }
    return render_template("complaints/public_follow.html", **context)


@bp.post("/complaints/<receipt>/offer/<any(accept, decline):answer>")
@throttle.limiter.limit("60/hour")
@access.public
def answer_offer(receipt: str, answer: str) -> ResponseReturnValue:
    """The consumer signs the merchant's offer, or declines it."""
    complaint, form, now = _opened(receipt), SigningForm(), clock.now()
    said = f"{answer}_offer"
    try:
        if answer == "accept":
            settlement.accept(
                complaint.id, form.offer.data or 0, form.name.data or "", now, form.version.data
            )
        else:
            settlement.decline(complaint.id, form.offer.data or 0, form.said, now, form.version.data)
    except (Invalid, Conflict) as refusal:
        page = _follow_page(complaint, receipt, tried=said, form=form, error=refusal)
        return _private((page, refusal.status))
    return _private(redirect(url_for("complaints.follow", receipt=receipt, said=said), 303))


@bp.post("/complaints/<receipt>/handling")
@throttle.limiter.limit("60/hour")
@access.public
def rate_handling(receipt: str) -> ResponseReturnValue:
    """How the handling was: for the office's own figures, once."""
    complaint, form = _opened(receipt), HandlingForm()
    try:
        operations.rate_handling(complaint.id, form.stars.data, form.said, clock.now())
    except (Invalid, Conflict) as refusal:
        page = _follow_page(complaint, receipt, tried="handling", form=form, error=refusal)
        return _private((page, refusal.status))
    return _private(redirect(url_for("complaints.follow", receipt=receipt, said="handling"), 303))


@bp.post("/complaints/<receipt>/language")
@throttle.limiter.limit("60/hour")
@access.public
def change_language(receipt: str) -> ResponseReturnValue:
    """SMS about the case come in the language of this page from now on."""
    telling.change_language(_opened(receipt), spoken.of_request(), clock.now())
    return _private(redirect(url_for("complaints.follow", receipt=receipt, said="language"), 303))


bp.add_url_rule(
    "/complaints/<receipt>/letters/<int:letter_id>",
    "letter",
    access.public(
        serving.download(
            lambda receipt: Subject(timing.SUBJECT, _opened(receipt).id),
            recipient=Recipient.COMPLAINANT,
            holds=True,
        )
    ),
)


@bp.get("/complaints/<receipt>/agreement.pdf")
@access.public
def agreement_paper(receipt: str) -> ResponseReturnValue:
    """The settlement that both sides signed, to keep."""
    complaint = _opened(receipt)
    return _private(send_agreement(complaint))


def send_agreement(complaint: Complaint) -> Response:
    """The signed settlement as a file; raises NotFound while nothing is signed."""
    answer = Response(agreement.pdf(complaint), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename=agreement-{complaint.number}.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/complaints/photos/<token>")
@access.public
def photo(token: str) -> ResponseReturnValue:
    """A photo of the follow-up page: its address is signed and opens it for an hour."""
    file = showing.file_of_address(token)
    if file is None:
        raise NoSuchPage
    response = send_file(file)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
