"""Reading a notice as published and plain lists; a slip of the finger is found and named."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.holidays.notices import NOTICE_2026, NOTICE_2027
from webapp.core.errors import Invalid
from webapp.core.workdays import LIBRARY, Calendar
from webapp.holidays import reading, rules


def test_the_published_notice_of_2026_says_what_the_library_says() -> None:
    found = reading.read(NOTICE_2026, 2026)
    assert found.missing == found.unused == ()
    read = Calendar((found.notice,))
    assert LIBRARY.differs(read, date(2025, 12, 24), date(2026, 12, 24)) == ()
    assert rules.net_days(found.notice) == 13


@pytest.mark.parametrize(
    ("text", "off", "worked"),
    [
        # from the notices of 2019, 2023, 2024, 2025
        (
            "一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
            ["2018-12-30", "2018-12-31", "2019-01-01"],
            ["2018-12-29"],
        ),
        ("三、清明节：4月5日（星期五）放假，与周末连休。", ["2019-04-05"], []),
        ("1月1日（周三）放假1天，不调休。", None, None),
        ("12月31日至1月2日放假调休，共3天。", ["2018-12-31", "2019-01-01", "2019-01-02"], []),
        ("2月2日（星期六）、3日（星期日）上班", [], ["2019-02-02", "2019-02-03"]),
        ("1月1日放假，1月2日（星期三）补休。", ["2019-01-01", "2019-01-02"], []),
        (
            "５月１日至３日放假，共３天；5月5日（星期日）上班",
            ["2019-05-01", "2019-05-02", "2019-05-03"],
            ["2019-05-05"],
        ),
        # lists
        ("2019-05-01 休\n2019-05-05\t班", ["2019-05-01"], ["2019-05-05"]),
        (
            "日期,安排\n2019/5/1,休\n2019/5/2,休\n2019/5/5,上班\n",
            ["2019-05-01", "2019-05-02"],
            ["2019-05-05"],
        ),
        ("2019-05-01 至 2019-05-03 休", ["2019-05-01", "2019-05-02", "2019-05-03"], []),
        ("2019.5.1—2019.5.2 off\n2019.5.5 work", ["2019-05-01", "2019-05-02"], ["2019-05-05"]),
        ("2019年5月1日 休\n2019年5月5日 班", ["2019-05-01"], ["2019-05-05"]),
    ],
)
def test_ways_of_saying_it(text: str, off: list[str] | None, worked: list[str] | None) -> None:
    if off is None or worked is None:
        with pytest.raises(Invalid) as caught:  # 1 January 2019 was a Tuesday
            reading.read(text, 2019)
        assert caught.value.code == "holiday_weekday"
        return
    notice = reading.read(text, 2019).notice
    assert sorted(map(str, notice.days_off)) == off
    assert sorted(map(str, notice.made_up)) == worked


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("5日（周三）放假调休，共5天", "5日（周三）放假调休，共6天", "holiday_count"),
        ("2月20日（周六）", "2月21日（周六）", "holiday_weekday"),
        ("2月20日（周六）", "2月30日", "holiday_date"),
        ("现将2027年", "现将2026年", "holiday_other_year"),
        ("10月1日（周五）至7日（周四）", "10月7日（周四）至1日（周五）", "holiday_span"),
        ("至7日（周四）放假调休，共7天", "至11月7日放假调休", "holiday_span"),
        ("6月9日（周三）放假", "9日（周三）放假", "holiday_date"),
    ],
)
def test_a_slip_is_found(old: str, new: str, code: str) -> None:
    assert old in NOTICE_2027
    with pytest.raises(Invalid) as caught:
        reading.read(NOTICE_2027.replace(old, new), 2027)
    assert (caught.value.code, caught.value.field) == (code, "text")


@pytest.mark.parametrize(
    "text", ["", "你好", "节假日期间，各地区要安排好值班", "2027年放假安排", "\x00" * 10]
)
def test_nothing_to_read(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        reading.read(text, 2027)
    assert caught.value.code == "holiday_nothing_read"


def test_a_line_without_a_word_and_a_text_without_an_end() -> None:
    with pytest.raises(Invalid) as caught:
        reading.read("2027-01-01 休\n2027-01-02 啊", 2027)
    assert (caught.value.code, caught.value.details["at"]) == ("holiday_line", "2027-01-02啊")
    with pytest.raises(Invalid) as caught:
        reading.read("一" * 20_001, 2027)
    assert caught.value.code == "too_long"


def test_what_is_not_named_or_not_used_is_told() -> None:
    found = reading.read("一、元旦：1月1日放假。春节另行通知。3月8日妇女放半天。国办发明电〔2026〕9号", 2027)
    assert found.missing == ("spring", "qingming", "labour", "dragon_boat", "mid_autumn", "national")
    assert found.unused == ("3月8日",)
    assert found.number == "国办发明电〔2026〕9号"
    assert reading.read("2027-01-01 休", 2027).missing == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_files_in_the_usual_encodings(encoding: str) -> None:
    assert reading.decode("1月1日放假".encode(encoding)) == "1月1日放假"


def test_a_picture_is_no_text() -> None:
    for data in (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xff\xff"):
        with pytest.raises(Invalid) as caught:
            reading.decode(data)
        assert caught.value.code == "holiday_file"


def test_every_day_of_the_made_up_notice() -> None:
    notice = reading.read(NOTICE_2027, 2027).notice
    spring = {date(2027, 2, 5) + timedelta(days=n) for n in range(8)}
    assert spring <= notice.days_off
    assert len(notice.days_off) == 28
    assert rules.doubts(notice, 13) == []
