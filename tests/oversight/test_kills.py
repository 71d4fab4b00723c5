"""A process that acts on lists, talks, orders and codes, killed again and again; then read as anybody reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 3


@pytest.mark.each_database
def test_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    """Decisions − leaves = 0, two people, nothing after its end, nothing green that is not vouched for."""
    command = [sys.executable, "-m", "tests.support.oversight_kills", "--database", database_url]
    command += ["--data", str(tmp_path / "data"), "--kills", str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["kills"] == KILLS
    assert found["operations"] > found["refused"] > 0
    assert found["seen_public"] > 0
