"""Rules of accounts: passwords, delays, codes, authenticators, devices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from webapp.accounts import rules

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("noodles-2026", None),
        ("面条很好吃8888", None),
        ("abc1234", "password_short"),
        ("a1" * 65, "password_long"),
        ("noodlesandsoup", "password_one_kind"),
        ("8472910475", "password_one_kind"),
        ("Password123", "password_easy"),
        ("x13812345678", "password_easy"),
    ],
)
def test_a_password_is_judged_by_length_kinds_and_commonness(password: str, fault: str | None) -> None:
    assert rules.password_fault(password, ["13812345678"]) == fault


def test_every_listed_common_password_is_refused() -> None:
    assert len(rules.COMMON) > 40
    assert all(rules.password_fault(word) is not None for word in rules.COMMON)


@pytest.mark.parametrize(
    ("username", "good"),
    [
        ("li.wei", True),
        ("a_1-b", True),
        ("ab", False),
        ("1abc", False),
        ("李", False),
        ("abc def", False),
        ("abc\n", False),
    ],
)
def test_usernames(username: str, *, good: bool) -> None:
    assert rules.username_is_good(username) is good


def test_delays_grow_after_five_tries_and_end_at_an_hour() -> None:
    assert [rules.delay(tries) for tries in range(5)] == [None] * 5
    minutes = [rules.delay(tries) for tries in range(5, 14)]
    assert [pause and pause // timedelta(minutes=1) for pause in minutes] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert rules.delay(10**9) == timedelta(hours=1)


def test_everybodys_tries_cost_the_owner_two_minutes_at_most() -> None:
    assert rules.delay(29, everybody=True) is None
    assert rules.delay(30, everybody=True) == timedelta(minutes=1)
    assert rules.delay(10**6, everybody=True) == timedelta(minutes=2)


def test_a_time_password_holds_one_step_to_either_side_and_once() -> None:
    totp = pyotp.TOTP(SECRET)
    present = int(NOW.timestamp()) // 30
    for offset, expected in [(-2, None), (-1, present - 1), (0, present), (1, present + 1), (2, None)]:
        assert rules.totp_step(SECRET, totp.generate_otp(present + offset), NOW, None) == expected
    code = totp.generate_otp(present)
    assert rules.totp_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, present - 1) == present
    assert rules.totp_step(SECRET, code, NOW, present) is None
    assert rules.totp_step(SECRET, code, NOW, present + 1) is None
    assert rules.totp_step(SECRET, "１２３４５６", NOW, None) is None


def test_codes_have_a_pause_and_a_daily_limit() -> None:
    assert rules.may_send_code([], NOW) is None
    assert rules.may_send_code([NOW - timedelta(seconds=20)], NOW) == timedelta(seconds=40)
    assert rules.may_send_code([NOW - timedelta(seconds=60)], NOW) is None
    ten = [NOW - timedelta(hours=hours + 1) for hours in range(10)]
    assert rules.may_send_code(ten[:5], NOW) == timedelta(hours=19)
    assert rules.may_send_code(ten[:4], NOW) is None
    assert rules.may_send_code(ten[:5], NOW, known=True) is None
    assert rules.may_send_code(ten, NOW, known=True) == timedelta(hours=14)
    assert rules.may_send_code([at - timedelta(days=1) for at in ten], NOW) is None


@pytest.mark.parametrize(("seconds", "told"), [(1, 1), (60, 1), (61, 2), (3600, 60)])
def test_minutes_are_rounded_up(seconds: int, told: int) -> None:
    assert rules.minutes(timedelta(seconds=seconds)) == told


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/120 MicroMessenger/8.0", "wechat android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit Safari/604", "safari iphone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/120 Safari/537 Edg/120", "edge windows"),
        ("", "other other"),
    ],
)
def test_devices_are_told_apart(agent: str, device: str) -> None:
    assert rules.device_of(agent) == device


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        (["130602", "130606"], "1306"),
        (["130606", "130606003"], "130606"),
        (["130606003"], "130606003"),
        (["13", "1306"], "13"),
        (["1306", "1101"], ""),
        ([], ""),
    ],
)
def test_the_region_of_several_posts_is_a_real_region(codes: list[str], region: str) -> None:
    assert rules.common_region(codes) == region
