"""Telling the merchant: a notice inside for every member, an SMS, and the documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.accounts.queries import find_account
from webapp.core.actor import Actor
from webapp.letters import Law, Recipient, Subject, organisations
from webapp.letters import operations as letters
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.regions import queries as regions
from webapp.web.filters import day, moment
from webapp.web.words import label

from . import cases, grounds
from .models import Correction, Talk

#: What anybody can call when the office has no number of its own.
HOTLINE = "12315"
#: Worth an SMS: the word is ``sms.oversight.<kind>.<action>``.
BY_SMS = frozenset(
    {("talk", "approve"), ("talk", "postpone"), ("order", "approve"), ("order", "soon"), ("order", "fail")}
)


def tell(case: Talk | Correction, action: str, now: datetime) -> None:
    """Tell the operator's members; the words are ``notice.oversight.<kind>.<action>``."""
    details: dict[str, Any] = {"shop": case.shop.full_name}
    if isinstance(case, Talk):
        details |= {"at": moment(case.talk_at), "place": case.place}
    else:
        details |= {"due": day(case.due_on)}
    url = f"/merchant/{case.kind}s/{case.id}"
    stem = f"oversight-{case.kind}-{case.id}-{action}-{int(now.timestamp())}"
    for member in members_of(case.shop.operator_id):
        account = find_account(member.account_id)
        if account is None or account.disabled_at is not None:
            continue
        notices.notify(account.id, f"notice.oversight.{case.kind}.{action}", details, url, now)
        if (case.kind, action) in BY_SMS and account.phone:
            word = f"sms.oversight.{case.kind}.{action}"
            one = f"{stem}-{account.id}"
            notices.send_sms(account.phone, word, details, one, now, language=account.language)


def basis_of(case: Talk | Correction) -> str:
    """Law and article of its ground."""
    return grounds.get(case.kind, case.ground).basis


def invitation(talk: Talk, actor: Actor, now: datetime) -> None:
    """约谈通知书: when, where, why."""
    facts = {"matter": ground_of(talk), "facts": talk.facts, "talk_at": talk.talk_at, "place": talk.place}
    _issue("talk_invitation", talk, facts, actor, now)


def admonition(talk: Talk, actor: Actor, now: datetime) -> None:
    """告诫书: what was said, what is admonished."""
    facts = {
        "matter": ground_of(talk),
        "talk_at": talk.talk_at,
        "place": talk.place,
        "attended": talk.attended or "",
        "minutes": talk.minutes or "",
        "admonition": talk.admonition or "",
    }
    _issue("talk_admonition", talk, facts, actor, now)


def order_notice(order: Correction, actor: Actor, now: datetime) -> None:
    """责令改正通知书: what was found, what to correct, by when."""
    facts = {
        "facts": order.facts,
        "ground": ground_of(order),
        "demand": order.demand,
        "due_on": order.due_on,
    }
    _issue("correction_order", order, facts, actor, now)


def ground_of(case: Talk | Correction) -> str:
    """The ground in words."""
    return label(f"oversight.ground.{case.ground}")


def subject(case: Talk | Correction) -> Subject:
    """What its documents are about."""
    return Subject(cases.subject_of(case), case.id)


def _issue(kind: str, case: Talk | Correction, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    station = regions.find_station(case.shop.station_id)
    letters.issue(
        kind,
        subject(case),
        {
            "addressee": case.shop.operator.name,
            "shop": case.shop.full_name,
            "basis": basis_of(case),
            "contact_phone": (station.phone if station is not None else "") or HOTLINE,
            **facts,
        },
        organisations.bureau(case.office_region or case.shop.region_code),
        actor,
        now,
        law=Law.LISTING,
        recipients=(Recipient.RESPONDENT,),
    )
