"""Mediating bodies, who acts for them, and disputes that are entrusted to them."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.mediation import make_body, make_mediator
from webapp.accounts.models import Account
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.mediation.models import BodyFile, Mediation

from .complaints import file_complaint
from .world import Maker, World, fixed


def _body(world: World) -> Any:
    """A mediating body of the shop's county, the same one for all arguments of an address."""
    if "body" not in world.made:
        world.made["body"] = make_body(
            f"服务站{token_hex(6)}", world.shop.region_code[:6], latitude=38.87, longitude=115.49
        )
    return world.made["body"]


def _body_file(world: World) -> int:
    """A file of bodies that a bureau of the shop's county handed in."""
    file = BodyFile(
        file_name="x.csv",
        sha256="0" * 64,
        rows={"cells": [], "rows": []},
        uploaded_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        uploaded_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    return file.id


def mediator_of(world: World) -> Account:
    """Somebody who acts for the body."""
    if "mediator" not in world.people:
        world.people["mediator"] = make_mediator(_body(world))
    return world.people["mediator"]


def other_mediator(world: World) -> Account:
    """Somebody who acts for another body."""

    if "other mediator" not in world.people:
        world.people["other mediator"] = make_mediator(make_body(f"别的服务站{token_hex(6)}"))
    return world.people["other mediator"]


def _mediation(world: World) -> int:
    """A dispute on the shop that is entrusted to the body; its complaint and receipt are in `made`."""
    if "mediation" not in world.made:
        complaint_id, receipt = file_complaint(world)
        db.session.get_one(Complaint, complaint_id).state = ComplaintState.MEDIATING
        body = _body(world)
        row = Mediation(complaint_id=complaint_id, kind=body.kind, body_id=body.id, opened_at=clock.now())
        db.session.add(row)
        db.session.flush()
        world.made["mediation"], world.made["mediated"] = row.id, (complaint_id, receipt)
    return int(world.made["mediation"])


def _mediated(place: int) -> Maker:
    def make(world: World) -> object:
        _mediation(world)
        return world.made["mediated"][place]

    return make


SAMPLES: dict[str, Maker] = {
    "mediation_id": _mediation,
    "body_id": lambda world: _body(world).id,
    "mediation:action": fixed("state"),
    "mediation_office:action": fixed("state"),
    "mediation_office:state": fixed("close"),
    "mediation_office:account_id": lambda world: mediator_of(world).id,
    "mediation_parties:action": fixed("state"),
    "mediation_parties:complaint_id": _mediated(0),
    "mediation_parties:receipt": _mediated(1),
    "mediation_files:file_id": _body_file,
    "mediation_files:action": fixed("drop"),
}
