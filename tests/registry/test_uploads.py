"""A register file that one officer hands in and that revokes a code waits for a second officer."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from tests.factories import accounts, registry
from tests.factories.merchants import NOW
from tests.factories.registry import feed, row
from webapp.accounts.models import Account
from webapp.audit.models import AuditEvent
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden
from webapp.core.transaction import unit
from webapp.merchants.models import Operator, Recusal
from webapp.registry import confirming, importer, operations, queries, uploads
from webapp.registry import mapping as mappings
from webapp.registry.models import RegistryRun, RegistryUpload
from webapp.registry.rules import PULL_DEAD_AFTER, UploadState

URL = "/office/registry"
GONE = {"status": "注销", "as_of": "2026-05-02"}


@dataclass
class City:
    """Three vouched shops of three operators, two officers of the city and what they can do."""

    app: Flask
    first: int
    second: int
    operators: list[int]

    def browser(self, account_id: int) -> FlaskClient:
        client = self.app.test_client()
        accounts.sign_in(client, account_id)
        return client

    def upload(self, stream: io.BytesIO, account_id: int | None = None, **more: str) -> TestResponse:
        data = {"file": (stream, "登记.csv"), "mapping": "default"} | more
        client = self.browser(account_id or self.first)
        return client.post(URL, data=data, content_type="multipart/form-data")

    def take_in(self) -> int:
        """What a worker does within seconds."""
        with self.app.app_context(), unit():
            return confirming.work(clock.now())

    def states(self) -> list[CodeState]:
        with self.app.app_context():
            return list(db.session.scalars(sa.select(TrustCode.state).order_by(TrustCode.id)))

    def stand_aside(self, account_id: int, number: int) -> None:
        with self.app.app_context():
            tie = Recusal(account_id=account_id, operator_id=self.operators[number - 1], declared_at=NOW)
            db.session.add(tie)
            db.session.commit()


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        policy.sync()
        operators = [registry.make_live_operator(number).id for number in (1, 2, 3)]
        first, second = (
            accounts.make_officer(Role.BUREAU_OFFICER, "1306", name=name).id for name in ("王海涛", "赵明")
        )
        db.session.commit()
    return City(app, first, second, operators)


def test_one_officer_alone_revokes_nothing(city: City) -> None:
    answer = city.upload(feed(row(1, **GONE), row(2)))
    page = city.browser(city.first).get(answer.location).text
    assert "还没有改动任何数据" in page
    assert "撤销诚信码要两个人办" in page
    assert "莲池区第1面馆" in page
    assert "老槐树面馆" in page
    assert "莲池区第2面馆" not in page
    assert "这个文件是您上传的" in page
    assert city.states() == [CodeState.ACTIVE] * 3
    alone = city.browser(city.first).post(f"{answer.location}/confirm")
    assert alone.status_code == 403
    assert city.states() == [CodeState.ACTIVE] * 3


@pytest.mark.parametrize("status", ["注销", "吊销"])
def test_the_second_officer_confirms_and_both_answer_for_it(city: City, status: str) -> None:
    where = city.upload(feed(row(1, **(GONE | {"status": status})))).location
    second = city.browser(city.second)
    assert "等第二人确认" in second.get(URL).text
    assert "核对无误，确认导入" in second.get(where).text
    done = second.post(f"{where}/confirm")
    assert done.status_code == 303
    assert city.states() == [CodeState.ACTIVE] * 3
    assert "已经排上" in second.get(done.location).text
    assert city.take_in() == 1
    assert city.take_in() == 0
    assert city.states() == [CodeState.REVOKED, CodeState.ACTIVE, CodeState.ACTIVE]
    page = second.get(where).text
    assert "赵明确认导入" in page
    assert done.location in page
    for path in ("confirm", "drop"):
        assert second.post(f"{where}/{path}").status_code == 409
    with city.app.app_context():
        names = {db.session.get_one(Account, number).username for number in (city.first, city.second)}
        run = db.session.scalars(queries.runs()).first()
        assert run is not None
        assert set((run.forced_by or "").split(",")) == names
        upload = db.session.scalars(sa.select(RegistryUpload)).one()
        assert (upload.state, upload.decided_by_id, upload.data) == (UploadState.CONFIRMED, city.second, None)
        assert upload.result_run_id == run.id
        event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "registry.confirm")).one()
        assert event.actor_id == city.second
        assert set(event.new["by"]) == names


def test_a_file_that_is_dropped_is_not_taken_in(city: City) -> None:
    where = city.upload(feed(row(1, **GONE))).location
    assert city.browser(city.second).post(f"{where}/drop").status_code == 303
    assert "赵明放弃，没有导入" in city.browser(city.first).get(f"{where}?show=refused").text
    assert city.browser(city.second).post(f"{where}/confirm").status_code == 409
    assert city.states() == [CodeState.ACTIVE] * 3


def test_who_handed_it_in_may_drop_it_and_others_may_not(city: City) -> None:
    where = city.upload(feed(row(1, **GONE))).location
    with city.app.app_context():
        county = accounts.make_officer(Role.BUREAU_OFFICER, "130606").id
        station = accounts.make_officer(Role.STATION_OFFICER, "1306").id
        db.session.commit()
    for account_id, status in ((county, 404), (station, 403)):
        for path in ("confirm", "drop"):
            assert city.browser(account_id).post(f"{where}/{path}").status_code == status
        page = city.browser(account_id).get(where).text
        assert "等第二位同事确认" in page
        assert "核对无误，确认导入" not in page
    assert city.browser(city.first).post(f"{where}/drop").status_code == 303


def test_a_suspended_code_is_not_revoked_by_one_either(city: City) -> None:
    city.upload(feed(row(1, abnormal="是", as_of="2026-05-02")))
    assert city.states()[0] is CodeState.SUSPENDED
    city.upload(feed(row(1, status="吊销", as_of="2026-05-03")))
    assert city.states()[0] is CodeState.SUSPENDED


def test_the_abnormal_list_suspends_at_once_and_a_clean_row_lifts(city: City) -> None:
    """One officer may suspend, and what the list takes the list gives back: see rules.needs_second_officer."""
    city.upload(feed(row(1, abnormal="是", as_of="2026-05-02")))
    assert city.states()[0] is CodeState.SUSPENDED
    city.upload(feed(row(1, as_of="2026-05-03")))
    assert city.states()[0] is CodeState.ACTIVE


def test_operators_without_a_standing_code_need_nobody(city: City) -> None:
    answer = city.upload(feed(row(77, **GONE)))
    assert "没有改动任何数据" not in city.browser(city.first).get(answer.location).text
    with city.app.app_context():
        record = queries.find_record(registry.uscc(77))
        assert record is not None
        assert record.status.value == "deregistered"


def test_the_registers_own_feed_takes_shops_down_by_itself(city: City) -> None:
    with city.app.app_context():
        stream = feed(row(1, **GONE))
        importer.run_import(stream, "feed.csv", mappings.load(), SYSTEM, NOW)
    assert city.states()[0] is CodeState.REVOKED


def test_too_many_takedowns_are_confirmed_on_the_page_too(city: City) -> None:
    where = city.upload(feed(*(row(number, abnormal="是", as_of="2026-05-02") for number in (1, 2)))).location
    assert "超过了允许的比例" in city.browser(city.second).get(where).text
    assert city.states() == [CodeState.ACTIVE] * 3
    assert city.browser(city.second).post(f"{where}/confirm").status_code == 303
    city.take_in()
    assert city.states() == [CodeState.SUSPENDED, CodeState.SUSPENDED, CodeState.ACTIVE]


def test_the_day_of_the_file_is_that_of_the_upload(city: City) -> None:
    where = city.upload(_without_day(row(1, status="注销")), as_of="2026-05-04").location
    city.browser(city.second).post(f"{where}/confirm")
    city.take_in()
    with city.app.app_context():
        record = queries.find_record(registry.uscc(1))
        assert record is not None
        assert record.as_of.isoformat() == "2026-05-04"


def _without_day(facts: dict[str, str]) -> io.BytesIO:
    headings = tuple(name for name in registry.HEADINGS if name != "as_of")
    return feed({name: value for name, value in facts.items() if name != "as_of"}, headings=headings)


def test_a_first_officer_who_has_left_answers_for_nothing(city: City) -> None:
    where = city.upload(feed(row(1, **GONE))).location
    with city.app.app_context():
        db.session.get_one(Account, city.first).disabled_at = NOW
        db.session.commit()
    answer = city.browser(city.second).post(f"{where}/confirm")
    assert answer.status_code == 409
    assert "重新上传" in answer.text
    assert city.states() == [CodeState.ACTIVE] * 3


def test_rows_of_ones_own_operator_are_left_to_others(city: City) -> None:
    city.stand_aside(city.first, 1)
    where = city.upload(feed(row(1, abnormal="是", as_of="2026-05-02"), row(2, name="改名面馆"))).location
    assert "已登记回避，请由其他同事导入这一行" in city.browser(city.first).get(f"{where}?show=refused").text
    assert city.states() == [CodeState.ACTIVE] * 3
    with city.app.app_context():
        assert db.session.get_one(Operator, city.operators[1]).name == "改名面馆"


@pytest.mark.parametrize("who", ["first", "second"])
def test_a_row_needs_two_who_are_both_free(city: City, who: str) -> None:
    city.stand_aside(getattr(city, who), 1)
    where = city.upload(feed(row(1, **GONE), row(2, **GONE))).location
    city.browser(city.second).post(f"{where}/confirm")
    city.take_in()
    assert city.states() == [CodeState.ACTIVE, CodeState.REVOKED, CodeState.ACTIVE]


def test_the_operation_itself_refuses_what_one_officer_hands_in(city: City) -> None:
    """Codes may be issued between the look ahead and the taking in: the row is then refused, not carried out."""
    with city.app.app_context():
        actor = db.session.get_one(Account, city.first).actor()
        run = RegistryRun(source="x", started_at=NOW)
        db.session.add(run)
        db.session.flush()
        mapping = mappings.load()
        entries = list(
            importer._entries(importer.Feed(feed(row(1, **GONE)), "x", mapping, NOW.date(), NOW.date()), None)
        )
        counts, refused = operations.take_in(run.id, "x", entries, actor, NOW)
        assert (counts.revoked, [reason for _, reason, _ in refused]) == (0, ["needs_second_officer"])
        db.session.commit()
    assert city.states() == [CodeState.ACTIVE] * 3


@pytest.mark.each_database
def test_of_two_decisions_one_is_first(city: City) -> None:
    where = city.upload(feed(row(1, **GONE))).location
    run_id = int(where.rsplit("/", 1)[1])
    with city.app.app_context():
        first, second = (db.session.get_one(Account, number).actor() for number in (city.first, city.second))
        with pytest.raises(Forbidden, match="two_people_needed"):
            uploads.confirm(run_id, first, NOW)
        uploads.confirm(run_id, second, NOW)
        with pytest.raises(Conflict, match="already_decided"):
            uploads.drop(run_id, first, NOW)
        with pytest.raises(Conflict, match="already_decided"):
            uploads.confirm(run_id, second, NOW)
        db.session.commit()
    city.take_in()
    assert city.states()[0] is CodeState.REVOKED


@pytest.mark.each_database
def test_two_people_stand_in_the_database_too(city: City) -> None:
    """A confirmed file has two different people, whatever the code does."""
    city.upload(feed(row(1, **GONE)))
    for first, second in ((city.first, city.first), (None, city.second), (city.first, None)):
        with city.app.app_context(), pytest.raises(IntegrityError):
            db.session.execute(
                sa.update(RegistryUpload).values(
                    state="confirmed", uploaded_by_id=first, decided_by_id=second
                )
            )


@pytest.mark.each_database
def test_of_two_workers_one_takes_the_file_in(city: City) -> None:
    """The other read the same run and comes second: it does nothing."""
    where = city.upload(feed(row(1, **GONE))).location
    city.browser(city.second).post(f"{where}/confirm")
    with city.app.app_context():
        found = confirming._next(clock.now())
        assert found is not None
        upload, run = found
        assert confirming._claim(found, clock.now())
        db.session.commit()
        run.beat_at = None  # as the other worker had read it
        with db.session.no_autoflush:
            assert not confirming._claim((upload, run), clock.now())
        db.session.rollback()
        assert confirming._next(clock.now()) is None
        assert confirming._next(clock.now() + PULL_DEAD_AFTER + timedelta(seconds=1)) is not None


def test_the_menu_counts_what_waits_for_this_officer(city: City) -> None:
    city.upload(feed(row(1, **GONE)))
    with city.app.app_context():
        assert queries.count_waiting(city.second) == 1
        assert queries.count_waiting(city.first) == 0


@pytest.mark.parametrize("killed", [False, True], ids=["broke_off", "killed"])
def test_a_confirmed_file_that_broke_off_is_gone_on_with(
    city: City, monkeypatch: pytest.MonkeyPatch, *, killed: bool
) -> None:
    """The rows of the first batch stay, the file too. An error is looked at by an officer, who confirms again; after a
    kill, which cannot even say that it broke off, the next worker goes on by itself."""
    where = city.upload(feed(row(1, **GONE), row(2, **GONE))).location
    second = city.browser(city.second)
    second.post(f"{where}/confirm")
    take_in, batches = operations.take_in, iter((True, False))

    def break_off(*args: Any, **more: Any) -> Any:
        if next(batches):
            return take_in(*args, **more)
        raise KeyboardInterrupt if killed else ValueError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(importer, "BATCH", 1)
        patch.setattr(operations, "take_in", break_off)
        if killed:
            patch.setattr(importer, "_finish", lambda run, *_args, **_more: run)
        with pytest.raises(KeyboardInterrupt if killed else ValueError):
            city.take_in()
    assert city.states() == [CodeState.REVOKED, CodeState.ACTIVE, CodeState.ACTIVE]
    assert city.take_in() == 0, "it may still be at work, or waits for an officer"
    if killed:
        assert second.post(f"{where}/confirm").status_code == 409
        with clock.use(clock.now() + PULL_DEAD_AFTER + timedelta(seconds=1)):
            assert city.take_in() == 2
    else:
        assert "导入中途断开，没有导完" in second.get(where).text
        assert city.browser(city.first).post(f"{where}/confirm").status_code == 403
        assert second.post(f"{where}/drop").status_code == 409
        assert second.post(f"{where}/confirm").status_code == 303
        assert city.take_in() == 2
    assert "导入中途断开" not in second.get(where).text
    assert second.post(f"{where}/confirm").status_code == 409
    assert city.states() == [CodeState.REVOKED, CodeState.REVOKED, CodeState.ACTIVE]
    with city.app.app_context():
        upload = db.session.scalars(sa.select(RegistryUpload)).one()
        ends = [
            run.stopped_reason for run in db.session.scalars(sa.select(RegistryRun).order_by(RegistryRun.id))
        ]
        assert upload.data is None
        assert ends == ["too_many_takedowns", "broke_off", None]
