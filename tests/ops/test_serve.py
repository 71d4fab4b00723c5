"""The script that starts the server: what it clears away, and what it must not."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.databases import ROOT

#: Stands for the server: counts, says so, and waits for its input to end.
SERVER = """#!/bin/sh
[ "$1" = -m ] || exec python3 "$@"
touch "$PROMETHEUS_MULTIPROC_DIR/counter.db"
echo "$PROMETHEUS_MULTIPROC_DIR"
read -r _ || true
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program for deploy/serve to start in place of Python."""
    path = tmp_path / "server"
    path.write_text(SERVER)
    path.chmod(0o755)
    return str(path)


def serve(program: str, data: Path, port: int = 1) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PROMETHEUS_MULTIPROC_DIR"}
    return subprocess.Popen(
        [str(ROOT / "deploy" / "serve")],
        env=environment | {"PYTHON": program, "YDYM_DATA_DIR": str(data), "PORT": str(port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def folder_of(server: subprocess.Popen[str]) -> Path:
    assert server.stdout is not None
    return Path(server.stdout.readline().strip())


def test_a_taken_port_is_not_shared(tmp_path: Path, program: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with serve(program, tmp_path / "var", taken.getsockname()[1]) as server:
            _, said = server.communicate()
        assert (server.returncode, "already" in said) == (1, True)
    assert not (tmp_path / "var").exists()


def test_a_second_start_leaves_the_running_servers_counts(tmp_path: Path, program: str) -> None:
    with serve(program, tmp_path / "var") as first:
        mine = folder_of(first)
        with serve(program, tmp_path / "var") as second:
            other = folder_of(second)
            second.communicate()
        assert other != mine
        assert (mine / "counter.db").exists()
        first.communicate()
    with serve(program, tmp_path / "var") as third:
        fresh = folder_of(third)
        third.communicate()
    assert [folder for folder in (mine, other, fresh) if folder.exists()] == [fresh], (
        "the dead ones' are swept"
    )
