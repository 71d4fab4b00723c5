"""The dated table: each row a start, what happened, and the due moment with the count that leads to it.

`received` is when the authority received the matter (its law), `start` when the clock began; both in China. `due` is
the last instant; a `?` behind it: provisional. Whoever doubts a row can count it with a wall calendar. Rows without a
`law` lie before the first of our orders: there only the counting is looked at.
"""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.clocks.clock_oracle import CHINA, WORKED
from tests.support.policy_rows import default_rows
from webapp.clocks import laws
from webapp.clocks import rules as clocks
from webapp.clocks.laws import Kind, LawTable, Term, Unit
from webapp.clocks.rules import Clock
from webapp.core.workdays import LIBRARY

TABLE = LawTable(default_rows(laws.PREFIXES))
MIDNIGHT = "T24:00"

with Path(__file__).with_name("clock_table.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


def moment(text: str) -> datetime:
    """An instant as it stands in China; 24:00 is the end of the day."""
    if text.endswith(MIDNIGHT):
        return datetime.fromisoformat(text.removesuffix(MIDNIGHT)).replace(tzinfo=CHINA) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def live(row: dict[str, str]) -> Clock:
    """The row's clock, with its events taken by the same verbs as the product takes them."""
    received, period = moment(row["received"]).date(), row["period"].partition(" ")
    clock = Clock(Kind(row["clock"]), Term(int(period[0]), Unit(period[2]), ""), moment(row["start"]))
    if row["law"]:
        begun = clocks.start(clock.kind, TABLE, received, clock.started_at)
        assert (begun.term.value, begun.term.unit) == (clock.term.value, clock.term.unit), row
        clock = begun
    for said in filter(None, (part.strip() for part in row["events"].split(";"))):
        what, when, *ground = said.split()
        at = moment(when)
        if what == "pause":
            clock = clocks.pause(clock, at, ground[0], LIBRARY)
        elif what == "extend":
            clock = clocks.extend(clock, at, ground[0], TABLE.allowance(clock.kind, received), LIBRARY)
        elif what == "arrive":
            clock = clocks.after_transfer(clock, at)
        else:
            clock = getattr(clocks, what)(clock, at)
    return clock


def test_every_row_of_the_table() -> None:
    wrong = []
    for row in ROWS:
        found = clocks.due(live(row), LIBRARY)
        want = None if row["due"] == "paused" else moment(row["due"].removesuffix("?"))
        if (found.at, found.provisional) != (want, row["due"].endswith("?")):
            wrong.append(f"{row['clock']} {row['start']} {row['events']}: {found}, not {row['due']}")
        if row["law"] and TABLE.law(moment(row["received"]).date()).order != int(row["law"]):
            wrong.append(f"{row['received']} is not of Order {row['law']}")
    assert wrong == []


def test_the_table_holds_what_is_hard() -> None:
    assert len(ROWS) >= 200
    assert all(len(row["note"]) > 8 for row in ROWS)
    starts = {moment(row["start"]).date() for row in ROWS}
    last_days = {
        (moment(row["due"]) - timedelta(seconds=1)).date() for row in ROWS if row["due"][-1].isdigit()
    }
    assert len(starts & WORKED) > 10
    assert len(last_days & WORKED) > 5
    assert any(day.weekday() == 6 for day in last_days & WORKED), "ends on a Sunday that is worked"
    assert {date(2020, 2, 29), date(2024, 2, 29)} <= starts
    assert {row["law"] for row in ROWS} == {"20", "121", ""}
    assert {row["clock"] for row in ROWS} == set(Kind)
    assert {event.split()[0] for row in ROWS for event in row["events"].split(";") if event} >= {
        "pause",
        "resume",
        "extend",
        "transfer",
        "arrive",
        "meet",
        "stop",
    }
    assert sum(row["due"] == "paused" for row in ROWS) >= 2
    assert sum(row["due"].endswith("?") for row in ROWS) >= 10
    for year in range(2019, 2027):
        assert any(row["start"].startswith((f"{year}-09-3", f"{year}-09-2")) for row in ROWS), "National Day"
