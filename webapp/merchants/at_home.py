"""The merchant's home put together: what to do next, figures and charts, of one shop or of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.web import paging, slots

from . import status
from .models import Shop
from .status import ShopStatus
from .todo import BETTER, STAKE, Figure, Task, in_order

#: Tasks that stand open on the page; the others fold away.
FIRST = 5
#: With more shops, a select is kinder than a row of links.
LINKS_MOST = 6
#: So many shops of an operator stand open, those for which something is urgent first; the others fold away.
SHOPS_OPEN = 6


@dataclass(frozen=True)
class Home:
    """What the page shows. `chosen`: the one shop looked at, None for all of `shops`."""

    chosen: Shop | None
    shops: list[Shop]
    statuses: dict[int, list[ShopStatus]]
    tasks: list[Task]
    figures: list[Figure]
    charts: list[Any]

    @property
    def shown(self) -> list[Shop]:
        """The shops that the figures are about."""
        return self.shops if self.chosen is None else [self.chosen]

    def of(self, operator_id: int) -> list[Shop]:
        """The shown shops of an operator: those for which something is urgent first."""
        busy = {task.shop_id for task in self.tasks if task.rank < BETTER or task.due is not None}
        own = [shop for shop in self.shown if shop.operator_id == operator_id]
        return sorted(own, key=lambda shop: shop.id not in busy)


def greeting(now: datetime) -> str:
    """What the hour in China says: morning, day, afternoon or evening (words ``merchants.greet.<it>``)."""
    hour = now.astimezone(clock.SHANGHAI).hour
    return (
        "morning"
        if 4 <= hour < 9
        else "day"
        if 9 <= hour < 13
        else "afternoon"
        if 13 <= hour < 18
        else "evening"
    )


def elsewhere(actor: Actor) -> str | None:
    """Where a phone account without any operator has its work instead (slot ``merchant.elsewhere``: ``fn(actor) ->
    address | None``), or None.
    """
    found: list[str] = slots.collect(current_app, "merchant.elsewhere", actor=actor)
    return next(iter(found), None)


def gather(shops: list[Shop], now: datetime) -> Home:
    """The page for the shop in the address (``?shop=``), if it is one's own, else for all."""
    asked = request.args.get("shop", type=paging.whole_number)
    chosen = next((shop for shop in shops if shop.id == asked), None)
    shown = shops if chosen is None else [chosen]
    if not shown:
        return Home(None, [], {}, [], [], [])
    statuses = status.statuses(shown)
    given: list[list[Task]] = slots.collect(current_app, "merchant.tasks", shops=shown, now=now)
    tasks = [task for tasks in given for task in tasks] + _told(statuses)
    return Home(
        chosen,
        shops,
        statuses,
        in_order(tasks, now),
        slots.collect(current_app, "merchant.figures", shops=shown, now=now),
        slots.collect(current_app, "merchant.charts", shops=shown, now=now),
    )


def _told(statuses: dict[int, list[ShopStatus]]) -> list[Task]:
    """Urgent statuses as tasks, but those whose feature gives its own."""
    return [
        Task(said.label, said.url, said.next, said.action, said.due, rank=STAKE, shop_id=shop_id)
        for shop_id, found in statuses.items()
        for said in found
        if said.urgent and not said.own_tasks
    ]
