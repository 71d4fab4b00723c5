"""Monitors and witnesses: honest growth is followed, everything else is told and kept as evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.publiclog.made import MadeLog
from webapp.publiclog import following, notes, proofs, tree
from webapp.publiclog.following import Memory, Misbehaved, Seen, Unreachable
from webapp.publiclog.notes import Verifier


def leaves(first: int, last: int) -> list[bytes]:
    return [b'{"n":%d}' % at for at in range(first, last)]


def monitor(app: Flask, folder: Path, key: Verifier, memory: Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["log", "monitor", str(folder), "--key", str(key), "--memory", str(memory)]
    )
    return result.exit_code, result.output


def test_a_growing_log_is_followed(app: Flask, tmp_path: Path) -> None:
    log, memory = MadeLog(), tmp_path / "seen.json"
    for first, last in ((0, 3), (3, 3), (3, 300), (300, 512), (512, 513)):
        folder = log.add(leaves(first, last)).write(tmp_path / "log")
        code, said = monitor(app, folder, log.key.verifier, memory)
        assert code == 0, said
        assert f"{last} leaves, {last - first} new" in said


@pytest.mark.parametrize("kind", ["rewritten", "split", "back", "leaf", "tile", "key"])
def test_misbehaviour_is_told(app: Flask, tmp_path: Path, kind: str) -> None:
    log, memory, folder = MadeLog().add(leaves(0, 300)), tmp_path / "seen.json", tmp_path / "log"
    assert monitor(app, log.write(folder), log.key.verifier, memory)[0] == 0
    other = MadeLog().add([*leaves(0, 100), b"changed", *leaves(101, 300)])
    shutil.rmtree(folder)
    if kind == "rewritten":
        other.add(leaves(300, 310)).write(folder)
    elif kind == "split":
        other.write(folder)
    elif kind == "back":
        MadeLog().add(leaves(0, 299)).write(folder)
    elif kind == "leaf":
        log.add(leaves(300, 310)).write(folder)
        path = folder / "tile/entries/001.p/54"
        path.write_bytes(path.read_bytes().replace(b"305", b"306"))
    elif kind == "tile":
        log.add(leaves(300, 310)).write(folder)
        path = folder / "tile/0/001.p/54"
        path.write_bytes(path.read_bytes()[:-32] + b"x" * 32)
    else:
        MadeLog(seed=9).add(leaves(0, 301)).write(folder)
    code, said = monitor(app, folder, log.key.verifier, memory)
    assert code == 1, said
    assert "MISBEHAVED" in said
    if kind in {"rewritten", "split", "back"}:
        kept = memory.with_suffix(".evidence.txt").read_text("utf-8")
        for note in kept.split("\n\n", 1)[1].split("\n----\n"):
            notes.opened(note, log.key.verifier)  # both are signed by the log itself
    assert Memory(memory).load(log.key.verifier).size == 300  # what was seen stays


def test_a_log_that_is_not_there_is_no_misbehaviour(app: Flask, tmp_path: Path) -> None:
    code, said = monitor(app, tmp_path / "none", MadeLog().key.verifier, tmp_path / "seen.json")
    assert code == 2
    assert "not read" in said


def test_two_views_are_never_both_accepted(tmp_path: Path) -> None:
    log, other = MadeLog().add(leaves(0, 5)), MadeLog().add([*leaves(0, 4), b"x"])
    folder = log.write(tmp_path / "a")
    note, found = following.look(following.source(str(folder)), log.key.verifier, Seen())
    with pytest.raises(Misbehaved, match="split view"):
        following.look(
            following.source(str(other.write(tmp_path / "b"))),
            log.key.verifier,
            Seen(found.size, found.root, str(note)),
        )


def test_http_answers_are_bounded(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        following.source("http://127.0.0.1:9/log")("checkpoint")


def test_a_witness_signs_only_what_goes_on(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, folder = MadeLog().add(leaves(0, 10)), tmp_path / "log"

    def witness() -> tuple[int, str]:
        result = app.test_cli_runner().invoke(
            args=[
                "log", "witness", str(folder), "--key", str(log.key.verifier), "--name", "second.test/witness",
                "--folder", str(tmp_path / "w"), "--out", str(tmp_path / "cosigned"),
            ]
        )  # fmt: skip
        return result.exit_code, result.output

    log.write(folder)
    assert witness()[0] == 1  # no passphrase
    monkeypatch.setenv("YDYM_WITNESS_PASSPHRASE", "a long passphrase")
    code, said = witness()
    assert code == 0, said
    key = Verifier.parse(said.split("witness key: ")[1].split("\n")[0])
    assert key.kind == notes.WITNESS
    cosigned = notes.parse((tmp_path / "cosigned").read_bytes())
    assert (cosigned.check(key) or 0) > 0
    cosigned.check(log.key.verifier)
    assert b"ENCRYPTED" in (tmp_path / "w" / "witness.pem").read_bytes()
    shutil.rmtree(folder)
    MadeLog().add([b"changed", *leaves(1, 11)]).write(folder)
    code, said = witness()
    assert code == 1
    assert "NOT SIGNED" in said


def test_the_example_of_the_specification() -> None:
    """The keys' names of C2SP `signed-note`: PeterNeumann's note, as Go's documentation has it."""
    key = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = notes.parse(
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    note.check(key)
    with pytest.raises(notes.NoteError):
        notes.Note(note.text.replace("problem", "Problem"), note.lines).check(key)


NO_NOTES = (
    "",
    "no signature\n",
    "a\n\n— b\n",
    "a\n\n— b !!!!\n",
    "a\n\n- b AAAAAAAA\n",
    "a\n\n— b AAAAAAAA",
    "a\x01\n\n— b AAAAAAAA\n",
    "a\n\n— b+c AAAAAAAA\n",
    "a\n\n— b AAAA\n",
)
ROOT = "A" * 43 + "="
NO_CHECKPOINTS = (
    "o\n1\nAAAA\n",
    f"o\n01\n{ROOT}\n",
    "o\n1\n",
    f"\n1\n{ROOT}\n",
    f"o\n-1\n{ROOT}\n",
    f"o\n٣\n{ROOT}\n",
    f"o\n1\n{ROOT}",
)


@pytest.mark.parametrize("text", NO_NOTES)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse(text)


@pytest.mark.parametrize("text", NO_CHECKPOINTS)
def test_what_is_no_checkpoint(text: str) -> None:
    notes.Checkpoint.parse(f"o\n1\n{ROOT}\n")
    with pytest.raises(notes.NoteError):
        notes.Checkpoint.parse(text)


def test_what_somebody_else_was_shown_is_held_against_the_log(app: Flask, tmp_path: Path) -> None:
    """A split view: each of two people sees a log that only grows; their checkpoints and receipts give it away."""
    log, other = MadeLog().add(leaves(0, 20)), MadeLog().add([*leaves(0, 9), b"another"])
    folder, memory = log.write(tmp_path / "log"), tmp_path / "seen.json"

    def against(text: str) -> tuple[int, str]:
        file = tmp_path / "shown"
        file.write_text(text, "utf-8")
        arguments = ["log", "monitor", str(folder), "--key", str(log.key.verifier), "--memory", str(memory)]
        result = app.test_cli_runner().invoke(args=[*arguments, "--against", str(file)])
        return result.exit_code, result.output

    path = tuple(tree.inclusion(9, 10, other.read))
    for text, code, said in (
        (log.checkpoint(7), 0, "20 leaves"),
        (str(proofs.Receipt(3, tuple(tree.inclusion(3, 12, log.read)), log.checkpoint(12))), 0, "20 leaves"),
        (other.checkpoint(), 1, "rewritten"),
        (str(proofs.Receipt(9, path, other.checkpoint())), 1, "rewritten"),
        (MadeLog().add(leaves(0, 30)).checkpoint(), 1, "went back"),
        (MadeLog(seed=2).add(leaves(0, 3)).checkpoint(), 1, "nothing of this log"),
    ):
        found = against(text)
        assert (found[0], said in found[1]) == (code, True), found
