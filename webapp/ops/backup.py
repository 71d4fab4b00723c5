"""Backup and restore: one tar file with the database, the uploads and the keys, and a manifest of hashes.

SQLite is copied by its online backup, PostgreSQL by ``pg_dump``, so the service goes on meanwhile. Of the keys' folder
only the public ring and encrypted private keys go in: a backup never holds a private key in clear. Keys of a hardware
module or key service are not here to be taken.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from qrservice import KeyRing
from webapp.settings import Settings
from webapp.signing.store import RING, KeyStore

MANIFEST = "manifest.json"
FORMAT = 1


class BackupError(RuntimeError):
    """The backup or restore cannot be done; the message says why and what to do."""


def make(settings: Settings, target: Path, at: str) -> dict[str, Any]:
    """Write a backup to `target` (whole or not at all); returns its manifest. `at` is the time, RFC 3339."""
    if target.exists():
        raise BackupError(f"{target} is there already: choose another name")
    # Beside the target: it is of the same size, and a temporary folder may lie in memory.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        work = Path(folder)
        name = _dump(make_url(settings.effective_database_url), work)
        members = {name: work / name}
        members |= {f"keys/{key.name}": key for key in sorted(settings.keys_dir.glob("*")) if _may_leave(key)}
        if not settings.s3_endpoint:
            members |= _below(settings.uploads_dir, "uploads")
        members |= _below(settings.letters_dir, "letters")
        manifest = {
            "format": FORMAT,
            "at": at,
            "database": name,
            "host": settings.public_host,
            "files": {member: _sha256(path) for member, path in members.items()},
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        beside = target.with_name(target.name + ".new")
        with tarfile.open(beside, "w:gz") as archive:
            archive.add(work / MANIFEST, MANIFEST)
            for member, path in members.items():
                archive.add(path, member)
        beside.replace(target)
    return manifest


def restore(settings: Settings, source: Path, *, overwrite: bool = False) -> dict[str, Any]:
    """Check every hash of the backup at `source`, then put all of it back; returns its manifest.

    Refuses a data folder or database that holds something unless `overwrite`, and a backup of the other kind of
    database.
    """
    url = make_url(settings.effective_database_url)
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
        work = Path(folder)
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text("utf-8"))
        _verify(manifest, work)
        _load(url, work / manifest["database"], overwrite=overwrite)
        ring = work / "keys" / RING
        older = KeyRing.from_jwks(json.loads(ring.read_text("utf-8"))) if ring.is_file() else KeyRing()
        ring.unlink(missing_ok=True)
        places = {
            "keys": settings.keys_dir,
            "uploads": settings.uploads_dir,
            "letters": settings.letters_dir,
        }
        for part, place in places.items():
            _put_back(work / part, place)
        # A key that was retired or declared compromised since the backup stays so: the ring is joined, not replaced.
        KeyStore(settings).absorb(older)
    return manifest


def _below(folder: Path, name: str) -> dict[str, Path]:
    """Every file below `folder` by its place in the archive; none when there is no such folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {f"{name}/{path.relative_to(folder)}": path for path in files}


def _may_leave(key: Path) -> bool:
    """What is public (ring, lists of papers), or a private key of which nothing stands there but the encrypted form."""
    if key.name == RING or (key.name.startswith("believed-") and key.suffix == ".bin"):
        return True
    lines = key.read_bytes().split() if key.suffix == ".pem" else []
    return lines[:3] == [b"-----BEGIN", b"ENCRYPTED", b"PRIVATE"] and lines.count(b"-----BEGIN") == 1


def _dump(url: URL, work: Path) -> str:
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(str(url.database)) as origin, sqlite3.connect(work / "database.sqlite") as copy:
            origin.backup(copy)
        copy.close()
        origin.close()
        return "database.sqlite"
    _postgres("pg_dump", url, ["--format=custom", "--no-owner", f"--file={work / 'database.dump'}"])
    return "database.dump"


def _load(url: URL, dump: Path, *, overwrite: bool) -> None:
    if url.get_backend_name() == "sqlite":
        if dump.suffix != ".sqlite":
            raise BackupError("this backup is of PostgreSQL: set YDYM_DATABASE_URL to one")
        place = Path(str(url.database))
        if place.exists() and not overwrite:
            raise BackupError(f"{place} is there already: stop the server and add --overwrite to replace it")
        for leftover in (place.with_name(place.name + "-wal"), place.with_name(place.name + "-shm")):
            leftover.unlink(missing_ok=True)
        dump.replace(place)
        return
    if dump.suffix != ".dump":
        raise BackupError("this backup is of SQLite: unset YDYM_DATABASE_URL")
    _postgres(
        "pg_restore",
        url,
        ["--no-owner", "--single-transaction", *(["--clean", "--if-exists"] * overwrite), str(dump)],
    )


def _postgres(program: str, url: URL, arguments: list[str]) -> None:
    """Run a PostgreSQL client program; the password goes by the environment, never by the command line."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {"PGPASSWORD": url.password} if url.password else {}
    command = [program, f"--dbname={plain}", *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, env=_environment(environment))  # noqa: S603
    except FileNotFoundError as error:
        raise BackupError(f"{program} is missing: install PostgreSQL's client programs") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()}") from error


def _environment(more: dict[str, str]) -> dict[str, str]:
    import os  # noqa: PLC0415 - only here: the rest of the product reads its environment in settings.py

    return {**os.environ, **more}


def _verify(manifest: dict[str, Any], work: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupError(f"a backup of format {manifest.get('format')!r} cannot be read by this version")
    for member, expected in manifest["files"].items():
        path = work / member
        if not path.is_file() or _sha256(path) != expected:
            raise BackupError(f"{member} in the backup is damaged: nothing was restored")


def _put_back(source: Path, place: Path) -> None:
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.is_file():
            target = place / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
