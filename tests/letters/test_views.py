"""The check page, the comparison, the downloads that features mount, the office's list, the command."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask, render_template_string
from flask.testing import FlaskClient

from tests.factories.accounts import sign_in
from tests.letters.conftest import Office
from tests.letters.samples import FACTS, NOW
from webapp.audit.models import AuditEvent
from webapp.core.actor import Scope
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.letters import operations, serving, showing
from webapp.letters.models import Letter
from webapp.letters.rules import Recipient, Subject
from webapp.web import access

PERSONAL = ("王晓燕", "13931267788", "老槐树", "异物", "李明", "学府花园")


class Issued:
    """A document that somebody holds: its check code and its file."""

    def __init__(self, app: Flask, make_office: Callable[[], Office], kind: str = "acceptance") -> None:
        self.app = app
        with app.app_context(), unit():
            self.office = make_office()
            letter = self.office.issue(kind)
            self.id, self.sha256, self.number = letter.id, letter.sha256, letter.number
            self.code = letter.said.code  # type: ignore[union-attr]
        with app.app_context():
            self.data = operations.pdf(db.session.get_one(Letter, self.id))

    def withdraw(self) -> None:
        with self.app.app_context(), unit():
            operations.withdraw(
                self.id,
                "王晓燕的姓名写错",
                self.office.officer,
                NOW + timedelta(days=1),
                scope=self.office.scope,
            )

    def replace(self) -> str:
        with self.app.app_context(), unit():
            new = operations.replace(
                self.id,
                FACTS["acceptance"],
                "写错",
                self.office.organisation,
                self.office.officer,
                NOW + timedelta(days=1),
                scope=self.office.scope,
            )
            return new.number


@pytest.fixture
def issued(app: Flask, make_office: Callable[[], Office]) -> Issued:
    return Issued(app, make_office)


def said(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


@pytest.mark.each_database
def test_a_genuine_document(app: Flask, client: FlaskClient, make_office: Callable[[], Office]) -> None:
    issued = Issued(app, make_office, "complaint_registration")
    answer = client.get(f"/letters/{issued.code}")
    assert answer.status_code == 200
    page = said(answer.text)
    for told in (
        "这份文书是真的，",
        "现在有效",
        issued.number,
        "投诉登记表",
        "保定市莲池区市场监督管理局",
        "2026年11月28日",
        "2 页",
        issued.sha256,
    ):
        assert told in page
    for planted in PERSONAL:
        assert planted not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in answer.text


def test_a_withdrawn_one_says_so_and_not_why(client: FlaskClient, issued: Issued) -> None:
    issued.withdraw()
    page = client.get(f"/letters/{issued.code}").text
    assert "已经收回" in page
    assert "现在有效" not in page
    assert "2026年11月29日" in page
    assert "写错" not in page
    assert not any(planted in page for planted in PERSONAL)


def test_a_replaced_one_names_its_successor_but_does_not_open_it(client: FlaskClient, issued: Issued) -> None:
    number = issued.replace()
    page = client.get(f"/letters/{issued.code}").text
    assert "已经换发" in page
    assert number in page
    with issued.app.app_context():
        successor = db.session.scalars(sa.select(Letter).where(Letter.number == number)).one()
        assert successor.said.code not in page  # type: ignore[union-attr]


def test_what_was_never_issued(client: FlaskClient, issued: Issued) -> None:
    for code in ("k3vq7h2mxwz5rjd4ptab", "short", "%00", "k" * 500, "字", issued.code[:-1]):
        answer = client.get(f"/letters/{code}")
        assert answer.status_code == 404, code
        assert "查不到这份文书，" in answer.text
        assert "现在有效" not in answer.text


def test_a_forged_code_costs_one_query_and_nonsense_none(client: FlaskClient, issued: Issued) -> None:
    from webapp.letters import queries

    seen: list[str] = []
    with issued.app.app_context():
        listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        queries.find_by_code("nonsense")
        queries.find_by_code("k3vq7h2mxwz5rjd4pta9")
        assert seen == []
        assert queries.find_by_code("k3vq7h2mxwz5rjd4ptab") is None
        assert [one.split()[0] for one in seen if one != "BEGIN"] == ["SELECT"]
        plan = db.session.execute(
            sa.text("EXPLAIN QUERY PLAN SELECT * FROM letter WHERE token_hash = 'x'")
        ).all()
        assert "USING INDEX" in str(plan)


def test_typing_the_code_leads_to_the_answer(client: FlaskClient) -> None:
    for typed in ("K3VQ7-H2MXW-Z5RJD-4PTAB", " k3vq7 h2mxw z5rjd 4ptab "):
        answer = client.get("/letters", query_string={"code": typed})
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/letters/k3vq7h2mxwz5rjd4ptab"


def test_a_mistyped_code_is_kept_and_told(client: FlaskClient) -> None:
    for typed in ("", "abc", "<script>"):
        answer = client.get("/letters", query_string={"code": typed})
        assert answer.status_code == 422
        assert ("20 位" if typed else "请输入") in said(answer.text)
        assert '<script>"' not in answer.text
        assert (f'value="{typed}"' in answer.text) == (typed == "abc")


def compare(client: FlaskClient, issued: Issued, data: bytes | None) -> str:
    files = {} if data is None else {"file": (io.BytesIO(data), "文书.pdf")}
    answer = client.post(
        f"/letters/{issued.code}",
        data=files,
        content_type="multipart/form-data",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return f"{answer.status_code} {answer.text}"


SAME, DIFFERENT = "<div data-same>", "<div data-different>"


def test_the_file_is_compared_without_scripts(client: FlaskClient, issued: Issued) -> None:
    assert SAME in compare(client, issued, issued.data)
    changed = compare(client, issued, issued.data[:-1] + b"\x00")
    assert DIFFERENT in changed
    assert SAME not in changed
    assert compare(client, issued, None).startswith("422")
    assert "请先选择文件" in compare(client, issued, None)


def test_a_form_from_elsewhere_is_refused(client: FlaskClient, issued: Issued) -> None:
    answer = client.post(
        f"/letters/{issued.code}",
        data={"file": (io.BytesIO(issued.data), "x.pdf")},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 422
    assert SAME not in answer.text


def test_a_huge_file_is_refused(make_app: Callable[..., Flask], make_office: Callable[[], Office]) -> None:
    app = make_app(upload_max_bytes=40_000)
    issued = Issued(app, make_office)
    assert "不会是本局制发的文书" in compare(app.test_client(), issued, issued.data)


def test_asking_has_a_limit(make_app: Callable[..., Flask]) -> None:
    client = make_app(rate_limits=True).test_client()
    answers = [client.get("/letters/k3vq7h2mxwz5rjd4ptab").status_code for _ in range(61)]
    assert answers[:60] == [404] * 60
    assert answers[60] == 429


def test_search_engines_stay_out(client: FlaskClient) -> None:
    assert "Disallow: /letters/" in client.get("/robots.txt").text


# --- what features mount ----------------------------------------------------------------------------------------------


@pytest.fixture
def mounted(app: Flask, make_office: Callable[[], Office]) -> Issued:
    """An application in which a feature has mounted downloads: recorded for officers, open for one party."""
    issued = Issued(app, make_office)
    scope, bp = issued.office.scope, Blueprint("made_up", __name__)

    def scope_of(case_id: int, letter_id: int) -> Scope:
        return scope

    bp.post("/office/made-up/<int:case_id>/letters/<int:letter_id>")(
        access.officer("complaint.read", on=scope_of)(
            serving.download(lambda case_id: Subject("complaint", case_id), recorded=True)
        )
    )
    bp.get("/made-up/<int:case_id>/letters/<int:letter_id>", endpoint="party")(
        access.public(
            serving.download(
                lambda case_id: Subject("complaint", case_id), recipient=Recipient.RESPONDENT, holds=True
            )
        )
    )
    app.register_blueprint(bp)
    app.config["WTF_CSRF_ENABLED"] = False
    return issued


def test_an_officer_downloads_and_it_is_written_down(
    mounted: Issued, make_client: Callable[[], FlaskClient]
) -> None:
    address, officer = f"/office/made-up/7/letters/{mounted.id}", make_client()
    assert make_client().post(address).status_code == 401
    sign_in(officer, mounted.office.officer.account_id or 0)
    answer = officer.post(address)
    assert answer.status_code == 200
    assert answer.data == mounted.data
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "UTF-8''%E6%8A%95%E8%AF%89" in answer.headers["Content-Disposition"]
    with mounted.app.app_context():
        event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "letter.open")).one()
        assert (event.actor_id, event.subject_id) == (mounted.office.officer.account_id, mounted.id)
    stranger = make_client()
    sign_in(stranger, mounted.office.stranger.account_id or 0)
    assert stranger.post(address).status_code == 404
    assert officer.post(f"/office/made-up/8/letters/{mounted.id}").status_code == 404, (
        "another case's document"
    )
    assert officer.post("/office/made-up/7/letters/999").status_code == 404


def test_a_party_gets_its_own_that_still_hold(
    mounted: Issued, make_client: Callable[[], FlaskClient]
) -> None:
    with mounted.app.app_context(), unit():
        own = mounted.office.issue("mediation_notice", recipients=[Recipient.RESPONDENT]).id
    client = make_client()
    assert client.get(f"/made-up/7/letters/{own}").status_code == 200
    assert client.get(f"/made-up/7/letters/{mounted.id}").status_code == 404, "the other side's copy"
    with mounted.app.app_context(), unit():
        operations.withdraw(own, "改期", mounted.office.officer, NOW, scope=mounted.office.scope)
    assert client.get(f"/made-up/7/letters/{own}").status_code == 404


def office_page(app: Flask, **context: object) -> str:
    with app.test_request_context("/"):
        return render_template_string(
            "{% for piece in slot('office.letters', subject_type='complaint', subject_id=7, open_url=open_url,"
            " withdraw_url=withdraw_url) %}{{ piece }}{% endfor %}",
            open_url=lambda letter_id: f"/open/{letter_id}",
            **context,
        )


def test_the_offices_list(app: Flask, issued: Issued) -> None:
    page = office_page(app, withdraw_url=lambda letter_id: f"/withdraw/{letter_id}")
    assert issued.number in page
    assert f'action="/open/{issued.id}"' in page
    assert f'action="/withdraw/{issued.id}"' in page
    assert "给投诉人" in page
    assert "李警官" in page
    number = issued.replace()
    page = office_page(app, withdraw_url=None)
    assert f"换发为 {number}" in page
    assert "/withdraw/" not in page
    with app.app_context(), unit():
        operations.erase_of(issued.office.subject, NOW)
    page = office_page(app, withdraw_url=None)
    assert "内容已按保存期限删除" in page
    assert "/open/" not in page


def test_no_documents_no_list(app: Flask) -> None:
    assert office_page(app, withdraw_url=None) == ""


def test_a_partys_list(app: Flask, issued: Issued) -> None:
    with app.test_request_context("/"):
        own = showing.party_list(issued.office.subject, Recipient.COMPLAINANT, lambda one: f"/mine/{one}")
        assert f'href="/mine/{issued.id}"' in str(own)
        assert showing.party_list(issued.office.subject, Recipient.RESPONDENT, str) is None
    issued.withdraw()
    with app.test_request_context("/"):
        assert showing.party_list(issued.office.subject, Recipient.COMPLAINANT, str) is None


# --- the command and the start ----------------------------------------------------------------------------------------


def test_the_command_lists_the_forms_and_their_doubts(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["letters", "check"])
    assert result.exit_code == 0, result.output
    assert "acceptance" in result.output
    assert "投诉受理决定书 ?" in result.output


def test_the_command_names_what_is_broken(app: Flask) -> None:
    folder: Path = app.extensions["ydym.settings"].letters_dir
    for name in ("forms", "seals"):
        (folder / name).mkdir(parents=True)
    (folder / "forms" / "refusal.txt").write_text("title: x\n", "utf-8")
    (folder / "forms" / "refusel.txt").write_text("title: x\n", "utf-8")
    (folder / "seals" / "1306.png").write_bytes(b"no picture")
    result = app.test_cli_runner().invoke(args=["letters", "check"])
    assert result.exit_code == 1
    for told in ("refusal.txt: ", "refusel.txt: no kind", "1306.png: "):
        assert told in result.output


def test_a_number_pattern_that_gives_twins_stops_the_start(make_app: Callable[..., Flask]) -> None:
    from webapp.settings import SettingsError

    with pytest.raises(SettingsError, match="YDYM_LETTER_NUMBER"):
        make_app(letter_number="{organisation}{year}{number}")
