"""A private PostgreSQL and a private Redis for one test run.

As a program it starts both, runs the command given after ``--`` with their addresses in the environment, and stops
them again whatever happens::

    python -m tests.support.services -- python -m pytest

As a library (``postgres()`` and ``redis()``) it serves a test that was started without the wrapper.

Nothing is shared with servers that already run on the machine: each has its own temporary folder, PostgreSQL
listens on a Unix socket only and Redis on a port that the system chose. Durability is off: these data are thrown away.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PG_VARIABLE = "YDYM_TEST_POSTGRESQL"
REDIS_VARIABLE = "YDYM_TEST_REDIS"

_PG_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql", "/usr/local/pgsql")
_START_SECONDS = 60


class ServiceError(RuntimeError):
    """A service is not installed or did not start; the message says what to do."""


def memory_folder() -> str | None:
    """The folder of files in memory where there is plenty of it: what is thrown away need not wait for a disk."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3:
        return memory
    return None


def postgres_program(name: str) -> str:
    """Path of a PostgreSQL server program of the newest version installed; raises ServiceError if there is none."""
    found: list[tuple[int, str]] = []
    for folder in _PG_FOLDERS:
        for path in Path(folder).glob(f"*/bin/{name}"):
            version = path.parent.parent.name
            found.append((int(version) if version.isascii() and version.isdigit() else 0, str(path)))
    if found:
        return max(found)[1]
    on_path = shutil.which(name)
    if on_path is None:
        raise ServiceError(
            "PostgreSQL is not installed: run `make test` once as root, or `apt-get install postgresql`"
        )
    return on_path


def _as_service_user(folder: Path) -> list[str]:
    """Words before a command so that it does not run as root (PostgreSQL refuses that) and dies with its parent."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        name = "postgres" if _user_exists("postgres") else "nobody"
        account = pwd.getpwnam(name)
        os.chown(folder, account.pw_uid, account.pw_gid)
        words += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return words


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextlib.contextmanager
def postgres(kept: Path | None = None) -> Iterator[str]:
    """Run a private PostgreSQL cluster; yield the SQLAlchemy address of its maintenance database.

    `kept`: a folder of benchmarks whose cluster stays, so that the next run finds its tables again.
    """
    folder = kept or Path(tempfile.mkdtemp(prefix="ydym-pg-", dir=memory_folder()))
    process: subprocess.Popen[bytes] | None = None
    try:
        prefix = _as_service_user(folder)
        data, log = folder / "data", folder / "log"
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        initdb = [postgres_program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        initdb += ["-E", "UTF8", "--locale=C.UTF-8"]
        if not data.exists():
            made = subprocess.run(
                [*prefix, *initdb], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            if made.returncode != 0:
                raise ServiceError(f"initdb failed:\n{made.stdout}{made.stderr}")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "256MB",
            "lc_messages": "C",
        }
        command = [postgres_program("postgres"), "-D", str(data)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*prefix, *command],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        _wait_until(lambda: _postgres_answers(folder), process, log, "PostgreSQL")
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        _stop(process, signal.SIGINT)
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _postgres_answers(folder: Path) -> bool:
    import psycopg  # here, so that the wrapper can print its own messages before packages are looked for

    try:
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a private Redis that keeps nothing on disk; yield its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServiceError(
            "Redis is not installed: run `make test` once as root, or `apt-get install redis-server`"
        )
    folder = Path(tempfile.mkdtemp(prefix="ydym-redis-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        prefix = _as_service_user(folder)
        port, log = free_port(), folder / "log"
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command += ["--dir", str(folder), "--daemonize", "no"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*prefix, *command], stdout=output, stderr=output, start_new_session=True
            )
        _wait_until(lambda: _redis_answers(port), process, log, "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop(process, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def free_port() -> int:
    """A TCP port on the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until(ready: object, process: subprocess.Popen[bytes], log: Path, name: str) -> None:
    assert callable(ready)
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None:
            raise ServiceError(f"{name} stopped at its start:\n{log.read_text(errors='replace')}")
        if time.monotonic() > deadline:
            raise ServiceError(
                f"{name} did not answer within {_START_SECONDS} s:\n{log.read_text(errors='replace')}"
            )
        time.sleep(0.05)  # polling a process start; no test waits here


def _stop(process: subprocess.Popen[bytes] | None, kind: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(kind)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(command: list[str]) -> int:
    """Run `command` beside both services; return its exit code, 128 + n if signal n ended it (as a shell does)."""
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: object) -> None:
        if child is None:  # still starting: leave, and clean up on the way
            sys.exit(128 + number)
        if (
            number == signal.SIGTERM
        ):  # Ctrl-C reached the child already: it is in the terminal's process group
            child.terminate()

    signal.signal(signal.SIGINT, pass_on)
    signal.signal(signal.SIGTERM, pass_on)
    with contextlib.ExitStack() as stack:
        addresses = {
            PG_VARIABLE: stack.enter_context(postgres()),
            REDIS_VARIABLE: stack.enter_context(redis()),
        }
        child = subprocess.Popen(command, env={**os.environ, **addresses})
        code = child.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    """The program: everything after ``--`` is the command."""
    command = arguments[arguments.index("--") + 1 :] if "--" in arguments else arguments
    if not command:
        sys.stderr.write("usage: python -m tests.support.services -- COMMAND …\n")
        return 2
    try:
        return run(command)
    except ServiceError as error:
        sys.stderr.write(f"test services: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
