"""Bodies from a file: nothing before it is confirmed, errors by row, the same file twice changes nothing."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import mediation as mediations
from tests.factories.merchants import NOW
from tests.honours.test_operations import workbook
from tests.support.street import HEADER, Street
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.feed.models import Change
from webapp.mediation import files
from webapp.mediation.models import MediationBody
from webapp.mediation.rules import Area
from webapp.regions.models import Region

HEAD = "名称,种类,所在区县,地址,纬度,经度,电话,联系人,工作时间,服务范围,状态\n"
GOOD = "裕华路站,消费维权服务站,莲池区,裕华路12号,38.87,115.49,0312-2012315,赵站长,周一至周五 09:00-17:00,,在用\n"


@pytest.fixture
def bureau(app: Flask, street: Street, client: FlaskClient) -> Callable[..., object]:
    """The city's officer hands in a file; the page that follows."""
    with app.app_context():
        if db.session.get(Region, "130606") is None:
            db.session.add(Region(code="130606", parent=None, level="county", name="莲池区"))
        db.session.commit()

    def hand_in(text: str | bytes, name: str = "站.csv") -> tuple[int, str]:
        data = text if isinstance(text, bytes) else text.encode()
        sent = {"file": (io.BytesIO(data), name)}
        done = client.post(
            "/office/bodies/files", data=sent, headers={HEADER: "bureau"}, content_type="multipart/form-data"
        )
        if done.status_code != 303:
            return 0, done.text
        number = int(done.location.rpartition("/")[2])
        return number, client.get(done.location, headers={HEADER: "bureau"}).text

    return hand_in


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page[-2000:]
    return found[1]


def act(client: FlaskClient, number: int, page: str, action: str = "confirm", who: str = "bureau") -> int:
    address = f"/office/bodies/files/{number}/{action}"
    return client.post(address, data={"version": version(page)}, headers={HEADER: who}).status_code


def names(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(sa.select(MediationBody.name)))


def test_nothing_is_written_before_it_is_confirmed_and_twice_is_once(
    app: Flask, client: FlaskClient, bureau: Callable[..., tuple[int, str]]
) -> None:
    bad = "别站,消费维权服务站,莲池区,,,,,,看情况,,\n某站,茶馆,莲池区,,,,,,,,\n"
    bad += "裕华路站,ODR 企业,莲池区,,,,,,,,\n,消费维权服务站,莲池区,,,,,,,,\n"
    number, page = bureau(HEAD + GOOD + bad + "远站,消费维权服务站,火星区,,,,,,,,\n")
    assert names(app) == set()
    for said in (
        "工作时间：没有看懂“看情况”",
        "种类：",
        "和第 2 行是同一个名称",
        "没有叫“火星区”的区县",
        "有 5 行不能办",
    ):
        assert said in page, said
    again, _ = bureau(HEAD + GOOD + bad + "远站,消费维权服务站,火星区,,,,,,,,\n")
    assert again == number, "the form was sent twice"
    assert act(client, number, page) == 303
    assert names(app) == {"裕华路站"}
    assert act(client, number, page) == 409, "it is done"
    with app.app_context():
        body = db.session.scalars(sa.select(MediationBody)).one()
        assert (body.latitude, body.phone, body.contact) == (38.87, "0312-2012315", "赵站长")
        assert body.area == Area(frozenset({"130606"}))
        told = db.session.scalar(
            sa.select(sa.func.count(Change.seq)).where(Change.kind == "mediation_body.changed")
        )
        assert told == 2, "the two shops of the county"
        before = body.version
    number, page = bureau(HEAD + GOOD)
    assert "没有要登记或修改的" in page
    assert "确认登记" not in page
    exported = client.get("/office/bodies/export.csv", headers={HEADER: "bureau"})
    assert "attachment" in exported.headers["Content-Disposition"]
    number, page = bureau(exported.data)
    assert '没有变化 <b class="num">1</b>' in page
    with app.app_context():
        assert db.session.scalars(sa.select(MediationBody)).one().version == before


