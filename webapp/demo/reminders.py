"""Consumer reminders (消费提醒) and warnings (消费警示) that the bureau has published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from webapp.demo import words


@dataclass(frozen=True, slots=True)
class DemoReminder:
    """`kind` is "reminder" or "warning"; `category` eat, stay, tour, shop or play, `ground` one of the catalogue."""

    kind: str
    category: str
    title: str
    body: str
    published_on: date
    ground: str


def reminders(today: date) -> tuple[DemoReminder, ...]:
    """All of them, newest first."""
    made = [
        DemoReminder(
            kind=row["kind"],
            category=row["category"],
            title=row["title"],
            body=row["body"],
            published_on=today - timedelta(days=int(row["days_ago"])),
            ground=row["ground"],
        )
        for row in words.table("reminders.csv")
    ]
    return tuple(sorted(made, key=lambda reminder: reminder.published_on, reverse=True))
