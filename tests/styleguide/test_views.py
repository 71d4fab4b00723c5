"""The style page shows every component file, in every mode, and to officers alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts
from webapp.core.actor import Role
from webapp.core.transaction import unit

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"
MACRO = re.compile(r"\{%-? macro ([a-z]\w*)\(")


@pytest.fixture
def officer(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context(), unit():
        account_id = accounts.make_officer(Role.STATION_OFFICER, "130602").id
    accounts.sign_in(client, account_id)
    return client


def test_every_component_is_shown_and_every_macro_called(officer: FlaskClient) -> None:
    page = officer.get("/office/style")
    assert page.status_code == 200
    shown = re.findall(r'data-component="([a-z_]+)"', page.text)
    files = {path.stem: path.read_text("utf-8") for path in COMPONENTS.glob("[a-z]*.html")}
    assert sorted(shown) == sorted(files)
    source = (COMPONENTS.parent / "styleguide" / "office_show.html").read_text("utf-8")
    macros = {name for text in files.values() for name in MACRO.findall(text)}
    assert {name for name in macros if not re.search(rf"\{{[{{%] ?(?:call )?{name}\(", source)} == set()


@pytest.mark.parametrize(
    ("mode", "elder", "theme"),
    [
        ("light", False, "light"),
        ("dark", False, "dark"),
        ("elder", True, "light"),
        ("elder-dark", True, "dark"),
    ],
)
def test_modes_are_in_the_address(officer: FlaskClient, mode: str, *, elder: bool, theme: str) -> None:
    html = officer.get(f"/office/style?mode={mode}").text
    frame = html[html.index("<html") : html.index("<head")]
    assert ('class="elder"' in frame) is elder
    assert f'data-theme="{theme}"' in frame


def test_a_sample_that_is_sent_changes_nothing(officer: FlaskClient) -> None:
    page = officer.get("/office/style").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = officer.post("/office/style", data={"csrf_token": token[1]})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/office/style"
