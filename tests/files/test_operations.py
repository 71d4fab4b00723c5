"""Taking in, attaching, sweeping."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import files, merchants
from tests.factories.merchants import NOW
from webapp.core.db import db
from webapp.core.errors import Invalid, NotFound
from webapp.files import operations, queries
from webapp.files.models import FilePurpose, StoredFile
from webapp.web.errors import message_of

pytestmark = pytest.mark.each_database


def test_an_upload_is_kept_under_a_random_name(context: Flask) -> None:
    first, second = files.make_file(), files.make_file()
    assert first.key != second.key
    assert len(first.key) * 5 >= 160
    assert (first.media_type, first.width, first.height) == ("image/jpeg", 800, 600)
    assert queries.find_by_key(first.key) is first
    assert set(queries.by_ids([first.id, second.id, 0])) == {first.id, second.id}
    assert queries.by_ids([]) == {}


def test_an_upload_over_the_limit_is_refused_before_it_is_read(context: Flask) -> None:
    limit = context.extensions["ydym.settings"].upload_max_bytes
    stream = io.BytesIO(files.picture() + bytes(limit))
    with pytest.raises(Invalid) as caught:
        operations.store_upload(stream, "C:\\照片\\大图.jpg", FilePurpose.LICENCE, None, NOW)
    assert caught.value.code == "file_too_big"
    assert stream.tell() == limit + 1
    with context.test_request_context():
        assert "“大图.jpg”" in message_of(caught.value)
        assert "12 MB" in message_of(caught.value)


@pytest.mark.parametrize("code", ["file_kind", "file_broken", "file_pixels", "file_locked"])
def test_every_error_has_words(context: Flask, code: str) -> None:
    with context.test_request_context():
        assert "a.jpg" in message_of(Invalid(code, name="a.jpg", width=1, height=1))


def test_a_long_name_is_shown_by_its_end(context: Flask) -> None:
    with pytest.raises(Invalid) as caught:
        operations.store_upload(io.BytesIO(b"x"), "很" * 80 + "\u202ejpg.exe", FilePurpose.LICENCE, None, NOW)
    shown = str(caught.value.details["name"])
    assert len(shown) == 40
    assert "\u202e" not in shown


def test_a_file_belongs_to_one_owner_for_good(context: Flask) -> None:
    file = files.make_file()
    operations.attach([file.id], "operator", 1)
    operations.attach([file.id], "operator", 1)
    for owner in (("operator", 2), ("complaint", 1)):
        with pytest.raises(NotFound):
            operations.attach([file.id], *owner)
    assert [entry.id for entry in queries.of_owner("operator", 1, FilePurpose.STOREFRONT)] == [file.id]
    assert queries.of_owner("operator", 1, FilePurpose.LICENCE) == []
    operations.erase(file, NOW)
    with pytest.raises(NotFound):
        operations.attach([file.id], "operator", 1)


def test_unused_uploads_are_swept_after_two_days(context: Flask) -> None:
    merchant = merchants.actor_of(merchants.make_account())
    unused, used, fresh = (files.make_file(actor=merchant) for _ in range(3))
    operations.attach([used.id], "operator", 1)
    fresh.created_at = NOW + timedelta(days=1)
    db.session.flush()
    assert operations.sweep(NOW + timedelta(days=1)) == 0
    assert operations.sweep(NOW + timedelta(days=2, seconds=1)) == 1
    assert queries.find_by_key(unused.key) is None
    assert db.session.get(StoredFile, unused.id) is not None
    assert operations.sweep(NOW + timedelta(days=2, seconds=1)) == 0
