"""Rules of sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webapp.notices import rules

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


def test_pauses_double_up_to_half_an_hour_and_end() -> None:
    pauses = [rules.pause_after(attempts) for attempts in range(1, 10)]
    assert [pause and int(pause.total_seconds()) for pause in pauses] == [
        10,
        20,
        40,
        80,
        160,
        320,
        640,
        None,
        None,
    ]


def test_a_code_is_no_use_after_its_five_minutes_other_news_after_a_day() -> None:
    assert rules.useful_until(rules.CODE_TEMPLATE, NOW) == NOW + timedelta(minutes=5)
    assert rules.useful_until("complaints.sms.filed", NOW) == NOW + timedelta(days=1)


def test_numbers_are_hidden() -> None:
    assert rules.mask("验证码 762074，5 分钟内有效，找 13800138000") == "验证码 ••••，5 分钟内有效，找 ••••"
