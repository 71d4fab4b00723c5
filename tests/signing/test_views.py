"""The administrators' page of the keys, in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import accounts
from tests.factories.codes import send
from tests.support.vault import TOKEN, vault_server
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.signing.models import KeyProposal
from webapp.signing.store import store

PAGE = "/office/keys"


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Two administrators of the city; key 0 signs since a month."""
    with app.app_context(), unit():
        store().ensure(clock.now() - timedelta(days=30))
        return [accounts.make_administrator().id for _ in range(2)]


@pytest.fixture
def browser(app: Flask) -> Callable[[int], FlaskClient]:
    def open_for(account_id: int) -> FlaskClient:
        client = app.test_client()
        accounts.sign_in(client, account_id)
        return client

    return open_for


def propose(
    client: FlaskClient, action: str, kid: str = "", reason: str = "到期更换", moment: str = ""
) -> TestResponse:
    return send(client, f"{PAGE}/proposals", PAGE, action=action, kid=kid, reason=reason, moment=moment)


def waiting(app: Flask) -> int:
    with app.app_context():
        return db.session.query(KeyProposal).filter_by(state="proposed").one().id


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [key.state.value for key in store().ring()]


def test_a_rotation_by_two(app: Flask, people: list[int], browser: Callable[[int], FlaskClient]) -> None:
    first, second = map(browser, people)
    assert propose(first, "rotate").status_code == 303
    page = first.get(PAGE).text
    assert "这是您提的" in page
    assert "同意并马上办理" not in page
    number = waiting(app)
    own = send(first, f"{PAGE}/proposals/{number}/decide", PAGE, outcome="confirm", reason="自己批")
    assert own.status_code == 403
    assert states(app) == ["active"]
    assert "同意并马上办理" in second.get(PAGE).text
    empty = send(second, f"{PAGE}/proposals/{number}/decide", PAGE, outcome="confirm", reason=" ")
    assert empty.status_code == 422
    done = send(second, f"{PAGE}/proposals/{number}/decide", PAGE, outcome="confirm", reason="同意更换")
    assert done.status_code == 303
    page = second.get(PAGE).text
    assert states(app) == ["retired", "active"]
    assert "1 号密钥" in page
    assert "新码贴都用这一把签发" in page
    assert "同意更换" in page
    again = send(second, f"{PAGE}/proposals/{number}/decide", PAGE, outcome="confirm", reason="再批")
    assert again.status_code == 409


def test_a_compromise_by_two(app: Flask, people: list[int], browser: Callable[[int], FlaskClient]) -> None:
    first, second = map(browser, people)
    moment = (clock.now() - timedelta(days=2)).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    assert propose(first, "compromise", "0", "服务器被入侵", moment).status_code == 303
    assert "0 张有效码贴要作废换新" in second.get(PAGE).text
    send(second, f"{PAGE}/proposals/{waiting(app)}/decide", PAGE, outcome="confirm", reason="属实")
    assert states(app) == ["compromised", "active"]
    assert "此前发放的码贴继续有效" in second.get(PAGE).text


@pytest.mark.parametrize(
    ("moment", "said"),
    [("", "请填写从什么时候起可能失密"), ("昨天", "年-月-日"), ("2999-01-01T00:00", "不能晚于现在")],
)
def test_what_was_typed_is_kept(
    app: Flask, people: list[int], browser: Callable[[int], FlaskClient], moment: str, said: str
) -> None:
    answer = propose(browser(people[0]), "compromise", "0", "服务器被入侵，细节见报告", moment)
    assert answer.status_code == 422
    assert said in answer.text
    assert "服务器被入侵，细节见报告" in answer.text
    assert '<details class="confirm confirm--danger" open>' in answer.text
    assert states(app) == ["active"]


@pytest.mark.parametrize(
    "data", [{"action": "melt"}, {"action": "retire", "kid": "٣"}, {"action": "retire", "kid": "99999"}]
)
def test_mangled_forms_are_refused(
    people: list[int], browser: Callable[[int], FlaskClient], data: dict[str, str]
) -> None:
    assert propose(browser(people[0]), **data).status_code == 422


def test_withdrawn_by_the_proposer_alone(
    app: Flask, people: list[int], browser: Callable[[int], FlaskClient]
) -> None:
    first, second = map(browser, people)
    propose(first, "create", moment="2026-01-01T08:00")
    number = waiting(app)
    assert send(second, f"{PAGE}/proposals/{number}/withdraw", PAGE).status_code == 403
    assert send(first, f"{PAGE}/proposals/{number}/withdraw", PAGE).status_code == 303
    assert states(app) == ["active"]


def test_a_county_administrator_sees_nothing(app: Flask, browser: Callable[[int], FlaskClient]) -> None:
    with app.app_context(), unit():
        county = accounts.make_administrator("130606").id
    client = browser(county)
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/office/accounts").text


def test_a_silent_key_service_is_said_on_the_page(
    make_app: Callable[..., Flask], app: Flask, people: list[int]
) -> None:
    with vault_server() as vault:
        other = make_app(signer="vault", vault_url=vault.url, vault_token=TOKEN)
        client = other.test_client()
        accounts.sign_in(client, people[0])
        assert "密钥管理服务（Vault）" in client.get(PAGE).text
        vault.broken = "down"
        answer = client.get(PAGE)
        assert answer.status_code == 200
        assert "没有应答" in answer.text


def test_what_a_silent_key_service_stopped_still_waits_on_the_page(
    make_app: Callable[..., Flask], app: Flask, people: list[int]
) -> None:
    with vault_server() as vault:
        other = make_app(signer="vault", vault_url=vault.url, vault_token=TOKEN)
        first, second = other.test_client(), other.test_client()
        accounts.sign_in(first, people[0])
        accounts.sign_in(second, people[1])
        assert propose(first, "rotate").status_code == 303
        number = waiting(other)
        vault.broken = "down"
        answer = send(second, f"{PAGE}/proposals/{number}/decide", PAGE, outcome="confirm", reason="属实同意")
        assert answer.status_code == 503
        assert "等第二人审批" in answer.text
        assert "办理记录</h" not in answer.text
        assert 'class="confirm confirm--danger" open' in answer.text
        assert "属实同意</textarea>" in answer.text
        assert 'role="alert"' in answer.text
        assert waiting(other) == number
        refused = propose(first, "create", reason="再来一把")
        assert refused.status_code == 503
        assert 'role="alert"' in refused.text
