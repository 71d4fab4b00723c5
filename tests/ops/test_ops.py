"""Health, metrics, backup and restore."""

from __future__ import annotations

import base64
import gzip
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from flask import Flask
from flask.testing import FlaskClient

from qrservice import KeyState
from webapp.core.db import db
from webapp.core.policy import PolicyValue
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.licences.models import LicenceRequirement
from webapp.ops import backup
from webapp.settings import Settings
from webapp.stickers.keys import store

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def test_health_needs_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_tells_what_lacks(app: Flask, client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 503
    with app.app_context():
        store().ensure(NOW)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["checks"] == {"database": True, "keys": True}


def test_readiness_without_tables(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        store().ensure(NOW)
        with unit():
            db.session.execute(db.text("ALTER TABLE change RENAME TO gone"))
    assert client.get("/readyz").status_code == 503


def test_metrics_are_not_public(client: FlaskClient, make_app: Callable[..., Flask]) -> None:
    client.get("/healthz")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'ydym_requests_total{method="GET",route="/healthz",status="200"}' in answer.text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    guarded = make_app(metrics_token="s3cret-token").test_client()
    assert guarded.get("/metrics").status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer s3cret-token"}).status_code == 200


def test_a_chunked_body_is_refused(client: FlaskClient) -> None:
    assert client.post("/logout", headers={"Transfer-Encoding": "chunked"}).status_code == 411


def test_backup_and_restore(app_on: Flask, settings: Settings, tmp_path: Path, database_kind: str) -> None:
    with app_on.app_context():
        store().ensure(NOW)
        upload = settings.uploads_dir / "ab" / "whole"
        upload.parent.mkdir(parents=True)
        upload.write_bytes(b"picture")
        with unit():
            db.session.add(_value("kept"))
        live = app_on.extensions["ydym.settings"]
        target = tmp_path / "backup.tgz"
        manifest = backup.make(live, target, "2026-11-20T03:00:00+00:00")
        assert {"keys/ring.json", "keys/sticker-0.pem", "uploads/ab/whole"} <= set(manifest["files"])
        with pytest.raises(backup.BackupError, match="there already"):
            backup.make(live, target, "")
        with unit():
            db.session.add(_value("lost"))
        upload.unlink()
        db.session.remove()
        db.engine.dispose()
        if database_kind == "sqlite":
            with pytest.raises(backup.BackupError, match="--overwrite"):
                backup.restore(live, target)
        backup.restore(live, target, overwrite=True)
        keys = {value.key for value in db.session.query(PolicyValue)}
        assert "kept" in keys
        assert "lost" not in keys
        assert upload.read_bytes() == b"picture"


def test_after_a_restore_a_new_key_signs(app: Flask, settings: Settings, tmp_path: Path) -> None:
    """Else a serial that is issued again would have the very code of a paper that the backup does not know."""
    with app.app_context():
        store().ensure(NOW)
        target = tmp_path / "backup.tgz"
        backup.make(app.extensions["ydym.settings"], target, "2026-11-20T03:00:00+00:00")
        assert store().rotate(NOW) == 1
        later = (settings.keys_dir / "sticker-1.pem").read_bytes()
        db.session.remove()
        db.engine.dispose()
        elsewhere = replace(settings, public_host="elsewhere.test")
        app.extensions["ydym.settings"] = elsewhere
        done = app.test_cli_runner().invoke(args=["restore", str(target), "--overwrite"])
        app.extensions["ydym.settings"] = settings
        assert f"signed for {settings.public_host}: set YDYM_PUBLIC_HOST" in done.output
        assert done.exit_code == 0, done.output
        assert "key 2 signs" in done.output
        assert store().signer().kid == 2
        assert (settings.keys_dir / "sticker-1.pem").read_bytes() == later, (
            "a key that signed is never written over"
        )


def test_a_damaged_backup_restores_nothing(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        store().ensure(NOW)
        target, bad = tmp_path / "backup.tgz", tmp_path / "bad.tgz"
        backup.make(settings, target, "")
        with tarfile.open(target) as archive:
            archive.extractall(tmp_path / "x", filter="data")
        ring = tmp_path / "x" / "keys" / "ring.json"
        ring.write_bytes(ring.read_bytes() + b" ")
        with tarfile.open(bad, "w:gz") as archive:
            for path in sorted((tmp_path / "x").rglob("*")):
                if path.is_file():
                    archive.add(path, str(path.relative_to(tmp_path / "x")))
        with pytest.raises(backup.BackupError, match="damaged"):
            backup.restore(settings, bad, overwrite=True)


def test_no_private_half_is_in_a_backup_in_any_spelling(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    """Every private key of the installation is looked for in the whole archive, unpacked: raw, hex, base64, DER."""
    with app.app_context():
        for day in range(3):
            store().rotate(NOW + timedelta(days=day))
        halves = [
            load_pem_private_key(path.read_bytes(), store().passphrase)
            for path in settings.keys_dir.glob("sticker-*.pem")
        ]
        assert len(halves) == 3
        for index, half in enumerate(halves):  # lying about in other forms and under other names
            plain = half.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (settings.keys_dir / f"copy-{index}.key").write_bytes(plain)
            (settings.keys_dir / f"copy-{index}.pem").write_bytes(plain)
            encrypted = (settings.keys_dir / f"sticker-{index}.pem").read_bytes()
            (settings.keys_dir / f"both-{index}.pem").write_bytes(encrypted + plain)
        manifest = backup.make(app.extensions["ydym.settings"], tmp_path / "backup.tgz", "")
    assert sorted(name for name in manifest["files"] if name.startswith("keys/")) == [
        "keys/ring.json",
        "keys/sticker-0.pem",
        "keys/sticker-1.pem",
        "keys/sticker-2.pem",
    ]
    content = gzip.decompress((tmp_path / "backup.tgz").read_bytes())
    for half in halves:
        seed = half.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        der = half.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        spellings = [seed, seed.hex().encode(), seed.hex().upper().encode(), der]
        spellings += [base64.b64encode(data).rstrip(b"=") for data in (seed, der)]
        spellings += [base64.urlsafe_b64encode(data).rstrip(b"=") for data in (seed, der)]
        assert not any(spelling in content for spelling in spellings)
        public = half.public_key().public_bytes_raw()
        assert base64.urlsafe_b64encode(public).rstrip(b"=") in content, "the search would find what is there"


def test_a_restore_undoes_no_declaration(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        store().ensure(NOW - timedelta(days=9))
        target = tmp_path / "backup.tgz"
        backup.make(app.extensions["ydym.settings"], target, "")
        store().compromise(0, NOW - timedelta(days=1), NOW)
        db.session.remove()
        db.engine.dispose()
        backup.restore(app.extensions["ydym.settings"], target, overwrite=True)
        key = store().get(0)
        assert (key.state, key.valid_before) == (KeyState.COMPROMISED, NOW - timedelta(days=1))
        assert store().get(1).state is KeyState.ACTIVE


def test_a_backup_never_holds_a_key_in_clear(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        store().ensure(NOW)
        clear = settings.keys_dir / "sticker-1.pem"
        clear.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
        manifest = backup.make(settings, tmp_path / "backup.tgz", "")
        assert "keys/sticker-1.pem" not in manifest["files"]


def _value(key: str) -> PolicyValue:
    return PolicyValue(key=key, value="1", unit="", source="", in_force_from=NOW.date(), in_force_until=None)


def test_changed_reference_data_unmakes_kept_pages(app: Flask) -> None:
    """A licence that an industry needs from now on: nobody else would tell the pages in memory and on the shelf."""

    def run() -> list[tuple[str, int | None]]:
        with app.app_context():
            app.test_cli_runner().invoke(args=["reference"], catch_exceptions=False)
            return [(change.kind, change.shop_id) for change in db.session.query(Change)]

    said = run()
    assert set(said) == {("reference.changed", None)}
    assert run() == said  # nothing new, nothing said
    with app.app_context(), unit():
        row = db.session.query(LicenceRequirement).filter_by(required=True).first()
        assert row is not None
        row.required = False
    assert run() == [*said, ("reference.changed", None)]
