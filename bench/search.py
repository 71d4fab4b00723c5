"""``make bench ARGS='--only search'``: finding shops by the index against a scan by LIKE, in the same database.

Both sides do the whole search in one transaction each: filters, the shops that may be seen, order, the first page of
numbers, the count. The names are those of the demo city (BENCH_SEARCH_SHOPS, a million if not told), on SQLite and on
a private PostgreSQL (`search_city`, which can be kept between runs). What is typed is drawn from the names, class by
class; each class is asked with no filter, with each of the index's own and with those that the tables answer.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from bench.search_city import KINDS, SHOPS, city
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.directory import queries
from webapp.directory.rules import read_query
from webapp.directory.wanted import Wanted
from webapp.finding import folding, indexing
from webapp.merchants import opening_weeks
from webapp.merchants.models import Shop

NAME = "search"
GOAL_MS, GOAL_TIMES = 5.0, 100
SEED = 20_261_128
DRAWN = 40
PAGE = 20
SCANNED = 12
WRITTEN = 100

_LIKE = """
SELECT s.id FROM shop s WHERE (s.name LIKE :typed OR s.branch LIKE :typed OR s.address LIKE :typed)
AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id) ORDER BY s.id DESC LIMIT 20
"""
_LIKE_COUNT = """
SELECT count(*) FROM shop s WHERE (s.name LIKE :typed OR s.branch LIKE :typed OR s.address LIKE :typed)
AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id)
"""
_SIZE = {
    "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%token_list%' OR name LIKE '%shop_entry%'",
    "postgresql": "SELECT pg_total_relation_size('token_list') + pg_total_relation_size('shop_entry')",
}


def _sounds(name: str) -> list[str]:
    return list(folding.spellings(name)[0]) if folding.spellings(name) else [name]


def _sound(name: str) -> str:
    return "".join(_sounds(name))


def _initials(name: str) -> str:
    return "".join(part[0] for part in _sounds(name))


def _exchanged(name: str) -> str:
    sound = _sound(name)[:9]
    return sound[:2] + sound[3:4] + sound[2:3] + sound[4:]


#: What is typed for a shop of this name and address, by class.
WAYS: dict[str, Callable[[str, Shop], str]] = {
    "two characters": lambda name, shop: name[shop.id % max(1, len(name) - 1) :][:2],
    "the last two": lambda name, _shop: name[-2:],
    "three characters": lambda name, _shop: name[:3],
    "the whole name": lambda name, _shop: name,
    "two words": lambda name, _shop: f"{name[:2]} {name[-2:]}",
    "street and trade": lambda name, shop: f"{shop.address.split('路')[0][-2:]}路 {name[-2:]}",
    "door": lambda _name, shop: shop.address[-8:],
    "pinyin": lambda name, _shop: _sound(name),
    "4 letters": lambda name, _shop: _sound(name)[:4],
    "initials": lambda name, _shop: _initials(name)[:4],
    "slip of a character": lambda name, _shop: name[:1] + "槑" + name[2:],
    "a character left out": lambda name, _shop: name[:1] + name[2:] if len(name) > 3 else name,
    "slip of pinyin": lambda name, _shop: _exchanged(name),
    "nothing": lambda name, _shop: "饕餮" + name[-2:],
}
#: What is typed before one is done; answered with eight names.
TYPING: dict[str, Callable[[str, Shop], str]] = {
    "one character": lambda name, _shop: name[:1],
    "two characters": lambda name, _shop: name[:2],
    "three characters": lambda name, _shop: name[:3],
    "one letter": lambda name, _shop: _sound(name)[:1],
    "two letters": lambda name, _shop: _sound(name)[:2],
    "five letters": lambda name, _shop: _sound(name)[:5],
    "two initials": lambda name, _shop: _initials(name)[:2],
}
NARROWED: dict[str, Callable[[Shop], dict[str, Any]]] = {
    "": lambda _shop: {},
    "district": lambda shop: {"district": shop.region_code[:6]},
    "category": lambda shop: {"category": str(shop.category)},
    "district and category": lambda shop: {"district": shop.region_code[:6], "category": str(shop.category)},
    "street": lambda shop: {"district": shop.region_code[:6], "street": shop.region_code},
    "trusted": lambda _shop: {"trusted": True},
    "promise": lambda _shop: {"promise": "return_7_days"},
    "hearts": lambda _shop: {"hearts": 4},
    "open": lambda _shop: {"open_now": True},
    "mall": lambda _shop: {"mall": 7},
    "returns": lambda _shop: {"returns": True},
}
#: Classes that every filter is asked with.
COMMON = ("two characters", "the last two", "the whole name", "pinyin")


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure on both databases; (readable lines, whether the goals are reached)."""
    found = []
    for kind in KINDS:
        with city(kind) as (_app, made):
            found.append(_measure(kind, made, rounds))
            print(found[-1][0], flush=True)
    return "\n".join(lines for lines, _kept in found), all(kept for _lines, kept in found)


