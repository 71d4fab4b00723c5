"""The two stores do the same: a folder, and a bucket over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.databases import settings_for
from webapp.files import stores
from webapp.files.s3 import S3Store
from webapp.files.stores import LocalStore, Missing, Store

KEY = "abcdefghijklmnopqrstuvwx"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """host:port of an S3 server on the loopback with the bucket `ydym`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="ydym")
    client.close()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return stores.from_settings(settings_for(tmp_path, ""))
    endpoint = request.getfixturevalue("s3_endpoint")
    return stores.from_settings(
        settings_for(
            tmp_path, "", s3_endpoint=endpoint, s3_secure=False, s3_access_key="test", s3_secret_key="test"
        )
    )


def test_what_is_put_can_be_got_replaced_and_deleted(any_store: Store) -> None:
    any_store.put(f"{KEY}/full", b"one" * 1000, "image/jpeg")
    any_store.put(f"{KEY}/320", b"small", "image/webp")
    assert any_store.get(f"{KEY}/full") == b"one" * 1000
    any_store.put(f"{KEY}/full", b"two", "image/jpeg")
    assert any_store.get(f"{KEY}/full") == b"two"
    any_store.delete(f"{KEY}/full")
    any_store.delete(f"{KEY}/full")
    with pytest.raises(Missing):
        any_store.get(f"{KEY}/full")
    assert any_store.get(f"{KEY}/320") == b"small"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", f"{KEY}/../x", f"/{KEY}/full", f"{KEY}/full\n", "", "a/full", f"{KEY}/-1"]
)
def test_no_other_name_reaches_the_storage(any_store: Store, name: str) -> None:
    for attempt in (
        lambda: any_store.get(name),
        lambda: any_store.delete(name),
        lambda: any_store.put(name, b"", "x/y"),
    ):
        with pytest.raises(ValueError):
            attempt()


def test_the_settings_choose_the_store(tmp_path: Path) -> None:
    assert isinstance(stores.from_settings(settings_for(tmp_path, "")), LocalStore)
    assert isinstance(stores.from_settings(settings_for(tmp_path, "", s3_endpoint="127.0.0.1:1")), S3Store)


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.put(f"{KEY}/full", b"old", "image/jpeg")

    def full_disk(_descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(stores.os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        store.put(f"{KEY}/full", b"new", "image/jpeg")
    monkeypatch.undo()
    assert store.get(f"{KEY}/full") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["full"]


def test_an_object_goes_with_its_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(f"{KEY}/full", b"x", "image/jpeg")
    store.delete(f"{KEY}/full")
    assert not list(tmp_path.rglob(KEY))


def test_a_bucket_keeps_the_media_type(s3_endpoint: str, tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, "", s3_endpoint=s3_endpoint, s3_secure=False, s3_access_key="test", s3_secret_key="test"
    )
    store = stores.from_settings(settings)
    assert isinstance(store, S3Store)
    store.put(f"{KEY}/640", b"webp", "image/webp")
    assert store.client.stat_object("ydym", f"{KEY}/640").content_type == "image/webp"
