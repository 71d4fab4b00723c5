"""Single sign-on against a real OpenID provider over HTTP, without a browser."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_officer
from tests.factories.regions import make_street
from tests.support.services import free_port
from webapp.accounts import queries
from webapp.core import clock, policy
from webapp.core.transaction import unit

USERS = [
    {"sub": "subject-li", "preferred_username": "li.wei"},
    {"sub": "subject-nobody", "preferred_username": "nobody.here"},
    {"sub": "subject-nameless"},
    {"sub": "subject-thief", "preferred_username": "li.wei"},
]


@contextlib.contextmanager
def running_provider(port: int) -> Iterator[str]:
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for user in USERS:
        command += ["--user-claims", json.dumps(user)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with requests.Session() as session:
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=_patience()))
            session.get(f"{url}/.well-known/openid-configuration", timeout=10).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _patience() -> object:
    from urllib3.util import Retry

    return Retry(connect=12, backoff_factor=0.1, backoff_max=1)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running_provider(free_port()) as url:
        yield url


@pytest.fixture
def sso_app(make_app: Callable[..., Flask], provider: str) -> Flask:
    return prepared(make_app, provider)


def prepared(make_app: Callable[..., Flask], issuer: str) -> Flask:
    app = make_app(oidc_issuer=issuer, oidc_client_id="ydym", oidc_client_secret="secret")
    with app.app_context(), unit():
        policy.sync()
        make_street()
        make_officer(username="li.wei")
    return app


@pytest.fixture
def client(sso_app: Flask) -> FlaskClient:
    return sso_app.test_client()


def to_provider(client: FlaskClient, subject: str, start: str = "/office/sso") -> str:
    """Go to the provider, say who we are; returns the path that it sends the browser back to."""
    answer = client.get(start)
    assert answer.status_code == 302
    back = requests.post(answer.location, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert back.status_code == 302
    assert back.headers["Location"].startswith("http://codes.test/office/sso/back?")
    return back.headers["Location"].removeprefix("http://codes.test")


def test_the_button_is_there_only_when_a_provider_is_set(app: Flask, client: FlaskClient) -> None:
    assert "/office/sso" in client.get("/office/login").text
    plain = app.test_client()
    assert "/office/sso" not in plain.get("/office/login").text
    for path in ("/office/sso", "/office/sso/back?code=x&state=y"):
        assert plain.get(path).location == "/office/login"


def test_the_way_out_has_state_nonce_and_a_hashed_verifier(client: FlaskClient, provider: str) -> None:
    address = client.get("/office/sso").location
    assert address.startswith(provider)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == "http://codes.test/office/sso/back"
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20


def test_a_known_officer_comes_in_and_is_tied_to_the_subject(
    client: FlaskClient, sso_app: Flask, provider: str
) -> None:
    back = to_provider(client, "subject-li", "/office/sso?next=/office/me")
    answer = client.get(back)
    assert (answer.status_code, answer.location) == (303, "/office/me")
    assert "li.wei" in client.get("/office/me").text
    with sso_app.app_context():
        account = queries.find_officer("li.wei")
        assert (account.oidc_issuer, account.oidc_subject) == (provider, "subject-li")
    other = sso_app.test_client()
    answer = other.get(to_provider(other, "subject-thief"))  # the same name, another subject
    assert answer.status_code == 403
    assert other.get("/office/me").status_code == 302


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(
    client: FlaskClient, sso_app: Flask
) -> None:
    back = to_provider(client, "subject-li")
    assert sso_app.test_client().get(back).status_code == 422
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 422


@pytest.mark.parametrize("subject", ["subject-nobody", "subject-nameless"])
def test_a_stranger_gets_no_account(client: FlaskClient, sso_app: Flask, subject: str) -> None:
    answer = client.get(to_provider(client, subject))
    assert answer.status_code == 403
    assert "还没有您的账号" in answer.text
    assert client.get("/office/me").status_code == 302


def test_a_disabled_officer_stays_out(client: FlaskClient, sso_app: Flask) -> None:
    with sso_app.app_context(), unit():
        queries.find_officer("li.wei").disabled_at = clock.now()
    answer = client.get(to_provider(client, "subject-li"))
    assert answer.status_code == 403
    assert "已停用" in answer.text


def test_a_wrong_state_is_refused(client: FlaskClient) -> None:
    back = to_provider(client, "subject-li")
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert client.get(f"/office/sso/back?code={code}&state=made-up").status_code == 422


def _change_notes(client: FlaskClient, **changes: str) -> None:
    with client.session_transaction() as session:
        key = next(name for name in session if name.startswith("_state_office_"))
        notes = dict(session[key])
        notes["data"] = {**notes["data"], **changes}
        session[key] = notes


def test_a_wrong_nonce_is_refused(client: FlaskClient) -> None:
    back = to_provider(client, "subject-li")
    _change_notes(client, nonce="of another sign-in")
    answer = client.get(back)
    assert answer.status_code == 422
    assert client.get("/office/me").status_code == 302


@pytest.mark.parametrize("query", ["error=access_denied", "code=made-up", "", "code=&state="])
def test_a_refusal_or_nonsense_from_the_provider_is_a_clear_page(client: FlaskClient, query: str) -> None:
    client.get("/office/sso")
    answer = client.get(f"/office/sso/back?{query}")
    assert answer.status_code == 422
    assert "统一登录没有完成" in answer.text


def test_a_provider_that_says_another_issuer_is_refused(
    make_app: Callable[..., Flask], provider: str
) -> None:
    """Tokens that name another issuer than the metadata, and metadata that name another than we were told to trust."""
    client = prepared(make_app, provider).test_client()
    back = to_provider(client, "subject-li")
    trusted = client.application.extensions["ydym.sso"]
    metadata = trusted.client.server_metadata
    metadata["issuer"] = "http://issuer.example"
    assert client.get(back).status_code == 422
    metadata["issuer"] = provider
    back = to_provider(client, "subject-li")
    trusted.issuer = "http://trusted.example"
    assert client.get(back).status_code == 422


def test_a_provider_that_is_down_is_a_clear_page_and_comes_back(make_app: Callable[..., Flask]) -> None:
    port = free_port()
    client = prepared(make_app, f"http://127.0.0.1:{port}").test_client()
    answer = client.get("/office/sso")
    assert answer.status_code == 503
    assert "用户名和密码登录" in answer.text
    with running_provider(port):
        back = to_provider(client, "subject-li")
    assert client.get(back).status_code == 503
