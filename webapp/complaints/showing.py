"""What the pages of all three sides show of a complaint: where it stands in words, and the thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import current_app, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.accounts.queries import find_account
from webapp.clocks import clock_words, countdowns
from webapp.clocks import queries as clock_queries
from webapp.clocks import rules as clock_rules
from webapp.clocks.clock_words import Told
from webapp.clocks.models import ClockRow
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.identifiers import format_phone, mask_phone
from webapp.files.models import StoredFile
from webapp.files.queries import find_by_key, url_for_file
from webapp.files.rules import variant_width
from webapp.regions import queries as regions
from webapp.web.filters import day, moment, yuan
from webapp.web.words import label

from . import queries, rules, timing
from .models import Complaint, Side
from .rules import ComplaintState

#: Events of clocks that moved a deadline (the others ended it).
MOVES = frozenset({"pause", "resume", "extend", "transfer", "recompute"})
#: A due instant is midnight after the last day: a moment before, it is still that day.
INSTANT = timedelta(seconds=1)
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
    thumb: str
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
    return label(f"complaint.when.{due.day}", time=f"{local:%H:%M}", date=day(at))


def left_words(at: datetime, now: datetime) -> str:
    """How much time is left until `at`, or by how much it is past."""
    span = at - now
    unit, large, small = rules.split_span(span)
    return label(f"complaint.{'past' if at < now else 'left'}.{unit}", large=large, small=small)


def situation(complaint: Complaint, now: datetime, side: Side) -> Situation:
    """Where it stands, told to `side`."""
    state = complaint.state
    if state is ComplaintState.SETTLING:
        due = rules.due(complaint.answer_due_at, now)
        late = "_late" if due.tone == "stop" else ""
        words = label(
            f"complaint.stands.{side.value}.settling{late}", due=due_words(complaint.answer_due_at, now)
        )
        return Situation(
            words,
            due.tone,
            left_words(complaint.answer_due_at, now),
            complaint.answer_due_at.isoformat(),
        )
    if running := clock_queries.running(timing.SUBJECT, complaint.id, *timing.OWED):
        said = tell_clock(running[-1], side, now)
        return Situation(said.words, said.tone, said.due, said.iso, said.note)
    tone = "good" if state is ComplaintState.RESOLVED else "quiet"
    words = label(f"complaint.stands.{side.value}.{state.value}", days=0)
    ended = moment(complaint.ended_at) if complaint.ended_at else ""
    return Situation(words, "info" if state not in rules.ENDED else tone, ended)


def tell_clock(row: ClockRow, side: Side, now: datetime) -> Told:
    """A clock as one side reads it: the same numbers in its own words. Mediators read what officers read."""
    clock_ = clock_queries.pure(row)
    viewer = side.value if side in {Side.CONSUMER, Side.MERCHANT} else Side.OFFICER.value
    reading = clock_rules.look(clock_, clock_queries.calendar(), now)
    return clock_words.told(countdowns.countdown(clock_, reading, viewer))


@dataclass(frozen=True)
class Moved:
    """One thing that moved a deadline, for all sides: `before` and `after` in words, empty while it stands still."""

    at: datetime
    what: str
    ground: str
    reason: str
    before: str
    after: str


def moves(complaint: Complaint) -> list[Moved]:
    """Every pause, extension, transfer and recomputation of the complaint's clocks, oldest first."""
    found = [
        Moved(
            event.at,
            label(f"complaint.clock.{event.what}"),
            label(f"clock.ground.{event.ground}") if event.ground else "",
            event.reason,
            day(event.old_due_at - INSTANT) if event.old_due_at else "",
            day(event.new_due_at - INSTANT) if event.new_due_at else "",
        )
        for row in clock_queries.of(timing.SUBJECT, complaint.id)
        for event in row.events
        if event.what in MOVES
    ]
    return sorted(found, key=lambda move: move.at)


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
    words = label(f"complaint.demand.{last.demand.value}")
    if last.amount_fen:
        words = f"{words} {yuan(last.amount_fen)}"
    return Offered(
        last.id,
        last.state.value,
        words,
        last.text,
        last.perform_by,
        clock.day_of(last.valid_until - INSTANT),
        last.merchant_name,
        last.consumer_name or "",
        last.signed_at,
    )


def may_offer(complaint: Complaint) -> bool:
    """May the merchant make an offer now? Not while an accepted one waits for its performance."""
    return "offer" in rules.open_actions(complaint.state, Role.MERCHANT)


def office_of(complaint: Complaint) -> str:
    """The office that handles it now."""
    station = regions.find_station(complaint.handler_station_id)
    if station is not None:
        return station.name
    county = regions.find(complaint.handler_region_code[:6])
    return label("complaint.handler.bureau", county=county.name if county is not None else "")


def thread(complaint: Complaint, viewer: Side) -> list[Said]:
    """Everything said so far, oldest first; internal notes for officers only."""
    files = queries.photos_said(complaint)
    messages = [message for message in complaint.messages if viewer is Side.OFFICER or not message.internal]
    names = _officer_names(complaint) if viewer is Side.OFFICER else {}
    shown = []
    for message in messages:
        who = label(f"complaint.side.{message.side.value}")
        if message.side is Side.MERCHANT:
            who = complaint.shop.full_name
        elif message.by_id in names:
            who = f"{who} {names[message.by_id]}"
        text = label(f"complaint.system.{message.text}") if message.side is Side.SYSTEM else message.text
        if message.ground and message.action in rules.ON_A_GROUND:
            ground = label(f"complaint.ground.{message.action}.{message.ground}")
            text = f"{ground}。{text}" if text else f"{ground}。"
        shown.append(
            Said(
                who=who,
                what=label(f"complaint.done.{message.action}"),
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
    address = signed_address if viewer is Side.CONSUMER else url_for_file
    return [
        Photo(address(file), address(file, 320), label("complaint.photo", number=number))
        for number, file in enumerate(files, 1)
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
    return [(label("complaint.contact.name"), name or ""), (label("complaint.contact.phone"), phone or "")]


def signed_address(file: StoredFile, width: int | None = None) -> str:
    """An address of a complaint's photo that opens it for an hour, without an account and without the receipt in it."""
    return url_for("complaints.photo", token=_photo_signer().dumps(file.key), w=variant_width(width))


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
