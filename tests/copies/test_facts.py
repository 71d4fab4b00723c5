"""Evidence as counts: no mark of a device is left, newer evidence is added, older is kept when its rows are gone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.copied_city import limits
from webapp.copies import facts
from webapp.copies.geography import Point, cell_of
from webapp.copies.rules import AlarmKind, Burst, Report, Sighting
from webapp.core import clock

LIMITS = limits()
NOW = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
SHOP, FAR = Point(38.8621, 115.4932), Point(38.8921, 115.4632)


def seen(device: str, point: Point, at: datetime) -> Sighting:
    return Sighting(at, clock.day_of(at), device, cell_of(point, LIMITS.cell_size))


REPORTS = [
    Report(NOW - timedelta(days=1), date(2026, 5, 5), "secret-mark-a"),
    Report(NOW - timedelta(minutes=7), date(2026, 5, 6), "secret-mark-b"),
    Report(NOW, date(2026, 5, 6), "secret-mark-c"),
]
SIGHTINGS = [
    seen("secret-mark-d", FAR, NOW - timedelta(hours=2)),
    seen("secret-mark-e", FAR, NOW - timedelta(hours=1)),
    seen("secret-mark-e", FAR, NOW),
    seen("secret-mark-f", SHOP, NOW - timedelta(minutes=3)),
]


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_no_mark_of_a_device_is_left(kind: AlarmKind) -> None:
    found = facts.of_people(kind, REPORTS, SIGHTINGS, SHOP, LIMITS)
    assert "secret" not in json.dumps(found)
    assert json.loads(json.dumps(found)) == found  # what the database gives back is what was put in


def test_reports_by_day() -> None:
    found = facts.of_people(AlarmKind.WRONG_SHOP, REPORTS, [], SHOP, LIMITS)
    assert found["devices"] == {"least": 2, "most": 3}
    assert [(one["day"], one["devices"]) for one in found["reports"]] == [
        ("2026-05-05", 1),
        ("2026-05-06", 2),
    ]
    assert found["reports"][1]["first"] == "2026-05-06T09:53+00:00"


def test_places_with_their_least_distance() -> None:
    found = facts.of_people(AlarmKind.FAR_AWAY, [], SIGHTINGS, SHOP, LIMITS)
    far, near = found["cells"]
    assert (far["devices"], near["devices"]) == (2, 1)
    assert far["metres"] > 3000
    assert near["metres"] == 0
    assert found["devices"] == {"least": 2, "most": 2}  # of the far ones alone
    assert facts.cell_in(far) == SIGHTINGS[0].cell


def test_without_the_shops_position_no_distance_is_said() -> None:
    found = facts.of_people(AlarmKind.WRONG_SHOP, [], SIGHTINGS, None, LIMITS)
    assert {entry["metres"] for entry in found["cells"]} == {None}


def test_pairs_name_both_places() -> None:
    found = facts.of_people(AlarmKind.TWO_PLACES, [], SIGHTINGS, SHOP, LIMITS)
    assert len(found["pairs"]) == 1  # e at the far place and f at the shop, three minutes apart
    assert found["pairs"][0]["metres"] > 2000
    assert len(found["pairs"][0]["cells"]) == 2


def test_bursts_and_late_scans() -> None:
    assert facts.of_bursts([Burst(date(2026, 5, 6), 12, 100, 4.5)])["hours"] == [
        {"day": "2026-05-06", "hour": 12, "count": 100, "usual": 4.5}
    ]
    late = facts.of_late_scans(
        {date(2026, 5, 6): 3, date(2026, 5, 1): 9, date(2026, 4, 30): 9, date(2026, 5, 3): 0},
        date(2026, 5, 1),
    )
    assert late == {
        "days": [{"day": "2026-05-01", "count": 9}, {"day": "2026-05-06", "count": 3}],
        "replaced_on": "2026-05-01",
    }


def test_what_is_deleted_meanwhile_stays_in_the_alarm() -> None:
    old = facts.of_people(AlarmKind.WRONG_SHOP, REPORTS, [], SHOP, LIMITS)
    new = facts.of_people(AlarmKind.WRONG_SHOP, REPORTS[1:], SIGHTINGS, SHOP, LIMITS)
    both = facts.merged(old, new, date(2026, 5, 6))
    assert [one["day"] for one in both["reports"]] == ["2026-05-05", "2026-05-06"]
    assert both["cells"] == new["cells"]
    assert both["devices"] == {"least": 2, "most": 3}


def test_what_was_taken_back_goes_while_its_day_is_kept() -> None:
    old = facts.of_people(AlarmKind.WRONG_SHOP, REPORTS, [], SHOP, LIMITS)
    new = facts.of_people(AlarmKind.WRONG_SHOP, REPORTS[:2], [], SHOP, LIMITS)
    assert facts.merged(old, new, date(2026, 4, 6))["reports"] == new["reports"]


def test_adding_the_same_again_changes_nothing() -> None:
    found = facts.of_people(AlarmKind.TWO_PLACES, REPORTS, SIGHTINGS, SHOP, LIMITS)
    assert facts.merged(found, found, date(2026, 4, 6)) == found


def test_an_alarm_does_not_grow_without_end() -> None:
    many = [seen(str(number), Point(38 + number / 100, 115), NOW) for number in range(facts.MOST + 50)]
    assert len(facts.of_people(AlarmKind.FAR_AWAY, [], many, SHOP, LIMITS)["cells"]) == facts.MOST
