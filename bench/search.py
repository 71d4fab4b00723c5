"""``make bench ARGS='--only search'``: finding shops by the index against a scan by LIKE, in the same database.

Both sides do the whole search in one transaction each: filters, the shops that may be seen, order, the first page of
numbers, the count. The names are those of the demo city (BENCH_SEARCH_SHOPS, a million if not told), on SQLite and on
a private PostgreSQL. The typed texts are drawn from the names: two characters, whole names, two words, pinyin,
initials, traditional characters, slips, with and without district and category.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.support import databases, services
from webapp import create_app
from webapp.codes.models import TrustCode
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.demo.city import DemoShop, generate
from webapp.finding import folding, indexing, queries
from webapp.merchants.models import Operator, Shop
from webapp.regions import operations as regions

NAME = "search"
SHOPS = int(os.environ.get("BENCH_SEARCH_SHOPS", "1000000"))
GOAL_MS, GOAL_TIMES = 5.0, 100
SEED = 20_261_128
TYPED = 600
SCANNED = 12
CHUNK = 5000

_LIKE = """
SELECT s.id FROM shop s WHERE (s.name LIKE :typed OR s.branch LIKE :typed OR s.address LIKE :typed)
AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id) ORDER BY s.id DESC LIMIT 20
"""
_LIKE_COUNT = """
SELECT count(*) FROM shop s WHERE (s.name LIKE :typed OR s.branch LIKE :typed OR s.address LIKE :typed)
AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id)
"""
Asked = tuple[str, dict[str, str]]


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure on both databases; (readable lines, whether the goals are reached)."""
    found = []
    for kind in ("SQLite", "PostgreSQL"):
        with _city(kind) as (app, making), app.app_context():
            found.append(_measure(kind, making, rounds))
    return "\n".join(lines for lines, _kept in found), all(kept for _lines, kept in found)


@contextmanager
def _city(kind: str) -> Iterator[tuple[Flask, float]]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            yield _filled(f"sqlite:///{folder}/search.sqlite", Path(folder))
        else:
            with services.postgres() as address:
                yield _filled(address, Path(folder))


def _filled(address: str, folder: Path) -> tuple[Flask, float]:
    databases.migrate(address, folder)
    app = create_app(databases.settings_for(folder, address))
    now, indexed = clock.now(), 0.0
    with app.app_context():
        with unit():
            regions.sync()
            operator = Operator(
                uscc="91371500726715726X",
                name="市场",
                kind="enterprise",
                legal_representative="王建国",
                registered_address="保定市",
                authority="保定市市场监督管理局",
                created_at=now,
            )
            db.session.add(operator)
            db.session.flush()
            owner = operator.id
        stream = generate(1, SHOPS, clock.day_of(now))
        first = 1
        while chunk := list(islice(stream, CHUNK)):
            with unit():
                rows = [_row(shop, first + at, owner) for at, shop in enumerate(chunk)]
                db.session.execute(
                    sa.insert(Shop.__table__), [row | {"created_at": now, "updated_at": now} for row in rows]
                )
                state = {"state": "active", "issued_at": now, "issued_by_id": None, "changed_at": now}
                db.session.execute(
                    sa.insert(TrustCode.__table__), [{"shop_id": row["id"], **state} for row in rows]
                )
                entries = [_entry(row) for row in rows]
                started = time.process_time()
                indexing.write(db.session.connection(), entries, new=True)
                indexed += time.process_time() - started
            first += len(chunk)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        db.session.remove()
    return app, indexed


def _row(shop: DemoShop, number: int, owner: int) -> dict[str, Any]:
    return {
        "id": number,
        "operator_id": owner,
        "name": shop.name,
        "branch": shop.branch,
        "address": shop.address,
        "region_code": shop.region_code,
        "category": shop.category,
        "latitude": shop.latitude,
        "longitude": shop.longitude,
        "version": 1,
        "phone": shop.phone,
        "opening_hours": {},
    }


