"""What a merchant should do next: tasks and figures that features give to the merchant's home by slots. Pure.

``merchant.tasks``    ``fn(shops, now) -> list[Task]``: what waits for the merchant at these shops
``merchant.figures``  ``fn(shops, now) -> Figure | None``: one number about them
``merchant.charts``   ``fn(shops, now) -> Markup | None``: one drawn message about them
A status of a shop (``merchant.shop_status``) that is `urgent` becomes a task too, unless it says that one is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from webapp.core import clock

#: Due within this time, a task stands before all that have no date.
SOON: Final = timedelta(days=3)
#: Ranks of tasks without a date: the code is at stake; somebody waits for an answer; the shop would gain by it.
STAKE, ANSWER, BETTER = 10, 20, 60


@dataclass(frozen=True)
class Task:
    """One thing to do: `what` in words, `why`, and the address where it is done (`action` on the way there).

    `due`: an instant, or a day that counts to its end. `said` is the countdown in words, else the due day is shown.
    `rank` orders those that have no date. `shop_id` None: of several shops or of none.
    """

    what: str
    url: str
    why: str = ""
    action: str = ""
    due: date | datetime | None = None
    said: str = ""
    rank: int = BETTER
    shop_id: int | None = None

    @property
    def due_at(self) -> datetime | None:
        """The instant at which it is late."""
        if self.due is None or isinstance(self.due, datetime):
            return self.due
        return clock.end_of_day(self.due)

    def tone(self, now: datetime) -> str:
        """stop when it is late, caution when it is due soon or the code is at stake, quiet otherwise."""
        at = self.due_at
        if at is None:
            return "caution" if self.rank <= STAKE else "quiet"
        return "stop" if at <= now else "caution" if at - now <= SOON else "quiet"


@dataclass(frozen=True)
class Figure:
    """A number with its words, and each shop's own by number where there are several."""

    value: str
    words: str
    unit: str = ""
    note: str = ""
    url: str | None = None
    tone: str | None = None
    by_shop: Mapping[int, str] = field(default_factory=dict)


def in_order(tasks: Iterable[Task], now: datetime) -> list[Task]:
    """Late and due within three days by time; then what has no date and puts the code at stake or keeps somebody
    waiting; then what is due later; then the rest.
    """

    def place(task: Task) -> tuple[int, float, int, str]:
        at = task.due_at
        if at is None:
            return (1 if task.rank < BETTER else 3, 0.0, task.rank, task.what)
        return (0 if at - now <= SOON else 2, at.timestamp(), task.rank, task.what)

    return sorted(tasks, key=place)
