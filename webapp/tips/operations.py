"""Everything that is done to a tip, along its table of steps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from webapp import audit
from webapp.clocks import operations as clocks
from webapp.clocks import queries as clock_queries
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid

from . import queries
from .intake import SUBJECT
from .models import Tip, TipMessage, TipSide
from .rules import ENDED, STEPS

TEXT_MAX = 2000
SIDES = {Role.CONSUMER: TipSide.REPORTER, Role.SYSTEM: TipSide.SYSTEM}


def act(
    tip_id: int, action: str, actor: Actor, now: datetime, *, text: str = "", version: int | None = None
) -> Tip:
    """Take one step with what is said along it. Raises StepRefused, Forbidden, Invalid, Conflict."""
    tip = queries.get_locked(tip_id)
    said = text.strip()
    if version is not None and tip.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(tip.state, action, actor, tip.scope, said)
    if action == "supplement" and not said:
        raise Invalid("say_something", field="text")
    if len(said) > TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=TEXT_MAX)
    before, tip.state = tip.state, step.target
    flag_modified(tip, "state")
    if tip.state in ENDED and before not in ENDED:
        tip.ended_at = now
        clocks.stop(SUBJECT, tip.id, actor, now)
    tip.next_due_at = clock_queries.next_due(SUBJECT, tip.id)
    side = SIDES.get(actor.role, TipSide.OFFICER)
    tip.messages.append(
        TipMessage(tip_id=tip.id, side=side, action=action, text=said, by_id=actor.account_id, at=now)
    )
    db.session.flush()
    audit.record(
        actor,
        f"tip.{action}",
        SUBJECT,
        tip.id,
        now=now,
        shop_id=tip.shop_id,
        old={"state": before.value},
        new={"state": tip.state.value},
    )
    return tip
