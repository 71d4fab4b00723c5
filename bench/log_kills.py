"""``make bench ARGS='--only log-kills'``: 10,000 random decisions, both processes killed all the while.

On SQLite, on a real disk, and on a private PostgreSQL. What is done and looked at: ``tests/support/log_kills.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import databases, services

from .load import ROOT

NAME = "log-kills"
OPERATIONS = int(os.environ.get("BENCH_LOG_OPERATIONS", "10000"))
KILLS = 100


def run() -> tuple[str, bool]:
    """The lines to print, and whether every decision has its leaf and every published log goes on."""
    lines, kept = [f"the public log under kill -9, {OPERATIONS:,} random decisions"], True
    (ROOT / "var" / "bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "var" / "bench") as name, services.postgres() as server:
        folder = Path(name)
        for kind, address in (("SQLite", f"sqlite:///{folder / 'ydym.sqlite'}"), ("PostgreSQL", server)):
            databases.migrate(address, folder / "template")
            line, whole = _measure(kind, address, folder / kind)
            lines.append(line)
            kept = kept and whole
    return "\n".join(lines), kept


def _measure(kind: str, address: str, data: Path) -> tuple[str, bool]:
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.support.log_kills", "--database", address, "--data", str(data)]
    command += ["--operations", str(OPERATIONS), "--kills", str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return f"  {kind:10} failed: {done.stderr[-500:]}", False
    line = (
        f"  {kind:10} {found['operations']:,} operations ({found['refused']:,} refused by the rules), "
        f"{found['kills']} kills, {found['leaves']:,} leaves, decisions - leaves = {found['decisions_minus_leaves']}, "
        f"by the audit trail {found['missing']}; {time.monotonic() - started:.0f} s"
    )
    for wrong in found["wrong"]:
        line += f"\n    WRONG: {wrong}"
    return line, not found["wrong"] and found["decisions_minus_leaves"] == 0 and found["missing"] == 0
