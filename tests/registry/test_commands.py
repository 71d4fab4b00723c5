"""The import command: what it prints and how it exits."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.factories import accounts, registry
from tests.factories.registry import feed, row
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.registry import queries


@pytest.fixture
def city(app: Flask) -> Flask:
    with app.app_context():
        policy.sync()
        accounts.make_officer(username="wang")
        accounts.make_officer(username="li")
        accounts.make_officer(Role.STATION_OFFICER, username="zhao")
        for number in (1, 2):
            registry.make_live_operator(number)
        db.session.commit()
    return app


def run(app: Flask, file: Path, *options: str) -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=["registry", "import", str(file), *options])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def fatal(tmp_path: Path) -> Path:
    """A feed that takes both shops down."""
    path = tmp_path / "feed.csv"
    path.write_bytes(feed(row(1, status="注销"), row(2, status="注销"), row(3, uscc="bad")).getvalue())
    return path


def test_figures_and_refused_lines_are_printed(city: Flask, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(feed(row(1), row(3), row(4, uscc="bad")).getvalue())
    code, out, err = run(city, path)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[:6]] == ["3", "1", "0", "1", "0", "1"]
    assert "第 4 行：统一社会信用代码不是 18 位（bad）" in err


def test_too_much_stops_with_a_failure_until_two_people_answer(city: Flask, fatal: Path) -> None:
    code, _, err = run(city, fatal)
    assert code == 1
    assert "会让 2 家门店的码失效" in err
    for people, says in (
        (("wang",), "两个不同的用户名"),
        (("wang", "WANG"), "两个不同的用户名"),
        (("wang", "nobody"), "没有这个监管人员"),
        (("wang", "zhao"), "没有导入登记信息的权限"),
    ):
        options = [part for name in people for part in ("--force-by", name)]
        code, _, err = run(city, fatal, *options)
        assert (code, says in err) == (2, True)
    code, _, _ = run(city, fatal, "--force-by", "wang", "--force-by", "li")
    assert code == 0
    with city.app_context():
        record = queries.find_record(registry.uscc(1))
        assert record is not None
        assert record.status.value == "deregistered"


def test_an_unreadable_file_and_a_bad_mapping_say_so(city: Flask, tmp_path: Path, fatal: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    code, _, err = run(city, path)
    assert (code, "没有找到这些列" in err) == (2, True)
    code, _, err = run(city, fatal, "--mapping", str(tmp_path / "none.toml"))
    assert (code, "none.toml" in err) == (2, True)


def test_a_day_can_be_given_and_one_record_shown(city: Flask, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(feed(row(9, as_of="")).getvalue())
    assert run(city, path, "--as-of", "2026-04-01", "--quiet")[0] == 0
    result = city.test_cli_runner().invoke(args=["registry", "show", registry.uscc(9)])
    assert "2026-04-01" in result.output
    assert city.test_cli_runner().invoke(args=["registry", "show", "x"]).exit_code == 1
