"""What the pages of all three sides show of a complaint: where it stands in words, and the thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import current_app, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.accounts.queries import find_account
from webapp.clocks import showing as clocks
from webapp.clocks.clock_words import Told
from webapp.clocks.laws import Kind
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.identifiers import format_phone, mask_phone
from webapp.files.models import StoredFile
from webapp.files.queries import Picture, find_by_key, picture_of, size_asked
from webapp.files.rules import Form
from webapp.regions import offices
from webapp.web.filters import yuan
from webapp.web.languages import full_day, said_moment, say

from . import queries, rules, timing
from .models import Complaint, Side
from .rules import ComplaintState

#: Seconds for which a photo's address from the follow-up page opens it.
PHOTO_LIFETIME = 3600
_TONES = {
    "answer": "info",
    "supplement": "quiet",
    "confirm_resolved": "good",
    "say_unresolved": "caution",
    "withdraw": "quiet",
    "refer": "caution",
    "accept": "info",
    "refuse": "stop",
    "settle": "good",
    "end": "stop",
}
#: Tones of the badges of states.
STATE_TONES = {
    ComplaintState.AGREED: "info",
    ComplaintState.LAPSED: "quiet",
    ComplaintState.TRANSFERRED: "quiet",
    ComplaintState.SETTLING: "caution",
    ComplaintState.ANSWERED: "info",
    ComplaintState.REFERRED: "caution",
    ComplaintState.MEDIATING: "info",
    ComplaintState.RESOLVED: "good",
    ComplaintState.CLOSED: "quiet",
    ComplaintState.REFUSED: "quiet",
    ComplaintState.WITHDRAWN: "quiet",
}


@dataclass(frozen=True)
class Situation:
    """Where a complaint stands, for the countdown macro. `iso` and `due` are empty when no clock runs."""

    words: str
    tone: str
    due: str = ""
    iso: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Photo:
    """A photo as the photo grid takes it."""

    url: str
    thumb: Picture
    alt: str


@dataclass(frozen=True)
class Said:
    """One entry of the thread. `mine` for the side that looks."""

    who: str
    what: str
    text: str
    at: datetime
    tone: str
    mine: bool = False
    internal: bool = False
    photos: list[Photo] = field(default_factory=list)


def due_words(at: datetime, now: datetime) -> str:
    """The due moment as people say it: 今天 15:00, 明天 15:00, or with the date."""
    due = rules.due(at, now)
    local = at.astimezone(clock.SHANGHAI)
    return say(f"complaint.when.{due.day}", time=f"{local:%H:%M}", date=full_day(at))


def left_words(at: datetime, now: datetime) -> str:
    """How much time is left until `at`, or by how much it is past."""
    span = at - now
    unit, large, small = rules.split_span(span)
    return say(f"complaint.{'past' if at < now else 'left'}.{unit}", large=large, small=small)


def situation(complaint: Complaint, now: datetime, side: Side) -> Situation:
    """Where it stands, told to `side`."""
    return situations([complaint], now, side)[complaint.id]


def situations(complaints: Sequence[Complaint], now: datetime, side: Side) -> dict[int, Situation]:
    """Where each of a list stands, by complaint; the countdowns are read together."""
    viewer = side.value if side in {Side.CONSUMER, Side.MERCHANT} else Side.OFFICER.value
    # After the end the office still owes both sides the notice of it: all three see its last day.
    owed = [complaint.id for complaint in complaints if complaint.state in rules.AUTHORITY | rules.HANDLED]
    kinds = (*timing.OWED, Kind.RESULT_NOTICE)
    told = clocks.told(timing.SUBJECT, owed, viewer, now, *kinds) if owed else {}
    return {
        complaint.id: _situation(complaint, now, side, told.get(complaint.id)) for complaint in complaints
    }


def _situation(complaint: Complaint, now: datetime, side: Side, told: Told | None) -> Situation:
    state = complaint.state
    if state is ComplaintState.SETTLING:
        due = rules.due(complaint.answer_due_at, now)
        late = "_late" if due.tone == "stop" else ""
        words = say(
            f"complaint.stands.{side.value}.settling{late}", due=due_words(complaint.answer_due_at, now)
        )
        return Situation(
            words,
            due.tone,
            left_words(complaint.answer_due_at, now),
            complaint.answer_due_at.isoformat(),
        )
    if told is not None:
        ends = say(f"complaint.stands.{side.value}.{state.value}", days=0) if state in rules.ENDED else ""
        return Situation(told.words, told.tone, told.due, told.iso, told.note or ends)
    tone = "good" if state is ComplaintState.RESOLVED else "quiet"
    words = say(f"complaint.stands.{side.value}.{state.value}", days=0)
    ended = said_moment(complaint.ended_at) if complaint.ended_at else ""
    return Situation(words, "info" if state not in rules.ENDED else tone, ended)


@dataclass(frozen=True)
class Offered:
    """An offer as both sides read it."""

    id: int
    state: str
    words: str
    text: str
    perform_by: date
    valid_on: date
    merchant_name: str
    consumer_name: str
    signed_at: datetime | None


def offer(complaint: Complaint) -> Offered | None:
    """The newest offer, or None."""
    if not complaint.offers:
        return None
    last = complaint.offers[-1]
    words = say(f"complaint.demand.{last.demand.value}")
    if last.amount_fen:
        words = f"{words} {yuan(last.amount_fen)}"
    return Offered(
        last.id,
        last.state.value,
        words,
        last.text,
        last.perform_by,
        clock.day_of(last.valid_until - clocks.INSTANT),
        last.merchant_name,
        last.consumer_name or "",
        last.signed_at,
    )


def may_offer(complaint: Complaint) -> bool:
    """May the merchant make an offer now? Not while an accepted one waits for its performance."""
    return "offer" in rules.open_actions(complaint.state, Role.MERCHANT)


def cited(ground: rules.Ground) -> str:
    """Article and item in brackets; empty while nobody has read which they are."""
    return f"（{ground.article}{ground.item}）" if ground.read else ""


def handler(complaint: Complaint) -> str:
    """The office that handles it, once it is the authority's; empty before, and after it left this platform."""
    shown = complaint.state in rules.AUTHORITY | {ComplaintState.CLOSED, ComplaintState.REFUSED}
    return offices.name_of(complaint.scope) if shown else ""


