"""Telling the merchant: a notice inside for every member, an SMS where the shop's standing changes, documents."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from webapp.accounts.queries import find_account
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.letters import Law, Recipient, Subject, organisations
from webapp.letters import operations as letters
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.regions import queries as regions
from webapp.web.filters import short_day
from webapp.web.words import label

from .models import Listing, ListingRepair
from .rules import Colour

#: Which steps the merchant hears of: the word is ``notice.listing.<colour>.<action>``. A refused proposal for the red
#: list was never a promise, so nobody is told of it.
BLACK_TOLD = (
    "notice",
    "confirm",
    "refuse",
    "expire",
    "repair",
    "strike",
    "appeal",
    "dismiss_appeal",
    "ask_repair",
    "dismiss_repair",
)
TOLD = frozenset(
    {(Colour.RED, action) for action in ("confirm", "expire", "repair", "strike")}
    | {(Colour.BLACK, action) for action in BLACK_TOLD}
)
#: Of these, the ones worth an SMS: the word is ``sms.listing.<colour>.<action>``.
BY_SMS = frozenset(
    {(Colour.BLACK, action) for action in ("notice", "confirm", "dismiss_appeal", "repair", "strike")}
    | {(Colour.RED, "confirm")}
)


#: What anybody can call when the office has no number of its own.
HOTLINE = "12315"


def tell(listing: Listing, action: str, now: datetime) -> None:
    """Tell the operator's members what happened to `listing`, with its ground."""
    if (listing.colour, action) not in TOLD:
        return
    kind = f"listing.{listing.colour.value}.{action}"
    details = {
        "shop": listing.shop.full_name,
        "ground": ground_of(listing),
        "until": "" if listing.hearing_until is None else short_day(last_day(listing.hearing_until)),
    }
    url = f"/merchant/shops/{listing.shop_id}"
    if listing.colour is Colour.BLACK:
        url = f"/merchant/listings/{listing.id}"
    for member in members_of(listing.shop.operator_id):
        account = find_account(member.account_id)
        if account is None or account.disabled_at is not None:
            continue
        notices.notify(account.id, f"notice.{kind}", details, url, now)
        if (listing.colour, action) in BY_SMS and account.phone:
            key = f"listing-{listing.id}-{action}-{account.id}"
            notices.send_sms(account.phone, f"sms.{kind}", details, key, now, language=account.language)


def ground_of(listing: Listing) -> str:
    """The ground in words."""
    return label(f"listing.ground.{listing.colour.value}.{listing.ground}")


def last_day(until: datetime) -> date:
    """The day that ends at `until`."""
    return clock.day_of(until - timedelta(seconds=1))


# --- documents --------------------------------------------------------------------------------------------------------

SUBJECT = "listing"


def notice(listing: Listing, actor: Actor, now: datetime) -> None:
    """The written notice (拟列入告知书): facts, ground, what follows, by when the merchant may speak."""
    assert listing.hearing_until is not None, "the hearing was set"
    _issue(
        "listing_notice",
        listing,
        {
            "addressee": listing.shop.operator.name,
            "shop": listing.shop.full_name,
            "facts": listing.public_summary,
            "ground": ground_of(listing),
            "basis": label(f"listing.ground.{listing.colour.value}.{listing.ground}.basis"),
            "term_until": listing.term_until,
            "speak_by": last_day(listing.hearing_until),
            "contact_phone": _phone(listing),
        },
        actor,
        now,
    )


def receipt(case: ListingRepair, actor: Actor, now: datetime) -> None:
    """The receipt of a request for credit repair (信用修复申请回执)."""
    _issue(
        "repair_receipt",
        case.listing,
        {
            "addressee": case.listing.shop.operator.name,
            "shop": case.listing.shop.full_name,
            "receipt": case.receipt,
            "filed_at": case.filed_at,
            "decide_by": case.due_on,
            "ground": ground_of(case.listing),
            "contact_phone": _phone(case.listing),
        },
        actor,
        now,
    )


def decision(
    listing: Listing, about: str, reason: str, actor: Actor, now: datetime, *, granted: bool
) -> None:
    """The written decision on an appeal or a request for repair (`about`)."""
    _issue(
        "listing_decision",
        listing,
        {
            "addressee": listing.shop.operator.name,
            "shop": listing.shop.full_name,
            "matter": label(f"listing.letter.matter.{about}", ground=ground_of(listing)),
            "decision": label(f"listing.letter.{about}.{'granted' if granted else 'dismissed'}"),
            "explanation": reason.strip(),
            "contact_phone": _phone(listing),
        },
        actor,
        now,
    )


def _issue(kind: str, listing: Listing, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    letters.issue(
        kind,
        Subject(SUBJECT, listing.id),
        facts,
        organisations.bureau(listing.office_region or listing.shop.region_code),
        actor,
        now,
        law=Law.LISTING,
        recipients=(Recipient.RESPONDENT,),
    )


def _phone(listing: Listing) -> str:
    station = regions.find_station(listing.shop.station_id)
    return (station.phone if station is not None else "") or HOTLINE
