"""What the pages of those who mediate share: the deeds that their forms ask for, and what is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.complaints import queries as complaints
from webapp.complaints import showing
from webapp.complaints.models import Side
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import DomainError, Invalid
from webapp.regions import queries as regions
from webapp.web.errors import message_of

from . import operations, rules
from .forms import DeedForm
from .models import HearingMode, Mediation
from .rules import STEPS, MediationState

STATE_TONES = {
    MediationState.OPEN: "info",
    MediationState.AGREED: "good",
    MediationState.FAILED: "stop",
    MediationState.RETURNED: "quiet",
}
DEEDS = ("hear", "cancel", "record", "state", "draft", "agree", "fail", "give_back", "take_back")
PARTY_DEEDS = ("state", "sign")


def take(mediation_id: int, action: str, form: DeedForm, actor: Actor, now: datetime) -> None:
    """Do what the form asks for. Raises DomainError."""
    version, said, hearing = form.version.data, form.said, form.hearing.data or 0
    if action == "hear":
        operations.hear(mediation_id, form.meeting, actor, now, version)
    elif action == "cancel":
        operations.cancel(mediation_id, hearing, said, actor, now, version)
    elif action == "record":
        operations.record(mediation_id, hearing, form.absent.data or "", said, actor, now, version)
    elif action == "state":
        operations.state(mediation_id, said, actor, now, side=form.side.data or "", version=version)
    elif action == "draft":
        operations.draft(mediation_id, said, actor, now, version)
    elif action == "sign":
        operations.sign(mediation_id, form.name.data or "", actor, now, version or 0)
    elif action == "agree":
        operations.agree(mediation_id, actor, now, version)
    else:
        operations.give_up(mediation_id, action, said, actor, now, version)


def context(
    mediation: Mediation,
    actor: Actor,
    side: Side,
    *,
    tried: str = "",
    form: DeedForm | None = None,
    error: DomainError | None = None,
) -> dict[str, Any]:
    """What a page of the mediation shows to `side`."""
    complaint, now = mediation.complaint, clock.now()
    sight.note(Seen.STATEMENT, "complaint", complaint.id)
    mediates = side in {Side.OFFICER, Side.MEDIATOR}
    offered = {step.action for step in STEPS.open_to(mediation.state, actor, mediation.scope)}
    if not mediation.signed_by_both:
        offered.discard("agree")
    own = operations.side_of(mediation, actor)
    return {
        "mediation": mediation,
        "complaint": complaint,
        "situation": showing.situation(complaint, now, Side.OFFICER if mediates else side),
        "photos": showing.photos(complaints.photos(complaint), side) if mediates else [],
        "masked": showing.masked_contact(complaint),
        "region": " ".join(regions.path_names(complaint.shop.region_code)[1:]),
        "statements": [one for one in mediation.statements if mediates or one.side == own],
        "own": own,
        "now": now,
        "steps": [action for action in (*DEEDS, "sign") if action in offered],
        "modes": [mode.value for mode in HearingMode],
        "tried": tried,
        "typed": {
            name: getattr(form, name).data or "" if form is not None else ""
            for name in ("text", "name", "side", "at", "mode", "place", "hearing", "absent")
        },
        "error": message_of(error) if error else "",
        "error_field": (error.field or "") if isinstance(error, Invalid) else "",
        "state_tone": STATE_TONES[mediation.state],
        "text_max": rules.TEXT_MAX,
        "place_max": rules.PLACE_MAX,
        "name_max": rules.NAME_MAX,
    }
