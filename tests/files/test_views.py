"""Who may open which file, and how it is answered."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from PIL import Image

from tests.factories import files, merchants
from tests.factories.merchants import NOW
from webapp.core.actor import CONSUMER, Actor, Post, Role
from webapp.core.db import db
from webapp.files import access, images, operations, queries, sizes, staging
from webapp.files.models import FilePurpose, StoredFile
from webapp.files.rules import Form
from webapp.files.stores import Missing, store
from webapp.web import access as web_access

HEADER = "X-Test-Actor"


@pytest.fixture
def people(app: Flask) -> dict[str, Actor]:
    """Actors by name; a request says which one it is by a header that only this test's application knows."""
    found: dict[str, Actor] = {}

    @app.before_request
    def sign_in() -> None:
        g.actor = found[request.headers[HEADER]] if HEADER in request.headers else CONSUMER

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    with app.app_context():
        shop = merchants.make_shop()
        owner, other = merchants.make_account("店主"), merchants.make_account("别人")
        merchants.make_member(shop.operator, owner)
        db.session.commit()
        found["owner"] = merchants.actor_of(owner, shop.operator)
        found["other"] = merchants.actor_of(other)
        for name, region in (("here", "130606"), ("elsewhere", "130602")):
            found[name] = Actor(7, name, Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, region),))
        found["administrator"] = Actor(8, "a", Role.ADMINISTRATOR, (Post(Role.ADMINISTRATOR, "1306"),))
        found["_operator"] = Actor(shop.operator_id, "", Role.SYSTEM)
    return found


def stored(app: Flask, people: dict[str, Actor], purpose: FilePurpose, *, attached: bool = True) -> str:
    with app.app_context():
        file = files.make_file(purpose, people["owner"])
        if attached:
            operations.attach([file.id], "operator", people["_operator"].account_id or 0)
        db.session.commit()
        return file.key


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("other", 404), ("here", 200), ("elsewhere", 404), ("administrator", 404), (None, 404)],
)
def test_a_licence_is_for_members_and_officers_of_the_place(
    app: Flask, client: FlaskClient, people: dict[str, Actor], who: str | None, status: int
) -> None:
    key = stored(app, people, FilePurpose.LICENCE)
    headers = {HEADER: who} if who else {}
    assert client.get(f"/files/{key}", headers=headers).status_code == status
    assert client.get(f"/media/{key}", headers=headers).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("other", 404), ("here", 404), (None, 404)])
def test_before_it_belongs_to_anything_only_the_uploader_sees_it(
    app: Flask, client: FlaskClient, people: dict[str, Actor], who: str | None, status: int
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT, attached=False)
    assert client.get(f"/files/{key}", headers={HEADER: who} if who else {}).status_code == status
    assert client.get(f"/media/{key}").status_code == 404


