"""A writing process and the sequencer, killed again and again (many more: ``make bench ARGS='--only log-kills'``)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 8


@pytest.mark.each_database
def test_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    """Decisions − leaves = 0 after every kill, and the published log only ever goes on."""
    command = [sys.executable, "-m", "tests.support.log_kills", "--database", database_url]
    command += ["--data", str(tmp_path / "data"), "--kills", str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["kills"] >= 2 * KILLS
    assert (found["decisions_minus_leaves"], found["missing"]) == (0, 0)
    assert found["operations"] > found["refused"] > 0
    assert found["leaves"] > 0
