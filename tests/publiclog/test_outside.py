"""Programs of others on the log: Go's sumdb, @sigstore/verify, metamorphic-log. They accept what is right alone."""

from __future__ import annotations

import base64
import copy
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import metamorphic_log
import pytest

from tests.publiclog.made import MadeLog
from webapp.publiclog import notes, proofs, tree

HERE = Path(__file__).parent / "outside"
ROOT = Path(__file__).parents[2]
DEBIANS_GO = "/usr/share/gocode"
SIZES = (1, 2, 7, 8, 255, 256, 257, 700)


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The Go program, built offline from Debian's sources of golang.org/x/mod."""
    target = tmp_path_factory.mktemp("go") / "check"
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": DEBIANS_GO,
        "GOCACHE": str(target.parent / "cache"),
        "GOFLAGS": "",
    }
    subprocess.run(
        ["go", "build", "-o", str(target), str(HERE / "check.go")], env=environment, check=True, timeout=240
    )
    return [str(target)]


def tasks(tmp_path: Path) -> list[dict[str, Any]]:
    found = []
    for size in SIZES:
        log = MadeLog().add(b'{"leaf":%d}' % at for at in range(size))
        folder = log.write(tmp_path / str(size))
        picked = sorted({0, size // 2, size - 1})
        found += [log.task(index, older=max(1, index), folder=folder) for index in picked]
    return found


def spoilt(task: dict[str, Any]) -> list[dict[str, Any]]:
    """The same with one thing wrong each."""
    found = []

    def wrong(**changes: Any) -> None:
        found.append(copy.deepcopy(task) | {"Folder": ""} | changes)

    wrong(Leaf=base64.b64encode(b"another").decode())
    wrong(Index=task["Index"] + 1)
    wrong(Index=-1)
    wrong(Path=[*task["Path"], task["Checkpoint"].split("\n")[2]])
    if task["Path"]:
        wrong(Path=task["Path"][:-1])
        wrong(Path=[notes.b64(b"\x00" * 32), *task["Path"][1:]])
    origin, size, root, *rest = task["Checkpoint"].split("\n")
    wrong(Checkpoint="\n".join([origin, str(int(size) + 1), root, *rest]))
    wrong(Checkpoint="\n".join(["other.test/log", size, root, *rest]))
    wrong(Key=str(MadeLog(seed=2).key.verifier))
    return found


def answers(program: list[str], given: list[dict[str, Any]], folder: Path) -> list[str]:
    said = subprocess.run(
        program,
        input="".join(json.dumps(one) + "\n" for one in given),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=folder,
    )
    lines = said.stdout.splitlines()
    assert len(lines) == len(given)
    return lines


def test_go(go: list[str], tmp_path: Path) -> None:
    """golang.org/x/mod: note.Open, TileHashReader, ProveRecord (the same proof), CheckRecord, CheckTree."""
    right = tasks(tmp_path)
    assert set(answers(go, right, tmp_path)) == {"ok"}
    wrong = [one for task in right for one in spoilt(task)]
    wrong += [
        task | {"Folder": "", "Consistency": task["Consistency"][:-1]}
        for task in right
        if task["Consistency"]
    ]
    assert "ok" not in answers(go, wrong, tmp_path)


def test_sigstore(tmp_path: Path) -> None:
    program = ["node", str(HERE / "check.cjs")]
    right = tasks(tmp_path)
    assert set(answers(program, right, ROOT)) == {"ok"}
    assert "ok" not in answers(program, [one for task in right for one in spoilt(task)], ROOT)


def test_metamorphic(tmp_path: Path) -> None:
    for task in tasks(tmp_path):
        leaf = tree.leaf_hash(base64.b64decode(task["Leaf"]))
        path = [base64.b64decode(node) for node in task["Path"]]
        head = metamorphic_log.checkpoint_verify(task["Checkpoint"], [task["Key"]])
        assert head.size == int(task["Checkpoint"].split("\n")[1])
        metamorphic_log.checkpoint_verify_inclusion(
            task["Checkpoint"], [task["Key"]], task["Index"], leaf, path
        )
        between = [base64.b64decode(node) for node in task["Consistency"]]
        metamorphic_log.checkpoint_verify_consistency(
            task["Older"], task["Checkpoint"], [task["Key"]], between
        )
        for one in spoilt(task):
            if one["Index"] < 0:
                continue
            with pytest.raises(metamorphic_log.VerifyError):
                metamorphic_log.checkpoint_verify_inclusion(
                    one["Checkpoint"],
                    [one["Key"]],
                    one["Index"],
                    tree.leaf_hash(base64.b64decode(one["Leaf"])),
                    [base64.b64decode(node) for node in one["Path"]],
                )


def test_our_own_receipts_refuse_the_same(tmp_path: Path) -> None:
    for task in tasks(tmp_path):
        for one, holds in [(task, True), *((one, False) for one in spoilt(task))]:
            receipt = proofs.Receipt(
                one["Index"], tuple(base64.b64decode(node) for node in one["Path"]), one["Checkpoint"]
            )
            try:
                proofs.Receipt.parse(str(receipt)).check(
                    base64.b64decode(one["Leaf"]), notes.Verifier.parse(one["Key"])
                )
            except (notes.NoteError, tree.ProofError):
                assert not holds
            else:
                assert holds
