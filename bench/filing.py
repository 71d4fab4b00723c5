"""``make bench ARGS='--only filing'``: complaints stored a second, and none lost when everything is killed.

Speed: 32 connections post forms of their own (no photos, no phone) to the product and to a plain Flask view that
inserts one row by SQLAlchemy Core into the same database, in turn. Afterwards every acknowledged form is counted in
the database.

Kills: 50 writers post forms while the server with all its workers is killed (SIGKILL) and started again and again.
A writer sends the same form until it is acknowledged. Afterwards each acknowledged receipt must open one record and
each form must be one record, no more. ``BENCH_FILING_KILLS`` says how often; the promise is 1,000, which takes an hour
and a half on each database.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa

from bench.city import City
from bench.load import ROOT, BenchError, Comparison, Shot, free_port, measured, outside, server
from tests.support import services
from webapp import create_app
from webapp.codes.models import TrustCode
from webapp.complaints import queries
from webapp.complaints.models import Complaint
from webapp.complaints.rules import TOPICS
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.filing.forms import new_submission

NAME = "filing"
GOAL = 0.6
CONNECTIONS, SECONDS = 32, 3
WRITERS, KILLS = 50, int(os.environ.get("BENCH_FILING_KILLS", "25"))
RESTART_GOAL = 5.0
SHOPS, FORMS = 60, 30_000


def _make(city: City) -> None:
    """The city, and as many forms with signed keys as are posted."""
    city.make(SHOPS)
    city.python("-m", "bench.filing", "forms", str(_forms(city)))
    city.python("-m", "bench.rival_insert")


def _forms(city: City) -> Path:
    """The file of forms: path, tab, body."""
    return city.folder / "forms.txt"


@contextlib.contextmanager
def _cities(folder: Path) -> Iterator[list[City]]:
    with services.postgres() as address:
        (folder / "sqlite").mkdir()
        (folder / "postgresql").mkdir()
        sqlite = f"sqlite:///{folder / 'sqlite' / 'ydym.sqlite'}"
        yield [
            City("SQLite", folder / "sqlite", sqlite, free_port()),
            City("PostgreSQL", folder / "postgresql", address, free_port()),
        ]


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure on both databases; (readable lines, whether the goals are reached)."""
    lines, kept = [], True
    with tempfile.TemporaryDirectory() as folder, _cities(Path(folder)) as cities:
        for city in cities:
            _make(city)
            for text, good in (_speed(city, rounds), _killed(city)):
                lines.append(text)
                kept &= good
    return "\n".join(lines), kept


# --- speed ------------------------------------------------------------------------------------------------------------


@dataclass
class _Poster:
    """Posts the forms from where it stopped before."""

    name: str
    url: str
    forms: Path
    place: int = 0
    acknowledged: int = 0

    def shoot(self, seconds: int) -> Shot:
        """As :class:`bench.load.Side`, with bodies of which each is sent once."""
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
        words += ["-s", "bench/posts.lua", self.url, "--", str(self.forms), "303", str(self.place)]
        shot = measured(self.name, words)
        self.place += shot.requests + 2 * CONNECTIONS  # behind what was on its way when the time was over
        self.acknowledged += shot.requests
        return shot


def _speed(city: City, rounds: int) -> tuple[str, bool]:
    log, count = city.folder / "servers.log", ("-m", "bench.filing", "count")
    before = json.loads(city.python(*count))
    with (
        server("wsgi:app", log, PORT=str(city.port), **city.environment) as ours_url,
        server("bench.rival_insert:app", log, BENCH_DATABASE_URL=city.database_url) as rival_url,
    ):
        ours = _Poster("complaint form", ours_url, _forms(city))
        rival = _Poster("plain Flask view that inserts one row by Core", rival_url, _forms(city))
        row = Comparison(f"complaint filed, {city.kind}", ours, rival, GOAL)
        row.run(rounds, SECONDS)
    lost = max(0, ours.acknowledged - (json.loads(city.python(*count)) - before))
    return (
        f"{row.report()}\n           {ours.acknowledged} acknowledged, {lost} lost",
        row.reached and not lost,
    )


# --- kills ------------------------------------------------------------------------------------------------------------


@dataclass
class _Writers:
    """Fifty people who send a form until somebody says that it is there."""

    port: int
    forms: list[str]
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    tries: int = 0

    def write(self) -> None:
        """One writer: form after form."""
        while not self.stop.is_set():
            with self.lock:
                line = self.forms.pop()
            path, body = line.split("\t")
            while (where := self._post(path, body)) is None and not self.stop.is_set():
                self.stop.wait(0.05)
            if where:
                with self.lock:
                    self.acknowledged[body] = where

    def _post(self, path: str, body: str) -> str | None:
        """Where the receipt is, or None when nobody answered."""
        self.tries += 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        try:
            connection.request("POST", path, body, kind)
            answer = connection.getresponse()
            where = answer.getheader("Location")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status == 303 and where:
            return where
        if answer.status < 500:
            self.wrong.append(f"{answer.status} {path}")
        return None


