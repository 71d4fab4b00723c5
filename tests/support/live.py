"""A real server on a port of its own: the start script, its worker processes, a migrated database, a small city."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .databases import ROOT, SECRET
from .services import free_port

_START_SECONDS = 60
_EACH = """
import json, sys
from flask.cli import cli
for words in json.loads(sys.argv[1]):
    code = cli.main(["--app", "wsgi", *words], prog_name="flask", standalone_mode=False)
    if code:
        sys.exit(f"{words}: {code}")
"""


@dataclass
class Live:
    """A running server. `url` has no slash at its end; `host` is the public host that codes are signed for."""

    url: str
    host: str
    data_dir: Path
    database_url: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """What the server wrote: structured lines and, if it went wrong, the trace."""
        return self.data_dir / "server.log"

    def flask(self, *words: str) -> str:
        """Run ``flask --app wsgi …`` against this server's data; return what it printed."""
        return self._run(["-m", "flask", "--app", "wsgi", *words], " ".join(words))

    def flask_each(self, *commands: tuple[str, ...]) -> str:
        """Run several such commands in one process: most of a short one is the start of Python."""
        return self._run(
            ["-c", _EACH, json.dumps(commands)], ", ".join(" ".join(words) for words in commands)
        )

    def _run(self, python: list[str], name: str) -> str:
        done = subprocess.run(
            [sys.executable, *python],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"flask {name} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", str(ROOT / "deploy" / "serve")],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}"
                )
            time.sleep(0.05)  # polling a process start; no test waits here

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server gracefully; after 20 seconds by force."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(kind)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # workers that a killed parent left behind
        self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        port = int(self.url.rpartition(":")[2])
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: " + self.host.encode() + b"\r\n\r\n")
                return connection.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


@contextlib.contextmanager
def live_server(
    data_dir: Path, *, database_url: str = "", shops: int = 40, workers: int = 2, **variables: str
) -> Iterator[Live]:
    """Migrate, make keys and a demo city of `shops`, serve; `variables` are further ``YDYM_…`` settings."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port = free_port()
    host = f"127.0.0.1:{port}"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("YDYM_")}
    environment = inherited | {
        "YDYM_ENV": "development",
        "YDYM_DATA_DIR": str(data_dir),
        "YDYM_DATABASE_URL": database_url or f"sqlite:///{data_dir / 'ydym.sqlite'}",
        "YDYM_PUBLIC_HOST": host,
        "YDYM_SECRET_KEYS": SECRET,
        "YDYM_RATE_LIMITS": "off",
        "PYTHON": sys.executable,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": str(workers),
        "STOP_SECONDS": "5",
    }
    environment |= variables
    live = Live(f"http://{host}", host, data_dir, environment["YDYM_DATABASE_URL"], environment)
    commands = [("db", "upgrade"), ("reference",), ("keys", "ensure")]
    if shops:
        commands.append(("demo", "--shops", str(shops), "--seed", "1"))
    live.flask_each(*commands)
    live.start()
    try:
        yield live
    finally:
        live.stop()