def thread(complaint: Complaint, viewer: Side) -> list[Said]:
    """Everything said so far, oldest first; internal notes for officers only."""
    files = queries.photos_said(complaint)
    messages = [message for message in complaint.messages if viewer is Side.OFFICER or not message.internal]
    names = _officer_names(complaint) if viewer is Side.OFFICER else {}
    shown = []
    for message in messages:
        who = say(f"complaint.side.{message.side.value}")
        if message.side is Side.MERCHANT:
            who = complaint.shop.full_name
        elif message.by_id in names:
            who = f"{who} {names[message.by_id]}"
        text = say(f"complaint.system.{message.text}") if message.side is Side.SYSTEM else message.text
        if message.ground and message.action in rules.ON_A_GROUND:
            ground = say(f"complaint.ground.{message.action}.{message.ground}")
            text = f"{ground}。{text}" if text else f"{ground}。"
        shown.append(
            Said(
                who=who,
                what=say(f"complaint.done.{message.action}"),
                text=text,
                at=message.at,
                tone=_TONES.get(message.action, "quiet"),
                mine=message.side is viewer,
                internal=message.internal,
                photos=photos(files.get(message.id, []), viewer),
            )
        )
    return shown


def photos(files: list[StoredFile], viewer: Side) -> list[Photo]:
    """Photos with addresses that the viewer may open: consumers have no account, so theirs are signed."""
    address = signed_address if viewer is Side.CONSUMER else None
    shown = [picture_of(file, 200, address=address) for file in files]
    return [
        Photo(picture.whole, picture, say("complaint.photo", number=number))
        for number, picture in enumerate(shown, 1)
    ]


def contact_for_merchant(complaint: Complaint) -> list[tuple[str, str]]:
    """Name and phone with consent, else masked. Pairs of word and value."""
    if not complaint.share_contact:
        return masked_contact(complaint)
    return _contact(complaint.contact_name, format_phone(complaint.contact_phone or ""))


def masked_contact(complaint: Complaint) -> list[tuple[str, str]]:
    """The name's first character and the phone's ends. Pairs of word and value; empty values for what was not left."""
    phone = complaint.contact_phone
    return _contact(rules.mask_name(complaint.contact_name), mask_phone(phone) if phone else "")


def _contact(name: str | None, phone: str | None) -> list[tuple[str, str]]:
    return [(say("complaint.contact.name"), name or ""), (say("complaint.contact.phone"), phone or "")]


def signed_address(file: StoredFile, width: int | None = None, form: Form = Form.WEBP) -> str:
    """An address of a complaint's photo that opens it for an hour, without an account and without the receipt in it."""
    return url_for("complaints.photo", token=_photo_signer().dumps(file.key), **size_asked(width, form))


def file_of_address(token: str) -> StoredFile | None:
    """The file of a :func:`signed_address` that is not too old, or None."""
    try:
        key = _photo_signer().loads(token, max_age=PHOTO_LIFETIME)
    except BadData:
        return None
    file = find_by_key(str(key))
    return file if file is not None and file.owner_type in {"complaint", "complaint_message"} else None


def _photo_signer() -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt="complaints.photo")


def _officer_names(complaint: Complaint) -> dict[int | None, str]:
    ids = {message.by_id for message in complaint.messages if message.side is Side.OFFICER and message.by_id}
    accounts = [find_account(account_id) for account_id in ids]
    return {account.id: account.name for account in accounts if account is not None}
