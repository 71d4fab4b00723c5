"""Print jobs, links to their files, and stickers to be printed anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from webapp.core import clock, secrets
from webapp.core.db import db
from webapp.printing.handovers import _hashed
from webapp.printing.models import FileForm, Handover, PrintJob, PrintState
from webapp.reprints.models import ReprintTask

from .world import Maker, World, fixed


def _print_job(world: World, **whose: Any) -> int:
    """A print job that waits, of the shop's place or of its operator."""
    row = PrintJob(
        order_key=secrets.random_code(),
        state=PrintState.QUEUED,
        at=clock.now(),
        by_name="somebody",
        filters={},
        template="door",
        language="zh-Hans",
        form=FileForm.SHEETS,
        face={},
        count=1,
        store_key=secrets.random_code(160),
        **whose,
    )
    db.session.add(row)
    db.session.flush()
    world.made["job_id"] = row.id
    return row.id


def _office_job(world: World) -> int:
    shop = world.shop
    place = {"station_id": shop.station_id, "department_code": shop.department_code}
    return _print_job(world, region_code=shop.region_code, **place)


def _merchant_job(world: World) -> int:
    return _print_job(world, operator_id=world.operator.id)


def _print_link(job_id: int, secret: str) -> int:
    row = Handover(
        job_id=job_id,
        token_hash=_hashed(secret),
        recipient="somebody",
        downloads_most=1,
        at=clock.now(),
        by_name="somebody",
        expires_at=clock.now() + timedelta(days=1),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _link(world: World) -> int:
    """A link of the job that stands before it in the address."""
    return _print_link(world.made["job_id"], f"made-up-{world.made['job_id']}")


def _handover(world: World) -> str:
    job_id = _office_job(world)
    _print_link(job_id, f"secret-{job_id}")
    return f"secret-{job_id}"


def _reprint(world: World) -> int:

    row = ReprintTask(
        shop_id=world.shop.id, causes=[], serials=[], opened_at=clock.now(), due_on=date(2026, 12, 1)
    )
    db.session.add(row)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "job_id": _office_job,
    "printing_merchant:job_id": _merchant_job,
    "link_id": _link,
    "printing_public:token": _handover,
    "task_id": _reprint,
    "reprints_office:action": fixed("waive"),
}
