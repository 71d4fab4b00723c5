"""Cells as exports write them."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.factories import registry
from webapp.registry import mapping as mappings
from webapp.registry.mapping import MappingError
from webapp.registry.rows import Row, RowRefused, facts_hash, merged, read_row, surely_stands
from webapp.registry.rules import Consequence, RegistryStatus, consequence
from webapp.registry.text import clean, key_of

TODAY = date(2026, 5, 6)
OWN = mappings.load()
CITY = mappings.load("baoding_export")


def read(**more: Any) -> Row:
    return read_row({**registry.row(), **more}, OWN, TODAY, TODAY)


def reason(**more: Any) -> str:
    with pytest.raises(RowRefused) as caught:
        read(**more)
    return caught.value.reason


def test_a_plain_row_is_read_whole() -> None:
    row = read(
        penalties="罚款五百元；警告",
        abnormal="是",
        abnormal_ground="未按期公示年度报告",
        abnormal_on="2026-01-02",
    )
    assert row.uscc == registry.uscc(1)
    assert row.as_of == date(2026, 5, 1)
    assert row.facts == {
        "name": "莲池区第1面馆",
        "kind": "self_employed",
        "legal_representative": "王建国",
        "registered_address": "保定市莲池区裕华东路128号",
        "authority": "莲池区市场监督管理局",
        "established_on": date(2019, 3, 1),
        "status": RegistryStatus.ACTIVE,
        "abnormal": True,
        "abnormal_ground": "未按期公示年度报告",
        "abnormal_on": date(2026, 1, 2),
        "penalties": [{"text": "罚款五百元"}, {"text": "警告"}],
    }


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("存续", "active"),
        ("存续（在营、开业、在册）", "active"),
        (" 在业 ", "active"),
        ("迁出", "moved_out"),
        ("停业", "closed"),
        ("吊销，未注销", "licence_revoked"),
        ("吊销,已注销", "deregistered"),
        ("注销", "deregistered"),
        ("ＡＣＴＩＶＥ", "active"),
    ],
)
def test_the_words_of_the_register_are_known(written: str, status: str) -> None:
    assert read(status=written).facts["status"].value == status


@pytest.mark.parametrize(
    "written",
    [
        "2019-03-01",
        "2019/3/1",
        "2019.03.01",
        "2019年3月1日",
        "20190301",
        "２０１９－０３－０１".replace("－", "-"),
        "2019-03-01 00:00:00",
        "2019-03-01T08:00:00",
    ],
)
def test_dates_in_every_writing(written: str) -> None:
    assert read(established_on=written).facts["established_on"] == date(2019, 3, 1)


@pytest.mark.parametrize("written", ["", "-", "无", "null", "——", "  "])
def test_a_cell_that_says_nothing_is_nothing(written: str) -> None:
    facts = read(established_on=written, abnormal=written, abnormal_ground=written, penalties=written).facts
    assert (facts["established_on"], facts["abnormal"], facts["abnormal_ground"]) == (None, False, None)
    assert facts["penalties"] == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"uscc": ""}, "uscc_empty"),
        ({"uscc": "92130606MA0000001"}, "uscc_length"),
        ({"uscc": "92130606MA000000IF"}, "uscc_alphabet"),
        ({"uscc": registry.uscc(1)[:-1] + ("0" if registry.uscc(1)[-1] != "0" else "1")}, "uscc_check_digit"),
        ({"name": " "}, "name_missing"),
        ({"name": "长" * 201}, "too_long"),
        ({"status": ""}, "status_missing"),
        ({"status": "筹建"}, "status_unknown"),
        ({"abnormal": "也许"}, "yes_no_unknown"),
        ({"established_on": "去年"}, "date_unreadable"),
        ({"established_on": "2019-02-30"}, "date_unreadable"),
        ({"established_on": "1066-10-14"}, "date_unreadable"),
        ({"as_of": "2026-05-07"}, "as_of_future"),
        ({"name": "坏\ufffd字"}, "unreadable_characters"),
        ({"name": "坏" + chr(0xD800) + "字"}, "unreadable_characters"),
        ({"name": ["甲", "乙"]}, "nested_value"),
        ({"penalties": [float("nan")]}, "unreadable_characters"),
        ({"penalties": ["长" * 20_001]}, "too_long"),
    ],
)
def test_what_cannot_be_taken_says_why(wrong: dict[str, Any], expected: str) -> None:
    assert reason(**wrong) == expected


def test_full_width_spreadsheet_and_control_characters_are_undone() -> None:
    code = registry.uscc(1)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for written in (wide, f'="{code}"', f"'{code}", f"\t{code}\u200b ", code.lower()):
        assert read(uscc=written).uscc == code
    assert (
        read(registered_address="裕华路１２８号（东）\x00").facts["registered_address"] == "裕华路128号（东）"
    )
    assert clean("a \t b") == "a b"
    assert key_of("登记　状态（ＮＥＷ）") == "登记状态(new)"


def test_numbers_and_truth_values_of_json_are_read() -> None:
    row = read(established_on=20190301, abnormal=True, serious_violation=None, penalties=[{"amount": 5}])
    assert row.facts["established_on"] == date(2019, 3, 1)
    assert row.facts["abnormal"] is True
    assert row.facts["serious_violation"] is False
    assert row.facts["penalties"] == [{"amount": 5}]


def test_a_city_export_is_read_by_its_own_headings() -> None:
    cells = {
        "统一社会信用代码": registry.uscc(3),
        "企业名称": "",
        "字号名称": "老槐树面馆",
        "经营者": "李敏",
        "登记状态": "存续（在营、开业、在册）",
        "列入日期": "2026年1月2日",
    }
    row = read_row({key_of(name): value for name, value in cells.items()}, CITY, TODAY, TODAY)
    assert row.as_of == TODAY
    assert row.facts["name"] == "老槐树面馆"
    assert row.facts["kind"] == "self_employed"  # by the code: there is no such column
    assert row.facts["abnormal"] is True  # by the day of entry: there is no such column
    assert "registered_address" not in row.facts


def test_what_a_feed_does_not_say_stays() -> None:
    known = merged(read(abnormal="是").facts, None)
    later = merged({"name": "新名", "status": RegistryStatus.ACTIVE}, known)
    assert (later["name"], later["abnormal"], later["legal_representative"]) == ("新名", True, "王建国")
    assert facts_hash(known) != facts_hash(later)
    assert facts_hash(known) == facts_hash(merged({}, known))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[colums]\nuscc='a'", "unknown table"),
        ("[columns]\nuscc='a'\nname='b'", "columns.status is missing"),
        ("[columns]\nuscc='a'\nname='b'\nstatus='c'\nfoo='d'", "columns.foo"),
        ("[columns]\nuscc='a'\nname='b'\nstatus='c'\n[values.status]\nalive=['x']", "values.status.alive"),
        ("[file]\nas_of='soon'\n[columns]\nuscc='a'\nname='b'\nstatus='c'", "file.as_of"),
        ("= 3", "line 1"),
    ],
)
def test_a_mapping_that_cannot_work_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=says):
        mappings.load(str(path))


def test_a_missing_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"nowhere\.toml"):
        mappings.load(str(tmp_path / "nowhere.toml"))


def test_a_mapping_of_ones_own_adds_words(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        "[file]\nas_of=2026-04-30\n[columns]\nuscc='a'\nname='b'\nstatus='c'\n[values.status]\nclosed=['存续']\n"
        "[dates]\nformats=['%d.%m.%Y']\n",
        encoding="utf-8",
    )
    own = mappings.load(str(path))
    assert own.statuses[key_of("存续")] is RegistryStatus.CLOSED
    assert own.statuses[key_of("注销")] is RegistryStatus.DEREGISTERED
    assert own.as_of == date(2026, 4, 30)
    assert own.date_formats[0] == "%d.%m.%Y"


def test_the_quick_look_never_passes_over_a_row_that_takes_down() -> None:
    statuses = ("存续", " 在业 ", "迁出", "停业", "吊销", "注销", "", "怪", None, 5, [1])
    signs = ("是", "否", "无", "", "列入", "怪", None, True, False, {"a": 1})
    days = (None, "", "2026-01-02", "怪", "无")
    passed = 0
    for status, abnormal, day in itertools.product(statuses, signs, days):
        cells = {**registry.row(), "status": status, "abnormal": abnormal, "abnormal_on": day}
        for left_out in ((), ("abnormal",), ("abnormal", "abnormal_on")):
            seen = {name: value for name, value in cells.items() if name not in left_out}
            if not surely_stands(seen, OWN):
                continue
            passed += 1
            try:
                facts = read_row(seen, OWN, TODAY, TODAY).facts
            except RowRefused:
                continue
            what, _ground = consequence(facts["status"], abnormal=bool(facts.get("abnormal")))
            assert what is Consequence.NONE, seen
    assert passed > 20
    assert surely_stands(registry.row(), OWN)
