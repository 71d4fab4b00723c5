"""The five rules, each just at its limit and just beyond; the lifecycle, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.copied_city import limits
from webapp.copies import rules
from webapp.copies.geography import Point, cell_of
from webapp.copies.rules import (
    STANDING,
    STEPS,
    AlarmKind,
    AlarmState,
    Devices,
    Limits,
    Paper,
    Report,
    Sighting,
    count_devices,
)
from webapp.core import clock
from webapp.core.actor import OFFICER_ROLES, SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.stickers.rules import StickerPlace

LIMITS = limits()
NOW = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)  # 18:00 in China
SHOP = Point(38.8621, 115.4932)
PAPER = Paper(StickerPlace.DOOR, SHOP)
FAR = Point(38.8921, 115.4632)  # 3.3 km north, 2.6 km west
FARTHER = Point(38.8021, 115.4232)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def report(device: str, at: datetime = NOW) -> Report:
    return Report(at, clock.day_of(at), device)


def seen(device: str, point: Point = FAR, at: datetime = NOW) -> Sighting:
    return Sighting(at, clock.day_of(at), device, cell_of(point, LIMITS.cell_size))


# --- counting devices -------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_design() -> None:
    assert (LIMITS.report_days, LIMITS.report_devices) == (7, 2)
    assert (LIMITS.far_metres, LIMITS.far_hours, LIMITS.far_devices) == (500, 24, 3)
    assert (LIMITS.apart_metres, LIMITS.apart_minutes) == (2000, 10)
    assert (LIMITS.rate_times, LIMITS.replaced_days) == (20, 3)


def test_marks_of_a_day_are_devices_and_those_of_two_days_may_be_one() -> None:
    marks = [report("a"), report("a"), report("b"), report("a", ago(days=1)), report("c", ago(days=2))]
    assert count_devices(marks) == Devices(least=2, most=4)
    assert count_devices([]) == Devices(0, 0)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abcde"))))
def test_the_true_number_lies_between_least_and_most(visits: list[tuple[int, str]]) -> None:
    """Phone p has the mark p+day on a day; how many phones there were is known here only."""
    marks = [report(f"{phone}{day}", ago(days=day)) for day, phone in visits]
    counted, true = count_devices(marks), len({phone for _, phone in visits})
    assert counted.least <= true <= counted.most


# --- alarm 1 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reports", "scans", "since"),
    [
        ([report("a")], 0, None),
        ([report("a"), report("a", ago(minutes=5))], 0, None),
        ([report("a"), report("b")], 0, NOW),
        ([report("a"), report("b", ago(days=3))], 0, ago(days=3)),
        ([report("a"), report("a", ago(days=3))], 0, ago(days=3)),  # another mark each day: counted as two
        ([report("a"), report("b", ago(days=6, hours=23))], 0, ago(days=6, hours=23)),
        ([report("a"), report("b", ago(days=7))], 0, None),
        ([report("a"), report("b")], 400, NOW),  # one in 200 of the scans
        ([report("a"), report("b")], 401, None),
        ([report("a"), report("b"), report("c")], 600, NOW),
        ([report("a"), report("b", NOW + timedelta(minutes=1))], 0, None),  # a clock that went back
    ],
)
def test_two_devices_report_the_wrong_shop(reports: list[Report], scans: int, since: datetime | None) -> None:
    assert rules.wrong_shop(reports, scans, NOW, LIMITS) == since


# --- alarm 2 ----------------------------------------------------------------------------------------------------------


def three(*, last: datetime = NOW, step: timedelta = timedelta(hours=8)) -> list[Sighting]:
    return [seen(device, at=last - number * step) for number, device in enumerate("abc")]


def test_three_devices_far_away_in_a_day() -> None:
    assert rules.far_away(three(), PAPER, NOW, LIMITS) == ago(hours=16)
    assert rules.far_away(three()[:2], PAPER, NOW, LIMITS) is None
    assert rules.far_away([seen("a"), seen("a"), seen("b")], PAPER, NOW, LIMITS) is None


def test_three_devices_in_more_than_a_day_are_not_enough() -> None:
    assert rules.far_away(three(step=timedelta(hours=12)), PAPER, NOW, LIMITS) is None


def test_three_far_devices_count_wherever_they_are() -> None:
    scattered = [seen("a"), seen("b", FARTHER), seen("c", Point(39.3, 115.9))]
    assert rules.far_away(scattered, PAPER, NOW, LIMITS) == NOW


@pytest.mark.parametrize("metres_north", [0, 200, 400, 499])
def test_near_positions_are_never_far(metres_north: int) -> None:
    """Wherever the edges of the cells are: the nearest edge counts."""
    near = Point(SHOP.latitude + metres_north / 111_195, SHOP.longitude)
    assert rules.far_away([seen(device, near) for device in "abcdef"], PAPER, NOW, LIMITS) is None


def test_beyond_the_rule_and_the_cell_it_is_always_far() -> None:
    beyond = Point(SHOP.latitude + 860 / 111_195, SHOP.longitude)
    assert rules.far_away([seen(device, beyond) for device in "abc"], PAPER, NOW, LIMITS) == NOW


def test_a_quiet_door_is_found_by_four_at_one_place() -> None:
    beside = Point(FAR.latitude + 0.001, FAR.longitude + 0.001)
    slow = [seen(str(day), FAR if day % 2 else beside, ago(days=3 * day)) for day in range(4)]
    assert rules.far_away(slow, PAPER, NOW, LIMITS) == ago(days=9)
    assert rules.far_away(slow[:3], PAPER, NOW, LIMITS) is None
    assert rules.far_away([*slow[:3], seen("d", FAR, ago(days=14))], PAPER, NOW, LIMITS) is None


def test_pages_opened_at_home_are_not_one_place() -> None:
    homes = [Point(38.80 + 0.03 * number, 115.40 + 0.02 * number) for number in range(6)]
    scattered = [seen(str(number), home, ago(days=2 * number + 1)) for number, home in enumerate(homes)]
    assert rules.far_away(scattered, PAPER, NOW, LIMITS) is None


@pytest.mark.parametrize("place", [StickerPlace.RECEIPT, StickerPlace.VEHICLE])
def test_what_moves_is_far_from_nowhere(place: StickerPlace) -> None:
    assert rules.far_away(three(), Paper(place, SHOP), NOW, LIMITS) is None
    apart = [seen("a", SHOP), seen("b", FAR)]
    assert rules.two_places(apart, Paper(place, SHOP), NOW, LIMITS) is None


def test_without_the_shops_position_nothing_is_far() -> None:
    assert rules.far_away(three(), Paper(StickerPlace.DOOR, None), NOW, LIMITS) is None
    assert not Paper(StickerPlace.DOOR, None).is_fixed


# --- alarm 3 ----------------------------------------------------------------------------------------------------------


def test_one_serial_at_two_places_at_once() -> None:
    apart = [seen("a", SHOP, ago(minutes=9)), seen("b", FAR)]
    assert rules.two_places(apart, PAPER, NOW, LIMITS) == ago(minutes=9)
    assert rules.two_places(apart, Paper(StickerPlace.TILL, None), NOW, LIMITS) == ago(minutes=9)


@pytest.mark.parametrize(
    "sightings",
    [
        [seen("a", SHOP, ago(minutes=11)), seen("b", FAR)],
        [seen("a", SHOP), seen("a", FAR)],  # one phone may ride, or be moved by a false position
        [
            seen("a", SHOP),
            seen("b", Point(SHOP.latitude + 0.018, SHOP.longitude)),
        ],  # 2.0 km, but for the cells
        [seen("a", SHOP)],
        [],
    ],
)
def test_what_one_paper_may_do(sightings: list[Sighting]) -> None:
    assert rules.two_places(sightings, PAPER, NOW, LIMITS) is None


def test_over_midnight_two_marks_may_be_one_phone() -> None:
    midnight = datetime(2026, 5, 6, 16, 0, tzinfo=UTC)
    apart = [seen("a", SHOP, midnight - timedelta(minutes=2)), seen("b", FAR, midnight)]
    assert rules.two_places(apart, PAPER, midnight, LIMITS) is None


# --- alarm 4 ----------------------------------------------------------------------------------------------------------


TODAY = date(2026, 5, 6)


def usual(days: int = 28, peak: int = 5) -> dict[tuple[date, int], int]:
    """So many days before today with a lunch hour of `peak` and a quiet one."""
    hours = {}
    for back in range(1, days + 1):
        hours |= {(TODAY - timedelta(days=back), 12): peak, (TODAY - timedelta(days=back), 15): 1}
    return hours


def test_an_hour_with_twenty_times_the_usual() -> None:
    hours = usual() | {(TODAY, 12): 100, (TODAY, 13): 99}
    assert [(burst.hour, burst.count, burst.usual) for burst in rules.scan_rate(hours, TODAY, LIMITS)] == [
        (12, 100, 5)
    ]


@pytest.mark.parametrize(
    "hours",
    [
        usual() | {(TODAY, 12): 99},
        usual(peak=1) | {(TODAY, 12): 59},  # a handful
        usual(days=6) | {(TODAY, 12): 1000},  # too little is known of it
        {(TODAY, 12): 1000},
        {},
    ],
)
def test_what_is_not_enough_of_a_burst(hours: dict[tuple[date, int], int]) -> None:
    assert rules.scan_rate(hours, TODAY, LIMITS) == []


def test_the_burst_itself_does_not_become_usual() -> None:
    """Yesterday's burst is one day of seven: the median stays. Yesterday itself had six days before it: too few."""
    hours = usual(days=7) | {(TODAY - timedelta(days=1), 12): 500, (TODAY, 12): 500, (TODAY, 13): 500}
    found = rules.scan_rate(hours, TODAY - timedelta(days=1), LIMITS)
    assert [(burst.day, burst.hour, burst.usual) for burst in found] == [(TODAY, 12, 5), (TODAY, 13, 5)]


