"""The clocks against the slow reckoner, over every day of eight years and random lives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import clock_oracle as oracle
from tests.clocks.clock_oracle import CHINA
from tests.support.policy_rows import default_rows
from webapp.clocks import laws
from webapp.clocks import rules as clocks
from webapp.clocks.laws import GROUNDS, Allowance, Kind, LawTable, NoTerm, Term, Unit, grounds
from webapp.clocks.rules import Clock, Event, State, What
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.workdays import LIBRARY, Calendar, Notice

TABLE = LawTable(default_rows(laws.PREFIXES))
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
BY_DAY = [(7, "days"), (60, "days"), (5, "working days"), (7, "working days"), (15, "working days")]
NOON = datetime(2026, 3, 10, 12, tzinfo=CHINA)
#: Made up for these tests, like no year that was: days off and made-up days in every month that matters.
NOTICE_2027 = Notice(
    2027,
    frozenset(
        [date(2026, 12, 31), date(2027, 1, 1)]
        + [date(2027, 2, 5) + timedelta(days=n) for n in range(8)]
        + [date(2027, 10, 1) + timedelta(days=n) for n in range(7)]
    ),
    frozenset({date(2026, 12, 26), date(2027, 1, 30), date(2027, 2, 20), date(2027, 9, 26)}),
)
ENTERED = Calendar((NOTICE_2027,))


def at(text: str) -> datetime:
    """An instant as it stands in China: 2026-05-01T09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def clock_of(kind: Kind, start: datetime, *events: Event, received: date | None = None) -> Clock:
    on = max(
        received or oracle.china_day(start), date(2020, 1, 1)
    )  # no row is older; the days are what matters
    begun = clocks.start(kind, TABLE, on, start)
    return Clock(begun.kind, begun.term, begun.started_at, events)


def slow(clock: Clock) -> tuple[datetime | None, bool]:
    events = [(event.what.value, event.at, event.count) for event in clock.events]
    return oracle.due(clock.term.value, clock.term.unit.value, clock.started_at, events)


def quick(clock: Clock) -> tuple[datetime | None, bool]:
    found = clocks.due(clock, LIBRARY)
    return found.at, found.provisional


# --- every day ----------------------------------------------------------------------------------------------------


def test_every_day_of_eight_years_is_open_or_not_as_the_notices_say() -> None:
    assert [day for day in DAYS if LIBRARY.is_working_day(day) != oracle.open_on(day)] == []
    assert [day for day in DAYS if LIBRARY.settled(day) != oracle.certain(day)] == []


@pytest.mark.parametrize(("value", "unit"), [*BY_DAY, (45, "working days")])
def test_a_clock_started_on_any_day_of_eight_years(value: int, unit: str) -> None:
    term = Term(value, Unit(unit), "")
    for day in DAYS:
        start = datetime(day.year, day.month, day.day, 16, 30, tzinfo=CHINA)
        clock = Clock(Kind.MEDIATION, term, start)
        assert quick(clock) == slow(clock), day


# --- random lives -------------------------------------------------------------------------------------------------


