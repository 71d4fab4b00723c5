"""Servers as processes, wrk as the load, and the arithmetic of a fair comparison."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
CONNECTIONS = 64


class BenchError(RuntimeError):
    """Something that makes a figure worthless: a server that did not start, a wrong answer under load."""


@dataclass(frozen=True)
class Shot:
    """One run of wrk: requests a second, latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    requests: int
    wrong: int
    failed: int


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what is asked of which server."""

    name: str
    url: str
    paths: Path
    status: int = 200
    gzip: bool = False

    def command(self, seconds: int) -> list[str]:
        """The wrk command of one shot."""
        words = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds}s",
            "--timeout",
            "10s",
            "-s",
            "bench/paths.lua",
        ]
        return [*words, self.url, "--", str(self.paths), str(self.status), *(["gzip"] if self.gzip else [])]

    def shoot(self, seconds: int) -> Shot:
        """Load the server for `seconds`; raise BenchError if answers were not what they should be."""
        return measured(self.name, self.command(seconds))


class Shooter(Protocol):
    """One side of a comparison, whatever it asks for."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    def shoot(self, seconds: int) -> Shot:
        """Load it for `seconds`."""


def measured(name: str, command: list[str]) -> Shot:
    """What one wrk command with a script of ours found; raise BenchError if answers were not what they should be."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise BenchError(f"{name}: wrk said {done.stdout}{done.stderr}")
    shot = Shot(**json.loads(line.removeprefix("RESULT ")))
    if shot.wrong or shot.failed or not shot.requests:
        raise BenchError(f"{name}: {shot.wrong} wrong and {shot.failed} failed of {shot.requests} answers")
    return shot


def outside() -> dict[str, str]:
    """This process's environment without settings of the product."""
    return {key: value for key, value in os.environ.items() if not key.startswith("YDYM_")}


@dataclass
class Comparison:
    """Ours against a rival, shot in turn; the goal is a least ratio of rates."""

    title: str
    ours: Shooter
    rival: Shooter
    goal: float
    p99_not_above: bool = False
    shots: list[tuple[Shot, Shot]] = field(default_factory=list)

    def run(self, rounds: int, seconds: int) -> None:
        """Shoot both sides in turn; who begins changes every round. The first, unmeasured shots warm both up."""
        self.ours.shoot(seconds)
        self.rival.shoot(seconds)
        for number in range(rounds):
            if number % 2:
                theirs = self.rival.shoot(seconds)
                self.shots.append((self.ours.shoot(seconds), theirs))
            else:
                mine = self.ours.shoot(seconds)
                self.shots.append((mine, self.rival.shoot(seconds)))

    @property
    def ratio(self) -> float:
        """Median over the rounds of ours : rival."""
        return statistics.median(mine.rate / theirs.rate for mine, theirs in self.shots)

    @property
    def spread(self) -> tuple[float, float]:
        """Smallest and largest ratio of a round."""
        ratios = [mine.rate / theirs.rate for mine, theirs in self.shots]
        return min(ratios), max(ratios)

    def median(self, side: int, what: str) -> float:
        """Median of a figure of side 0 (ours) or 1 (rival)."""
        return statistics.median(getattr(pair[side], what) for pair in self.shots)

    @property
    def reached(self) -> bool:
        """Whether the goal was reached, latency included where it was promised."""
        slow = self.p99_not_above and self.median(0, "p99_ms") > self.median(1, "p99_ms")
        return self.ratio >= self.goal and not slow

    def report(self) -> str:
        """Three readable lines."""
        low, high = self.spread
        verdict = "reached" if self.reached else "MISSED "
        rounds = f"(goal ≥ {self.goal:g} ×, rounds {low:.2f} to {high:.2f})"
        lines = [f"{verdict}  {self.ratio:6.2f} ×   {rounds}   {self.title}"]
        for side, index in ((self.ours, 0), (self.rival, 1)):
            rate, p50, p99 = (self.median(index, what) for what in ("rate", "p50_ms", "p99_ms"))
            lines.append(
                f"           {rate:9.0f} a second   p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   {side.name}"
            )
        return "\n".join(lines)


def free_port() -> int:
    """A TCP port of the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def server(app: str, log: Path, **variables: str) -> Iterator[str]:
    """Serve `app` by the product's own start script; yield its address."""
    port = int(variables.get("PORT") or free_port())
    environment = outside() | {
        "APP": app,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "WORKERS": str(WORKERS),
        "PYTHON": sys.executable,
    }
    environment |= variables
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "deploy/serve"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            _wait(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"server did not start: {log.read_text(errors='replace')[-2000:]}") from None
            time.sleep(0.05)
