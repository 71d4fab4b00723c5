"""Which case counts in which figure: every state and every fate of a clock, without a database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.clocks.laws import Kind
from webapp.clocks.rules import What
from webapp.complaints.rules import ENDED, ComplaintState
from webapp.targets import rules
from webapp.targets.rules import Figure, Matter, Share, Subject, Ticking
from webapp.tips.rules import TipState

JUNK = ("", "2019", "2019-Q1", "2027", "2026-Q5", "2026-1", "２０２６", "2026-13", "x-y")
TODAY = date(2026, 11, 28)


def matter(state: str = "closed", **more: Any) -> Matter:
    facts: dict[str, Any] = {
        "subject": Subject.COMPLAINT,
        "id": 1,
        "number": "TS1",
        "shop_id": 1,
        "shop_name": "店",
        "region_code": "130606100",
        "station_id": 4,
        "topic": "price",
        "state": state,
        "ended": state in {one.value for one in ENDED},
        "received_on": date(2026, 5, 1),
    }
    return Matter(**(facts | more))


def clocks(*fates: tuple[Kind, What | None, bool]) -> tuple[Ticking, ...]:
    return tuple(Ticking(*fate) for fate in fates)


ACCEPTED = (Kind.ACCEPTANCE, What.MEET, False)


@pytest.mark.parametrize(
    ("state", "fates", "kept"),
    [
        ("referred", [(Kind.ACCEPTANCE, None, False)], None),  # still in time
        ("referred", [(Kind.ACCEPTANCE, None, True)], False),
        ("refused", [(Kind.ACCEPTANCE, What.MEET, False)], True),
        ("refused", [], True),  # of before the clocks were kept
        ("mediating", [ACCEPTED, (Kind.MEDIATION, None, False)], True),
        (
            "mediating",
            [(Kind.ACCEPTANCE, What.MEET, True)],
            True,
        ),  # late, yet decided: on time is another figure
        ("transferred", [(Kind.ACCEPTANCE, What.STOP, False)], True),
        (
            "resolved",
            [(Kind.ACCEPTANCE, What.STOP, False)],
            None,
        ),  # both sides settled before a decision was due
        ("withdrawn", [(Kind.ACCEPTANCE, None, True)], None),
        ("referred", [(Kind.ACCEPTANCE, What.TRANSFER, True), (Kind.ACCEPTANCE, None, False)], None),
    ],
)
def test_handled(*, state: str, fates: list[Any], kept: bool | None) -> None:
    assert rules.judge(matter(state, clocks=clocks(*fates)), Figure.HANDLED) is kept
    away = matter(state, clocks=clocks(*fates), with_authority=False)
    assert rules.judge(away, Figure.HANDLED) is None


@pytest.mark.parametrize(
    ("state", "fates", "kept"),
    [
        (
            "closed",
            [ACCEPTED, (Kind.MEDIATION, What.MEET, False), (Kind.RESULT_NOTICE, What.MEET, False)],
            True,
        ),
        ("closed", [ACCEPTED, (Kind.MEDIATION, What.MEET, False), (Kind.RESULT_NOTICE, None, False)], True),
        ("closed", [ACCEPTED, (Kind.MEDIATION, What.MEET, False), (Kind.RESULT_NOTICE, None, True)], False),
        ("closed", [ACCEPTED, (Kind.MEDIATION, What.MEET, True)], False),
        ("resolved", [(Kind.ACCEPTANCE, What.MEET, True)], False),
        ("mediating", [ACCEPTED, (Kind.MEDIATION, None, False)], None),
        ("mediating", [ACCEPTED, (Kind.MEDIATION, None, True)], False),
        (
            "closed",
            [(Kind.FIRST_ANSWER, What.STOP, True), ACCEPTED],
            True,
        ),  # that was the merchant's
        ("closed", [], None),  # nothing is known of its periods
        ("withdrawn", [(Kind.ACCEPTANCE, None, True)], None),
    ],
)
def test_on_time(*, state: str, fates: list[Any], kept: bool | None) -> None:
    assert rules.judge(matter(state, clocks=clocks(*fates)), Figure.ON_TIME) is kept
    assert rules.judge(matter(state, clocks=clocks(*fates), subject=Subject.TIP), Figure.ON_TIME) is None


@pytest.mark.parametrize(
    ("how", "late", "kept"),
    [
        (What.MEET, False, True),
        (What.MEET, True, False),
        (None, False, None),
        (None, True, False),
        (What.STOP, False, None),
        (What.TRANSFER, False, None),
    ],
)
def test_verified(*, how: What | None, late: bool, kept: bool | None) -> None:
    fates = clocks((Kind.VERIFICATION, how, late))
    assert rules.judge(matter("case", subject=Subject.TIP, clocks=fates), Figure.VERIFIED) is kept
    assert rules.judge(matter("closed", clocks=fates), Figure.VERIFIED) is None


@pytest.mark.parametrize("state", [one.value for one in ComplaintState])
@pytest.mark.parametrize("accepted", [True, False])
def test_self_settled(*, state: str, accepted: bool) -> None:
    found = rules.judge(matter(state, settle_first=True, accepted=accepted), Figure.SELF_SETTLED)
    told = state in {"resolved", "closed", "lapsed"}
    assert found == ((state == "resolved" and not accepted) if told else None)
    assert rules.judge(matter(state, settle_first=False), Figure.SELF_SETTLED) is None


def test_the_states_that_the_rules_name_exist() -> None:
    states = {one.value for one in ComplaintState} | {one.value for one in TipState}
    assert rules.SILENT | rules.TOLD | {rules.TRANSFERRED, "refused", "case", "no_case"} <= states


@pytest.mark.parametrize(
    ("kept", "counted", "tenths", "goal", "reached"),
    [
        (0, 0, None, 98, None),
        (979, 1000, 979, 98, False),
        (980, 1000, 980, 98, True),
        (2, 3, 666, 66, True),
        (5, 5, 1000, 100, True),
        (999_999, 1_000_000, 999, 100, False),
    ],
)
def test_a_share_is_never_rounded_up(
    *, kept: int, counted: int, tenths: int | None, goal: int, reached: bool | None
) -> None:
    share = Share(kept, counted)
    assert (share.tenths, share.reaches(goal), share.missed) == (tenths, reached, counted - kept)


@pytest.mark.parametrize(
    ("code", "meant", "first", "last"),
    [
        ("2026", "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q4", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2025-Q1", "2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", "2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2026-12", "2026", date(2026, 1, 1), date(2026, 12, 31)),  # has not begun
        *(
            (junk, "2026", date(2026, 1, 1), date(2026, 12, 31))
            for junk in ("", "2018", "2027", "2026-Q5", "2026-1", "２０２６", "2026-13", "x-y")
        ),
    ],
)
def test_periods(code: str, meant: str, first: date, last: date) -> None:
    found = rules.period(code, TODAY)
    assert (found.code, found.first, found.last) == (meant, first, last)


def test_choices_are_those_that_have_begun() -> None:
    found = rules.choices(TODAY)
    assert found[:4] == ["2026", "2026-Q4", "2026-Q3", "2026-Q2"]
    assert found[5] == "2026-11"
    assert len(found) == len(set(found)) == (1 + 4 + 11) + 2 * 17
    assert all(rules.period(code, TODAY).code == code for code in found)


STATES = st.sampled_from([one.value for one in ComplaintState])
FATES = st.tuples(
    st.sampled_from(list(Kind)), st.sampled_from([None, What.MEET, What.STOP, What.TRANSFER]), st.booleans()
)


@given(
    st.lists(
        st.builds(
            matter,
            STATES,
            subject=st.sampled_from(list(Subject)),
            settle_first=st.booleans(),
            with_authority=st.booleans(),
            accepted=st.booleans(),
            region_code=st.sampled_from(["130606100", "130602004"]),
            station_id=st.sampled_from([None, 4, 9]),
            received_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
            clocks=st.lists(FATES, max_size=4).map(lambda fates: clocks(*fates)),
        )
    )
)
def test_groups_add_up_to_the_whole(matters: list[Matter]) -> None:
    found = rules.tally(matters, date(2026, 4, 1), date(2026, 6, 30))
    spring = {f"2026-{month:02}" for month in (4, 5, 6)}
    for figure in Figure:
        whole = (found.all[figure].kept, found.all[figure].counted)
        assert whole[0] <= whole[1]
        inside = [shares for month, shares in found.months.items() if month in spring]
        for groups in (found.counties.values(), found.stations.values(), inside):
            assert whole == (
                sum(one[figure].kept for one in groups),
                sum(one[figure].counted for one in groups),
            )
