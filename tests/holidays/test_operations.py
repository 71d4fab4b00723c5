"""Entering, correcting and withdrawing: what moves, what is written down, who was first."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.holidays.conftest import NOW, Desk
from tests.holidays.notices import CORRECTED_2027, NOTICE_2027, NUMBER, TITLE
from webapp.applications.models import Application
from webapp.audit.models import AuditEvent
from webapp.changes.models import ShopChange
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.signals import holidays_changed
from webapp.core.transaction import unit
from webapp.core.workdays import KNOWN_YEARS, LIBRARY, Calendar
from webapp.holidays import operations, queries, reading, rules
from webapp.holidays.models import HolidayLibrary, HolidayNotice
from webapp.holidays.rules import Draft

DRAFT = Draft(reading.read(NOTICE_2027, 2027).notice, TITLE, NUMBER)
CORRECTED = replace(DRAFT, notice=reading.read(CORRECTED_2027, 2027).notice)
SINCE = date(2026, 12, 25)


def due_days(desk: Desk) -> tuple[date | None, date | None, date]:
    """Of the application, the early application and the change."""
    return (
        db.session.get_one(Application, desk.application).due_on,
        db.session.get_one(Application, desk.early).due_on,
        db.session.get_one(ShopChange, desk.change).due_on,
    )


def events(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == action)))


BEFORE = (date(2027, 2, 10), date(2027, 2, 4), date(2027, 2, 10))
AFTER = (date(2027, 2, 18), date(2027, 2, 3), date(2027, 2, 18))


def test_a_notice_moves_what_runs_and_says_so_beforehand(app_on: Flask, desk: Desk) -> None:
    with app_on.app_context(), unit():
        assert queries.awaited_year(date(2027, 2, 3)) == 2027
        assert due_days(desk) == BEFORE
        moves = queries.moves(queries.calendar(), operations.proposed(DRAFT, NOW), SINCE)
        told = [(m.kind, m.name, m.before, m.after, m.by) for m in moves]
        assert told == [
            ("application", "早点铺（裕华路店）", date(2027, 2, 4), date(2027, 2, 3), -1),
            ("application", "老槐树面馆（裕华路店）", date(2027, 2, 10), date(2027, 2, 18), 8),
            ("change", "老槐树面馆（裕华路店）", date(2027, 2, 10), date(2027, 2, 18), 8),
        ]
        assert [(c.day, c.works) for c in moves[0].days] == [(date(2027, 1, 31), True)]
        assert due_days(desk) == BEFORE, "a preview changes nothing"
        row = operations.enter(DRAFT, 0, desk.actor(desk.administrator), NOW)
        assert (row.year, row.revision) == (2027, 1)
    with app_on.app_context():
        assert due_days(desk) == AFTER
        assert queries.awaited_year(date(2027, 2, 3)) is None
        assert queries.calendar() == Calendar((DRAFT.notice,))
        (entered,) = events("holiday.enter")
        assert entered.actor_id == desk.administrator
        assert entered.new is not None
        assert entered.new["days_off"][0] == "2027-01-01"
        moved = events("application.due_moved")
        assert {(e.subject_id, e.old["due_on"], e.new["due_on"]) for e in moved if e.old and e.new} == {
            (desk.application, "2027-02-10", "2027-02-18"),
            (desk.early, "2027-02-04", "2027-02-03"),
        }
        assert [event.subject_id for event in events("change.due_moved")] == [desk.change]


def test_new_deadlines_are_reckoned_by_the_entered_notice(app: Flask, desk: Desk) -> None:
    from webapp.applications import deadlines
    from webapp.applications.rules import ApplicationState

    with app.app_context(), unit():
        operations.enter(DRAFT, 0, desk.actor(desk.administrator), NOW)
        application = db.session.get_one(Application, desk.application)
        assert deadlines.due_on(application, ApplicationState.BUREAU_REVIEW, NOW) == date(2027, 2, 18)


def test_a_corrected_entry_and_its_withdrawal(app_on: Flask, desk: Desk) -> None:
    with app_on.app_context(), unit():
        administrator = desk.actor(desk.administrator)
        first = operations.enter(DRAFT, 0, administrator, NOW)
        second = operations.enter(CORRECTED, 1, administrator, NOW + timedelta(minutes=5))
        assert (first.revision, second.revision) == (1, 2)
        assert due_days(desk)[0] == date(2027, 2, 17)  # the 12th is worked again
        with pytest.raises(Conflict) as caught:
            operations.withdraw(first.id, "更正过了", administrator, NOW)
        assert caught.value.code == "holiday_not_in_force"
        operations.withdraw(second.id, "  录错了一天  ", administrator, NOW + timedelta(minutes=9))
        assert second.withdrawn_reason == "录错了一天"
        assert due_days(desk) == AFTER, "the entry before holds again"
        operations.withdraw(first.id, "还没有正式发布", administrator, NOW + timedelta(minutes=10))
        assert due_days(desk) == BEFORE, "as the library says, provisionally"
        assert queries.calendar() == LIBRARY
        with pytest.raises(Conflict) as caught:
            operations.withdraw(first.id, "再来一次", administrator, NOW)
        assert caught.value.code == "holiday_withdrawn"
        third = operations.enter(DRAFT, 2, administrator, NOW + timedelta(minutes=20))
        assert third.revision == 3
        assert due_days(desk) == AFTER
        assert len(events("holiday.withdraw")) == 2


def test_the_same_form_twice_is_one_entry_and_the_second_person_is_told(app_on: Flask, desk: Desk) -> None:
    with app_on.app_context(), unit():
        administrator = desk.actor(desk.administrator)
        row = operations.enter(DRAFT, 0, administrator, NOW)
        assert operations.enter(DRAFT, 0, administrator, NOW) is row
        assert len(events("holiday.enter")) == 1
        assert len(events("application.due_moved")) == 2
        for seen in (0, 5):
            with pytest.raises(Conflict) as caught:
                operations.enter(CORRECTED, seen, administrator, NOW)
            assert caught.value.code == "changed_meanwhile"
        with pytest.raises(Invalid) as invalid:
            operations.enter(DRAFT, 1, administrator, NOW)
        assert (invalid.value.code, invalid.value.field) == ("holiday_same", "text")


def test_two_administrators_at_once(app_on: Flask, desk: Desk) -> None:
    """One of two different entries gets in; the other learns that somebody was first."""
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_it(draft: Draft) -> None:
        with app_on.app_context():
            actor = desk.actor(desk.administrator)
            db.session.rollback()
            start.wait()
            try:
                with unit():
                    operations.enter(draft, 0, actor, NOW)
                outcomes.append("entered")
            except DomainError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=try_it, args=(draft,)) for draft in (DRAFT, CORRECTED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes)[1:] == ["entered"], outcomes
    assert outcomes[0] != outcomes[1]
    with app_on.app_context():
        (row,) = queries.in_force()
        expected = AFTER[0] if row.notice == DRAFT.notice else date(2027, 2, 17)
        assert due_days(desk)[0] == expected


def test_who_may_and_what_must_be_said(app: Flask, desk: Desk) -> None:
    with app.app_context(), unit():
        for other in (desk.county_administrator, desk.station, desk.owner):
            with pytest.raises(Forbidden):
                operations.enter(DRAFT, 0, desk.actor(other), NOW)
        administrator = desk.actor(desk.administrator)
        row = operations.enter(DRAFT, 0, administrator, NOW)
        with pytest.raises(Forbidden):
            operations.withdraw(row.id, "理由", desk.actor(desk.station), NOW)
        for reason, code in (("  ", "reason_required"), ("长" * 301, "reason_too_long")):
            with pytest.raises(Invalid) as caught:
                operations.withdraw(row.id, reason, administrator, NOW)
            assert (caught.value.code, caught.value.field) == (code, "reason")
        with pytest.raises(Invalid):
            operations.enter(replace(DRAFT, title=""), 1, administrator, NOW)


def test_an_error_of_a_listener_undoes_the_entry(app: Flask, desk: Desk) -> None:
    def break_down(_sender: None, **_news: object) -> None:
        raise Conflict("busy")

    holidays_changed.connect(break_down)
    try:
        with app.app_context(), pytest.raises(Conflict), unit():
            operations.enter(DRAFT, 0, desk.actor(desk.administrator), NOW)
    finally:
        holidays_changed.disconnect(break_down)
    with app.app_context():
        assert queries.in_force() == []
        assert due_days(desk) == BEFORE


def test_the_database_repeats_the_rules(app_on: Flask, desk: Desk) -> None:
    facts = {
        "revision": 1,
        "days_off": [],
        "made_up": [],
        "title": "t",
        "number": "n",
        "url": "",
        "entered_by_id": desk.administrator,
        "entered_at": NOW.astimezone(UTC),
    }
    bad = [
        {"year": 1999},
        {"year": 2027, "revision": 0},
        {"year": 2027, "withdrawn_at": NOW},
        {"year": 2027, "withdrawn_reason": "x"},
    ]
    for change in bad:
        with app_on.app_context(), pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.insert(HolidayNotice).values(**(facts | change)))
    with app_on.app_context(), pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.insert(HolidayNotice).values([facts | {"year": 2027}, facts | {"year": 2027}]))


def test_a_newer_library_has_deadlines_reckoned_again(app: Flask, desk: Desk) -> None:
    """What an older library did not know, a newer one brings without an entry."""
    heard: list[tuple[int, int, date]] = []

    def listen(_sender: None, *, before: Calendar, after: Calendar, since: date, **_news: object) -> None:
        heard.append((before.library_until, after.library_until, since))

    holidays_changed.connect(listen)
    try:
        with app.app_context(), unit():
            assert operations.follow_library(NOW) == 0
            assert operations.follow_library(NOW) == 0
            assert heard == []
            row = db.session.get_one(HolidayLibrary, 1)
            row.until_year = KNOWN_YEARS[1] - 1
            assert operations.follow_library(NOW) == 1
            assert heard == [(KNOWN_YEARS[1] - 1, KNOWN_YEARS[1], rules.touched_from(KNOWN_YEARS[1]))]
            assert row.until_year == KNOWN_YEARS[1]
    finally:
        holidays_changed.disconnect(listen)


def test_an_older_library_knows_less(app: Flask) -> None:
    older = Calendar(library_until=2025)
    assert not older.known(2026)
    assert older.is_working_day(date(2026, 2, 16))
    assert not LIBRARY.is_working_day(date(2026, 2, 16))
