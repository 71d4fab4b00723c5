"""``make bench ARGS='--only register'``: a register file of 100,000 rows against 100,000 operators with a shop each.

Two files a size, each a run in a process of its own: `first`, where every row is a record not known before, of an
operator that is here; and `daily`, the next day's file, where one row in two hundred has changed (renamed, moved,
abnormal list). Time is of the whole run, both readings of the file; memory is the process's peak above what it had
before the run. A tenth of the size and the whole show whether it grows in step. Processor seconds are of the importing
process alone: they tell a slow import from a machine that others keep busy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.support import databases, services
from webapp import create_app
from webapp.codes.models import TrustCode
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.identifiers import make_uscc
from webapp.core.transaction import unit
from webapp.merchants.models import Operator, Shop
from webapp.registry import mapping as mappings
from webapp.registry.importer import run_import

NAME = "register"
ROWS = int(os.environ.get("BENCH_REGISTER_ROWS", "100000"))
GOAL_SECONDS, GOAL_GROWTH = 30.0, 1.3
#: Bytes of memory that the whole size may take more than a tenth of it.
GOAL_MEMORY = 32 * 1024 * 1024
CHUNK = 5000
FIRST, DAILY = "first", "daily"


def run(_rounds: int = 1) -> tuple[str, bool]:
    """Measure on both databases; (readable lines, whether the goals are reached)."""
    lines, kept, whole_of = [], True, {}
    for kind in ("SQLite", "PostgreSQL"):
        found = {size: _measured(kind, size) for size in (ROWS // 10, ROWS)}
        for what in (FIRST, DAILY):
            small, whole = found[ROWS // 10][what], found[ROWS][what]
            growth = whole["seconds"] / small["seconds"] / 10
            more = whole["peak"] - small["peak"]
            good = whole["seconds"] <= GOAL_SECONDS and growth <= GOAL_GROWTH and more <= GOAL_MEMORY
            kept &= good
            whole_of[kind, what] = whole
            lines.append(
                f"  {kind:10} {what:5} {ROWS:,} rows {whole['seconds']:6.1f} s (goal {GOAL_SECONDS:.0f})"
                f"   {ROWS // 10:,} rows {small['seconds']:5.1f} s: grows {growth:.2f} x in step (goal {GOAL_GROWTH})"
                f"   memory above start {small['peak'] / 2**20:.0f} -> {whole['peak'] / 2**20:.0f} MB"
                f"   processor {whole['cpu']:.1f} s   {'reached' if good else 'NOT REACHED'}"
            )
    for what in (FIRST, DAILY):
        ratio = whole_of["PostgreSQL", what]["seconds"] / whole_of["SQLite", what]["seconds"]
        lines.append(f"  PostgreSQL {what:5} takes {ratio:.2f} x the time of SQLite")
    return "\n".join(lines), kept


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "SQLite":
        yield f"sqlite:///{folder}/register.sqlite"
    else:
        with services.postgres() as address:
            yield address


def _measured(kind: str, size: int) -> dict[str, dict[str, float]]:
    """Seconds and peak bytes of both files at one size."""
    with tempfile.TemporaryDirectory() as folder, _database(kind, folder) as address:
        databases.migrate(address, Path(folder))
        _child("fill", address, folder, size)
        return {what: json.loads(_child(what, address, folder, size)) for what in (FIRST, DAILY)}


def _child(what: str, address: str, folder: str, size: int) -> str:
    words = [sys.executable, "-m", "bench.register", what, address, folder, str(size)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _uscc(number: int) -> str:
    return make_uscc(f"92130606MA{number:07}")


def _fill(size: int) -> None:
    """Operators with a shop and an active code each."""
    now = clock.now()
    with unit():
        policy.sync()
    for first in range(1, size + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, size + 1))
        state = {"state": "active", "issued_at": now, "issued_by_id": None, "changed_at": now}
        with unit():
            db.session.execute(
                sa.insert(Operator.__table__), [_operator(n) | {"created_at": now} for n in numbers]
            )
            shops = [_shop(n) | {"created_at": now, "updated_at": now} for n in numbers]
            db.session.execute(sa.insert(Shop.__table__), shops)
            db.session.execute(sa.insert(TrustCode.__table__), [{"shop_id": n, **state} for n in numbers])
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))


def _operator(number: int) -> dict[str, object]:
    return {
        "id": number,
        "uscc": _uscc(number),
        "name": f"莲池区第{number}面馆",
        "kind": "self_employed",
        "legal_representative": "王建国",
        "registered_address": f"保定市莲池区裕华东路{number}号",
        "authority": "莲池区市场监督管理局",
        "established_on": date(2019, 3, 1),
    }


def _shop(number: int) -> dict[str, object]:
    return {
        "id": number,
        "operator_id": number,
        "name": f"第{number}面馆",
        "branch": "",
        "region_code": "130606001",
        "address": "裕华东路",
        "industry_code": None,
    }


def _file(path: Path, size: int, day: date, *, changed: bool) -> None:
    heads = "uscc,name,kind,legal_representative,registered_address,authority,established_on,status,abnormal,as_of\n"
    with path.open("w", encoding="utf-8") as out:
        out.write(heads)
        for number in range(1, size + 1):
            turn = number % 600 if changed else -1
            name = f"莲池区第{number}面馆" + ("分店" if turn == 0 else "")
            address = f"保定市莲池区裕华东路{number}号" + ("甲" if turn == 200 else "")
            abnormal = "是" if turn == 400 else "否"
            out.write(
                f"{_uscc(number)},{name},个体工商户,王建国,{address},莲池区市场监督管理局,2019-03-01,存续,{abnormal},{day}\n"
            )


def _high_water(*, reset: bool = True) -> int:
    """Bytes: the most memory this process held since it was asked last; `getrusage` would count its parent's, too."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): forget the mark so far
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _taken(app: Flask, what: str, folder: Path, size: int) -> dict[str, float]:
    now = clock.now()
    day = clock.day_of(now) - timedelta(days=1 if what == FIRST else 0)
    path = folder / f"{what}.csv"
    _file(path, size, day, changed=what == DAILY)
    with app.app_context(), path.open("rb") as stream:
        before = _high_water()
        started, worked = time.perf_counter(), time.process_time()
        run = run_import(stream, path.name, mappings.load(), SYSTEM, now)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        wanted = size if what == FIRST else run.changed
        if (run.rows, run.refused, run.added + run.changed) != (size, 0, wanted):
            raise SystemExit(
                f"{what}: {run.rows} rows, {run.refused} refused, {run.added} added, {run.changed} changed"
            )
        peak = _high_water(reset=False) - before
        return {"seconds": seconds, "peak": peak, "cpu": cpu, "changed": run.changed}


def _main() -> None:
    what, address, folder, size = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    app = create_app(databases.settings_for(folder, address))
    if what == "fill":
        with app.app_context():
            _fill(size)
    else:
        sys.stdout.write(json.dumps(_taken(app, what, folder, size)))


if __name__ == "__main__":
    _main()