def test_a_correction_shows_before_and_after_and_a_missing_column_is_left(
    app: Flask, client: FlaskClient, bureau: Callable[..., tuple[int, str]]
) -> None:
    number, page = bureau(HEAD + GOOD)
    act(client, number, page)
    number, page = bureau("名称,电话,状态\n裕华路站,,停用\n")
    assert "<del>0312-2012315</del> → （空）" in page
    assert "<del>在用</del> → 停用" in page
    assert act(client, number, page, "drop") == 303
    with app.app_context():
        assert db.session.scalars(sa.select(MediationBody)).one().phone == "0312-2012315"
    number, page = bureau("名称,电话,状态\n裕华路站,,停用\n")
    act(client, number, page)
    with app.app_context():
        body = db.session.scalars(sa.select(MediationBody)).one()
        assert (body.phone, body.address, body.closed_at is not None) == ("", "裕华路12号", True)
    body_page = client.get("/office/bodies/1", headers={HEADER: "bureau"}).text
    assert "<del>0312-2012315</del>" in body_page


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04broken", "店名\n某站\n".encode(), HEAD.encode(), b"\x00\x01", b"\xff\xfe\xfd"]
)
def test_a_file_that_cannot_be_read_says_so(bureau: Callable[..., tuple[int, str]], data: bytes) -> None:
    number, page = bureau(data)
    assert number == 0
    assert "文件读不了" in page


def test_gbk_and_workbooks_are_read(
    app: Flask, client: FlaskClient, bureau: Callable[..., tuple[int, str]]
) -> None:
    number, page = bureau((HEAD + GOOD).encode("gb18030"))
    assert "新登记" in page
    rows = list(csv.reader(io.StringIO(HEAD + GOOD.replace("裕华路站", "表格站"))))
    number, page = bureau(workbook(*rows), "站.xlsx")
    act(client, number, page)
    assert names(app) == {"表格站"}


def test_what_lies_elsewhere_is_refused_by_row_and_a_file_is_its_officers(
    app: Flask, client: FlaskClient, street: Street, bureau: Callable[..., tuple[int, str]]
) -> None:
    from tests.factories import complaints as make
    from webapp.core.actor import Role

    with app.app_context():
        street.actors["county"] = make.make_officer(Role.BUREAU_OFFICER, "130602", "竞秀").actor()
        street.actors["colleague"] = make.make_officer(Role.BUREAU_OFFICER, "1306", "同事").actor()
        with pytest.raises(Invalid, match="body_file"):
            files.upload("x", b"", street.actors["bureau"], NOW)
        file = files.upload("x.csv", (HEAD + GOOD).encode(), street.actors["county"], NOW)
        (row,) = files.rows_of(file)
        assert (row.fate, row.error) == ("refused", "这个区县不在您的管辖范围内。") or row.fate == "refused"
        db.session.commit()
    number, page = bureau(HEAD + GOOD)
    assert act(client, number, page, who="county") in {403, 404}
    assert act(client, number, page, who="colleague") == 303
    assert act(client, number, page) == 409, "the colleague was first"
    assert client.get(f"/office/bodies/files/{number}", headers={HEADER: "station"}).status_code in {403, 404}


CELLS = st.text(alphabet="站 莲池区,\"'=+-@0123456789.;；周一至五:\n", max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=11, max_size=11), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_looking_changes_nothing(
    app: Flask, street: Street, rows: list[list[str]]
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.strip().split(","), *rows])
    with app.app_context():
        mediations.make_body("站")
        before = db.session.scalar(sa.select(sa.func.count(MediationBody.id)))
        with contextlib.suppress(Invalid):  # all cells may be empty
            file = files.upload("x.csv", out.getvalue().encode(), street.actors["bureau"], NOW)
            assert {row.fate for row in files.rows_of(file)} <= {fate.value for fate in files.Fate}
        assert db.session.scalar(sa.select(sa.func.count(MediationBody.id))) == before
        db.session.rollback()
