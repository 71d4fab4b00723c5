"""Size and language of the sources."""

from __future__ import annotations

import pytest

from tests.support import sources

LONGEST = 300  # lines of code; a module longer than this holds more than one thing

#: Modules that may be longer, each with its reason.
LONGER: dict[str, str] = {}

#: Files whose business is Chinese text, each with its reason. Everything else says keys; the words stand in catalogues.
SPEAKS_CHINESE: dict[str, str] = {}

SILENT = {"rules.py", "models.py", "queries.py", "operations.py"}


def modules() -> list[str]:
    return [sources.name_of(path) for path in sources.python_files("qrservice", "webapp")]


def test_no_module_is_too_long() -> None:
    too_long = {}
    for name in modules():
        length = sources.code_lines((sources.ROOT / name).read_text(encoding="utf-8"))
        if length > LONGEST and name not in LONGER:
            too_long[name] = length
    assert too_long == {}


def test_rules_models_queries_and_operations_speak_no_chinese() -> None:
    spoken = [
        f"{name}:{line}: {text}"
        for name in modules()
        if name.rpartition("/")[2] in SILENT and name not in SPEAKS_CHINESE
        for line, text in sources.chinese_strings((sources.ROOT / name).read_text(encoding="utf-8"))
    ]
    assert spoken == []


@pytest.mark.parametrize("exceptions", [LONGER, SPEAKS_CHINESE], ids=["longer", "speaks-chinese"])
def test_exceptions_are_still_needed_and_give_a_reason(exceptions: dict[str, str]) -> None:
    for name, reason in exceptions.items():
        assert len(reason) > 20, f"{name}: why?"
        source = (sources.ROOT / name).read_text(encoding="utf-8")
        assert sources.code_lines(source) > LONGEST or sources.chinese_strings(source), (
            f"{name} needs no exception"
        )


SAMPLE = '''"""A docstring: 说明."""

# a comment: 注释
TITLE = "标题"
DAY = r"([0-9]+)日"


def title() -> str:
    """Return 标题.

    More.
    """
    return (
        TITLE
    )
'''


def test_the_counter_counts_code_only() -> None:
    assert sources.code_lines(SAMPLE) == 6


def test_the_finder_finds_strings_only() -> None:
    assert sources.chinese_strings(SAMPLE) == [(4, '"标题"')]
