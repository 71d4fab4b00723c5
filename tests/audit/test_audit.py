"""The history: who may read what, searching, words, and a CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
from contextvars import Context
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import applications as make
from tests.factories.accounts import sign_in
from tests.support import sources
from webapp import audit
from webapp.accounts.models import Account
from webapp.audit import queries, views_office, wording
from webapp.audit.models import AuditEvent
from webapp.audit.queries import Search
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.licences import operations as licences
from webapp.merchants.models import Shop
from webapp.regions.models import Station

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def shop(context: Flask) -> Shop:
    context.extensions["ydym.slots"]["office.menu"] = [(1, views_office.menu)]
    return make.make_member_shop(make.make_operator(), make.make_merchant())


def told(officer: Account, wanted: Search | None = None, **more) -> list[str]:
    actor = officer.actor()
    events, _ = queries.search(wanted or Search(), actor.posts, actor, **more)
    return [event.reason or "" for event in events]


def note(
    reason: str, actor: Actor = SYSTEM, now: datetime = NOW, action: str = "shop.edit", **more
) -> AuditEvent:
    event = audit.record(
        actor, action, more.pop("kind", "shop"), more.pop("number", 1), now=now, reason=reason, **more
    )
    db.session.flush()
    return event


def test_officers_read_their_own_reach(shop: Shop) -> None:
    here = make.make_officer(Role.BUREAU_OFFICER)
    elsewhere = make.make_officer(Role.BUREAU_OFFICER, region="130602")
    station = make.make_officer(Role.STATION_OFFICER, station_id=shop.station_id)
    second = Station(region_code="130606", name="莲池区五四路市场监管所")
    db.session.add(second)
    db.session.flush()
    other_station = make.make_officer(Role.STATION_OFFICER, station_id=second.id)
    admin = make.make_officer(Role.ADMINISTRATOR, region="1306")
    note("shop", shop_id=shop.id, operator_id=shop.operator_id)
    note("operator", operator_id=shop.operator_id)
    note("account", kind="account")
    note("elsewhere's own", elsewhere.actor(), kind="account")
    assert told(here) == ["operator", "shop"]
    assert told(station) == ["operator", "shop"]
    assert told(other_station) == []
    assert told(elsewhere) == ["elsewhere's own"]
    assert told(admin) == ["elsewhere's own", "account", "operator", "shop"]
    assert queries.count(Search(), admin.actor().posts, admin.actor()) == 4


def test_a_county_administrator_reads_of_the_county_only(shop: Shop) -> None:
    county, city = (make.make_officer(Role.ADMINISTRATOR, region=code) for code in ("130606", "1306"))
    here = make.make_officer(Role.BUREAU_OFFICER, region="130606")
    for account, reason in (
        (here, "here"),
        (make.make_officer(Role.BUREAU_OFFICER, region="130602"), "next county"),
        (make.make_officer(Role.BUREAU_OFFICER, region="1306"), "the city"),
    ):
        note(reason, kind="account", number=account.id)
    both = make.make_officer(Role.BUREAU_OFFICER, region="130606")
    both.posts.append(make.OfficerPost(role=Role.BUREAU_OFFICER, region_code="130602"))
    db.session.flush()
    note("here and next", kind="account", number=both.id)
    note("merchant", kind="account", number=make.make_merchant().id)
    note("no account of that number", kind="registry_run", number=here.id)
    assert told(county) == ["here"]
    assert told(city) == [
        "no account of that number",
        "merchant",
        "here and next",
        "the city",
        "next county",
        "here",
    ]


def test_searching(shop: Shop) -> None:
    chief = make.make_officer(Role.BUREAU_OFFICER, name="老陈%")
    note("a", chief.actor(), action="application.approve", kind="application", number=7, shop_id=shop.id)
    note("b", action="application.return", kind="application", number=8, shop_id=shop.id)
    note("c", action="shop.edit", shop_id=shop.id, now=NOW + timedelta(days=1))
    found = {
        Search(who="陈%"): ["a"],
        Search(who="陈_"): [],
        Search(action="application"): ["b", "a"],
        Search(action="application.return"): ["b"],
        Search(subject="application:7"): ["a"],
        Search(subject="application"): ["b", "a"],
        Search(shop=shop.id): ["c", "b", "a"],
        Search(shop=shop.id + 1): [],
        Search(since=date(2026, 11, 19)): ["c"],
        Search(until=date(2026, 11, 18)): ["b", "a"],
        Search(since=date(2026, 11, 18), until=date(2026, 11, 18)): ["b", "a"],
    }
    assert {wanted: told(chief, wanted) for wanted in found} == found


def test_a_day_is_chinas(shop: Shop) -> None:
    chief = make.make_officer(Role.BUREAU_OFFICER)
    note("late", shop_id=shop.id, now=datetime(2026, 11, 18, 15, 59, tzinfo=UTC))
    note("next day", shop_id=shop.id, now=datetime(2026, 11, 18, 16, 0, tzinfo=UTC))
    assert told(chief, Search(until=date(2026, 11, 18))) == ["late"]
    assert told(chief, Search(since=date(2026, 11, 19))) == ["next day"]


def test_pages_by_cursor(shop: Shop) -> None:
    chief = make.make_officer(Role.BUREAU_OFFICER)
    for number in range(5):
        note(str(number), shop_id=shop.id)
    actor = chief.actor()
    first, further = queries.search(Search(), actor.posts, actor, limit=3)
    assert [event.reason for event in first] == ["4", "3", "2"]
    rest, end = queries.search(Search(), actor.posts, actor, before=further, limit=3)
    assert ([event.reason for event in rest], end) == (["1", "0"], None)
    assert [event.reason for event in queries.walk(Search(), actor.posts, actor, 4)] == ["4", "3", "2", "1"]


def test_words_of_an_event(shop: Shop) -> None:
    event = note(
        "看过店", action="application.pass_on", kind="application", number=3, reason_code="seen_on_site",
        old={"state": "station_review", "same": 1}, new={"state": "bureau_review", "same": 1, "fields": ["photos"]},
    )  # fmt: skip
    line = wording.line(event)
    assert line["what"] == "所审核同意，报市（县）局"
    assert line["subject"] == "申报 3"
    assert line["why"] == "已到现场核实，与填报一致，看过店"
    assert line["changes"] == [("状态", "所审核中", "局审核中"), ("要修改的内容", "", "门头照片")]


def test_a_licences_kind_is_named(shop: Shop) -> None:
    licences.sync()
    event = note("", action="licence.verify", kind="licence", new={"kind": "tobacco"})
    assert wording.line(event)["changes"] == [("种类", "", "烟草专卖零售许可证")]


def test_a_code_without_words_is_shown_as_it_is(shop: Shop) -> None:
    event = note("", action="moon.land", kind="moon", reason_code="full", new={"phase": {"name": True}})
    line = wording.line(event)
    assert (line["what"], line["subject"], line["why"]) == ("moon.land", "moon 1", "full")
    assert line["changes"] == [("phase", "", "名称 是")]


_RECORDED = re.compile(r"""(?:audit\.record|_record|_audit)\([^"'()]*["']([a-z_]+\.[a-z_]+)["']""")


def recorded_actions() -> set[str]:
    """Action codes in calls that write the trail: the first literal of the call, found in the sources."""
    found: set[str] = set()
    for path in sources.python_files("webapp"):
        found.update(_RECORDED.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_recorded_action_has_words(context: Flask) -> None:
    actions = recorded_actions()
    assert "application.due_moved" in actions, "the search finds nothing"
    missing = sorted(action for action in actions if not wording.has_word(f"audit.action.{action}"))
    assert missing == []


def test_every_step_of_an_application_has_words(context: Flask) -> None:
    from webapp.applications.rules import STEPS

    for step in STEPS:
        assert wording.has_word(f"audit.action.application.{step.action}"), step.action


# --- pages ------------------------------------------------------------------------------------------------------------


def get(app: Flask, account: Account, address: str):
    client = app.test_client()
    sign_in(client, account.id)
    return Context().run(client.get, address)


def exports(app: Flask) -> list[tuple[int | None, object]]:
    """Who took a copy, and what of, the newest first; read beside the test's own transaction."""
    with app.app_context():
        return [(event.actor_id, event.new) for event in queries.history("audit_event", 0)]


def test_the_page_the_export_and_their_filters(shop: Shop, context: Flask, freeze) -> None:
    freeze(NOW)
    chief = make.make_officer(Role.BUREAU_OFFICER)
    note("=cmd|' /C calc'!A0", shop_id=shop.id, action="application.approve", kind="application")
    note("别家", action="application.approve", shop_id=None)
    station = make.make_officer(Role.STATION_OFFICER)
    db.session.commit()
    page = get(context, chief, "/office/audit")
    assert page.status_code == 200
    assert "通过申报" in page.text
    assert "别家" not in page.text
    assert "没有符合条件的记录" in get(context, chief, "/office/audit?who=nobody").text
    assert get(context, chief, "/office/audit?who=%00&subject=x:%EF%BC%91").status_code == 200
    wrong = get(context, chief, "/office/audit?since=gestern&shop=x")
    assert wrong.status_code == 422
    assert "gestern" in wrong.text
    table = get(context, chief, "/office/audit/export.csv?reason=calc")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in table.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert rows[0][0] == "时间"
    assert rows[1][0] == "2026-11-18 10:00:00"
    assert rows[1][-3] == "'=cmd|' /C calc'!A0"
    assert len(rows) == 2
    assert rows[1][-2].startswith("后台程序，机器 ")
    taken = [(chief.id, {"filters": {"reason": "calc"}, "rows": 1})]
    assert exports(context) == taken
    assert get(context, chief, "/office/audit/export.csv?since=gestern").status_code == 302
    assert exports(context) == taken, "nothing was given, so nothing was taken"
    assert "导出操作记录" in get(context, chief, "/office/audit?action=audit.export&whence=127.").text
    assert get(context, station, "/office/audit").status_code == 403
    assert get(context, station, "/office/audit/export.csv").status_code == 403
