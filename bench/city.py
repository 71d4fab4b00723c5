"""A demo city in one database, made and served with settings of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import ROOT, BenchError, outside

SECRET = "a secret for benchmarks only, never for a city"


@dataclass(frozen=True)
class City:
    """A demo city in one database, ready to be served at `port`."""

    kind: str
    folder: Path
    database_url: str
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """Settings for the product."""
        return {
            "YDYM_ENV": "development",
            "YDYM_DATA_DIR": str(self.folder),
            "YDYM_DATABASE_URL": self.database_url,
            "YDYM_SECRET_KEYS": SECRET,
            "YDYM_PUBLIC_HOST": f"127.0.0.1:{self.port}",
            "YDYM_RATE_LIMITS": "off",
        }

    def flask(self, *words: str) -> None:
        """Run a command of the product on this city."""
        self.python("-m", "flask", "--app", "wsgi", *words)

    def python(self, *words: str) -> str:
        """Run Python with this city's settings; what it printed. Raises BenchError when it fails."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=outside() | self.environment | {"BENCH_DATABASE_URL": self.database_url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def make(self, shops: int) -> None:
        """Migrate, make keys and the demo city."""
        started = time.monotonic()
        self.flask("db", "upgrade")
        self.flask("reference")
        self.flask("keys", "ensure")
        self.flask("demo", "--shops", str(shops), "--seed", "1")
        print(f"· {self.kind}: city of {shops} shops made in {time.monotonic() - started:.1f} s")

    def addresses(self, shops: int) -> list[str]:
        """Addresses of stickers, one a shop."""
        tokens = self.folder / "tokens.txt"
        self.flask("codes", "sample", "--count", str(shops), "--out", str(tokens))
        return [f"/c/{token}" for token in tokens.read_text(encoding="ascii").split()]

    def store_pages(self, shops: int) -> None:
        """Render the pages of the first `shops` once with the present code, as their first visitors would."""
        started = time.monotonic()
        self.flask("pages", "store", "--kind", "scan", "--limit", str(shops))
        print(f"· {self.kind}: pages of {shops} shops stored in {time.monotonic() - started:.1f} s")
