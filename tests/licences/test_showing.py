"""The covered picture of a licence: what is under a cell is gone, who publishes it, how soon it is taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.factories.accounts import make_officer, sign_in
from tests.factories.files import make_file
from tests.factories.licences import make_licence
from tests.factories.shopfront import NOW, Vouched, make_vouched
from webapp import feed
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.files.models import FilePurpose, StoredFile
from webapp.licences import covering, drawing, showing
from webapp.licences.models import Licence
from webapp.merchants.models import Shop


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@dataclass(frozen=True)
class Case:
    """A vouched shop, its licence, an officer of its district and one of another."""

    shop: Vouched
    licence_id: int
    officer: Actor
    stranger: Actor


@pytest.fixture
def case(app: Flask) -> Case:
    with app.app_context():
        shop = make_vouched()
        with unit():
            licence = make_licence(
                db.session.get_one(Shop, shop.shop_id), file_id=make_file(FilePurpose.LICENCE).id
            )
            officer = make_officer(Role.BUREAU_OFFICER, "1306")
            stranger = make_officer(Role.BUREAU_OFFICER, "130133")
            feed.publish("test", now=NOW, shop_id=shop.shop_id)
        return Case(shop, licence.id, officer.actor(), stranger.actor())


def publish(case: Case, cells: list[int], *, looked: bool = True, actor: Actor | None = None) -> int:
    with unit():
        return showing.publish(case.licence_id, cells, looked=looked, actor=actor or case.officer, now=NOW).id


def has_red(picture: Image.Image) -> bool:
    return any(red > 150 and green < 90 for _, (red, green, _blue) in picture.getcolors(1 << 20) or ())


def test_nothing_is_left_of_what_lies_under_a_cell() -> None:
    source = Image.new("RGB", (1000, 1400), "#ffffff")
    source.paste("#ff0000", (100, 100, 200, 200))  # row 1, column 1
    cell = covering.COLUMNS + 1
    out = drawing.covered(source, [cell], "保定市·面馆")
    width, height = out.width // covering.COLUMNS, out.height // covering.ROWS
    below = out.crop((width, height, 2 * width, 2 * height))
    assert not has_red(below)
    bare = drawing.covered(source, [], "保定市·面馆").crop((width, height, 2 * width, 2 * height))
    assert has_red(bare), "without the cell it can be seen"
    marked = drawing.covered(Image.new("RGB", (1000, 1400), "#ffffff"), [], "保定市·面馆")
    for box in ((0, 0, 640, 450), (0, 450, 640, 900), (0, 830, 640, 1280)):
        assert min(low for low, _ in marked.crop(box).getextrema()) < 220, "the mark is everywhere"


@pytest.mark.parametrize("cells", [[-1], [covering.COLUMNS * covering.ROWS]])
def test_a_cell_off_the_grid_is_refused(app: Flask, case: Case, cells: list[int]) -> None:
    with app.app_context(), pytest.raises(Invalid):
        publish(case, cells)


def test_it_stands_on_the_page_within_a_poll_and_leaves_it_likewise(app: Flask, case: Case) -> None:
    client, tail = app.test_client(), app.extensions["ydym.tail"]
    assert "thumbs--tall" not in client.get(case.shop.plain).text
    with app.app_context():
        number = publish(case, [3, 4])
        assert publish(case, [4, 3]) == number, "the same again is one"
        copy = showing.find(case.licence_id)
        assert copy is not None
        assert copy.mark == "保定市·老槐树面馆·2026-05-06·仅供消费者核对"
        address = f"/media/licences/{copy.id}/{showing.key_of(copy)}"
        key = showing.key_of(copy)
    tail.poll()
    page = client.get(case.shop.plain).text
    assert f"{address}?w=320" in page
    assert "thumbs--tall" in page
    small, whole = client.get(f"{address}?w=320"), client.get(address)
    assert small.mimetype == "image/webp"
    assert max(Image.open(io.BytesIO(whole.data)).size) <= drawing.LONGEST
    assert client.get(f"/files/{key}").status_code == 404, "it has the one address"
    assert client.get(f"/media/{key}").status_code == 404
    with app.app_context(), unit():
        showing.withdraw(case.licence_id, case.officer, NOW)
    tail.poll()
    assert client.get(address).status_code == 404
    assert "thumbs--tall" not in client.get(case.shop.plain).text
    with app.app_context():
        assert db.session.query(StoredFile).filter_by(key=key).one().erased_at is not None


def test_a_replaced_licence_takes_its_picture_with_it(app: Flask, case: Case) -> None:
    with app.app_context():
        number = publish(case, [])
        copy = showing.find(case.licence_id)
        assert copy is not None
        key = showing.key_of(copy)
        assert showing.find_public(number, key) is not None
        assert showing.find_public(number, key + "x") is None
        with unit():
            db.session.get_one(Licence, case.licence_id).replaced_at = NOW
        assert showing.find_public(number, key) is None


def test_who_publishes_has_looked_is_of_the_district_and_the_kind_allows_it(app: Flask, case: Case) -> None:
    with app.app_context():
        with pytest.raises(Invalid):
            publish(case, [], looked=False)
        with pytest.raises(Forbidden):
            publish(case, [], actor=case.stranger)
        with unit():
            form = make_licence(
                db.session.get_one(Shop, case.shop.shop_id),
                "car_repair_filing",
                file_id=make_file(FilePurpose.LICENCE).id,
            )
        with pytest.raises(Conflict, match="licence_never_shown"), unit():
            showing.publish(form.id, [], looked=True, actor=case.officer, now=NOW)


def _post(client: FlaskClient, path: str, page: str, data: dict[str, object]) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return client.post(path, data={"csrf_token": found[1], **data})


def test_an_officer_marks_looks_and_publishes(app: Flask, case: Case) -> None:
    client = app.test_client()
    with app.app_context():
        with unit():
            officer = make_officer(Role.BUREAU_OFFICER, "1306")
        sign_in(client, officer.id)
    path = f"/office/licences/{case.licence_id}/copy"
    page = client.get(path)
    assert page.status_code == 200
    assert page.text.count('name="cell"') == covering.COLUMNS * covering.ROWS
    assert "日常监管人员姓名" in page.text
    post = partial(_post, client, path, page.text)
    looked = post(data={"cell": ["3", "4"]})
    assert "data:image/jpeg;base64," in looked.text
    assert looked.text.count('name="cell"') == 2
    refused = post(data={"cell": ["3", "4"], "publish": "1"})
    assert refused.status_code == 422
    assert refused.text.count('name="cell"') == 2, "what was marked is kept"
    for strange in ("999", "9" * 5000, "x", "-1", "１"):
        for more in ({}, {"publish": "1", "looked": "yes"}):
            assert post(data={"cell": ["3", strange], **more}).status_code == 422, strange[:9]
    done = post(data={"cell": ["3", "4"], "publish": "1", "looked": "yes"})
    assert done.status_code == 303
    assert "现在公示的图片" in client.get(path).text
    assert "已公示" in client.get(f"/office/shops/{case.shop.shop_id}").text
