"""The register in the office."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts, merchants, registry
from tests.factories.registry import feed, row
from webapp.audit.models import AuditEvent
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.identifiers import UsccError
from webapp.registry import importer, queries, views_office
from webapp.registry import mapping as mappings
from webapp.registry.models import RegistryRun
from webapp.web.words import label

URL = "/office/registry"
SOURCES = ("reading", "rows", "operations", "importer")


@pytest.fixture
def city(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        policy.sync()
        db.session.commit()
    return app


def signed_in(app: Flask, role: Role = Role.BUREAU_OFFICER, region: str = "1306") -> FlaskClient:
    with app.app_context():
        account_id = accounts.make_officer(role, region).id
        db.session.commit()
    client = app.test_client()
    accounts.sign_in(client, account_id)
    return client


def upload(client: FlaskClient, stream: io.BytesIO, **more: str):  # type: ignore[no-untyped-def]
    data = {"file": (stream, "登记.csv"), "mapping": "default"} | more
    return client.post(URL, data=data, content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("role", "reads", "imports"),
    [
        (Role.BUREAU_OFFICER, 200, 422),
        (Role.STATION_OFFICER, 200, 403),
        (Role.DEPARTMENT_OFFICER, 403, 403),
        (Role.ADMINISTRATOR, 403, 403),
    ],
)
def test_who_reads_and_who_imports(city: Flask, role: Role, reads: int, imports: int) -> None:
    client = signed_in(city, role)
    assert client.get(URL).status_code == reads
    assert upload(client, io.BytesIO()).status_code == imports
    assert ("导入文件" in client.get(URL).text) == (imports == 422)


def test_a_small_file_goes_in_and_its_broken_rows_are_shown(city: Flask) -> None:
    client = signed_in(city)
    answer = upload(client, feed(row(1), row(2, uscc="<b>bad</b>")))
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "导入完成" in page
    assert "统一社会信用代码不是 18 位" in page or "统一社会信用代码里有不会出现的字符" in page
    assert "&lt;b&gt;" in page
    assert "<b>bad" not in page
    assert "登记.csv" in client.get(URL).text
    with city.app_context():
        run = db.session.scalars(queries.runs()).one()
        assert run.started_by_id is not None
        event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "registry.import")).one()
        assert event.actor_role == "bureau_officer"


@pytest.mark.parametrize(
    ("data", "more", "says"),
    [
        (b"", {}, "请选择要导入的文件"),
        (b"a,b\n1,2\n", {}, "没有找到这些列：uscc, name, status"),
        (b"x" * 20_001, {}, "超过 5 MB"),
        (b"uscc,name,status\n", {"as_of": "2999-01-01"}, "不能晚于今天"),
        (b"uscc,name,status\n", {"as_of": "yesterday"}, "日期没有看懂"),
        (b"uscc,name,status\n", {"mapping": "../../x"}, "请从列表里选择文件格式"),
    ],
)
def test_what_cannot_go_in_is_said_at_its_field(
    city: Flask, monkeypatch: pytest.MonkeyPatch, data: bytes, more: dict[str, str], says: str
) -> None:
    monkeypatch.setattr(views_office, "MAX_BYTES", 20_000)
    answer = upload(signed_in(city), io.BytesIO(data), **more)
    assert answer.status_code == 422
    assert says in answer.text
    with city.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RegistryRun)) == 0


def test_one_record_is_looked_up_with_its_history(city: Flask) -> None:
    client = signed_in(city)
    with city.app_context():
        registry.make_record(1)
        merchants.make_shop(merchants.make_operator("第1面馆", registry.uscc(1)), "老槐树面馆")
        db.session.commit()
    upload(client, feed(row(1, status="吊销", as_of="2026-05-02")))
    page = client.get(URL, query_string={"uscc": " " + registry.uscc(1).lower()}).text
    assert "莲池区第1面馆" in page
    assert "老槐树面馆" in page
    assert re.search(r"<del>存续（在业）</del>.*<ins>吊销</ins>", page)
    assert "没有 " + registry.uscc(2) in client.get(URL, query_string={"uscc": registry.uscc(2)}).text
    assert "请对照营业执照" in client.get(URL, query_string={"uscc": "12<3"}).text
    assert client.get(f"{URL}/999").status_code == 404


def test_a_stopped_run_says_what_to_do(city: Flask) -> None:
    client = signed_in(city)
    with city.app_context():
        for number in (1, 2):
            registry.make_live_operator(number)
        db.session.commit()
    answer = upload(client, feed(row(1, status="注销"), row(2, status="注销")))
    page = client.get(answer.location).text
    assert "会让 2 家门店的码失效" in page
    assert "由另一位有权导入的同事在本页确认" in page


def test_every_reason_has_words(city: Flask) -> None:
    """The reasons are gathered from the sources, so that a new one cannot be forgotten."""
    folder = Path(importer.__file__).parent
    text = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in SOURCES)
    refusals = set(re.findall(r'(?:RowRefused|Broken)\((?:[a-z\[\]0-9]+, )?"([a-z_]+)"', text))
    refusals |= set(re.findall(r'refused\.append\(\([a-z]+, "([a-z_]+)"', text))
    refusals |= {"line_too_long", "json_broken", "status_unknown", "status_missing"}  # chosen by a condition
    refusals |= {f"uscc_{error}" for error in get_args(UsccError)}
    assert refusals >= {
        "columns_wrong",
        "contradicts_other_row",
        "consequence_failed",
        "uscc_length",
        "too_long",
    }
    with city.test_request_context():
        for reason in refusals:
            assert label(f"registry.refusal.{reason}")
        for reason in set(re.findall(r'Unreadable\("([a-z_]+)"', text)):
            assert label(f"registry.unreadable.{reason}", detail="x")
        for reason in set(re.findall(r'stopped="([a-z_]+)"', text)):
            assert label(f"registry.stopped.{reason}", takedowns=1, live=2)
        for name in mappings.names():
            assert label(f"registry.mapping.{name}")


def test_pages_of_refused_rows(city: Flask) -> None:
    client = signed_in(city)
    answer = upload(client, feed(*(row(1, uscc="x") for _ in range(40))))
    first, second = client.get(answer.location).text, client.get(answer.location + "?page=2").text
    assert first.count("不是 18 位") + second.count("不是 18 位") == 40


def test_a_district_does_not_import_for_the_whole_city(city: Flask) -> None:
    """One row of a file revokes codes anywhere: a county's officer would reach into all the others."""
    client = signed_in(city, region="130606")
    assert upload(client, feed(row())).status_code == 404
    page = client.get(URL)
    assert page.status_code == 200
    assert 'type="file"' not in page.text
    with city.app_context():
        assert db.session.scalar(sa.select(sa.func.count(RegistryRun.id))) == 0
