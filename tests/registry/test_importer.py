"""Whole runs: what is in afterwards, what followed from it, and when a run stops."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import merchants, registry
from tests.factories.registry import feed, row
from webapp.audit.models import AuditEvent
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.signals import registry_changed
from webapp.feed.models import Change
from webapp.merchants import lookup
from webapp.merchants.models import Operator
from webapp.registry import importer, queries
from webapp.registry import mapping as mappings
from webapp.registry.models import RegistryRecord, RegistryRefusal, RegistryRun
from webapp.registry.reading import Unreadable
from webapp.registry.rules import RegistryStatus

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


@pytest.fixture
def city(context: Flask) -> Flask:
    """A city with its policy values."""
    policy.sync()
    db.session.commit()
    return context


@pytest.fixture
def news(city: Flask) -> Iterator[list[dict[str, Any]]]:
    """What other features hear."""
    heard: list[dict[str, Any]] = []

    def hear(_sender: None, **news: Any) -> None:
        heard.append(news)

    with registry_changed.connected_to(hear):
        yield heard


def take(stream: io.BytesIO, **more: Any) -> RegistryRun:
    options = {"mapping": mappings.load(), "actor": SYSTEM, "now": NOW} | more
    return importer.run_import(stream, "feed.csv", **options)


def figures(run: RegistryRun) -> tuple[int, int, int, int, int]:
    return run.rows, run.added, run.changed, run.unchanged, run.refused


def refusals(run: RegistryRun) -> list[tuple[int, str]]:
    return [(entry.line, entry.reason) for entry in db.session.scalars(queries.refusals_of(run.id))]


@pytest.mark.each_database
def test_the_same_file_twice_changes_nothing(city: Flask) -> None:
    rows = [row(number) for number in range(1, 6)]
    assert figures(take(feed(*rows))) == (5, 5, 0, 0, 0)
    before = db.session.scalars(sa.select(RegistryRecord.imported_at)).all()
    events = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    assert figures(take(feed(*rows), now=datetime(2026, 5, 7, tzinfo=UTC))) == (5, 0, 0, 5, 0)
    assert db.session.scalars(sa.select(RegistryRecord.imported_at)).all() == before
    assert (
        db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == events + 1
    )  # the run itself


@pytest.mark.each_database
def test_changes_are_taken_over_with_their_old_values_kept(city: Flask) -> None:
    take(feed(row(1), row(2)))
    run = take(feed(row(1, name="新名面馆", as_of="2026-05-02"), row(2)))
    assert figures(run) == (2, 0, 1, 1, 0)
    record = queries.find_record(registry.uscc(1).lower())
    assert record is not None
    assert (record.name, record.as_of) == ("新名面馆", date(2026, 5, 2))
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "registry.change")).one()
    assert event.old == {"name": "莲池区第1面馆", "as_of": "2026-05-01"}
    assert event.new == {"name": "新名面馆", "as_of": "2026-05-02"}


@pytest.mark.each_database
def test_older_rows_never_overwrite_and_newer_equal_ones_move_the_day(city: Flask) -> None:
    take(feed(row(1)))
    run = take(feed(row(1, name="旧名", as_of="2026-04-30")))
    assert (figures(run), run.older) == ((1, 0, 0, 1, 0), 1)
    run = take(feed(row(1, as_of="2026-05-05")))
    assert (figures(run), run.older) == ((1, 0, 0, 1, 0), 0)
    record = queries.find_record(registry.uscc(1))
    assert record is not None
    db.session.refresh(record)
    assert (record.name, record.as_of) == ("莲池区第1面馆", date(2026, 5, 5))


@pytest.mark.each_database
def test_double_rows_come_to_rest(city: Flask) -> None:
    rows = [
        row(1),
        row(1),  # the same again
        row(1, name="另一个名字"),  # the same day says something else
        row(2, as_of="2026-05-02", name="新"),
        row(2, name="旧"),
        row(3, name="旧"),
        row(3, as_of="2026-05-02", name="新"),
    ]
    first = take(feed(*rows))
    assert figures(first) == (7, 3, 1, 2, 1)
    assert refusals(first) == [(4, "contradicts_other_row")]
    second = take(feed(*rows))
    assert figures(second) == (7, 0, 0, 6, 1)
    names = db.session.execute(
        sa.select(RegistryRecord.uscc, RegistryRecord.name).order_by(RegistryRecord.id)
    )
    assert [name for _, name in names] == ["莲池区第1面馆", "新", "新"]


def test_double_rows_in_different_batches_come_to_rest(city: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "BATCH", 2)
    rows = [row(1), row(2), row(3), row(1, name="另一个名字"), row(2)]
    assert figures(take(feed(*rows))) == (5, 3, 0, 1, 1)
    assert figures(take(feed(*rows))) == (5, 0, 0, 4, 1)


@pytest.mark.each_database
def test_broken_rows_are_reported_by_line_and_the_rest_is_in(city: Flask) -> None:
    lines = feed(row(1), row(2, uscc="bad"), row(3, status="?"), row(4)).getvalue().decode()
    run = take(io.BytesIO((lines + "only,three,cells\n").encode()))
    assert figures(run) == (5, 2, 0, 0, 3)
    assert refusals(run) == [(3, "uscc_length"), (4, "status_unknown"), (6, "columns_wrong")]


def test_a_gbk_export_goes_in_by_the_citys_mapping(city: Flask) -> None:
    headings = ("统一社会信用代码", "企业名称", "登记状态", "是否列入经营异常名录", "更新日期")
    cells = {
        "统一社会信用代码": registry.uscc(9),
        "企业名称": "老槐树面馆",
        "登记状态": "存续（在营、开业、在册）",
        "是否列入经营异常名录": "是",
        "更新日期": "2026年5月1日",
    }
    run = take(feed(cells, headings=headings, encoding="gbk"), mapping=mappings.load("baoding_export"))
    assert figures(run) == (1, 1, 0, 0, 0)
    record = queries.find_record(registry.uscc(9))
    assert record is not None
    assert (record.name, record.abnormal, record.source) == ("老槐树面馆", True, "baoding")
    facts = lookup.find_facts(registry.uscc(9))
    assert facts is not None
    assert (facts.status, facts.kind) == ("active", "self_employed")
    assert lookup.find_facts(registry.uscc(8)) is None


def test_json_lines_go_in(city: Flask) -> None:
    data = "\n".join(json.dumps(row(number), ensure_ascii=False) for number in (1, 2)) + "\n{broken\n"
    assert figures(take(io.BytesIO(data.encode()))) == (3, 2, 0, 0, 1)


def test_rows_without_a_day_speak_of_the_day_that_is_said(city: Flask) -> None:
    take(feed(row(1, as_of="")), as_of=date(2026, 4, 1))
    take(feed(row(2, as_of="")))
    days = db.session.scalars(sa.select(RegistryRecord.as_of).order_by(RegistryRecord.id)).all()
    assert days == [date(2026, 4, 1), date(2026, 5, 6)]


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("changes", "consequence", "ground", "counted"),
    [
        ({"status": "注销"}, "revoke", "operator_deregistered", (0, 1, 0)),
        ({"status": "吊销"}, "revoke", "business_licence_revoked", (0, 1, 0)),
        ({"abnormal": "是"}, "suspend", "abnormal_marked", (1, 0, 0)),
        ({"status": "迁出"}, "suspend", "operator_moved_out", (1, 0, 0)),
        ({"status": "停业"}, "suspend", "operator_closed", (1, 0, 0)),
        ({"legal_representative": "李敏"}, "none", "", (0, 0, 0)),
    ],
)
def test_what_follows_is_told_in_the_same_transaction(
    news: list[dict[str, Any]],
    changes: dict[str, str],
    consequence: str,
    ground: str,
    counted: tuple[int, int, int],
) -> None:
    operator = registry.make_live_operator()
    run = take(feed(row(1, **changes)))
    assert (run.suspended, run.revoked, run.restored) == counted
    (told,) = news
    assert (told["operator_id"], told["consequence"], told["ground"]) == (operator.id, consequence, ground)
    assert told["record"].uscc == operator.uscc
    assert told["before"]["status"] == "active"
    assert (told["actor"], told["now"]) == (SYSTEM, NOW)


@pytest.mark.each_database
def test_a_record_that_is_clean_again_restores(news: list[dict[str, Any]]) -> None:
    registry.make_live_operator()
    take(feed(row(1, abnormal="是")))
    run = take(feed(row(1, as_of="2026-05-02")))
    assert (run.suspended, run.restored) == (0, 1)
    assert [told["consequence"] for told in news] == ["suspend", "none"]


@pytest.mark.each_database
def test_names_and_addresses_follow_the_register_and_pages_are_told(news: list[dict[str, Any]]) -> None:
    operator = registry.make_live_operator(shops=2)
    take(feed(row(1, name="新名面馆", registered_address="新地址1号")))
    db.session.refresh(operator)
    assert (operator.name, operator.registered_address) == ("新名面馆", "新地址1号")
    shops = {shop.id for shop in operator.shops}
    assert (
        set(db.session.scalars(sa.select(Change.shop_id).where(Change.kind == "operator_changed"))) == shops
    )


def test_strangers_are_taken_in_without_news(news: list[dict[str, Any]]) -> None:
    take(feed(row(1)))
    take(feed(row(1, status="注销")))
    assert news == []


@pytest.mark.each_database
def test_what_cannot_be_carried_out_leaves_the_record_for_the_next_time(city: Flask) -> None:
    operator = registry.make_live_operator()

    def refuse(_sender: None, **_news: Any) -> None:
        raise Conflict("changed_meanwhile")

    with registry_changed.connected_to(refuse):
        run = take(feed(row(1, name="新名面馆", status="注销"), row(2)))
    assert figures(run) == (2, 1, 0, 0, 1)
    assert refusals(run) == [(2, "consequence_failed")]
    db.session.expire_all()
    record = queries.find_record(registry.uscc(1))
    assert record is not None
    assert record.status is RegistryStatus.ACTIVE
    assert operator.name == "莲池区第1面馆"
    assert figures(take(feed(row(1, status="注销"), row(2)))) == (2, 0, 1, 1, 0)


def many_shops(count: int) -> list[dict[str, str]]:
    for number in range(1, count + 1):
        registry.make_live_operator(number)
    return [row(number) for number in range(1, count + 1)]


@pytest.mark.each_database
def test_a_feed_that_takes_down_too_many_stops_before_anything_changed(news: list[dict[str, Any]]) -> None:
    rows = many_shops(20)
    rows[0]["status"] = rows[1]["abnormal"] = ""
    rows[0]["status"], rows[1]["abnormal"], rows[2]["name"] = "注销", "是", "新名"
    run = take(feed(*rows))
    assert run.stopped_reason == "too_many_takedowns"
    assert (run.takedowns, run.live_shops, run.changed) == (2, 20, 0)
    assert run.finished_at is not None
    assert news == []
    assert {record.name for record in db.session.scalars(sa.select(RegistryRecord))} & {"新名"} == set()
    for people in (("wang",), ("wang", "wang")):
        assert take(feed(*rows), forced_by=people).stopped_reason == "too_many_takedowns"
    forced = take(feed(*rows), forced_by=("wang", "li"))
    assert (forced.stopped_reason, forced.changed, forced.forced_by) == (None, 3, "wang,li")
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "registry.force")).one()
    assert event.new == {"by": ["wang", "li"], "takedowns": 2, "live": 20}


def test_one_shop_and_what_is_down_already_do_not_stop_a_feed(news: list[dict[str, Any]]) -> None:
    rows = many_shops(4)
    rows[0]["status"] = "注销"
    assert take(feed(*rows)).stopped_reason is None
    rows[1]["abnormal"] = "是"
    assert take(feed(*rows)).stopped_reason is None  # the first is down already
    rows[0] |= {"as_of": "2026-04-01"}
    rows[2] |= {"as_of": "2026-04-01", "status": "注销"}
    rows[3] |= {"as_of": "2026-04-01", "status": "注销"}
    assert take(feed(*rows)).stopped_reason is None  # older than what is known: nothing would happen


def test_live_shops_are_those_with_an_active_code(city: Flask) -> None:
    first, second = registry.make_live_operator(1, shops=2), registry.make_live_operator(2, shops=1)
    assert queries.count_live_shops(None) == 3
    assert queries.count_live_shops([second.id]) == 1
    assert queries.count_live_shops([]) == 0
    db.session.scalars(
        sa.select(TrustCode).where(TrustCode.shop_id == first.shops[0].id)
    ).one().state = CodeState.SUSPENDED
    merchants.make_shop(second)  # never had a code
    db.session.flush()
    assert queries.count_live_shops(None) == 2
    assert queries.count_live_shops([first.id]) == 1


def test_a_run_that_breaks_off_says_so_and_can_be_repeated(
    city: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 2)
    real, calls = importer.operations.take_in, []

    def power_cut(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("disk on fire")
        return real(*args, **more)

    monkeypatch.setattr(importer.operations, "take_in", power_cut)
    rows = [row(number) for number in range(1, 6)]
    with pytest.raises(OSError, match="fire"):
        take(feed(*rows))
    broken = db.session.scalars(queries.runs()).first()
    assert broken is not None
    assert (broken.stopped_reason, figures(broken)) == ("broke_off", (2, 2, 0, 0, 0))
    assert figures(take(feed(*rows))) == (5, 3, 0, 2, 0)


def test_another_writer_who_was_first_is_waited_out(city: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failed = importer.operations.take_in, []

    def beaten(*args: Any, **more: Any) -> Any:
        result = real(*args, **more)
        if not failed:
            failed.append(1)
            raise Conflict("already_done")
        return result

    monkeypatch.setattr(importer.operations, "take_in", beaten)
    assert figures(take(feed(row(1), row(2, uscc="x")))) == (2, 1, 0, 0, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RegistryRefusal)) == 1


def test_refusals_are_kept_up_to_a_limit_and_counted_beyond(
    city: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "REFUSALS_KEPT", 3)
    monkeypatch.setattr(importer, "BATCH", 2)
    run = take(feed(*(row(1, uscc="x") for _ in range(7))))
    assert run.refused == 7
    assert [line for line, _ in refusals(run)] == [2, 3, 4]


def test_a_file_that_cannot_be_read_leaves_no_run(city: Flask) -> None:
    with pytest.raises(Unreadable):
        take(io.BytesIO(b"a,b\n1,2\n"))
    assert db.session.scalars(queries.runs()).first() is None


CELLS = st.one_of(
    st.sampled_from(
        ["", "存续", "注销", "是", "2026-05-01", "无", registry.uscc(1), registry.uscc(2), '"', "店"]
    ),
    st.text(max_size=8),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.lists(CELLS, min_size=12, max_size=15).map(",".join), max_size=12), st.binary(max_size=120)
)
def test_no_input_crashes_and_every_row_is_accounted_for(
    city: Flask, lines: list[str], rubbish: bytes
) -> None:
    good = feed(row(1), row(2)).getvalue()
    data = good + "\n".join(lines).encode("utf-8", "replace") + b"\n" + rubbish
    run = take(io.BytesIO(data))
    assert run.added + run.changed + run.unchanged + run.refused == run.rows
    assert run.rows >= 2
    assert run.stopped_reason is None
    again = take(io.BytesIO(data))
    assert (again.rows, again.added, again.changed, again.refused) == (run.rows, 0, 0, run.refused)


@pytest.mark.each_database
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_the_order_in_which_records_arrive_does_not_matter(city: Flask, data: st.DataObject) -> None:
    """Complete records of different days, in any order and any batches: what stands in the end is the newest."""
    kinds = st.sampled_from(
        [{}, {"abnormal": "是"}, {"name": "新名"}, {"status": "停业"}, {"serious_violation": "是"}]
    )
    days = data.draw(
        st.lists(st.tuples(st.integers(1, 28), kinds), min_size=2, max_size=5, unique_by=lambda x: x[0])
    )
    records = [row(1, as_of=f"2026-03-{day:02}", **more) for day, more in days]
    shuffled = data.draw(st.permutations(records))
    cuts = data.draw(st.sets(st.integers(1, len(records) - 1)))
    for table in ("registry_event", "registry_record"):
        db.session.execute(sa.text(f"DELETE FROM {table}"))
    operator = (
        merchants.make_operator("莲池区第1面馆", registry.uscc(1))
        if not known_operator()
        else known_operator()
    )
    assert operator is not None
    parts = [shuffled[a:b] for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), len(records)], strict=True)]
    runs = [take(feed(*part)) for part in parts]
    assert not any(run.stopped_reason for run in runs)
    record, newest = queries.find_record(registry.uscc(1)), max(records, key=lambda one: one["as_of"])
    assert record is not None
    db.session.refresh(record)
    assert (record.as_of.isoformat(), record.name) == (newest["as_of"], newest["name"])
    assert record.abnormal == (newest.get("abnormal") == "是")
    assert record.serious_violation == (newest.get("serious_violation") == "是")
    assert record.status == (RegistryStatus.CLOSED if newest["status"] == "停业" else RegistryStatus.ACTIVE)
    operator = known_operator()
    assert operator is not None
    assert operator.name == newest["name"]


def known_operator() -> Any:
    return db.session.scalar(sa.select(Operator).where(Operator.uscc == registry.uscc(1)))
