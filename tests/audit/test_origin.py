"""Whence a change came: a person's address and the request, a job or command and its machine, nothing of a visitor."""

from __future__ import annotations

import socket
from contextvars import Context
from datetime import UTC, datetime

import pytest
from flask import Flask, Response

from tests.factories.accounts import make_officer, sign_in
from webapp import audit
from webapp.accounts.models import Account
from webapp.audit import queries, wording
from webapp.audit.models import AuditEvent
from webapp.audit.queries import Search
from webapp.core.actor import CONSUMER, SYSTEM, Role
from webapp.core.db import db
from webapp.jobs import Job
from webapp.jobs import operations as jobs
from webapp.web import access

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
ID = "0123456789abcdef" * 2
MACHINE = socket.gethostname()


def newest() -> AuditEvent:
    db.session.rollback()
    return queries.history("shop", 1)[0]


@pytest.fixture
def site(context: Flask) -> Flask:
    """An address at which something is done: by who asks, or by the system because somebody asked."""

    def deed(who: str) -> Response:
        actor = {"system": SYSTEM, "visitor": CONSUMER}.get(who) or access.current_actor()
        for _ in range(2):
            audit.record(actor, "shop.edit", "shop", 1, now=NOW)
        return Response()

    context._got_first_request = False
    context.config["WTF_CSRF_ENABLED"] = False
    context.add_url_rule("/deed/<who>", "deed", access.public(deed), methods=["POST"])
    return context


def do(
    site: Flask, who: str, account: Account | None = None, address: str = "203.0.113.7", **headers: str
) -> AuditEvent:
    client = site.test_client()
    db.session.commit()
    if account is not None:
        sign_in(client, account.id)
    told = Context().run(client.post, f"/deed/{who}", environ_base={"REMOTE_ADDR": address}, headers=headers)
    assert told.status_code == 200
    return newest()


def test_a_signed_in_persons_address_and_request_are_written(site: Flask) -> None:
    officer = make_officer(Role.BUREAU_OFFICER)
    first, second = do(site, "own", officer), do(site, "own", officer, "::ffff:203.0.113.8")
    assert (first.origin, second.origin) == ("203.0.113.7", "203.0.113.8")
    assert do(site, "own", officer, "2001:db8:0:0:0:0:0:1").origin == "2001:db8::1"
    assert len(str(first.request_id)) == 32
    assert first.request_id != second.request_id
    one = db.session.query(AuditEvent).filter_by(request_id=second.request_id).all()
    assert len(one) == 2, "both deeds of one request bear its number"


def test_what_a_proxy_that_nobody_trusts_says_is_not_believed(site: Flask) -> None:
    officer = make_officer(Role.BUREAU_OFFICER)
    told = {"X-Forwarded-For": "198.51.100.1", "X-Request-ID": ID}
    event = do(site, "own", officer, **told)
    assert event.origin == "203.0.113.7"
    assert event.request_id != ID


def test_a_trusted_proxys_number_is_taken_when_it_is_one(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    settings = site.extensions["ydym.settings"]
    monkeypatch.setitem(site.extensions, "ydym.settings", replace(settings, trusted_proxies=1))
    officer = make_officer(Role.BUREAU_OFFICER)
    assert do(site, "own", officer, **{"X-Request-ID": ID}).request_id == ID
    assert do(site, "own", officer, **{"X-Request-ID": "' OR 1=1"}).request_id != ID


@pytest.mark.parametrize("who", ["visitor", "system", "own"])
def test_a_visitors_address_is_nowhere(site: Flask, who: str) -> None:
    event = do(site, who)
    assert event.origin == ""
    assert wording.whence_word(event.origin) == "访客（不记地址）"
    assert event.request_id


def test_what_the_system_does_for_a_signed_in_person_came_from_there(site: Flask) -> None:
    assert do(site, "system", make_officer(Role.BUREAU_OFFICER)).origin == "203.0.113.7"


def test_a_job_and_its_machine_are_written(context: Flask) -> None:
    def work(_now: datetime) -> int:
        audit.record(SYSTEM, "shop.edit", "shop", 1, now=NOW)
        return 1

    context.extensions["ydym.slots"]["jobs"] = [(1, lambda: Job("audit.made_up", 1, work))]
    assert jobs.run_due(regardless=True) == {"audit.made_up": 1}
    event = newest()
    assert event.origin == f"job:audit.made_up@{MACHINE}"
    assert event.request_id
    assert wording.whence_word(event.origin) == f"定时任务 audit.made_up，机器 {MACHINE}"
    jobs.run_due(regardless=True)
    assert newest().request_id != event.request_id


def test_a_command_and_its_machine_are_written(context: Flask) -> None:
    @context.cli.command("made-up")
    def made_up() -> None:
        for _ in range(2):
            audit.record(SYSTEM, "shop.edit", "shop", 1, now=NOW)
        db.session.commit()

    assert context.test_cli_runner().invoke(args=["made-up"]).exit_code == 0
    first, second = queries.history("shop", 1)[:2]
    assert str(first.origin).startswith("command:")
    assert "made-up@" in str(first.origin)
    assert first.request_id == second.request_id != ""


def test_a_bare_process_tells_its_machine(context: Flask) -> None:
    event = audit.record(SYSTEM, "shop.edit", "shop", 1, now=NOW)
    assert (event.origin, event.request_id) == (f"command:@{MACHINE}", "")
    assert wording.whence_word(event.origin) == f"后台程序，机器 {MACHINE}"
    assert wording.whence_word(None) == "没有记录"
    assert wording.whence_word("2001:db8::1") == "2001:db8::1"


def test_searching_by_whence_and_reason(site: Flask) -> None:
    officer = make_officer(Role.ADMINISTRATOR, "1306")
    actor = officer.actor()
    event = do(site, "own", officer)
    for number, more in enumerate(({"reason": "A 门头%换了"}, {"reason_code": "seen_on_site"}, {}), start=2):
        audit.record(SYSTEM, "shop.edit", "shop", number, now=NOW, **more)
    db.session.flush()

    def found(**wanted: object) -> list[int]:
        events, _ = queries.search(Search(**wanted), actor.posts, actor)  # type: ignore[arg-type]
        return [one.subject_id for one in events]

    assert found(whence=event.request_id) == found(whence="203.0.113.") == [1, 1]
    assert found(whence=str(event.request_id).upper()) == [1, 1]
    assert found(whence="203.0.113.%") == found(whence="03.0.113.7") == found(whence=ID) == []
    assert found(reason="门头%") == [2]
    assert found(reason="a 门") == [2]
    codes = wording.reason_codes_with("现场核实")
    assert "seen_on_site" in codes
    assert found(reason="现场核实", reason_codes=codes) == [3]
    assert wording.reason_codes_with("") == frozenset()


def test_what_has_been_recorded_is_listed_without_reading_it_all(context: Flask) -> None:
    for action, kind in (("b.two", "shop"), ("a.one", "tip"), ("b.two", "shop")):
        audit.record(SYSTEM, action, kind, 1, now=NOW)
    db.session.flush()
    assert queries.actions() == ["a.one", "b.two"]
    assert queries.subjects() == ["shop", "tip"]


def test_many_hits_are_not_counted_to_the_end(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_officer(Role.ADMINISTRATOR, "1306").actor()
    for _ in range(4):
        audit.record(SYSTEM, "shop.edit", "shop", 1, now=NOW)
    db.session.flush()
    monkeypatch.setattr(queries, "COUNT_MOST", 2)
    assert queries.count(Search(), actor.posts, actor) == 3