def test_older_hours_than_asked_for_are_left_alone() -> None:
    hours = usual() | {(TODAY - timedelta(days=2), 12): 500}
    assert rules.scan_rate(hours, TODAY - timedelta(days=1), LIMITS) == []


# --- alarm 5 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scans", "since"),
    [
        ({0: 50, 1: 20, 2: 9, 3: 9}, None),  # days after the replacement: the paper was still coming down
        ({4: 3}, 4),
        ({4: 2}, None),
        ({4: 1, 5: 2}, 4),
        ({4: 2, 13: 3}, 13),  # older than the window
        ({3: 30, 5: 3}, 5),
    ],
)
def test_a_replaced_serial_is_still_scanned_after_three_days(
    scans: dict[int, int], since: int | None
) -> None:
    replaced = date(2026, 5, 1)
    days = {replaced + timedelta(days=after): count for after, count in scans.items()}
    today = max(days)
    expected = None if since is None else replaced + timedelta(days=since)
    assert rules.still_scanned(days, replaced, StickerPlace.DOOR, today, LIMITS) == expected
    assert rules.still_scanned(days, replaced, StickerPlace.RECEIPT, today, LIMITS) is None


# --- all together -----------------------------------------------------------------------------------------------------


def test_what_has_been_judged_raises_nothing_again() -> None:
    reports = [report("a", ago(hours=3)), report("b", ago(hours=2))]
    sightings = [*three(last=ago(hours=2)), seen("z", SHOP, ago(hours=2))]
    found = rules.weigh(PAPER, reports, sightings, 0, {}, NOW, LIMITS)
    assert set(found) == {AlarmKind.WRONG_SHOP, AlarmKind.FAR_AWAY, AlarmKind.TWO_PLACES}
    spent = dict.fromkeys(AlarmKind, ago(hours=1))
    assert rules.weigh(PAPER, reports, sightings, 0, spent, NOW, LIMITS) == {}
    more = [*reports, *(report(device, NOW) for device in "cde")]
    assert rules.weigh(PAPER, more, sightings, 0, spent, NOW, LIMITS) == {}  # three are not twice as many
    more += [report("f", NOW)]
    assert rules.weigh(PAPER, more, sightings, 0, spent, NOW, LIMITS) == {AlarmKind.WRONG_SHOP: NOW}


