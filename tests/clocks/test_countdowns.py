"""The countdown: same numbers for the three sides, words for every case, nothing of a tip for the merchant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.clocks.clock_oracle import CHINA
from tests.support.policy_rows import default_rows
from webapp.clocks import clock_words, laws
from webapp.clocks import rules as clocks
from webapp.clocks.countdowns import HIDDEN_FROM_MERCHANTS, TURNS, Countdown, countdown
from webapp.clocks.laws import GROUNDS, Kind, LawTable
from webapp.clocks.rules import Clock
from webapp.core.workdays import LIBRARY

TABLE = LawTable(default_rows(laws.PREFIXES))
SIDES = ("consumer", "merchant", "officer")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def begun(kind: Kind, start: str) -> Clock:
    return clocks.start(kind, TABLE, at(start).date(), at(start))


def seen(clock: Clock, now: str, side: str = "officer") -> Countdown:
    return countdown(clock, clocks.look(clock, LIBRARY, at(now)), side)


ACCEPTANCE = begun(Kind.ACCEPTANCE, "2026-09-21T10:00")  # 22 23 24 28 29 30 September, 8 October
ANSWER = begun(Kind.FIRST_ANSWER, "2026-09-21T10:00")
MEDIATION = begun(Kind.MEDIATION, "2026-08-10T10:00")  # sixty days: Friday 9 October
TIP = begun(Kind.TIP_NOTICE, "2026-12-21T10:00")  # 22–25 and 28 December: provisional


#: (clock, now, tone, sentence or "", due moment or "", what is left)
TOLD = [
    (
        ACCEPTANCE,
        "2026-09-22T09:00",
        "good",
        "请在2026年10月8日 周四 24 点前决定是否受理并告知投诉人",
        "",
        "还剩 6 个工作日",
    ),
    (ACCEPTANCE, "2026-09-29T09:00", "caution", "", "2026年10月8日 周四 24 点", "还剩 2 个工作日"),
    (ACCEPTANCE, "2026-10-01T09:00", "caution", "", "2026年10月8日 周四 24 点", "还剩 1 个工作日"),
    (ACCEPTANCE, "2026-10-06T09:00", "caution", "", "后天 24 点", "还剩 1 个工作日"),
    (ACCEPTANCE, "2026-10-07T09:00", "caution", "", "明天 24 点", "还剩 1 个工作日"),
    (ACCEPTANCE, "2026-10-08T23:59", "caution", "", "今天 24 点", "今天是最后一天"),
    (ACCEPTANCE, "2026-10-09T00:00", "caution", "", "今天 24 点", "今天是最后一天"),
    (
        ACCEPTANCE,
        "2026-10-09T00:01",
        "stop",
        "应在昨天 24 点前决定是否受理并告知投诉人，已逾期",
        "昨天 24 点",
        "已超过 1 个工作日",
    ),
    (ACCEPTANCE, "2026-10-13T09:00", "stop", "", "2026年10月8日 周四 24 点", "已超过 4 个工作日"),
    (
        ANSWER,
        "2026-09-21T11:30",
        "good",
        "商家应在明天 10:00前首次回复",
        "明天 10:00",
        "还剩 22 小时 30 分",
    ),
    (ANSWER, "2026-09-22T04:00", "caution", "", "今天 10:00", "还剩 6 小时 0 分"),
    (ANSWER, "2026-09-22T09:59", "caution", "", "今天 10:00", "还剩 1 分钟"),
    (ANSWER, "2026-09-22T10:20", "stop", "商家应在今天 10:00前首次回复，已逾期", "", "已超过 20 分钟"),
    (ANSWER, "2026-09-23T12:20", "stop", "", "昨天 10:00", "已超过 26 小时 20 分"),
    (MEDIATION, "2026-09-29T08:00", "good", "", "2026年10月9日 周五 24 点", "还剩 10 天（3 个工作日）"),
    (MEDIATION, "2026-10-10T08:00", "stop", "", "昨天 24 点", "已超过 1 天"),
    (MEDIATION, "2026-10-13T08:00", "stop", "", "2026年10月9日 周五 24 点", "已超过 4 天"),
]


def test_what_an_officer_is_told(app: Flask) -> None:
    with app.test_request_context():
        for clock, now, tone, words, due, left in TOLD:
            found = seen(clock, now)
            told = clock_words.told(found)
            assert (told.tone, told.due) == (tone, left), now
            assert words in {"", told.words}
            assert due in {"", clock_words.due_words(found)}
            assert told.iso == found.due.at.astimezone(UTC).isoformat()
            assert told.note == ""


def test_a_provisional_day_says_so(app: Flask) -> None:
    with app.test_request_context():
        assert "暂定" in clock_words.told(seen(TIP, "2026-12-22T10:00")).note


def every_reading() -> list[tuple[Clock, str]]:
    """Each clock running, missed, standing still on each ground, met, met late, stopped."""
    found = []
    for kind in Kind:
        clock = begun(kind, "2026-05-06T10:00")
        found += [(clock, "2026-05-06T12:00"), (clock, "2026-09-06T12:00")]
        for done in (clocks.meet, clocks.stop):
            found += [
                (done(clock, at(when)), "2026-09-06T12:00")
                for when in ("2026-05-06T12:00", "2026-09-01T12:00")
            ]
        for ground in (g.code for g in GROUNDS if (g.kind, g.what) == (kind, "pause")):
            found.append((clocks.pause(clock, at("2026-05-07T09:00"), ground, LIBRARY), "2026-05-20T12:00"))
    return found


def test_every_case_has_words_for_every_side_and_the_same_numbers(app: Flask) -> None:
    with app.test_request_context():
        for clock, now in every_reading():
            told = {}
            for side in SIDES:
                if side == "merchant" and clock.kind in HIDDEN_FROM_MERCHANTS:
                    with pytest.raises(ValueError, match="merchant"):
                        seen(clock, now, side)
                    continue
                found = seen(clock, now, side)
                told[side] = (found.tone, found.left, dict(found.numbers), found.due, found.turn)
                words = clock_words.told(found)
                assert words.words
                assert words.due
                assert words.turn
                assert "{" not in words.words + words.due
            assert len({str(numbers) for numbers in told.values()}) == 1, (clock.kind, now)


def test_whose_turn_it_is() -> None:
    assert set(TURNS) == set(Kind)
    assert seen(ANSWER, "2026-09-21T11:00").turn == "merchant"
    assert seen(ACCEPTANCE, "2026-09-22T11:00").turn == "authority"
    still = clocks.pause(ACCEPTANCE, at("2026-09-23T09:00"), "supplement", LIBRARY)
    waiting = seen(still, "2026-12-01T09:00")
    assert (waiting.turn, waiting.tone, waiting.left, waiting.numbers["working_days"]) == (
        "consumer",
        "quiet",
        "clock.still.working_days",
        6,
    )
    assert seen(clocks.meet(still, at("2026-12-02T09:00")), "2026-12-03T09:00").turn == "nobody"