def _entry(row: dict[str, Any]) -> indexing.Entry:
    names = ("id", "name", "branch", "address", "region_code", "category")
    return indexing.Entry(*(row[name] for name in names), industry="")


def _measure(kind: str, indexed: float, rounds: int) -> tuple[str, bool]:
    source = random.Random(SEED)
    asked = _typed(source)
    pairs = [_hit(asked[at][0]) for at in range(0, len(asked), len(asked) // SCANNED)]
    by_index: list[list[float]] = []
    by_scan: list[list[float]] = []
    for _ in range(rounds):
        by_index.append([_milliseconds(lambda one=one: queries.find(one[0], **one[1])) for one in asked])
        by_scan.append([_milliseconds(lambda one=one: _scan(one)) for one in pairs[:SCANNED]])
    p95 = statistics.median(_p95(times) for times in by_index)
    middle = statistics.median(statistics.median(times) for times in by_index)
    scan = statistics.median(_p95(times) for times in by_scan)
    each = [statistics.median(times) for times in zip(*by_index, strict=True)]
    slowest, (text, within) = max(zip(each, asked, strict=True), key=lambda pair: pair[0])
    lost = sum(not queries.find(typed, **filters).ids for typed, filters in asked)
    kept, times = p95 <= GOAL_MS and scan / p95 >= GOAL_TIMES, scan / p95
    lines = [
        (
            f"{'reached' if kept else 'MISSED '}  p95 {p95:5.2f} ms (goal ≤ {GOAL_MS:g}), {times:5.0f} × a scan"
            f" (goal ≥ {GOAL_TIMES} ×)   {NAME}, {kind}, {SHOPS} shops"
        ),
        f"           median {middle:.2f} ms, slowest {slowest:.2f} ms ({text} {within or ''}), {len(asked)} texts",
        f"           p95 {scan:.1f} ms   by LIKE over name, branch and address",
        f"           {lost} texts found nothing; index: {indexed / SHOPS * 1e6:.0f} µs of processor time a shop",
    ]
    return "\n".join(lines), kept


def _typed(source: random.Random) -> list[Asked]:
    """What people may type for shops of this city, with filters now and then."""
    ids = source.sample(range(1, SHOPS + 1), TYPED)
    shops = {shop.id: shop for shop in db.session.scalars(sa.select(Shop).where(Shop.id.in_(ids)))}
    ways: list[Callable[[str], str]] = [
        lambda name: _two(name, source),
        lambda name: _two(name, source),
        lambda name: name,
        lambda name: name[:3],
        lambda name: "".join(folding.spellings(name)[0])[:8] if folding.spellings(name) else name,
        lambda name: (
            "".join(part[0] for part in folding.spellings(name)[0])[:4] if folding.spellings(name) else name
        ),
        lambda name: f"{name[:2]} {name[-2:]}",
        lambda name: name[:1] + name[2:] if len(name) > 3 else name,
    ]
    asked: list[Asked] = []
    for number, shop_id in enumerate(ids):
        shop = shops[shop_id]
        filters = {"district": shop.region_code[:6]} if number % 3 == 1 else {}
        if number % 5 == 2:
            filters["category"] = str(shop.category.value) if shop.category else ""
        name = (
            "".join(run for run in folding.runs(folding.fold(shop.name)) if folding.is_chinese(run))
            or shop.name
        )
        asked.append((ways[number % len(ways)](name), filters))
    return asked


def _two(name: str, source: random.Random) -> str:
    at = source.randrange(max(1, len(name) - 1))
    return name[at : at + 2]


def _hit(typed: str) -> str:
    return f"%{typed}%"


def _scan(typed: str) -> None:
    db.session.execute(sa.text(_LIKE), {"typed": typed}).all()
    db.session.execute(sa.text(_LIKE_COUNT), {"typed": typed}).all()


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    db.session.rollback()
    return (time.perf_counter() - started) * 1000


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
