"""The panel on the officer's page of a complaint. There is no other page, address or figure of the signals."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from webapp.complaints.models import Complaint
from webapp.complaints.queries import handled_by
from webapp.complaints.showing import STATE_TONES
from webapp.core import clock
from webapp.web import access
from webapp.web.filters import yuan
from webapp.web.words import label

from . import queries
from .rules import Signal, SignalKind

#: So many of the counted complaints are listed.
LISTED = 10


def section(complaint: Complaint, **_context: Any) -> Markup | None:
    """For the slot ``office.complaint``: the facts in words, for who may handle the complaint; None without any."""
    if not access.may("complaint.handle", complaint.scope):
        return None
    limits = queries.limits(clock.now())
    found, ids = queries.of_complaint(complaint, limits)
    if not found:
        return None
    reach = handled_by(access.reach(access.current_actor(), "complaint.read"))
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "claims/_office_complaint.html",
            facts=[words(one, limits.days) for one in found],
            others=queries.within(ids, reach, LISTED),
            counted=len(ids),
            tones=STATE_TONES,
        )
    )


def words(signal: Signal, days: int) -> str:
    """A signal as a sentence of facts."""
    topic = label(f"complaint.topic.{signal.code}") if signal.kind is SignalKind.TOPIC else ""
    demand = label(f"complaint.demand.{signal.code}") if signal.kind is SignalKind.DEMAND else ""
    return label(
        f"claims.fact.{signal.kind.value}",
        days=days,
        count=signal.count,
        total=signal.total,
        shops=signal.shops,
        topic=topic,
        demand=demand,
        amount=yuan(signal.amount_fen) if signal.amount_fen else "",
    )
