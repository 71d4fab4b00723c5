"""Two people name a shop; what it rests on ends it; rules nominate; files are done row by row."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.complaints import make_complaint
from tests.factories.honours import facts, make_honour
from tests.factories.listings import People, make_listing, make_people, make_proposal
from tests.factories.merchants import NOW, make_operator, make_shop
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM
from webapp.core.checks import CheckResult
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.honours import measures, nominating, operations, queries, sheets
from webapp.honours.models import Honour, Measure, MeasureState, Nomination, RowFate
from webapp.honours.rules import HonourKind, HonourState, NominationState
from webapp.listings import cases, process
from webapp.listings import operations as listings
from webapp.listings import queries as listing_queries
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import ShopFigures
from webapp.ratings.rules import HEARTS
from webapp.web import tables

TODAY = NOW.date()
LATER = NOW + timedelta(days=200)


def shown(kind: HonourKind = HonourKind.DEMONSTRATION, today: date = TODAY, **more: str) -> list[int]:
    return [one.shop_id for one in db.session.scalars(queries.published(kind, today=today, **more))]


@pytest.mark.each_database
def test_two_people_name_a_shop(people: People, context: Flask) -> None:
    with unit():
        proposal = operations.propose(people.shop.id, facts(), people.station, NOW)
    assert shown() == []
    with pytest.raises(Forbidden):
        operations.decide(proposal.id, "confirm", "属实", people.station, NOW, proposal.version)
    with unit():
        operations.decide(proposal.id, "confirm", "属实", people.second, NOW, proposal.version)
    assert shown() == [people.shop.id]
    assert shown(region="130606") == [people.shop.id]
    assert shown(region="130602") == shown(text="没有") == shown(category="stay") == []
    assert [one.id for one in queries.public_of_shop(people.shop.id, TODAY)] == [proposal.id]
    assert queries.published_counts(TODAY)[HonourKind.DEMONSTRATION] == 1
    assert db.session.scalars(sa.select(Change.kind)).all()[-1] == "honour.published"


@pytest.mark.each_database
def test_one_person_is_not_enough_nor_for_the_database(people: People, context: Flask) -> None:
    with unit():
        proposal = operations.propose(people.shop.id, facts(), people.bureau, NOW)
    with pytest.raises(Forbidden, match="honour_two_people"):
        operations.decide(proposal.id, "confirm", "属实", people.bureau, NOW, proposal.version)
    for values, rule in (
        ({"decided_by_id": people.bureau.account_id}, "two_people"),
        ({"state": "published"}, "published_by_two"),
        ({"sector": None}, "demonstration_has_sector"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=rule):
            db.session.execute(sa.update(Honour).where(Honour.id == proposal.id).values(**values))
        db.session.rollback()


@pytest.mark.each_database
def test_suspended_hides_and_restored_shows_again(people: People, context: Flask) -> None:
    with unit():
        make_honour(people)
        codes.suspend(people.shop.id, "abnormal_list", "列入", SYSTEM, NOW)
    assert shown() == queries.public_of_shop(people.shop.id, TODAY) == []
    assert queries.published_counts(TODAY)[HonourKind.DEMONSTRATION] == 0
    with unit():
        codes.lift(people.shop.id, "abnormal_list", "移出", SYSTEM, NOW)
    assert shown() == [people.shop.id]


@pytest.mark.parametrize("how", ["code_revoked", "black_listed"])
def test_what_it_rests_on_ends_it(people: People, how: str) -> None:
    with unit():
        honour = make_honour(people)
        if how == "black_listed":
            make_listing(people)
        else:
            codes.revoke_now(people.shop.id, "operator_deregistered", "注销", SYSTEM, NOW)
    assert honour.state is HonourState.ENDED
    assert honour.ended_reason in {"code_revoked", how}
    assert shown() == []
    with pytest.raises(Conflict, match="honour_not_vouched"):
        operations.propose(people.shop.id, facts(), people.bureau, NOW)


def test_a_term_ends_by_itself(people: People) -> None:
    with unit():
        honour = make_honour(people)
    assert honour.term_until is not None
    assert shown(today=honour.term_until) == [people.shop.id]
    assert shown(today=honour.term_until + timedelta(days=1)) == []
    after = datetime.combine(honour.term_until + timedelta(days=1), NOW.timetz())
    with unit():
        assert operations.expire_ended(after) == 1
    assert honour.state is HonourState.EXPIRED


def test_a_chain_shows_the_shops_that_belong_to_it(people: People) -> None:
    with unit():
        chain = operations.create_chain("惠民超市", "凭小票任一门店退换", "1306", people.bureau, NOW)
        make_honour(people, HonourKind.CROSS_SHOP_RETURN, chain_id=chain.id)
    assert [(one.name, count) for one, count in queries.chains(TODAY)] == [("惠民超市", 1)]
    with pytest.raises(Conflict, match="chain_taken"):
        operations.create_chain("惠民超市", "x", "1306", people.bureau, NOW)


# --- nominations ------------------------------------------------------------------------------------------------------


def rate(shop_id: int, count: int, hearts: int = 5) -> None:
    figures = db.session.get(ShopFigures, shop_id) or ShopFigures(shop_id=shop_id)
    figures.ratings = count
    for heart in HEARTS:
        setattr(figures, f"hearts_{heart}", hearts * count)
    db.session.add(figures)
    db.session.flush()


@pytest.mark.each_database
def test_rules_nominate_an_officer_proposes_another_confirms(people: People, context: Flask) -> None:
    with unit():
        rate(people.shop.id, 9)
        assert nominating.nominate(LATER) == 0, "too few ratings"
        rate(people.shop.id, 10)
        assert nominating.nominate(NOW) == 0, "not long enough on record"
        assert nominating.nominate(LATER) == 1
        assert nominating.nominate(LATER) == 0, "once is enough"
    [nomination] = db.session.scalars(queries.nominations(people.bureau.posts))
    assert nomination.facts["grounds"][0] == "high_ratings"
    with unit():
        listing = nominating.take(people.shop.id, "评价好。", "核实过", "high_ratings", people.bureau, LATER)
    assert listing.state is ListingState.PROPOSED
    with pytest.raises(Forbidden, match="listing_two_people"):
        listings.decide(listing.id, "confirm", "属实", people.bureau, LATER, listing.version)
    with unit():
        listings.decide(listing.id, "confirm", "属实", people.second, LATER, listing.version)
    assert [one.id for one in listing_queries.public_of_shop(people.shop.id, LATER.date())] == [listing.id]


def test_a_nomination_lapses_when_the_record_is_clean_no_more(people: People) -> None:
    with unit():
        rate(people.shop.id, 10)
        nominating.nominate(LATER)
        make_proposal(people, Colour.BLACK, LATER, LATER.date() + timedelta(days=200))
        assert nominating.nominate(LATER) == 1
    nomination = db.session.get_one(Nomination, people.shop.id)
    assert nomination.state is NominationState.LAPSED
    with pytest.raises(Conflict):
        nominating.take(people.shop.id, "a", "b", "high_ratings", people.bureau, LATER)


def test_a_declined_shop_comes_back_with_new_ratings_only(people: People) -> None:
    with unit():
        rate(people.shop.id, 10)
        nominating.nominate(LATER)
        nominating.decline(people.shop.id, "再看看", people.station, LATER)
        assert nominating.nominate(LATER) == 0
        rate(people.shop.id, 12)
        assert nominating.nominate(LATER) == 1
    assert queries.nominated(people.bureau.posts) == 1


def test_who_owes_an_answer_is_not_repaired(people: People) -> None:
    with unit():
        entry = make_listing(people)
        complaint = make_complaint(people.shop)
    assert complaint.answer_due_at is not None
    checks = {check.code: check for check in cases.repair_checks(entry, LATER)}
    assert checks["complaints"].result is CheckResult.FAILED
    with pytest.raises(Conflict, match="repair_not_yet"):
        cases.ask_repair(entry.id, "换了", process.PLEDGES, people.owner, LATER)
    with unit():
        complaint.first_answered_at = complaint.answer_due_at
    assert cases.ask_repair(entry.id, "换了", process.PLEDGES, people.owner, LATER).receipt


# --- measures from a file ---------------------------------------------------------------------------------------------

HEAD = "统一社会信用代码,店铺编号,依据,事实和证据,公示摘要,公示到\n"


def black_file(*rows: str, encoding: str = "utf-8") -> bytes:
    return (HEAD + "\n".join(rows)).encode(encoding)


def row(uscc: str, number: str = "", ground: str = "短斤少两", until: str = "2026-12-31") -> str:
    return f"{uscc},{number},{ground},三次复称都少,电子秤短斤少两。,{until}"


@pytest.mark.each_database
def test_a_file_is_previewed_confirmed_by_another_and_done(people: People, context: Flask) -> None:
    uscc = people.shop.operator.uscc
    with unit():
        two = make_operator("两家店")
        ids = [make_shop(two, name).id for name in ("一店", "二店")]
        far = make_shop(make_operator("外地"), "外地店")
        far.region_code, far.station_id = "130602", None
        data = black_file(
            row(uscc),
            row(two.uscc),
            row(two.uscc, str(ids[1]), ground="short_measure"),
            row(far.operator.uscc),
            row("91130606MA0000000X"),
            row(uscc),
            row(two.uscc, str(ids[0]), ground="不知道"),
            row(two.uscc, str(ids[0]), until="明年"),
            row(two.uscc, str(ids[0]), until="2026-06-01"),
            encoding="gb18030",
        )
        measure = measures.upload("black", "名单.csv", data, people.bureau, NOW)
    rows = {one.line: one for one in db.session.scalars(measures.rows_of(measure.id))}
    assert {line: one.fate for line, one in rows.items() if one.fate is RowFate.READY} == {
        2: RowFate.READY,
        4: RowFate.READY,
    }
    assert "2 家店" in (rows[3].error or "")
    assert "辖区" in (rows[5].error or "")
    assert "核对 18 位" in (rows[6].error or "")
    assert "第 2 行" in (rows[7].error or "")
    assert "不知道" in (rows[8].error or "")
    assert "日期" in (rows[9].error or "")
    assert "至少公示 3 个月" in (rows[10].error or "")
    with pytest.raises(Forbidden, match="measure_two_people"):
        measures.confirm(measure.id, people.bureau, NOW, measure.version)
    with unit():
        assert measures.run(NOW) == 0, "nothing is done before the second person"
    with unit():
        measures.confirm(measure.id, people.second, NOW, measure.version)
    with unit():
        assert measures.run(NOW) == 2
    assert measure.state is MeasureState.DONE
    assert measures.counts(measure.id) == {RowFate.DONE: 2, RowFate.REFUSED: 7}
    black = listing_queries.standing(people.shop.id, Colour.BLACK)
    assert black is not None
    assert (black.state, black.proposed_by_id, black.decided_by_id) == (
        ListingState.CONFIRMED,
        people.bureau.account_id,
        people.second.account_id,
    )


@pytest.mark.each_database
def test_a_row_that_fails_leaves_nothing_and_stops_nobody(people: People, context: Flask) -> None:
    with unit():
        other = make_people("隔壁面馆")
        data = black_file(row(people.shop.operator.uscc), row(other.shop.operator.uscc))
        measure = measures.upload("black", "名单.csv", data, people.bureau, NOW)
        measures.confirm(measure.id, people.second, NOW, measure.version)
        make_proposal(people)  # meanwhile somebody proposed the first by hand
    with unit():
        measures.run(NOW)
    fates = {one.line: one.fate for one in db.session.scalars(measures.rows_of(measure.id))}
    assert fates == {2: RowFate.FAILED, 3: RowFate.DONE}
    assert measure.state is MeasureState.DONE


def test_the_database_wants_two_people_for_a_file(people: People) -> None:
    with unit():
        data = black_file(row(people.shop.operator.uscc))
        measure = measures.upload("black", "a.csv", data, people.bureau, NOW)
    update = sa.update(Measure).where(Measure.id == measure.id)
    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        db.session.execute(update.values(state="running", decided_by_id=people.bureau.account_id))
    db.session.rollback()


def test_honours_from_a_workbook(people: People) -> None:
    data = workbook(
        ["信用代码", "行业", "承诺内容", "有效期至"],
        [people.shop.operator.uscc, "餐饮", "按标准核验合格", "2028-05-06"],
    )
    with unit():
        measure = measures.upload("demonstration", "示范.xlsx", data, people.bureau, NOW)
        assert measures.counts(measure.id) == {RowFate.READY: 1}
        measures.confirm(measure.id, people.second, NOW, measure.version)
        measures.run(NOW)
    assert shown() == [people.shop.id]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "measure_file"),
        (b"a,b\n1,2\n", "measure_file"),
        (HEAD.encode(), "measure_empty"),
        (b"PK\x03\x04 no workbook", "measure_file"),
        (b"\xff\xff\xff", "measure_file"),
        (HEAD.encode() + b"x\n" * 3, "measure_many"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        sheets.read(data, 2)


def test_a_workbook_that_unpacks_to_too_much_is_not_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(tables.UNPACKED_MOST + 1))
    with pytest.raises(Invalid, match="measure_file"):
        sheets.read(packed.getvalue(), 10)


def workbook(*rows: list[str]) -> bytes:
    """The smallest XLSX (ECMA-376) with one sheet of inline texts."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in one) + "</row>"
        for one in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="a" sheetId="1" '
        f'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_another_places_officer_finds_no_file(people: People) -> None:
    with unit():
        data = black_file(row(people.shop.operator.uscc))
        measure = measures.upload("black", "a.csv", data, people.bureau, NOW)
        city = make_officer(region_code="1306").actor()
    seen = {
        name: bool(db.session.scalars(measures.listed(actor)).all())
        for name, actor in (
            ("own", people.bureau),
            ("colleague", people.second),
            ("city", city),
            ("station", people.station),
            ("stranger", people.stranger),
        )
    }
    assert seen == {"own": True, "colleague": True, "city": True, "station": False, "stranger": False}
    scope = measures.scope_of(measure.id)
    assert [post.covers(scope) for post in (*people.second.posts, *people.stranger.posts)] == [True, False]
