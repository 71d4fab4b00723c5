"""``make bench``: the scan page against plain Flask, on SQLite and PostgreSQL; and what needs no server: forged codes,
symbols, sheets of stickers, how well others read them, copied stickers found, the public log and filing under kills.

The city is made once for SQLite (var/bench) and for each run on a private PostgreSQL, which is started and stopped
here. Rate limits are off; everything else is as in production, with the same server, options and workers on both sides.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import importlib.metadata
import os
import platform
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import (
    atlas,
    copies,
    filing,
    forged_fuzz,
    lighthouse,
    log_kills,
    ratings,
    readability,
    register,
    scrub,
    search,
    sheets,
    symbols,
)
from bench.city import City
from bench.load import CONNECTIONS, ROOT, WORKERS, BenchError, Comparison, Side, free_port, server
from tests.support import services

FOLDER = ROOT / "var" / "bench"
WARM_SHOPS = 1000
#: A page that is not in memory has been rendered once since it last changed. Rendering takes some 7 ms a page.
COLD_SHOPS = 20_000
#: What needs no server: title -> measure it in so many rounds; the lines to print and whether the goals are reached.
PROMISES: dict[str, Callable[[int], tuple[str, bool]]] = {
    forged_fuzz.NAME: lambda _rounds: forged_fuzz.run(),
    symbols.NAME: symbols.run,
    sheets.NAME: sheets.run,
    readability.NAME: readability.run,
    scrub.NAME: lambda _rounds: scrub.run(),
    copies.NAME: copies.run,
    ratings.NAME: ratings.run,
    search.NAME: search.run,
    atlas.NAME: atlas.run,
    register.NAME: register.run,
    filing.NAME: filing.run,
    lighthouse.NAME: lighthouse.run,
    log_kills.NAME: lambda _rounds: log_kills.run(),
}
VERSIONS = (
    "flask",
    "werkzeug",
    "granian",
    "sqlalchemy",
    "flask-sqlalchemy",
    "psycopg",
    "qrcode",
    "reportlab",
)


def write(path: Path, lines: list[str]) -> Path:
    """Write a list of addresses for wrk."""
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def number_of(address: str) -> int:
    """The shop number in a sticker's address."""
    return int.from_bytes(base64.b32decode(address.removeprefix("/c/")[:16])[1:5], "big")


def forged(address: str, source: random.Random) -> str:
    """A code of the right form whose signature is wrong: one character in the middle of the signature changed."""
    place = len(address) - 40
    others = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if letter != address[place]]
    return address[:place] + source.choice(others) + address[place + 1 :]


def compare(city: City, shops: int, rounds: int, seconds: int, only: str) -> list[Comparison]:
    """All rows on one database."""
    source = random.Random(1)
    addresses = city.addresses(shops)
    folder = city.folder
    cold_shops = min(shops, COLD_SHOPS)
    stored = [line for line in addresses if number_of(line) <= cold_shops]
    warm = write(folder / "warm.txt", source.sample(stored, min(WARM_SHOPS, len(stored))))
    every = write(folder / "all.txt", stored)
    false = write(folder / "forged.txt", [forged(address, source) for address in addresses[:WARM_SHOPS]])
    malformed = write(
        folder / "malformed.txt", [f"/c/{'A' * source.randrange(1, 60)}" for _ in range(WARM_SHOPS)]
    )
    root = write(folder / "root.txt", ["/"])
    ids = write(folder / "ids.txt", [f"/shop/{number}" for number in range(1, shops + 1)])
    rows: list[Comparison] = []
    log = folder / "servers.log"

    def measure(title: str, ours: Side, rival: Side, goal: float, *, latency: bool = False) -> None:
        if only and only not in title:
            return
        row = Comparison(f"{title}, {city.kind}", ours, rival, goal, latency)
        row.run(rounds, seconds)
        print(row.report(), flush=True)
        rows.append(row)

    city.store_pages(cold_shops)
    with contextlib.ExitStack() as stack:
        hello_url = stack.enter_context(server("bench.hello:app", log))
        hello = Side("plain Flask hello", hello_url, root)
        with server("wsgi:app", log, PORT=str(city.port), **city.environment) as ours:
            measure("scan warm gzip", Side("scan page", ours, warm, gzip=True), hello, 4, latency=True)
            measure("scan warm plain", Side("scan page", ours, warm), hello, 4, latency=True)
            measure("malformed code", Side("refused page", ours, malformed, status=404), hello, 1)
            measure("forged code", Side("refused page", ours, false, status=404), hello, 0.5)
        rival_url = stack.enter_context(
            server("bench.rival_one_query:app", log, BENCH_DATABASE_URL=city.database_url)
        )
        one_query = Side("plain Flask view with one indexed query", rival_url, ids)
        cold = {**city.environment, "YDYM_PAGE_CACHE_ENTRIES": "1"}
        with server("wsgi:app", log, PORT=str(city.port), **cold) as ours:
            measure(
                "scan cold",
                Side(f"scan page of {cold_shops} shops, never in memory", ours, every, gzip=True),
                one_query,
                0.8,
            )
    return rows


