"""Files that suspend codes, lift it, and name members of return chains; the kept file and its results."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.codes import send
from tests.factories.listings import People
from tests.factories.merchants import NOW, make_operator, make_shop
from tests.factories.registry import make_record
from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Forbidden
from webapp.core.transaction import unit
from webapp.honours import measures, operations, queries
from webapp.honours.models import Measure, RowFate
from webapp.honours.rules import HonourKind
from webapp.merchants.models import Shop
from webapp.web.words import label

HEAD = "统一社会信用代码,店铺编号,依据,理由\n"
RETURN_HEAD = "统一社会信用代码,店铺编号,品牌,退货天数,承诺内容,退货笔数,拒退笔数,事实和证据\n"


def another(name: str = "第二家") -> Shop:
    """One more vouched-for shop."""
    operator = make_operator(name)
    make_record(uscc=operator.uscc)
    shop = make_shop(operator, name)
    codes.issue(shop.id, SYSTEM, NOW)
    return shop


def upload(kind: str, data: str, actor: Actor) -> Measure:
    with unit():
        return measures.upload(kind, "名单.csv", data.encode(), actor, NOW)


def confirm(measure: Measure, actor: Actor) -> int:
    with unit():
        measures.confirm(measure.id, actor, NOW, measure.version)
    with unit():
        return measures.run(NOW)


def errors(measure: Measure) -> dict[int, str]:
    return {row.line: row.error or "" for row in db.session.scalars(measures.rows_of(measure.id))}


def state(shop: Shop) -> CodeState:
    code = code_queries.standing(shop.id)
    assert code is not None
    return code.state


@pytest.mark.each_database
def test_many_codes_are_suspended_and_given_back_by_two(people: People, context: Flask) -> None:
    with unit():
        other, third = another(), another("第三家").operator.uscc
        bare = make_shop(make_operator("没有码"), "没有码的店")
        make_record(uscc=bare.operator.uscc)
    uscc, two = people.shop.operator.uscc, other.operator.uscc
    data = HEAD + (
        f"{uscc},,接受检查,排查煤气隐患\n"
        f"{two},,under_inspection,排查煤气隐患\n"
        f"{third},,不知道,x\n"
        f"{third},,被列入经营异常名录,x\n"
        f"{third},,接受检查,\n"
        f"{bare.operator.uscc},,接受检查,x\n"
    )
    measure = upload(
        "suspend", data.replace("接受检查", label("code.ground.under_inspection")), people.station
    )
    found = errors(measure)
    assert found[2] == found[3] == ""
    assert "依据不在目录里" in found[4]
    assert "由系统自动暂停和解除" in found[5]
    assert "没有写理由" in found[6]
    assert "没有诚信码" in found[7]
    assert (state(people.shop), state(other)) == (CodeState.ACTIVE, CodeState.ACTIVE)
    with pytest.raises(Forbidden):
        measures.confirm(measure.id, people.station, NOW, measure.version)
    assert confirm(measure, people.second) == 2
    assert (state(people.shop), state(other)) == (CodeState.SUSPENDED, CodeState.SUSPENDED)
    again = upload("suspend", HEAD + f"{uscc},,under_inspection,再来\n", people.bureau)
    assert "已经因为这个原因暂停" in errors(again)[2]
    with pytest.raises(Forbidden):  # giving codes back is the bureau's
        upload("restore", HEAD + f"{uscc},,under_inspection,查完了\n", people.station)
    back = upload(
        "restore", HEAD + f"{uscc},,under_inspection,查完了\n{two},,code_misused,x\n", people.bureau
    )
    assert "没有因为这个原因暂停" in errors(back)[3]
    assert confirm(back, people.second) == 1
    assert (state(people.shop), state(other)) == (CodeState.ACTIVE, CodeState.SUSPENDED)


def test_a_row_that_lost_its_code_meanwhile_fails_alone(people: People, context: Flask) -> None:
    with unit():
        other = another()
    rows = "".join(f"{shop.operator.uscc},,under_inspection,排查\n" for shop in (people.shop, other))
    measure = upload("suspend", HEAD + rows, people.bureau)
    with unit():
        codes.revoke_now(other.id, "operator_deregistered", "注销", SYSTEM, NOW)
    assert confirm(measure, people.second) == 2
    assert measures.counts(measure.id) == {RowFate.DONE: 1, RowFate.FAILED: 1}
    assert state(people.shop) is CodeState.SUSPENDED


@pytest.mark.each_database
def test_shops_are_named_to_a_chain_that_stands(people: People, context: Flask) -> None:
    with unit():
        other = another()
        operations.create_chain("惠友超市", "凭小票。", "1306", people.bureau, NOW)
    uscc = people.shop.operator.uscc
    data = RETURN_HEAD + (
        f"{uscc},,惠友超市,7,包装完好的可以退,12,1,退货登记本\n"
        f"{other.operator.uscc},,没有这家,7,包装完好的可以退,12,1,退货登记本\n"
        f"{other.operator.uscc},,惠友超市,7,包装完好的可以退,几笔,1,退货登记本\n"
        f"{other.operator.uscc},,惠友超市,7,包装完好的可以退,,1,退货登记本\n"
    )
    measure = upload("cross_shop_return", data, people.bureau)
    found = errors(measure)
    assert "没有这个退换货品牌：没有这家" in found[3]
    assert "退货笔数要是整数" in found[4]
    assert "请写近一年的笔数" in found[5]
    assert confirm(measure, people.second) == 1
    honour = queries.standing(people.shop.id, HonourKind.CROSS_SHOP_RETURN)
    assert honour is not None
    assert honour.chain is not None
    assert honour.chain.name == "惠友超市"
    assert (honour.proposed_by_id, honour.decided_by_id) == (
        people.bureau.account_id,
        people.second.account_id,
    )
    assert [one.returns for one in queries.records_of(honour.id)] == [12]


def test_the_file_is_kept_and_its_results_come_as_a_table(
    app: Flask, city: People, browser: Callable[[Actor], FlaskClient]
) -> None:
    officer, away = browser(city.bureau), browser(city.stranger)
    data = (HEAD + "91130606MA0000000X,,under_inspection,=1+1\n").encode("gb18030")
    sent = {"kind": "suspend", "file": (io.BytesIO(data), "暂停名单.csv")}
    page = send(officer, "/office/measures", "/office/measures", **sent).location  # type: ignore[arg-type]
    kept = officer.get(f"{page}/file")
    assert kept.data == data
    assert "attachment" in kept.headers["Content-Disposition"]
    assert hashlib.sha256(data).hexdigest() in officer.get(page).text
    table = officer.get(f"{page}/rows.csv").text
    assert "91130606MA0000000X" in table
    assert "核对 18 位" in table
    for path in (page, f"{page}/file", f"{page}/rows.csv"):
        assert away.get(path).status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(Measure.data)) == data