def test_a_file_of_an_unknown_owner_is_closed(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    with app.app_context():
        file = files.make_file(FilePurpose.EVIDENCE, people["owner"])
        operations.attach([file.id], "something_new", 1)
        db.session.commit()
        key = file.key
    assert client.get(f"/files/{key}", headers={HEADER: "owner"}).status_code == 404


@pytest.fixture
def published(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a shop shows its photo is another feature's business (it says so at `app`): here every storefront is."""
    assert app.extensions
    monkeypatch.setitem(access.publishers, FilePurpose.STOREFRONT, lambda _file: True)


@pytest.mark.usefixtures("published")
def test_a_storefront_is_public_and_kept_by_caches_for_minutes(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    answer = client.get(f"/media/{key}?w=320")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=604800, s-maxage=300, must-revalidate"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    whole = client.get(f"/media/{key}")
    assert whole.mimetype == "image/jpeg"
    again = client.get(f"/media/{key}", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == whole.headers["ETag"] != answer.headers["ETag"]
    head = client.head(f"/media/{key}")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))


def test_a_private_file_is_asked_for_again_each_time(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    key = stored(app, people, FilePurpose.LICENCE)
    answer = client.get(f"/files/{key}", headers={HEADER: "owner"})
    assert answer.headers["Cache-Control"] == "private, no-store"
    unchanged = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/files/{key}", headers={HEADER: "owner", **unchanged}).status_code == 304
    assert client.get(f"/files/{key}", headers=unchanged).status_code == 404


def test_a_public_photo_can_be_taken_back(
    app: Flask, client: FlaskClient, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(access.publishers, FilePurpose.RATING, lambda _file: True)
    key = stored(app, people, FilePurpose.RATING)
    shown = client.get(f"/media/{key}")
    assert shown.status_code == 200
    assert (shown.cache_control.s_maxage, shown.cache_control.immutable) == (300, False)
    monkeypatch.setitem(access.publishers, FilePurpose.RATING, lambda _file: False)
    assert client.get(f"/media/{key}").status_code == 404
    kept = {"If-None-Match": shown.headers["ETag"]}
    assert client.get(f"/media/{key}", headers=kept).status_code == 404, (
        "a cache that asks again learns of it"
    )


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("width", ["x", "-1", "99999999999999999999", "320.5", ""])
def test_nonsense_for_a_width_gives_the_whole(
    app: Flask, client: FlaskClient, people: dict[str, Actor], width: str
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    assert client.get(f"/media/{key}?w={width}").status_code == 200


def test_what_is_no_picture_has_no_smaller_copies(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    with app.app_context():
        file = queries.find_by_key(key)
        assert file is not None
        file.media_type = "application/pdf"
        for name in queries.object_names(key):
            store().delete(name)
        store().put(queries.object_name(key, None), b"%PDF-1.7", file.media_type)
        db.session.commit()
    assert client.get(f"/files/{key}", headers={HEADER: "owner"}).status_code == 200
    for size in ("w=320", "w=320&f=j"):
        assert client.get(f"/files/{key}?{size}", headers={HEADER: "owner"}).status_code == 404


@pytest.mark.parametrize("key", ["x", "..", "%2e%2e%2fetc", "a" * 400])
def test_unknown_keys_are_not_found(client: FlaskClient, key: str) -> None:
    assert client.get(f"/files/{key}").status_code == 404
    assert client.get(f"/media/{key}").status_code == 404


@pytest.mark.usefixtures("published")
def test_an_erased_file_is_gone_with_its_bytes(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    with app.app_context():
        file = queries.find_by_key(key)
        assert file is not None
        operations.erase(file, NOW)
        db.session.commit()
        folder = app.extensions["ydym.settings"].uploads_dir
        assert not [path for path in folder.rglob("*") if path.is_file()]
    assert client.get(f"/media/{key}").status_code == 404


def kept_sizes(app: Flask) -> list[str]:
    """The names of all objects in the store, without the keys."""
    folder = app.extensions["ydym.settings"].uploads_dir
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("published")
def test_who_knows_no_webp_gets_jpeg_which_is_made_once_and_erased_with_the_rest(
    app: Flask, client: FlaskClient, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    assert kept_sizes(app) == ["160", "320", "640", "960", "full"]
    answer = client.get(f"/media/{key}?w=300&f=j")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.data)).size == (320, 240)
    assert answer.headers["ETag"] != client.get(f"/media/{key}?w=300").headers["ETag"]
    assert kept_sizes(app) == ["160", "320", "320j", "640", "960", "full"]
    monkeypatch.setattr(sizes, "_made", None)  # from here on nothing is made
    assert client.get(f"/media/{key}?w=320&f=j").data == answer.data
    for other in ("w=320&f=gif", "w=320&f="):
        assert client.get(f"/media/{key}?{other}").mimetype == "image/webp"
    assert client.get(f"/media/{key}?f=j").mimetype == "image/jpeg"
    with app.app_context():
        file = queries.find_by_key(key)
        assert file is not None
        operations.erase(file, NOW)
        db.session.commit()
    assert kept_sizes(app) == []
    assert client.get(f"/media/{key}?w=320&f=j").status_code == 404


@pytest.mark.usefixtures("published")
def test_a_picture_from_before_a_width_gets_it_when_it_is_asked_for(
    app: Flask, client: FlaskClient, people: dict[str, Actor]
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    with app.app_context():
        store().delete(f"{key}/160")
    answer = client.get(f"/media/{key}?w=160")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.data)).size == (160, 120)
    assert "160" in kept_sizes(app)


@pytest.mark.usefixtures("published")
def test_who_would_wait_for_a_copy_gets_the_whole_picture(
    app: Flask, client: FlaskClient, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    monkeypatch.setattr(sizes, "PATIENCE", 0)
    with sizes._making:
        answer = client.get(f"/media/{key}?w=160&f=j")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.data)).size == (800, 600)
    assert answer.headers["ETag"] == client.get(f"/media/{key}").headers["ETag"]
    assert "160j" not in kept_sizes(app)


def test_a_copy_made_while_the_picture_is_erased_does_not_stay(
    app: Flask, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(app, people, FilePurpose.STOREFRONT)
    with app.app_context():
        file = queries.find_by_key(key)
        assert file is not None
        make = images.smaller_copy

        def meanwhile(whole: bytes, width: int, form: Form) -> bytes:
            operations.erase(file, NOW)
            return make(whole, width, form)

        monkeypatch.setattr(images, "smaller_copy", meanwhile)
        with pytest.raises(Missing):
            sizes.fetch(file, 160, Form.JPEG)
    assert kept_sizes(app) == []


def test_a_picture_says_its_addresses_in_every_size(app: Flask, people: dict[str, Actor]) -> None:
    with app.test_request_context():
        file = files.make_file(FilePurpose.STOREFRONT, people["owner"])
        operations.attach([file.id], "operator", 1)
        shown, at = queries.picture_of(file, 112), f"/media/{file.key}"
        assert (shown.whole, shown.jpeg) == (at, f"{at}?w=320&f=j")
        assert shown.webp == f"{at}?w=160 160w, {at}?w=320 320w, {at}?w=640 640w"
        assert (shown.high(112), shown.high(200)) == (84, 150)
        assert queries.picture_of(file, 640).webp.endswith("w=960 800w")
        assert queries.picture_of(file, 72, private=True).whole == f"/files/{file.key}"


def test_addresses_follow_purpose_and_owner(app: Flask, people: dict[str, Actor]) -> None:
    with app.test_request_context():
        file = files.make_file(FilePurpose.STOREFRONT, people["owner"])
        assert queries.url_for_file(file, 300) == f"/files/{file.key}?w=320"
        operations.attach([file.id], "operator", 1)
        assert queries.url_for_file(file, 640) == f"/media/{file.key}?w=640"
        assert queries.url_for_file(file) == f"/media/{file.key}"
        assert queries.url_for_file(file, private=True) == f"/files/{file.key}"


@contextmanager
def form(app: Flask, cookie: str = "", **fields: Any) -> Iterator[None]:
    """A posted form as a view sees it."""
    headers = {"Cookie": cookie} if cookie else {}
    with app.test_request_context(
        method="POST", data=fields, content_type="multipart/form-data", headers=headers
    ):
        yield


def upload(data: bytes | None = None, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data or files.picture(size=(60, 40))), name


def collect(actor: Actor, most: int = 3) -> staging.Staged:
    return staging.collect("photos", FilePurpose.COMPLAINT, max_files=most, actor=actor, now=NOW)


def test_files_of_a_form_that_comes_back_are_still_there(app: Flask, people: dict[str, Actor]) -> None:
    owner = people["owner"]
    with form(app, photos=[upload(), upload(b"<svg/>", "b.svg")]):
        first = collect(owner)
        db.session.rollback()  # what an answer of 422 does
    assert len(first.files) == 1
    assert first.error is not None
    assert (first.error.code, first.error.field, first.error.details["name"]) == (
        "file_kind",
        "photos",
        "b.svg",
    )
    with form(app, photos_kept=[first.files[0].token], photos=[upload()]):
        second = collect(owner)
        assert second.ids[0] == first.ids[0]
        assert len(second.ids) == 2
        assert second.files[0].url(320).startswith(f"/files/{second.files[0].file.key}?w=320&t=")
    token = second.files[0].token
    with form(app, photos_kept=[entry.token for entry in second.files], photos_drop=[token]):
        assert collect(owner).ids == [second.ids[1]]


def test_a_kept_word_is_good_for_one_person_only(app: Flask, people: dict[str, Actor]) -> None:
    with form(app, photos=[upload()]):
        token = collect(people["owner"]).files[0].token
    for actor in (people["other"], CONSUMER):
        with form(app, photos_kept=[token]):
            assert collect(actor).files == []
    for broken in (token[:-2], "x", token.swapcase(), ""):
        with form(app, photos_kept=[broken]):
            assert collect(people["owner"]).files == []


def test_a_used_file_cannot_be_brought_again(app: Flask, people: dict[str, Actor]) -> None:
    with form(app, photos=[upload()]):
        staged = collect(people["owner"])
        operations.attach(staged.ids, "complaint", 5)
        db.session.commit()
    with form(app, photos_kept=[staged.files[0].token]):
        assert collect(people["owner"]).files == []


def test_more_files_than_allowed_are_said_and_not_stored(app: Flask, people: dict[str, Actor]) -> None:
    with form(app, photos=[upload(), upload(), upload()]):
        staged = collect(people["owner"], most=2)
        assert len(staged.files) == 2
        assert staged.error is not None
        assert staged.error.code == "files_too_many"
        assert db.session.query(StoredFile).count() == 2


def test_a_visitor_sees_the_own_upload_again_and_nobody_else(app: Flask) -> None:
    @app.post("/test/upload")
    @web_access.public
    def take() -> str:
        staged = staging.collect(
            "photos", FilePurpose.COMPLAINT, max_files=3, actor=web_access.current_actor(), now=NOW
        )
        return staged.files[0].url()

    app.config["WTF_CSRF_ENABLED"] = False
    visitor, stranger = app.test_client(), app.test_client()
    address = visitor.post("/test/upload", data={"photos": [upload()]}).text
    assert visitor.get(address).status_code == 200
    assert visitor.get(address.partition("?")[0]).status_code == 404
    assert stranger.get(address).status_code == 404
