"""Lighthouse, on a phone: ``make bench ARGS='--only lighthouse'``.

A demo city served as in production; for every page Lighthouse 12 with its own preset for phones (simulated slow 4G, CPU
four times slower), the median of the rounds. The scan page has goals; the other pages are printed beside it. Lighthouse
and what it needs are installed into bench/node by that folder's lock file when this is first run.

``is-crawlable`` is left out for the address of a sticker: it carries noindex, because a printed code belongs to who
stands at the door and not into a search engine; the same page without the code (/s/…) counts in full.

``python -m bench.lighthouse http://127.0.0.1:8000 /s/1 /verify`` measures a server that runs already.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.city import City
from bench.load import ROOT, BenchError, free_port, server
from tests.support.browser import CHROMIUM

NAME = "lighthouse: pages on a phone"
NODE = ROOT / "bench" / "node"
PROGRAM = NODE / "node_modules" / ".bin" / "lighthouse"
SHOPS = 60
#: Category -> the least score of the scan page.
GOALS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
#: Bytes transferred, of the page and of all.
MOST_HTML, MOST_ALL = 14 * 1024, 50 * 1024
#: Now and then Lighthouse loses its own record of a page (NO_NAVSTART), and says so.
AGAIN, TRIES = "Please run Lighthouse again", 3
TIMES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")


@dataclass(frozen=True)
class Scores:
    """One page: scores of the categories (0 to 100), milliseconds of TIMES, layout shift, bytes, audits not passed."""

    path: str
    scores: dict[str, float]
    times: list[float]
    shift: float
    html: int
    size: int
    failed: frozenset[str]

    @property
    def reached(self) -> bool:
        """Whether it is what is promised of the scan page."""
        good = all(self.scores[name] >= least for name, least in GOALS.items())
        return good and self.html <= MOST_HTML and self.size <= MOST_ALL

    def line(self) -> str:
        """One readable line."""
        scores = " / ".join(f"{self.scores[name]:.0f}" for name in GOALS)
        times = "  ".join(
            f"{word} {value / 1000:.2f} s"
            for word, value in zip(("FCP", "LCP", "TBT"), self.times, strict=True)
        )
        weight = f"HTML {self.html / 1024:.1f} KB, all {self.size / 1024:.1f} KB"
        failed = f"   not passed: {', '.join(sorted(self.failed))}" if self.failed else ""
        return f"{scores:>22}   {times}  CLS {self.shift:.3f}   {weight}   {self.path}{failed}"


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure a fresh demo city; (readable lines, whether the scan page reaches its goals)."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        city = City("SQLite", folder, f"sqlite:///{folder / 'ydym.sqlite'}", port)
        city.make(SHOPS)
        code = city.addresses(1)[0]
        with server("wsgi:app", folder / "server.log", PORT=str(port), **city.environment) as url:
            promised = [measured(url, path, rounds) for path in ("/s/1", code)]
            others = [measured(url, path, rounds) for path in ("/", "/shops", "/verify", "/s/1/complain")]
    return report(promised, others), all(page.reached for page in promised)


def report(promised: Sequence[Scores], others: Sequence[Scores] = ()) -> str:
    """The lines of all pages under one heading."""
    goal = " / ".join(str(least) for least in GOALS.values())
    lines = [f"{NAME} ({' / '.join(GOALS)}; goal of the scan page ≥ {goal}, HTML ≤ 14 KB, all ≤ 50 KB)"]
    lines += [f"{'reached' if page.reached else 'MISSED '}{page.line()}" for page in promised]
    return "\n".join(lines + [f"       {page.line()}" for page in others])


def measured(url: str, path: str, rounds: int) -> Scores:
    """The medians of so many rounds. Raises BenchError when Lighthouse does not end well."""
    subprocess.run(
        ["curl", "-sf", "-o", os.devnull, url + path], check=False
    )  # rendered once, as for any visitor
    results = [_once(url + path, sticker=path.startswith("/c/")) for _ in range(rounds)]
    audits = [result["audits"] for result in results]

    def middle(audit: str) -> float:
        return statistics.median(found[audit]["numericValue"] for found in audits)

    last = audits[-1]["network-requests"]["details"]["items"]
    scores = Scores(
        path if len(path) < 24 else f"{path[:12]}…",
        {name: statistics.median(_score(result, name) for result in results) for name in GOALS},
        [middle(audit) for audit in TIMES],
        middle("cumulative-layout-shift"),
        next(item["transferSize"] for item in last if item["resourceType"] == "Document"),
        round(middle("total-byte-weight")),
        frozenset(_failed(results[-1])),
    )
    print(f"· {scores.line()}", flush=True)
    return scores


def _score(result: dict[str, Any], category: str) -> float:
    return round(100 * (result["categories"][category]["score"] or 0))


def _failed(result: dict[str, Any]) -> list[str]:
    counted = [
        ref["id"]
        for name in ("accessibility", "best-practices", "seo")
        for ref in result["categories"][name]["auditRefs"]
        if ref["weight"]
    ]
    scores = {audit: result["audits"][audit]["score"] for audit in counted}
    return [audit for audit, score in scores.items() if score is not None and score < 1]


def _once(address: str, *, sticker: bool) -> dict[str, Any]:
    _install()
    words = [str(PROGRAM), address, "--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    words.append(f"--only-categories={','.join(GOALS)}")
    words += ["--skip-audits=is-crawlable"] if sticker else []
    for _ in range(TRIES):
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=os.environ | {"CHROME_PATH": CHROMIUM},
        )
        if AGAIN not in done.stderr:
            break
    if done.returncode:
        raise BenchError(f"lighthouse {address}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _install() -> None:
    if not PROGRAM.exists():
        words = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(words, cwd=NODE, check=True)


def main() -> None:
    """Measure pages of a server that runs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("origin")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    print(report([], [measured(asked.origin, path, asked.rounds) for path in asked.paths]))


if __name__ == "__main__":
    main()
