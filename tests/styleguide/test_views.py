"""The style page shows every component file, in every mode, and to officers alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from tests.factories import accounts
from webapp.core.actor import Role
from webapp.core.transaction import unit
from webapp.styleguide import forced, modes, samples, tokens

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"
SAMPLES = COMPONENTS.parent / "styleguide" / "samples"
#: Drawings and controls without words of the caller's, and what only Chinese desks and Chinese paper show.
CHINESE = frozenset({
    "again", "breadcrumb", "camera", "copy_mark", "cover_grid", "go_buttons", "honeypot", "icon", "map_picker",
    "map_show", "near_button", "open_data", "page_seal", "picture", "plot", "sheet_a4", "step_picture",
    "sticker_picture", "thumb_row", "todo", "viewer", "wtf_field", "year_calendar",
})  # fmt: skip
#: Those, and what is given a word, a figure or a line that somebody else keeps short.
SHORT = CHINESE - {"breadcrumb"} | frozenset({
    "bottom_bar", "campaign_card", "check_code", "compare", "form_links", "hearts", "hero", "how_steps", "more",
    "opening_hours", "or_line", "pager", "paper_mark", "photo_grid", "pills", "progress_bar", "receipt", "seal",
    "search_box", "sign_tiles", "stars", "stars_input", "tabs", "verdict_head",
})  # fmt: skip
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
    shown = re.findall(r'data-component="([a-z_0-9]+)"', page.text)
    files = {path.stem: path.read_text("utf-8") for path in COMPONENTS.glob("[a-z]*.html")}
    assert sorted(shown) == sorted(files)
    for name, text in files.items():
        sample = (SAMPLES / f"{name}.html").read_text("utf-8")
        for macro in MACRO.findall(text):
            assert re.search(rf"\b{macro}\(", sample), f"{name}: {macro} is shown in no state"


def test_every_state_is_drawn_with_the_text_that_draws_it(officer: FlaskClient) -> None:
    html = officer.get("/office/style").text
    for path in SAMPLES.glob("*.html"):
        one = samples.read(path.stem, path.read_text("utf-8"))
        section = html[html.index(f'data-component="{one.name}"') :].split("</section>\n<section", 1)[0]
        assert one.states, path.name
        for state in one.states:
            assert f'data-sample="{state.name}"' in section
            assert str(escape(state.code)) in section
    named = re.findall(r'(?<= )id="([^"]+)"', html)
    assert len(named) == len(set(named)), "two of one id"


def test_a_component_has_a_page_and_words_find_it(officer: FlaskClient) -> None:
    alone = officer.get("/office/style/button").text
    assert re.findall(r'data-component="(\w+)"', alone) == ["button"]
    assert officer.get("/office/style/no_such").status_code == 404
    found = officer.get("/office/style?q=按钮").text
    assert set(re.findall(r'data-component="(\w+)"', found)) == {"button", "link_button"}
    assert "没有这样的组件" in officer.get("/office/style?q=此处没有").text


def test_states_come_from_the_sheets_themselves(officer: FlaskClient) -> None:
    assert forced.forced("a.figure:hover") == ['[data-state="hover"] a.figure']
    assert forced.forced(".choice__input:focus-visible + .choice__card") == [
        '[data-state="focus"] .choice__input + .choice__card'
    ]
    assert forced.forced(":focus:not(:focus-visible)") == forced.forced(".btn") == []
    css = officer.get("/office/style/states.css")
    assert '[data-shown="dark"] {' in css.text
    assert css.mimetype == "text/css"
    assert '[data-state="hover"] .btn--primary {' in css.text


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_can_be_seen_where_it_is_used(*, dark: bool, elder: bool) -> None:
    values = tokens.read(COMPONENTS.parents[1] / "static" / "css" / "tokens.css", dark=dark, elder=elder)
    shown = tokens.swatches(values)
    assert [(one.name, one.ratio) for one in shown if not one.enough] == []
    assert {one.ground for one in shown} <= set(values)
    assert round(tokens.contrast("#000", "#ffffff"), 2) == 21.0


def test_every_state_stands_in_light_dark_and_large_beside_each_other(officer: FlaskClient) -> None:
    html = officer.get("/office/style").text
    for path in SAMPLES.glob("*.html"):
        one = samples.read(path.stem, path.read_text("utf-8"))
        section = html.split(f'data-component="{one.name}"', 1)[1].split(' data-component="', 1)[0]
        parts = re.split(r'<div data-sample(?:-forced)?="', section)[1:]
        assert len(parts) in {len(one.states), len(one.states) + 2}, one.name
        for part in parts:
            assert re.findall(r'data-shown="(\w+)"', part) == list(modes.MODES), f"{one.name}: {part[:60]}"


def test_each_component_says_its_call_and_when_to_take_it(officer: FlaskClient) -> None:
    html = officer.get("/office/style").text
    assert len(re.findall(r"<p data-when>.{4,}。</p>", html)) == len(list(SAMPLES.glob("*.html")))
    assert "button(text, name=None, value=None, kind=&#34;primary&#34;" in html
    for path in COMPONENTS.glob("[a-z]*.html"):
        for macro in MACRO.findall(path.read_text("utf-8")):
            assert f"<code>{macro}(" in html, f"{path.name}: no call of {macro}"


def test_what_can_be_wrong_or_off_is_shown_so() -> None:
    """A control that can have a fault has a state with one; those that can be off or busy are shown off and busy."""
    for path in COMPONENTS.glob("[a-z]*.html"):
        text, sample = path.read_text("utf-8"), (SAMPLES / path.name).read_text("utf-8")
        macro = re.search(r"macro ([^%]*\berror=[^%]*)", text)
        if macro:
            assert 'error="' in sample, f"{path.name}: no state with a fault"
            if "attrs" in macro[1]:
                assert '"disabled"' in sample, f"{path.name}: no state that is off"
    assert "disabled=True" in (SAMPLES / "button.html").read_text("utf-8")
    assert 'cls="busy"' in (SAMPLES / "button.html").read_text("utf-8")


def test_words_of_any_length_and_english_are_shown() -> None:
    """Whatever is given words is drawn with long ones and in English; what has none, or Chinese by law, is named."""
    for path in COMPONENTS.glob("[a-z]*.html"):
        sample = samples.read(path.stem, (SAMPLES / path.name).read_text("utf-8"))
        if path.stem not in CHINESE:
            assert any("en" in state.flags for state in sample.states), f"{path.name}: no English"
        if path.stem not in SHORT:
            assert any("长" in state.name for state in sample.states), f"{path.name}: no long words"


def test_a_sample_that_is_sent_changes_nothing(officer: FlaskClient) -> None:
    page = officer.get("/office/style").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = officer.post("/office/style", data={"csrf_token": token[1]})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/office/style"
