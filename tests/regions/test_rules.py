"""Region codes."""

from __future__ import annotations

import pytest

from webapp.regions import rules


@pytest.mark.parametrize(
    ("code", "level", "kept"),
    [
        ("130000", "province", "13"),
        ("130600", "city", "1306"),
        ("130606", "county", "130606"),
        ("130630", "county", "130630"),
        ("130602200", "street", "130602200"),
        ("130630100", "street", "130630100"),
        ("130606000", "county", "130606"),
    ],
)
def test_codes_are_cut_by_level(code: str, level: str, kept: str) -> None:
    assert rules.trimmed(code, level) == kept
    assert rules.level_of(kept) == level


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("130606", "city"),
        ("130606", "street"),
        ("1306", "city"),
        ("13060６", "county"),
        ("130606", "village"),
        ("", "city"),
    ],
)
def test_a_code_that_does_not_fit_is_refused(code: str, level: str) -> None:
    with pytest.raises(ValueError):
        rules.trimmed(code, level)


def test_lineage_goes_from_the_province_down() -> None:
    assert rules.lineage("130606003") == ["13", "1306", "130606", "130606003"]
    assert rules.lineage("1306") == ["13", "1306"]
    assert rules.county_of("130606003") == "130606"
    assert rules.level_of("13060") is None
