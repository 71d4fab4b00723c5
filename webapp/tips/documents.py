"""The statutory documents of a tip, issued in the transaction of the step that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.identifiers import format_phone
from webapp.letters import Law, Subject, organisations
from webapp.letters import operations as letters
from webapp.letters.models import Letter
from webapp.regions import queries as regions
from webapp.web.words import label

from .models import Tip
from .rules import order_of
from .timing import SUBJECT

#: What anybody can call when the office has no number of its own.
HOTLINE = "12315"


def registration(tip: Tip, actor: Actor, now: datetime) -> Letter:
    """The registration form (举报登记表) of the tip as it was filed, for the office's file."""
    facts = {
        "case_number": tip.number,
        "received_at": tip.received_at,
        "named": tip.named,
        "tipster_name": tip.reporter_name,
        "phone": format_phone(tip.reporter_phone) if tip.reporter_phone else None,
        "respondent_name": _respondent(tip),
        "respondent_address": tip.shop.address or None,
        "story": tip.story,
        "handler": actor.name,
    }
    return _issue("tip_registration", tip, facts, actor, now)


def result(tip: Tip, actor: Actor, now: datetime) -> Letter:
    """The outcome for a named reporter (举报处理结果告知书)."""
    facts = {
        "tipster_name": tip.reporter_name,
        "received_on": clock.day_of(tip.received_at),
        "respondent_name": _respondent(tip),
        "matter": label(f"complaint.topic.{tip.topic}"),
        "result": label(f"tip.result.{tip.state.value}"),
        "decided_on": clock.day_of(tip.decided_at or now),
        "explanation": grounds_said(tip) or None,
        "case_number": tip.number,
        "contact_phone": _phone(tip),
    }
    return _issue("tip_result", tip, facts, actor, now)


def transfer(tip: Tip, addressee: str, reason: str, actor: Actor, now: datetime) -> Letter:
    """The notice to an authority outside this platform (投诉举报分送通知书)."""
    facts = {
        "to_organisation": addressee,
        "complainant_name": tip.reporter_name or label("tip.anonymous"),
        "received_on": clock.day_of(tip.received_at),
        "respondent_name": _respondent(tip),
        "matter": label(f"complaint.topic.{tip.topic}"),
        "what": label("tip.what"),
        "case_number": tip.number,
        "reason": reason,
        "contact": actor.name,
        "contact_phone": _phone(tip),
    }
    return _issue("transfer_notice", tip, facts, actor, now)


def grounds_said(tip: Tip) -> str:
    """The ground of the decision and what was added to it, in words."""
    if tip.decision_ground is None:
        return ""
    kind = "file_case" if tip.state.value == "case" else "file_no_case"
    ground = label(f"tip.ground.{kind}.{tip.decision_ground}")
    return f"{ground}。{tip.decision_text}" if tip.decision_text else f"{ground}。"


def _issue(kind: str, tip: Tip, facts: Mapping[str, object], actor: Actor, now: datetime) -> Letter:
    """Whether a case is filed is the bureau's decision, also where a station verified."""
    organisation = organisations.bureau(tip.handler_region_code)
    law = Law(order_of(tip.law))
    return letters.issue(kind, Subject(SUBJECT, tip.id), facts, organisation, actor, now, law=law)


def _respondent(tip: Tip) -> str:
    return tip.shop.operator.name


def _phone(tip: Tip) -> str:
    station = regions.find_station(tip.handler_station_id)
    return (station.phone if station is not None else None) or HOTLINE