@pytest.mark.parametrize(("days", "needed"), [(13, 4), (14, 2)])
def test_after_a_decision_more_is_needed_for_a_while(days: int, needed: int) -> None:
    spent = {AlarmKind.WRONG_SHOP: ago(days=days), AlarmKind.FAR_AWAY: ago(days=days)}
    reports = [report(str(number)) for number in range(needed)]
    assert rules.weigh(PAPER, reports, [], 0, spent, NOW, LIMITS) == {AlarmKind.WRONG_SHOP: NOW}
    assert rules.weigh(PAPER, reports[1:], [], 0, spent, NOW, LIMITS) == {}
    times = needed // 2
    for sightings, found in ((3 * times, {AlarmKind.FAR_AWAY: NOW}), (3 * times - 1, {})):
        seen_there = [seen(str(number)) for number in range(sightings)]
        assert rules.weigh(PAPER, [], seen_there, 0, spent, NOW, LIMITS) == found


def test_one_kind_that_was_judged_leaves_the_others() -> None:
    spent = {AlarmKind.FAR_AWAY: NOW}
    sightings = [*three(), seen("z", SHOP)]
    assert rules.weigh(PAPER, [], sightings, 0, spent, NOW, LIMITS) == {AlarmKind.TWO_PLACES: NOW}


