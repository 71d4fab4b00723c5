"""Applications, changes, and files."""

from __future__ import annotations

from tests.factories.applications import make_application
from tests.factories.files import make_file
from webapp.applications.rules import ApplicationState
from webapp.changes.models import ShopChange
from webapp.changes.rules import Part
from webapp.core import clock
from webapp.core.db import db
from webapp.files.operations import attach
from webapp.merchants.models import ShopPhoto

from .codes import vouched
from .world import Maker, World, fixed


def _draft(world: World) -> int:
    return _application(world, ApplicationState.DRAFT)


def _submitted(world: World) -> int:
    return _application(world, ApplicationState.STATION_REVIEW)


def _application(world: World, state: ApplicationState) -> int:
    return make_application(world.shop, world.owner, state).id


def _file(world: World) -> str:
    return make_file(actor=world.owner.actor()).key


def _change(world: World) -> int:
    vouched(world)
    row = ShopChange(
        shop=world.shop,
        operator_id=world.operator.id,
        part=Part.NAME,
        old={"name": world.shop.name},
        new={"name": "老槐树饺子馆"},
        requested_by_id=world.owner.id,
        requested_at=clock.now(),
        due_on=clock.today(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _storefront(world: World) -> int:
    file = make_file()
    attach([file.id], "operator", world.operator.id)
    world.shop.photos.append(ShopPhoto(file_id=file.id, position=0))
    db.session.flush()
    return file.id


SAMPLES: dict[str, Maker] = {
    "key": _file,
    "application_id": _draft,
    "applications_office:application_id": _submitted,
    "step": fixed("licences"),
    "item": fixed("business_licence"),
    "uscc": lambda world: world.operator.uscc,
    "change_id": _change,
    "changes_merchant:part": fixed("name"),
    "changes_office:file_id": _storefront,
}