def instants(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Whole minutes from `first` to `last`."""
    start = at(first)
    minutes = int((at(last) - start).total_seconds()) // 60
    return st.integers(0, minutes).map(lambda n: (start + timedelta(minutes=n)).astimezone(UTC))


starts = instants("2019-01-01T00:00", "2026-11-30T00:00")
steps = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "extend", "transfer"]),
        st.integers(0, 40 * 24 * 60),
        st.integers(0, 5),
    ),
    max_size=8,
)


def live(kind: Kind, start: datetime, life: list[tuple[str, int, int]]) -> Clock:
    """Take the steps that are lawful, one after another; the others are refused."""
    clock, now = clock_of(kind, start), start
    allowance = TABLE.allowance(kind, date(2026, 5, 1))
    for what, minutes, which in life:
        now += timedelta(minutes=minutes)
        lawful = grounds(kind, what) or ("none",)
        ground = lawful[which % len(lawful)]
        try:
            if what == "pause":
                clock = clocks.pause(clock, now, ground, LIBRARY)
            elif what == "resume":
                clock = clocks.resume(clock, now)
            elif what == "extend":
                clock = clocks.extend(clock, now, ground, allowance, LIBRARY)
            else:
                clocks.transfer(clock, now)
                clock = clocks.after_transfer(clock, now)
        except (Conflict, Invalid):
            continue
    return clock


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(list(Kind)), start=starts, life=steps)
def test_random_pauses_extensions_and_transfers(
    kind: Kind, start: datetime, life: list[tuple[str, int, int]]
) -> None:
    clock = live(kind, start, life)
    assert quick(clock) == slow(clock)
    value, unit = oracle.PERIODS[oracle.order_of(start)][kind.value]
    assert (clock.term.value, clock.term.unit.value) == (value, unit)


raw_events = st.lists(
    st.builds(
        Event,
        at=st.integers(-3 * 24 * 60, 200 * 24 * 60).map(
            lambda n: datetime(2025, 9, 20, tzinfo=UTC) + timedelta(minutes=n)
        ),
        what=st.sampled_from([What.PAUSE, What.RESUME, What.EXTEND]),
        ground=st.just("testing"),
        count=st.integers(0, 20),
    ),
    max_size=7,
)


@settings(max_examples=200, deadline=None)
@given(
    term=st.sampled_from([*BY_DAY, (24, "hours"), (45, "working days")]),
    minutes=st.integers(0, 200 * 24 * 60),
    events=raw_events,
)
def test_events_in_any_order_of_the_wall_clock(
    term: tuple[int, str], minutes: int, events: list[Event]
) -> None:
    """A wall clock that jumps back between two events: the later recorded one counts as of the earlier's time."""
    start = datetime(2025, 9, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    clock = Clock(Kind.VERIFICATION, Term(term[0], Unit(term[1]), ""), start, tuple(events))
    assert quick(clock) == slow(clock)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    start=starts,
    life=steps,
    looks=st.lists(instants("2018-01-01T00:00", "2028-01-01T00:00"), min_size=2, max_size=6),
)
def test_a_jump_of_the_wall_clock_moves_no_deadline(
    kind: Kind, start: datetime, life: list[tuple[str, int, int]], looks: list[datetime]
) -> None:
    """Whoever looks whenever, in any order: one due moment, and a state that only depends on where that lies."""
    clock = live(kind, start, life)
    promised = clocks.due(clock, LIBRARY)
    for now in looks:
        reading = clocks.look(clock, LIBRARY, now)
        assert reading.due == promised
        if promised.at is None:
            assert reading.state is State.PAUSED
        else:
            assert reading.state is (State.MISSED if now > promised.at else State.RUNNING)


# --- the law of the day of receipt --------------------------------------------------------------------------------

CHANGE = datetime(2026, 4, 15, tzinfo=CHINA)


@given(offset=st.one_of(st.integers(-3, 3), st.integers(-30 * 24 * 3600, 30 * 24 * 3600)))
def test_the_law_changes_at_midnight_in_china(offset: int) -> None:
    received = CHANGE + timedelta(seconds=offset)
    on = oracle.china_day(received)
    assert TABLE.law(on).order == oracle.order_of(received) == (121 if offset >= 0 else 20)
    for kind in Kind:
        term = TABLE.term(kind, on)
        assert (term.value, term.unit.value) == oracle.PERIODS[oracle.order_of(received)][kind.value]
        assert term.source


def test_a_matter_runs_on_its_own_law_to_the_end() -> None:
    """Received a second before midnight and accepted under the new order: still 45 working days."""
    received = CHANGE - timedelta(seconds=1)
    accepted = at("2026-04-20T10:00")
    old = clock_of(Kind.MEDIATION, accepted, received=oracle.china_day(received))
    new = clock_of(Kind.MEDIATION, accepted, received=date(2026, 4, 15))
    assert (old.term.value, old.term.unit) == (45, Unit.WORKING_DAYS)
    assert (new.term.value, new.term.unit) == (60, Unit.DAYS)
    assert clocks.after_transfer(old, at("2026-06-01T10:00")).term == old.term


def test_before_the_first_row_there_is_no_term() -> None:
    with pytest.raises(NoTerm):
        TABLE.term(Kind.ACCEPTANCE, date(2019, 12, 31))
    with pytest.raises(NoTerm):
        TABLE.law(date(2019, 12, 31))
    assert TABLE.allowance(Kind.MEDIATION, date(2026, 5, 1)) is None
    found = TABLE.allowance(Kind.VERIFICATION, date(2026, 5, 1))
    assert found is not None
    assert (found.by, found.most) == (15, 1)


def test_a_row_ends_with_the_day_before_its_until() -> None:
    rows = [row for row in default_rows(laws.PREFIXES) if row.in_force_from < date(2026, 4, 15)]
    table = LawTable(rows)  # as if Order 20 had ended without a successor
    assert table.term(Kind.MEDIATION, date(2026, 4, 14)).value == 45
    with pytest.raises(NoTerm):
        table.term(Kind.MEDIATION, date(2026, 4, 15))


def test_the_first_answer_by_mall_industry_and_for_everybody() -> None:
    rows = default_rows(laws.PREFIXES)
    key = laws.KEYS[Kind.FIRST_ANSWER]
    own = [(f"{key}/mall:wanda", "4"), (f"{key}/mall", "12"), (f"{key}/industry:catering", "2")]
    more = [rows[0].with_(key=name, value=value, unit="hours") for name, value in own]
    table = LawTable([*rows, *more])
    on = date(2026, 5, 1)

    def hours(**where: str) -> int:
        return table.term(Kind.FIRST_ANSWER, on, laws.places(**where)).value

    assert hours(mall="wanda", industry="catering") == 4
    assert hours(mall="another", industry="catering") == 12
    assert hours(industry="catering") == 2
    assert hours(industry="hotel") == 24
    assert hours() == 24


# --- what may happen ----------------------------------------------------------------------------------------------


def refused(work: Any, *arguments: Any) -> str:
    with pytest.raises(DomainError) as caught:
        work(*arguments)
    return caught.value.code


def test_grounds_are_those_of_the_law_only() -> None:
    for kind in Kind:
        clock = clock_of(kind, NOON)
        lawful = {ground.code for ground in GROUNDS if ground.kind is kind and ground.what == "pause"}
        for code in ("supplement", "testing", "identification", "approved", "busy", ""):
            if code in lawful:
                assert clocks.pause(clock, NOON, code, LIBRARY).events[-1].ground == code
            else:
                assert refused(clocks.pause, clock, NOON, code, LIBRARY) == "clock_ground"
    assert all(ground.source for ground in GROUNDS)
    assert refused(clocks.transfer, clock_of(Kind.MEDIATION, NOON), NOON) == "clock_ground"


def test_what_is_over_cannot_be_paused_extended_or_done_again() -> None:
    begun = clock_of(Kind.VERIFICATION, NOON)
    last = clocks.due(begun, LIBRARY).at
    assert last is not None
    allowance = TABLE.allowance(Kind.VERIFICATION, NOON.date())
    instant = timedelta(microseconds=1)
    assert refused(clocks.pause, begun, last, "testing", LIBRARY) == "clock_past_due"
    assert refused(clocks.extend, begun, last + instant, "approved", allowance, LIBRARY) == "clock_past_due"
    longer = clocks.extend(begun, last, "approved", allowance, LIBRARY)
    assert refused(clocks.extend, longer, last, "approved", allowance, LIBRARY) == "clock_extended"
    assert refused(clocks.extend, begun, NOON, "approved", None, LIBRARY) == "clock_extended"
    still = clocks.pause(begun, last - instant, "testing", LIBRARY)
    assert clocks.look(still, LIBRARY, last + timedelta(days=90)).state is State.PAUSED
    assert refused(clocks.pause, still, last, "testing", LIBRARY) == "clock_paused"
    assert refused(clocks.extend, still, last, "approved", allowance, LIBRARY) == "clock_paused"
    assert refused(clocks.resume, begun, last) == "clock_not_paused"
    for ended in (clocks.meet(begun, NOON), clocks.stop(begun, NOON), clocks.transfer(begun, NOON)):
        for again in (clocks.meet, clocks.stop, clocks.transfer, clocks.resume):
            assert refused(again, ended, NOON) == "clock_ended"
        assert refused(clocks.pause, ended, NOON, "testing", LIBRARY) == "clock_ended"


def test_a_pause_at_the_last_instant_of_a_term_in_hours_comes_too_late() -> None:
    term = Term(24, Unit.HOURS, "")
    last = NOON + timedelta(hours=24)
    for end in ((), (Event(last + timedelta(hours=5), What.RESUME),)):
        clock = Clock(Kind.FIRST_ANSWER, term, NOON, (Event(last, What.PAUSE), *end))
        assert clocks.due(clock, LIBRARY).at == last
        earlier = Clock(Kind.FIRST_ANSWER, term, NOON, (Event(last - timedelta(minutes=1), What.PAUSE), *end))
        found = clocks.due(earlier, LIBRARY)
        assert found.at == (last + timedelta(hours=5, minutes=1) if end else None)
        assert found.time_left == (None if end else timedelta(minutes=1))


def test_an_extension_is_counted_by_the_unit_of_the_term() -> None:
    longer = clocks.extend(
        Clock(Kind.VERIFICATION, Term(15, Unit.WORKING_DAYS, ""), NOON),
        NOON,
        "approved",
        Allowance(15, 1, ""),
        LIBRARY,
    )
    whole = Clock(Kind.VERIFICATION, Term(30, Unit.WORKING_DAYS, ""), NOON)
    assert clocks.due(longer, LIBRARY) == clocks.due(whole, LIBRARY)


@pytest.mark.parametrize(
    ("end", "after", "state"),
    [
        (clocks.meet, timedelta(0), State.MET),
        (clocks.meet, timedelta(microseconds=1), State.MISSED),
        (clocks.stop, timedelta(0), State.STOPPED),
        (clocks.stop, timedelta(microseconds=1), State.MISSED),
        (clocks.transfer, timedelta(0), State.STOPPED),
        (clocks.transfer, timedelta(days=3), State.MISSED),
    ],
)
def test_in_time_is_until_the_last_instant(end: Any, after: timedelta, state: State) -> None:
    begun = clock_of(Kind.ACCEPTANCE, NOON)
    due = clocks.due(begun, LIBRARY).at
    assert due == at("2026-03-20T00:00")  # 11 12 13 16 17 18 19 March, until 24:00
    ended = end(begun, due + after)
    reading = clocks.look(ended, LIBRARY, due + timedelta(days=400))
    assert (reading.state, reading.ended_at) == (state, due + after)


def test_done_while_it_stands_still_is_done_in_time() -> None:
    still = clocks.pause(clock_of(Kind.MEDIATION, NOON), at("2026-03-12T09:00"), "testing", LIBRARY)
    done = clocks.meet(still, at("2027-03-12T09:00"))
    assert clocks.look(done, LIBRARY, at("2027-04-01T09:00")).state is State.MET


def test_what_is_left() -> None:
    clock = clock_of(Kind.ACCEPTANCE, at("2026-09-30T10:00"))  # 8 9 10(Sat, worked) 12 13 14 15 October
    assert clocks.due(clock, LIBRARY).on == date(2026, 10, 15)
    seen = [
        ("2026-09-30T23:59", 15, 7, State.RUNNING),
        ("2026-10-01T00:00", 14, 7, State.RUNNING),
        ("2026-10-10T12:00", 5, 4, State.RUNNING),
        ("2026-10-15T23:59", 0, 0, State.RUNNING),
        ("2026-10-16T00:00", 0, 0, State.RUNNING),  # 24:00 of the 15th
        ("2026-10-16T00:01", -1, -1, State.MISSED),
        ("2026-10-18T09:00", -3, -1, State.MISSED),
    ]
    for moment, days, working, state in seen:
        reading = clocks.look(clock, LIBRARY, at(moment))
        assert (reading.days_left, reading.working_days_left, reading.state) == (days, working, state), moment
    still = clocks.pause(clock, at("2026-10-10T08:00"), "supplement", LIBRARY)
    reading = clocks.look(still, LIBRARY, at("2026-12-01T08:00"))
    assert (reading.state, reading.ground, reading.due.days_left) == (State.PAUSED, "supplement", 5)
    went_on = clocks.resume(
        still, at("2026-10-17T08:00")
    )  # a Saturday: counting goes on with Monday the 19th
    assert clocks.due(went_on, LIBRARY).on == date(2026, 10, 23)


# --- a notice comes -----------------------------------------------------------------------------------------------


def test_a_notice_moves_what_rests_on_it_and_says_why() -> None:
    clock = clock_of(Kind.ACCEPTANCE, at("2026-12-24T10:00"))
    before, after = clocks.due(clock, LIBRARY), clocks.due(clock, ENTERED)
    assert (before.on, before.provisional) == (date(2027, 1, 5), True)  # 25 28 29 30 31 December, 4 5 January
    assert (after.on, after.provisional) == (date(2027, 1, 5), False)  # 26 worked instead of the 31st
    moved = clocks.move(clock, LIBRARY, ENTERED)
    assert moved is not None
    assert [(changed.day, changed.works) for changed in moved.days] == [
        (date(2026, 12, 26), True),
        (date(2026, 12, 31), False),
    ]
    later = clock_of(Kind.RESULT_NOTICE, at("2027-02-01T10:00"))
    moved = clocks.move(later, LIBRARY, ENTERED)
    assert moved is not None
    assert (moved.before.on, moved.after.on) == (date(2027, 2, 10), date(2027, 2, 18))


def test_a_notice_leaves_alone_what_has_ended_and_what_does_not_rest_on_it() -> None:
    settled = clock_of(Kind.ACCEPTANCE, at("2026-11-24T10:00"))
    assert clocks.move(settled, LIBRARY, ENTERED) is None
    ended = clocks.meet(clock_of(Kind.ACCEPTANCE, at("2026-12-24T10:00")), at("2026-12-25T10:00"))
    assert clocks.move(ended, LIBRARY, ENTERED) is None
    assert clocks.move(clock_of(Kind.FIRST_ANSWER, at("2026-12-31T10:00")), LIBRARY, ENTERED) is None


def test_a_notice_changes_what_is_left_of_a_clock_that_stands_still() -> None:
    clock = clock_of(Kind.ACCEPTANCE, at("2026-12-24T10:00"))
    still = clocks.pause(clock, at("2026-12-29T10:00"), "supplement", LIBRARY)
    moved = clocks.move(still, LIBRARY, ENTERED)
    assert moved is not None
    assert (moved.before.days_left, moved.after.days_left) == (5, 4)
    assert [changed.day for changed in moved.days] == [date(2026, 12, 26)]


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    start=instants("2026-10-01T00:00", "2027-12-01T00:00"),
    off=st.sets(st.integers(0, 371), max_size=30),
    worked=st.sets(st.integers(0, 371), max_size=12),
)
def test_a_deadline_moves_only_for_days_that_are_judged_anew(
    kind: Kind, start: datetime, off: set[int], worked: set[int]
) -> None:
    first = date(2026, 12, 25)
    notice = Notice(
        2027,
        frozenset(first + timedelta(days=n) for n in off),
        frozenset(first + timedelta(days=n) for n in worked - off),
    )
    entered = Calendar((notice,))
    clock = clock_of(kind, start)
    before, after = clocks.due(clock, LIBRARY), clocks.due(clock, entered)
    moved = clocks.move(clock, LIBRARY, entered)
    if before == after:
        assert moved is None
    else:
        assert moved is not None
        assert (moved.before, moved.after) == (before, after)
        assert moved.days or before.on == after.on
    if not before.provisional:
        assert before == after, "what was settled stays"
    assert clocks.move(clock, entered, entered) is None