def on_sqlite(options: argparse.Namespace) -> list[Comparison]:
    """The rows on SQLite; the city is kept for the next run."""
    folder = FOLDER / f"sqlite-{options.shops}"
    ready = folder / "ready"
    port = int(ready.read_text()) if ready.exists() else free_port()
    city = City("SQLite", folder, f"sqlite:///{folder / 'ydym.sqlite'}", port)
    if options.fresh or not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        city.make(options.shops)
        ready.write_text(str(port))  # the port is part of the host that the codes are signed for
    return compare(city, options.shops, options.rounds, options.seconds, options.only)


def on_postgresql(options: argparse.Namespace) -> list[Comparison]:
    """The rows on a private PostgreSQL."""
    folder = FOLDER / f"postgresql-{options.shops}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with services.postgres() as address:
        city = City("PostgreSQL", folder, address, free_port())
        city.make(options.shops)
        subprocess.run(
            [sys.executable, "-c", _ANALYZE, address], check=True, cwd=ROOT
        )  # the private server has no autovacuum
        return compare(city, options.shops, options.rounds, options.seconds, options.only)


_ANALYZE = """
import sys, sqlalchemy as sa
with sa.create_engine(sys.argv[1], isolation_level="AUTOCOMMIT").connect() as connection:
    connection.execute(sa.text("VACUUM ANALYZE"))
"""


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='…'", description=__doc__)
    parser.add_argument("--shops", type=int, default=100_000, help="size of the demo city")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds of each row; 5 at least")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of load on each side in a round")
    parser.add_argument("--only", default="", help="rows whose title contains this")
    parser.add_argument("--database", choices=["both", "sqlite", "postgresql"], default="both")
    parser.add_argument("--fresh", action="store_true", help="make the city anew")
    return parser.parse_args()


def main() -> int:
    """Run, print, and keep a copy in var/bench/report.txt; fail if a goal was missed."""
    options = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    load = " ".join(Side("", "URL", Path("FILE"), gzip=True).command(options.seconds))
    fair = f"median of {options.rounds} rounds in turn of {options.seconds} s"
    head = [
        f"{platform.python_implementation()} {platform.python_version()}, {versions}",
        f"{os.cpu_count()} cores, {WORKERS} workers, {CONNECTIONS} connections, {options.shops} shops, {fair}",
        f"server: deploy/serve   load: {load}",
    ]
    print("\n".join(head), flush=True)
    promises: list[tuple[str, bool]] = []
    for name, keep in PROMISES.items():
        if options.only in name:
            promises.append(keep(options.rounds))
            print(promises[-1][0], flush=True)
    rows: list[Comparison] = []
    if options.only in PROMISES:
        options.database = "none"
    try:
        if options.database in {"both", "sqlite"}:
            rows += on_sqlite(options)
        if options.database in {"both", "postgresql"}:
            rows += on_postgresql(options)
    except (BenchError, services.ServiceError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    (FOLDER / "report.txt").write_text(
        "\n".join([*head, *(text for text, _kept in promises), *(row.report() for row in rows)]) + "\n",
        encoding="utf-8",
    )
    reached = [row.reached for row in rows] + [kept for _text, kept in promises]
    print(f"\n{sum(reached)} of {len(reached)} goals reached; kept in var/bench/report.txt")
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
