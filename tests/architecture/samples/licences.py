"""Licences, inspections and the register's runs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.licences import make_licence
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.inspections import operations
from webapp.inspections.rules import Facts
from webapp.licences import showing
from webapp.licences.models import Licence, LicenceCopy
from webapp.registry.models import RegistryRun, RegistryUpload
from webapp.registry.rules import UPLOAD_STEPS

from .world import Maker, World, fixed


def _inspection(world: World) -> int:

    today = clock.day_of(clock.now())
    officer = world.officer(Role.BUREAU_OFFICER, where="here")
    facts = Facts(today - timedelta(days=3), "routine", "passed", "检〔2026〕1号", "")
    return operations.enter(world.shop.id, facts, officer.actor(), clock.now())[0].id


def shown_licence(world: World) -> Any:
    """A licence's covered picture that stands."""
    if "shown_licence" not in world.made:
        licence = make_licence(world.shop)
        officer = world.officer(Role.BUREAU_OFFICER, where="here")
        world.made["shown_licence"] = showing.publish(
            licence.id, [1], looked=True, actor=officer.actor(), now=clock.now()
        ).id
    return db.session.get_one(LicenceCopy, world.made["shown_licence"])


def _key_of_shown(world: World) -> str:
    return showing.key_of(shown_licence(world))


def _kind_of_shown(world: World) -> str:
    return db.session.get_one(Licence, shown_licence(world).licence_id).kind_code


def _licence(world: World) -> int:

    row = Licence(
        operator_id=world.operator.id,
        shop_id=world.shop.id,
        kind_code="business_licence",
        number=world.operator.uscc,
        valid_from=date(2020, 1, 1),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _run(world: World) -> int:
    row = RegistryRun(source="sample.csv", started_at=clock.now(), stopped_reason="needs_second_officer")
    db.session.add(row)
    db.session.flush()
    upload = RegistryUpload(
        run_id=row.id,
        state=UPLOAD_STEPS.first,
        mapping="default",
        as_of=clock.today(),
        sha256="0" * 64,
        data=b"uscc,name,status\n",
        falling=[],
        uploaded_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).id,
    )
    db.session.add(upload)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "run_id": _run,
    "inspection_id": _inspection,
    "licence_id": _licence,
    "licences_copies.cover:licence_id": lambda world: shown_licence(world).licence_id,
    "licences_copies.withdraw:licence_id": lambda world: shown_licence(world).licence_id,
    "copy_id": lambda world: shown_licence(world).id,
    "licences_copies.picture:key": _key_of_shown,
    "kind": fixed("business_licence"),
    "licences_proposing:kind": _kind_of_shown,
}