def _measure(kind: str, made: dict[str, float], rounds: int) -> tuple[str, bool]:
    drawn = _drawn()
    lines, every = [], []
    for narrowed, ways in [("", tuple(WAYS)), *((name, COMMON) for name in NARROWED if name)]:
        for way in ways:
            asked = [
                Wanted(read_query(WAYS[way](name, shop)), **NARROWED[narrowed](shop)) for shop, name in drawn
            ]
            times = _times([partial(_search, one) for one in asked], rounds)
            every += times
            lines.append(_line(f"{way}{', ' if narrowed else ''}{narrowed}", times, asked))
    for way, typed in TYPING.items():
        asked = [Wanted(read_query(typed(name, shop))) for shop, name in drawn]
        times = _times([partial(queries.suggested, one, 8) for one in asked], rounds)
        lines.append(_line(f"while typing: {way}", times, asked))
    scans = _times([partial(_scan, f"%{name[:2]}%") for _shop, name in drawn[:SCANNED]], 1)
    p95, scan = _p95(every), statistics.median(scans)
    kept = p95 <= GOAL_MS and scan / p95 >= GOAL_TIMES
    head = (
        f"{'reached' if kept else 'MISSED '}  p95 {p95:5.2f} ms (goal ≤ {GOAL_MS:g}), {scan / p95:5.0f} × a scan"
        f" (goal ≥ {GOAL_TIMES} ×)   {NAME}, {kind}, {SHOPS} shops"
    )
    size = db.session.scalar(sa.text(_SIZE[db.engine.dialect.name])) or 0
    tail = [
        f"           {scan:.0f} ms (median) by LIKE over name, branch and address",
        (
            f"           index {size / 1e6:.0f} MB, {made['index_cpu_s'] / SHOPS * 1e6:.0f} µs of processor time a shop"
            f" when made; a shop written anew: {_writing():.2f} ms more"
        ),
        f"           the different hours: {statistics.median(_times([opening_weeks.known], rounds)):.2f} ms",
    ]
    return "\n".join([head, *lines, *tail]), kept


def _line(what: str, times: list[float], asked: list[Wanted]) -> str:
    slowest = asked[max(range(len(times)), key=times.__getitem__)].query.text
    middle = statistics.median(times)
    return f"           p50 {middle:6.2f}  p95 {_p95(times):6.2f} ms   {what}   (slowest {max(times):.2f}: {slowest})"


def _search(wanted: Wanted) -> None:
    """The whole search: filters, order, the numbers of the first page, the count."""
    found = queries.found(wanted)
    found.ids(PAGE)
    len(found)


def _drawn() -> list[tuple[Shop, str]]:
    ids = random.Random(SEED).sample(range(1, SHOPS + 1), DRAWN)
    shops = list(db.session.scalars(sa.select(Shop).where(Shop.id.in_(ids)).order_by(Shop.id)))
    db.session.expunge_all()
    names = defaultdict(str)
    for shop in shops:
        chinese = (run for run in folding.runs(folding.fold(shop.name)) if folding.is_chinese(run))
        names[shop.id] = "".join(chinese) or shop.name
    return [(shop, names[shop.id]) for shop in shops]


def _times(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """Of each, the quickest of the rounds in milliseconds: what else the machine does is not the search's."""
    by_round = [[_milliseconds(work) for work in works] for _ in range(rounds)]
    return [min(times) for times in zip(*by_round, strict=True)]


def _writing() -> float:
    """What a shop's entry costs its transaction, milliseconds (median); nothing of it stays."""
    shops = [shop for shop, _name in _drawn()]
    times = []
    for shop in (shops * WRITTEN)[:WRITTEN]:
        with unit():
            entry = indexing.entry_of(shop, active=True)
            db.session.execute(sa.text("SELECT 1"))
            started = time.perf_counter()
            indexing.write(db.session.connection(), [entry])
            times.append((time.perf_counter() - started) * 1000)
            db.session.rollback()
    return statistics.median(times)


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
