"""Pulling from a register service, which is served over real HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from tests.factories import accounts, registry
from tests.factories.registry import row, uscc
from webapp.audit.models import AuditEvent
from webapp.codes.models import TrustCode
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.registry import (
    confirming,
    http_register,
    operations,
    pulling,
    queries,
    simulator,
    source,
    uploads,
)
from webapp.registry.http_register import HttpRegister
from webapp.registry.models import RegistryEvent, RegistryRecord, RegistryRun
from webapp.registry.rules import PULL_DEAD_AFTER, UploadState
from webapp.registry.service import ServiceFailed
from webapp.settings import Settings, SettingsError, keeps_secrets

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


class Service:
    """The simulator and a client for it that never waits; the pauses that it would have made."""

    def __init__(self, register: simulator.Register, settings: Settings) -> None:
        self.register, self.settings = register, settings
        self.pauses: list[float] = []

    def client(self) -> HttpRegister:
        return HttpRegister(self.settings, self.pauses.append)

    def pull(self, now: datetime = NOW) -> RegistryRun:
        return pulling.pull(self.client(), now)

    def tell(self, *rows: dict[str, Any]) -> None:
        self.register.tell(*rows)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[simulator.Register, str]]:
    """One server for the module."""
    register = simulator.Register()
    with simulator.serve(register) as url:
        yield register, url


@pytest.fixture
def remote(context: Flask, address: tuple[simulator.Register, str], tmp_path: Path) -> Iterator[Service]:
    """The service, emptied, and the product connected to it."""
    register, url = address
    for kept in (register.log, register.broken, register.asked, register.tokens):
        kept.clear()
    register.page_size, register.forgotten = 2, 0
    before: Settings = context.extensions["ydym.settings"]
    settings = replace(
        before,
        data_dir=tmp_path,
        registry_url=f"{url}/changes",
        registry_token_url=f"{url}/token",
        registry_client_id=simulator.CLIENT,
        registry_client_secret=simulator.SECRET,
    )
    context.extensions["ydym.settings"] = settings
    policy.sync()
    db.session.commit()
    yield Service(register, settings)
    context.extensions["ydym.settings"] = before


def figures(run: RegistryRun) -> tuple[int, int, int, int, int]:
    return run.rows, run.added, run.changed, run.unchanged, run.refused


@pytest.mark.each_database
def test_pages_come_in_and_the_next_pull_asks_only_for_what_changed(remote: Service) -> None:
    remote.tell(*(row(number) for number in range(1, 6)))
    run = remote.pull()
    assert (run.stopped_reason, run.pages, figures(run)) == (None, 3, (5, 5, 0, 0, 0))
    remote.tell(row(2, name="新名面馆", as_of="2026-05-03"))
    again = remote.pull(LATER)
    assert (figures(again), again.since, again.until) == ((1, 0, 1, 0, 0), "5", "6")
    assert remote.register.asked[-1] == "limit=1000&since=5"
    assert figures(remote.pull(LATER + timedelta(hours=2))) == (0, 0, 0, 0, 0)
    assert [event.kind for event in db.session.scalars(sa.select(RegistryEvent))] == ["renamed"]
    assert not list((remote.settings.data_dir / "registry").iterdir())


def test_a_service_that_starts_anew_goes_on_from_the_mark(remote: Service) -> None:
    remote.tell(*(row(number) for number in range(1, 6)))
    remote.pull()
    remote.register.log.clear()
    assert remote.pull(LATER).until == "5"
    remote.tell(row(6))
    assert (figures(remote.pull(LATER)), queries.count_records()) == ((1, 1, 0, 0, 0), 6)


def test_passing_failures_are_repeated_with_growing_pauses(remote: Service) -> None:
    remote.tell(row(1))
    remote.register.broken.extend([503, 500, "expired"])
    assert remote.client().changes(None, None).until == "1"
    first, second, third = remote.pauses
    assert first >= 1  # as the service asked
    assert 1 <= second <= 2
    assert 2 <= third <= 3


@pytest.mark.parametrize(
    ("broken", "reason", "asked"),
    [
        ([503] * 5, "service_unreachable", 5),
        (["garbage"], "service_strange", 1),
        ([403], "service_credentials", 1),
        ([302], "service_refused", 1),
        (["expired"] * 5, "service_credentials", 5),
    ],
)
def test_what_cannot_be_used_ends_the_run_with_its_reason(
    remote: Service, broken: list[int | str], reason: str, asked: int
) -> None:
    remote.tell(row(1))
    remote.register.broken.extend(broken)
    run = remote.pull()
    assert (run.stopped_reason, run.finished_at is not None) == (reason, True)
    assert len(remote.register.asked) == asked
    state = source.find()
    assert state is not None
    assert (state.watermark, state.failures, state.running_id) == (None, 1, None)
    assert queries.count_records() == 0


def test_a_wrong_secret_is_no_passing_failure(remote: Service) -> None:
    remote.settings = replace(remote.settings, registry_client_secret="wrong")
    with pytest.raises(ServiceFailed) as caught:
        remote.client().changes(None, None)
    assert (caught.value.reason, remote.pauses) == ("service_credentials", [])


def test_nobody_there_is_said_so(remote: Service) -> None:
    remote.settings = replace(remote.settings, registry_token_url="http://127.0.0.1:9/token")
    with pytest.raises(ServiceFailed) as caught:
        remote.client().changes(None, None)
    assert (caught.value.reason, len(remote.pauses)) == ("service_unreachable", http_register.ATTEMPTS - 1)


@pytest.mark.each_database
def test_the_breaker_opens_for_all_workers_and_closes_after_a_good_pull(remote: Service) -> None:
    bureau = accounts.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    for turn in range(3):
        remote.register.broken.append(403)
        assert remote.pull(NOW + timedelta(minutes=turn)).stopped_reason == "service_credentials"
    state = source.find()
    assert state is not None
    assert state.open_until is not None
    assert not source.is_due(state.open_until - timedelta(seconds=1))
    with pytest.raises(Conflict, match="registry_breaker_open"):
        source.ask(bureau, state.open_until - timedelta(seconds=1))
    asked = len(remote.register.asked)
    with unit():
        assert pulling.work(state.open_until - timedelta(seconds=1)) == 0
    assert len(remote.register.asked) == asked
    assert source.is_due(state.open_until + timedelta(hours=2))
    remote.pull(state.open_until + timedelta(hours=2))
    assert (state.failures, state.open_until) == (0, None)


def test_it_is_due_by_the_clock_and_when_asked(remote: Service) -> None:
    assert source.is_due(NOW)
    remote.pull()
    assert not source.is_due(NOW + timedelta(minutes=59))
    assert source.is_due(NOW + timedelta(minutes=60))
    bureau = accounts.make_officer(Role.BUREAU_OFFICER, "1306")
    source.ask(bureau.actor(), NOW + timedelta(minutes=1))
    source.ask(bureau.actor(), NOW + timedelta(minutes=2))
    assert source.is_due(NOW + timedelta(minutes=2))
    db.session.commit()
    remote.tell(row(1))
    with unit():
        assert pulling.work(NOW + timedelta(minutes=2)) == 1
    run = db.session.scalars(queries.runs()).first()
    assert run is not None
    assert run.started_by_id == bureau.id
    asked = sa.select(sa.func.count()).where(AuditEvent.action == "registry.ask_pull")
    assert db.session.scalar(asked) == 1


class Killed(BaseException):
    """The process dies."""


def die(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, at: int) -> None:
    """The `at`-th call of `owner.name` kills the process: nothing after it is done."""
    calls, real = itertools.count(1), getattr(owner, name)

    def dying(*given: Any, **more: Any) -> Any:
        if next(calls) == at:
            raise Killed
        return real(*given, **more)

    monkeypatch.setattr(owner, name, dying)


@pytest.mark.each_database
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_pull_killed_between_pages_goes_on_where_it_was(
    remote: Service, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    remote.tell(*(row(number) for number in range(1, 6)))
    with monkeypatch.context() as patched:
        die(patched, pulling, "_write", at)
        with pytest.raises(Killed):
            remote.pull()
    db.session.rollback()
    dead = db.session.scalars(queries.runs()).first()
    assert dead is not None
    assert (dead.finished_at, dead.pages) == (None, at - 1)
    with pytest.raises(Conflict, match="busy"):
        remote.pull(NOW + timedelta(seconds=5))
    remote.register.asked.clear()
    # the row's sign of life is by the real clock
    run = remote.pull(datetime.now(UTC) + PULL_DEAD_AFTER + timedelta(seconds=1))
    assert (figures(run), run.pages) == ((5, 5, 0, 0, 0), 3)
    assert len(remote.register.asked) == 3 - (at - 1)
    assert (dead.stopped_reason, queries.count_records()) == ("broke_off", 5)


@pytest.mark.each_database
def test_a_pull_killed_while_it_takes_in_is_taken_in_once(
    remote: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.register.page_size = 1000
    registry.make_live_operator(1)
    remote.tell(row(1, name="新名面馆", as_of="2026-05-03"), *(row(number) for number in range(2, 8)))
    monkeypatch.setattr("webapp.registry.importer.BATCH", 2)
    with monkeypatch.context() as patched:
        die(patched, operations, "take_in", 3)
        # killed: no handler of the process runs any more
        patched.setattr("webapp.registry.importer._finish", lambda *_given, **_more: None)
        patched.setattr(Path, "unlink", lambda *_given, **_more: None)
        with pytest.raises(Killed):
            remote.pull()
    db.session.rollback()
    dead = db.session.scalars(queries.runs()).first()
    assert dead is not None
    assert (dead.finished_at, dead.rows, queries.count_records()) == (None, 4, 4)
    asked = len(remote.register.asked)
    run = remote.pull(datetime.now(UTC) + PULL_DEAD_AFTER + timedelta(seconds=1))
    assert (figures(run), len(remote.register.asked)) == ((7, 3, 0, 4, 0), asked)
    kinds = [event.kind for event in db.session.scalars(sa.select(RegistryEvent))]
    assert kinds == ["renamed"]
    state = source.find()
    assert state is not None
    assert (state.watermark, state.running_id) == ("7", None)


@pytest.mark.each_database
def test_a_pull_that_takes_down_too_many_waits_for_two_officers(remote: Service) -> None:
    for number in (1, 2):
        registry.make_live_operator(number)
    remote.tell(*(row(number, status="注销", as_of="2026-05-03") for number in (1, 2)))
    run = remote.pull()
    assert (run.stopped_reason, source.waiting()) == ("too_many_takedowns", run.id)
    upload = queries.find_upload(run.id)
    assert upload is not None
    assert upload.uploaded_by_id is None
    with unit():
        assert pulling.work(LATER) == 0  # nothing more is fetched meanwhile
    first, second = (accounts.make_officer(Role.BUREAU_OFFICER, "1306") for _ in range(2))
    db.session.commit()
    with pytest.raises(Exception, match="two_people_needed"):
        uploads.confirm(run.id, first.actor(), LATER)
    db.session.rollback()
    uploads.answer_for(run.id, first.actor(), LATER)
    with pytest.raises(Conflict, match="already_decided"):
        uploads.answer_for(run.id, second.actor(), LATER)
    with pytest.raises(Exception, match="two_people_needed"):
        uploads.confirm(run.id, first.actor(), LATER)
    result = uploads.confirm(run.id, second.actor(), LATER)
    db.session.commit()
    with unit():
        assert pulling.work(LATER) == 0  # nor before what was confirmed is in
        assert confirming.work(LATER) == 2
    assert (result.stopped_reason, result.revoked) == (None, 2)
    assert {code.state.value for code in db.session.scalars(sa.select(TrustCode))} == {"revoked"}
    state = source.find()
    assert state is not None
    assert (state.watermark, source.waiting(), upload.state) == ("2", None, UploadState.CONFIRMED)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RegistryRecord)) == 2


def test_the_simulator_invents_changes_that_the_import_understands(remote: Service) -> None:
    for number in range(1, 7):
        registry.make_record(number)
        registry.merchants.make_operator(f"莲池区第{number}面馆", uscc(number))
    db.session.commit()
    found = simulator.invent(queries.plain_records(6), "2026-05-06", 1)
    remote.tell(*found)
    run = remote.pull()
    assert figures(run) == (6, 0, 6, 0, 0)
    assert set(queries.event_counts(run.id)) == {
        "renamed",
        "moved",
        "representative",
        "marked_in",
        "deregistered",
        "serious_in",
    }


def test_the_command_pulls_and_says_when_it_cannot(remote: Service) -> None:
    runner = remote_app().test_cli_runner()
    remote.tell(row(1), row(2, uscc="broken"))
    done = runner.invoke(args=["registry", "pull"])
    assert (done.exit_code, "1  新增" in done.output) == (0, True)
    remote.register.broken.append(403)
    failed = runner.invoke(args=["registry", "pull"])
    assert (failed.exit_code, "登记系统不认我们的账号" in failed.output) == (1, True)
    remote_app().extensions["ydym.settings"] = replace(remote.settings, registry_url="")
    offline = runner.invoke(args=["registry", "pull"])
    assert (offline.exit_code, "还没有接上登记系统" in offline.output) == (2, True)


def remote_app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("missing", ["REGISTRY_TOKEN_URL", "REGISTRY_CLIENT_ID", "REGISTRY_CLIENT_SECRET"])
def test_a_service_is_named_whole(missing: str) -> None:
    whole = {
        f"YDYM_{name}": "http://127.0.0.1:9/x"
        for name in ("REGISTRY_URL", "REGISTRY_TOKEN_URL", "REGISTRY_CLIENT_ID", "REGISTRY_CLIENT_SECRET")
    }
    Settings.from_env(whole)
    with pytest.raises(SettingsError, match=missing):
        Settings.from_env({**whole, f"YDYM_{missing}": ""})


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://register.example.cn/changes", True),
        ("http://127.0.0.1:8190/changes", True),
        ("http://127.9.9.9/changes", True),
        ("http://[::1]:8190/changes", True),
        ("http://localhost:8190/changes", True),
        ("http://register.example.cn/changes", False),
        ("http://10.0.0.7/changes", False),
        ("http://192.168.1.9:8190/changes", False),
        ("http://127.0.0.1.example.cn/changes", False),
        ("http://localhost.example.cn/changes", False),
        ("http://127.0.0.1@example.cn/changes", False),
        ("http://0.0.0.0/changes", False),
        ("ftp://127.0.0.1/changes", False),
        ("http://[::1/changes", False),
        ("https:///changes", False),
        ("register.example.cn", False),
    ],
)
def test_secrets_go_over_https_or_stay_on_the_machine(address: str, *, fine: bool) -> None:
    assert keeps_secrets(address) is fine


@pytest.mark.parametrize("which", ["registry_url", "registry_token_url"])
def test_nothing_is_asked_over_plain_http_of_another_machine(remote: Service, which: str) -> None:
    """Neither records nor a token: the simulator, which answers at the other address, hears nothing."""
    remote.settings = replace(remote.settings, **{which: "http://192.0.2.7/changes"})
    run = remote.pull()
    assert (run.stopped_reason, run.stopped_detail) == ("service_insecure", "192.0.2.7")
    assert (remote.register.asked, remote.register.tokens, remote.pauses) == (
        [],
        type(remote.register.tokens)(),
        [],
    )
    name = f"YDYM_{which.upper()}"
    plain = {
        "YDYM_REGISTRY_URL": remote.settings.registry_url,
        "YDYM_REGISTRY_TOKEN_URL": remote.settings.registry_token_url,
        "YDYM_REGISTRY_CLIENT_ID": simulator.CLIENT,
        "YDYM_REGISTRY_CLIENT_SECRET": simulator.SECRET,
    }
    with pytest.raises(SettingsError, match="must be https"):
        Settings.from_env(plain)
    Settings.from_env({**plain, name: "http://127.0.0.1:1/x"})
