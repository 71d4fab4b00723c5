"""What a worker loads before its first page: nothing that only some pages, uploads or commands need.

A worker's memory and the start of the server are goals; a time is never asserted, what is loaded is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.databases import ROOT

#: Packages (and modules of ours) → what needs them, some time after the start.
LATER = {
    "PIL": "uploads, drawn stickers",
    "fontTools": "drawn stickers",
    "qrcode": "drawn stickers, an officer's authenticator",
    "zxingcpp": "the check page without a camera",
    "python_calamine": "measures from a file",
    "requests": "gateways, the register service, a key vault",
    "urllib3": "the same, and S3",
    "minio": "S3",
    "authlib": "single sign-on, the register service",
    "joserfc": "single sign-on",
    "tenacity": "the register service",
    "reportlab": "letters",
    "pypinyin": "search",
    "opencc": "search",
    "rich": "commands of flask-limiter",
    "pygments": "the same",
    "cv2": "tests",
    "numpy": "tests",
    "alembic": "migrations by command",
    "qrservice.drawing": "drawn stickers",
    "qrservice.render_png": "drawn stickers",
    "webapp.registry.http_register": "the register service",
    "webapp.demo.live": "making the demo city",
    "webapp.demo.pictures": "making the demo city",
    "webapp.files.images": "uploads",
}


def test_a_worker_starts_without_what_is_needed_later(tmp_path: Path) -> None:
    """All settings at their defaults, as `make run` starts it: development, with the guide to the demo city."""
    program = f"import sys, wsgi; print(*sorted({set(LATER)!r} & set(sys.modules)))"
    # What the tests' own process was told (a collector, a database) is not what `make run` tells a worker.
    told = {key: value for key, value in os.environ.items() if not key.startswith(("YDYM_", "COV", "FLASK_"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=told | {"YDYM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_the_collector_works_after_the_start(tmp_path: Path) -> None:
    """It is stopped while the application loads; left off, a worker would grow until it is killed."""
    program = "import gc, wsgi; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"YDYM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["True", "True"]), done.stderr