def _killed(city: City) -> tuple[str, bool]:
    lines = _forms(city).read_text("utf-8").splitlines()[FORMS // 2 :]  # not those of the speed
    random.Random(1).shuffle(lines)
    writers = _Writers(city.port, lines)
    threads = [threading.Thread(target=writers.write, daemon=True) for _ in range(WRITERS)]
    source, restarts = random.Random(2), []
    process, _ = _start(city)
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(source.uniform(0.2, 1.2))  # the kill must meet requests at any point of their work
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process, seconds = _start(city)
        restarts.append(seconds)
    time.sleep(1)
    writers.stop.set()
    for thread in threads:
        thread.join(timeout=30)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    listed = city.folder / "acknowledged.json"
    listed.write_text(json.dumps(writers.acknowledged), "utf-8")
    found = json.loads(city.python("-m", "bench.filing", "look", str(listed)))
    good = not found["lost"] and not found["twice"] and not writers.wrong and max(restarts) <= RESTART_GOAL
    told, usual, longest = len(writers.acknowledged), statistics.median(restarts), max(restarts)
    text = (
        f"{_verdict(reached=good)}  {KILLS} kills of the whole server under {WRITERS} writers, {city.kind}: {told}"
        f" acknowledged in {writers.tries} tries, {found['lost']} lost, {found['twice']} twice,"
        f" {len(writers.wrong)} refused"
        f" {writers.wrong[:2] or ''}; up again after {usual:.1f} s, at most {longest:.1f} s (goal {RESTART_GOAL:.0f})"
    )
    return text, good


def _verdict(*, reached: bool) -> str:
    return "reached" if reached else "MISSED "


def _start(city: City) -> tuple[subprocess.Popen[bytes], float]:
    """The server in a process group of its own, and the seconds until it answered."""
    environment = outside() | city.environment | {"PORT": str(city.port), "PYTHON": sys.executable}
    began, process = time.monotonic(), None
    while True:
        if process is None or process.poll() is not None:  # the dead one may still hold the port
            with (city.folder / "servers.log").open("ab") as log:
                process = subprocess.Popen(
                    ["deploy/serve"],
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", city.port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return process, time.monotonic() - began
        if time.monotonic() - began > 60:
            log_end = (city.folder / "servers.log").read_text(errors="replace")[-1500:]
            raise BenchError(f"{city.kind}: the server did not come back: {log_end}")
        time.sleep(0.02)


# --- inside the product's settings ------------------------------------------------------------------------------------


def _write_forms(path: Path) -> None:
    """Forms with signed keys for the shops of the city, each to be posted once."""
    shops, topics = _shops(), sorted(TOPICS)
    with path.open("w", encoding="utf-8") as out:
        for number in range(FORMS):
            body = {
                "submission": new_submission(),
                "do": "file",
                "wish": "complaint",
                "topic": topics[number % len(topics)],
                "story": f"第 {number} 份：结账时多收了二十元，要求退还，店员说系统就是这样，没有给出小票。",
                "demand": "refund",
                "amount": "20",
                "route": "settle_first",
                "share_contact": "",
            }
            out.write(f"/s/{shops[number % len(shops)]}/complain\t{urlencode(body)}\n")


def _shops() -> list[int]:
    return list(db.session.scalars(sa.select(TrustCode.shop_id).where(TrustCode.state == "active")))


def _look(acknowledged: dict[str, str]) -> dict[str, int]:
    """Of the acknowledged forms: receipts that open nothing, and forms that are more than one record."""
    lost, seen = 0, set()
    for where in acknowledged.values():
        receipt = urlsplit(where).path.rsplit("/", 1)[-1]
        try:
            seen.add(queries.by_receipt(receipt).id)
        except NotFound:
            lost += 1
    return {"lost": lost, "twice": _count_told_twice(), "records": len(seen)}


def _count_told_twice() -> int:
    """Complaints with the same words: each form has its own."""
    stories = Counter(
        story
        for story in db.session.scalars(sa.select(Complaint.story))
        if story and "结账时多收了二十元" in story
    )
    return sum(count - 1 for count in stories.values())


def _main() -> None:
    with create_app().app_context():
        if sys.argv[1] == "forms":
            _write_forms(Path(sys.argv[2]))
        elif sys.argv[1] == "count":
            print(db.session.scalar(sa.select(sa.func.count()).select_from(Complaint)))
        else:
            print(json.dumps(_look(json.loads(Path(sys.argv[2]).read_text("utf-8")))))


if __name__ == "__main__":
    _main()
