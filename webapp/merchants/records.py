"""Operators as the register has them: made from a record, and brought up to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp import audit
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.feed import publish

from . import queries
from .lookup import RegistryFacts
from .models import Operator, OperatorKind
from .shop_facts import plain

#: Facts of an operator that follow its register record.
RECORD_FIELDS = ("name", "kind", "legal_representative", "registered_address", "authority", "established_on")


def create_operator_from_record(facts: RegistryFacts, now: datetime, actor: Actor = SYSTEM) -> Operator:
    """The operator of a register record; an operator that is here already is brought up to the record."""
    known = queries.find_operator(facts.uscc)
    if known is not None:
        refresh_from_record(known, facts, actor, now)
        return known
    operator = Operator(uscc=facts.uscc, created_at=now, **_record_values(facts))
    db.session.add(operator)
    db.session.flush()
    audit.record(
        actor,
        "operator.create",
        "operator",
        operator.id,
        now=now,
        operator_id=operator.id,
        new={"uscc": facts.uscc},
    )
    return operator


def refresh_from_record(
    operator: Operator, facts: RegistryFacts, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Take over what the register changed; returns the new values by name (empty when nothing differs)."""
    changed = {
        name: value for name, value in _record_values(facts).items() if getattr(operator, name) != value
    }
    if not changed:
        return {}
    old = {name: plain(getattr(operator, name)) for name in changed}
    for name, value in changed.items():
        setattr(operator, name, value)
    new = {name: plain(value) for name, value in changed.items()}
    audit.record(
        actor, "operator.refresh", "operator", operator.id, now=now, operator_id=operator.id, old=old, new=new
    )
    for shop_id in queries.shop_ids_of(operator.id):
        publish("operator_changed", now=now, shop_id=shop_id)
    return new


def _record_values(facts: RegistryFacts) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(facts, name) for name in RECORD_FIELDS}
    kinds = {kind.value for kind in OperatorKind}
    values["kind"] = OperatorKind(facts.kind) if facts.kind in kinds else OperatorKind.OTHER
    return values