@given(st.permutations([*three(), seen("z", SHOP), seen("y", SHOP, ago(hours=1))]))
def test_the_order_of_evidence_does_not_matter(sightings: Iterable[Sighting]) -> None:
    found = rules.weigh(PAPER, [], list(sightings), 0, {}, NOW, LIMITS)
    assert found == {AlarmKind.FAR_AWAY: ago(hours=16), AlarmKind.TWO_PLACES: NOW}


def test_other_numbers_of_a_city_hold() -> None:
    stricter: Limits = replace(LIMITS, report_devices=3, far_metres=5000, apart_minutes=1)
    reports, sightings = [report("a"), report("b")], [*three(), seen("z", SHOP, ago(minutes=2))]
    assert rules.weigh(PAPER, reports, sightings, 0, {}, NOW, stricter) == {}


# --- the lifecycle ----------------------------------------------------------------------------------------------------


HERE = Scope("130606001", 1, "market", 7)


def officer(role: Role, region: str = "130606") -> Actor:
    return Actor(1, "李警官", role, (Post(role, region),))


TABLE = {
    ("open", "look"): "looking",
    ("looking", "put_back"): "open",
    ("looking", "confirm"): "confirmed",
    ("open", "dismiss"): "false_alarm",
    ("looking", "dismiss"): "false_alarm",
    ("open", "close"): "closed",
    ("looking", "close"): "closed",
    ("confirmed", "reopen"): "looking",
    ("false_alarm", "reopen"): "looking",
    ("closed", "reopen"): "looking",
}
ACTIONS = {action for _, action in TABLE}


@pytest.mark.parametrize("state", list(AlarmState))
@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("role", sorted(OFFICER_ROLES))
def test_every_step_from_every_state_by_every_role(state: AlarmState, action: str, role: Role) -> None:
    target = TABLE.get((state.value, action))
    if target is None:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, officer(role), HERE, "a reason")
    elif role in {Role.STATION_OFFICER, Role.BUREAU_OFFICER}:
        assert STEPS.check(state, action, officer(role), HERE, "a reason").target.value == target
    else:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, officer(role), HERE, "a reason")


def test_ends_need_a_reason_and_the_right_district() -> None:
    for action in ("confirm", "dismiss", "close"):
        with pytest.raises(Invalid):
            STEPS.check(AlarmState.LOOKING, action, officer(Role.STATION_OFFICER), HERE, " ")
        with pytest.raises(Forbidden):
            STEPS.check(AlarmState.LOOKING, action, officer(Role.BUREAU_OFFICER, "130602"), HERE, "a reason")
    with pytest.raises(StepRefused):  # somebody has begun to look: it does not vanish under their hands
        STEPS.check(AlarmState.LOOKING, "lapse", SYSTEM, reason="taken_back")
    assert STEPS.check(AlarmState.OPEN, "lapse", SYSTEM, reason="taken_back").target is AlarmState.CLOSED


def test_a_tied_officer_takes_no_step() -> None:
    tied = Actor(
        1, "李警官", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606"),), aside_from=frozenset({7})
    )
    assert STEPS.open_to(AlarmState.OPEN, tied, HERE) == []
    with pytest.raises(Forbidden):
        STEPS.check(AlarmState.OPEN, "look", tied, HERE)


def test_tasks_are_the_states_without_an_end() -> None:
    assert {AlarmState.OPEN, AlarmState.LOOKING} == STANDING
