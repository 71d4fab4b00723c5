"""The log's pages, files, receipts and commands, as visitors and operators meet them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import merchants, stickers
from tests.factories.accounts import make_administrator, sign_in
from tests.factories.listings import HEARD, make_confirmed, make_listing, make_people
from tests.factories.merchants import NOW
from webapp import audit
from webapp.codes import operations as codes
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.jobs.models import JobLease
from webapp.listings import operations as listings
from webapp.listings import queries as lists
from webapp.publiclog import keys, notes, operations, proofs, queries, sequencer, tree, verifying
from webapp.publiclog.notes import Verifier


@pytest.fixture
def shop(app: Flask) -> int:
    """A shop with a code whose leaf is published."""
    with app.app_context():
        with unit():
            policy.sync()
            stickers.make_key()
            number = merchants.make_shop().id
            codes.issue(number, SYSTEM, NOW)
        sequencer.run(NOW)
    return number


def key_of(app: Flask) -> Verifier:
    with app.app_context():
        row = queries.state()
        assert row is not None
        return Verifier.parse(row.key)


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["log", *arguments])
    return result.exit_code, result.output


def test_the_files_and_how_they_are_kept(app: Flask, client: FlaskClient, shop: int) -> None:
    answer = client.get("/log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    _note, found = notes.opened(answer.data, key_of(app))
    assert found.origin == "codes.test/log"
    for path in (f"/log/tile/0/000.p/{found.size}", f"/log/tile/entries/000.p/{found.size}"):
        answer = client.get(path)
        assert answer.content_type == "application/octet-stream"
        assert "immutable" in answer.headers["Cache-Control"]
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    for wrong in ("0/001", "0/000.p/0", "0/../../checkpoint", "entries/000", "99/000", "0/000.p/1.new"):
        assert client.get(f"/log/tile/{wrong}").status_code == 404, wrong


def test_the_shop_page_names_its_leaf(app: Flask, client: FlaskClient, shop: int) -> None:
    page = client.get(f"/s/{shop}").text
    assert '<a class="line-call" href="/log/1">' in page
    assert client.get(f"/s/{shop}", headers={"Accept": "application/json"}).get_json()["log"]["number"] == 1
    leaf = client.get("/log/1").text
    assert "发给诚信码" in leaf
    assert "/log/1/receipt" in leaf
    assert f"/s/{shop}" in leaf
    assert "第 1 条" in client.get(f"/s/{shop}/log").text


def test_a_receipt_stands_alone(app: Flask, client: FlaskClient, shop: int, tmp_path: Path) -> None:
    answer = client.get("/log/1/receipt")
    assert "log-1.tlog-proof" in answer.headers["Content-Disposition"]
    receipt = proofs.Receipt.parse(answer.text)
    receipt.check(json.loads(receipt.extra)["leaf"].encode(), key_of(app))
    file = tmp_path / "receipt"
    file.write_text(answer.text, "utf-8")
    assert run(app, "receipt", "1") == (0, answer.text)
    code, said = run(app, "check-receipt", str(file), "--key", str(key_of(app)))
    assert code == 0
    assert "holds: leaf 1 of" in said
    file.write_text(answer.text.replace("index 0", "index 1"), "utf-8")
    assert run(app, "check-receipt", str(file), "--key", str(key_of(app)))[0] == 1
    assert client.get("/log/77/receipt").status_code == 404


def test_a_leaf_is_found_by_its_number(client: FlaskClient, shop: int) -> None:
    assert client.get("/log?number=1").headers["Location"] == "/log/1"
    page = client.get("/log?number=abc")
    assert "请填日志里的序号" in page.text
    assert client.get("/log/999").status_code == 404
    assert client.get("/log/0").status_code == 404
    for path in (f"/log/{10**30}", f"/log/{2**63}", f"/log/{10**30}/receipt"):
        assert client.get(path).status_code == 404


def kinds(position: int) -> tuple[str, int]:
    leaf = queries.leaf_at(position)
    return leaf.kind, leaf.position + 1


def test_an_entry_is_to_be_read_only_while_it_stands(app: Flask, client: FlaskClient) -> None:
    """Before its publication and after its end nothing leads from the log to the shop; meanwhile its receipt does."""
    with app.app_context():
        with unit():
            stickers.make_key()
            people = make_people()
            shop, second = people.shop.id, people.second
            codes.issue(shop, SYSTEM, NOW - HEARD)
            number = make_confirmed(people, NOW - HEARD).id
        sequencer.run(NOW)
        found = dict(kinds(at) for at in range(queries.state().size))
    confirmed = found["listing.confirm"]

    def told(at: int) -> bool:
        page = client.get(f"/log/{at}").text
        receipt = proofs.Receipt.parse(client.get(f"/log/{at}/receipt").text)
        extra = json.loads(receipt.extra)
        receipt.check(extra["leaf"].encode(), key_of(app))
        assert "short_measure" not in extra["leaf"]
        listed = f'/log/{at}"' in client.get(f"/s/{shop}/log").text
        opened = "about" in extra and (
            json.loads(extra["about"]).get("ground") in {"black.short_measure", "black_listed"}
        )
        assert listed == (f'href="/s/{shop}"' in page)
        return opened

    assert not told(confirmed)
    assert f'/log/{confirmed}"' not in client.get(f"/s/{shop}/log").text
    with app.app_context():
        with unit():
            listing = lists.get(number)
            listings.publish(listing.id, "hearing_over", SYSTEM, NOW, listing.version)
        sequencer.run(NOW)
        found = dict(kinds(at) for at in range(queries.state().size))
    published, revoked = found["listing.publish"], found["code.revoke"]
    assert told(published)
    assert told(revoked)
    assert not told(confirmed)
    with app.app_context():
        with unit():
            listing = lists.get(number)
            listings.end(listing.id, "repair", "改正了", second, NOW, listing.version)
        sequencer.run(NOW)
        found = dict(kinds(at) for at in range(queries.state().size))
    for at in (published, revoked, found["listing.repair"]):
        assert not told(at)
    assert f'/log/{published}"' not in client.get(f"/s/{shop}/log").text
    # Nor by the shop's own page, nor by what the entry brought about in the same second.
    assert f'/log/{revoked}"' not in client.get(f"/s/{shop}").text
    with app.app_context():
        leaves = [queries.leaf_at(at) for at in range(confirmed - 1, queries.state().size)]
        assert "code.revoke" in {leaf.kind for leaf in leaves}
        for leaf in leaves:
            assert "shop" not in queries.facts_of(leaf), leaf.kind
            if leaf.subject_type != "sticker":
                assert (leaf.about, leaf.about_salt, leaf.shop_id) == (None, None, None), leaf.kind
        assert verifying.verify().wrong == []


def test_a_decision_after_the_end_is_closed_at_once(app: Flask) -> None:
    """Whoever decides on an entry that has ended tells the public nothing of it by that."""
    with app.app_context():
        with unit():
            people = make_people()
            listing = make_listing(people)
            listings.end(listing.id, "expire", "term_passed", SYSTEM, NOW, listing.version)
            audit.record(
                SYSTEM, "listing.dismiss_repair", "listing", listing.id, now=NOW, shop_id=people.shop.id
            )
        sequencer.run(NOW)
        last = queries.leaf_at(queries.state().size - 1)
        assert (last.kind, last.about, last.shop_id) == ("listing.dismiss_repair", None, None)


def test_a_second_body_cosigns(
    app: Flask, client: FlaskClient, shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YDYM_WITNESS_PASSPHRASE", "a long passphrase")
    with app.app_context():
        folder = str(queries.folder().path)
    arguments = ("--key", str(key_of(app)), "--name", "second.test/w", "--folder", str(tmp_path / "w"))
    code, said = run(app, "witness", folder, *arguments, "--out", str(tmp_path / "out"))
    assert code == 0, said
    key = said.split("witness key: ")[1].split("\n")[0]
    assert run(app, "cosign", str(tmp_path / "out"))[0] == 1  # nobody has named it yet
    assert run(app, "add-witness", key, "--title", "市消费者协会")[0] == 0
    code, said = run(app, "cosign", str(tmp_path / "out"))
    assert code == 0, said
    note = notes.parse(client.get("/log/checkpoint").data)
    note.check(Verifier.parse(key))
    note.check(key_of(app))
    page = client.get("/log").text
    assert "市消费者协会" in page
    assert "已为现在的" in page
    with app.app_context(), unit():
        codes.suspend(shop, "abnormal_list", "so", SYSTEM, NOW)
    assert run(app, "run")[0] == 0
    # The log has moved on: what was signed stays signed, and is published beside it.
    assert run(app, "cosign", str(tmp_path / "out"))[0] == 0
    assert "签过名" in client.get("/log").text
    earlier = notes.parse(client.get("/log/witness/1").data)
    for name in (Verifier.parse(key), key_of(app)):
        earlier.check(name)
    assert client.get("/log/witness/2").status_code == 404
    other = tmp_path / "other"
    with app.app_context():
        log_key = operations.signer("codes.test/log")
    text = str(notes.Checkpoint("codes.test/log", 1, b"another root of one leaf, 32 byte"[:32]))
    witness_key = keys.load(
        tmp_path / "w" / "witness.pem", b"a long passphrase", "second.test/w", notes.WITNESS
    )
    line = notes.cosign(text, witness_key.verifier, witness_key.sign, 1_700_000_000)
    other.write_text(str(notes.sign(text, log_key.verifier, log_key.sign).with_lines([line])), "utf-8")
    assert run(app, "cosign", str(other))[0] == 1
    assert run(app, "verify")[0] == 0


def test_the_commands(app: Flask, shop: int) -> None:
    assert run(app, "key") == (0, f"{key_of(app)}\n")
    code, said = run(app, "verify")
    assert code == 0, said
    assert "decisions - leaves = 0" in said
    assert run(app, "begin")[0] == 0
    with app.app_context():
        path = queries.folder().path / "checkpoint"
        state = queries.state()
        signer = operations.signer(state.origin)
        ahead = notes.Checkpoint(state.origin, state.size + 5, b"a" * 32)
        path.write_text(str(notes.sign(str(ahead), signer.verifier, signer.sign)))
    code, said = run(app, "run")
    assert code == 1
    assert "refuses to start" in said
    assert run(app, "verify")[0] == 1


def test_the_key_lies_encrypted(app: Flask, shop: int) -> None:
    with app.app_context():
        path = queries.settings().keys_dir / "log.pem"
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(keys.LogKeyMissing):
        keys.load(path, b"another", "codes.test/log")


def test_before_the_first_decision(client: FlaskClient) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    assert "还没有开始公布" in client.get("/log").text


# --- a receipt that somebody brings -----------------------------------------------------------------------------------


def bring(
    client: FlaskClient, data: bytes | str, *, field: str = "receipt", site: str = "same-origin"
) -> tuple[int, str]:
    given = (io.BytesIO(data.encode() if isinstance(data, str) else data), "x.tlog-proof")
    form = {field: given if field == "receipt" else data}
    answer = client.post("/log/check", data=form, headers={"Sec-Fetch-Site": site})
    return answer.status_code, answer.text


def test_a_receipt_is_checked(app: Flask, client: FlaskClient, shop: int) -> None:
    receipt = client.get("/log/1/receipt").text
    code, page = bring(client, receipt)
    assert (code, "对得上" in page, "第 1 条</a>：发给诚信码" in page) == (200, True, True)
    assert bring(client, receipt.replace("\n", "\r\n"), field="text")[0] == 200
    assert bring(client, receipt, site="cross-site")[0] == 422
    checkpoint = client.get("/log/checkpoint").text
    for spoilt, said in (
        (b"", "请选择下载过的凭证文件"),
        (b"\xff\xfe", "这不是凭证"),
        (b"x" * 300_000, "这不是凭证"),
        (checkpoint, "这不是凭证"),
        (receipt.replace("index 0", "index 1"), "被改动过"),
        (receipt[: len(receipt) - 20], "被改动过"),
        (receipt.replace("codes.test/log", "other.test/log"), "别的日志"),
    ):
        code, page = bring(client, spoilt)
        assert (code, said in page) == (422, True), said
        assert "alert--success" not in page


def test_a_receipt_shows_that_the_log_was_rewritten(app: Flask, client: FlaskClient, shop: int) -> None:
    """The same key has signed another history: the receipt that is out says so."""
    with app.app_context():
        row = queries.state()
        signer = operations.signer(row.origin)
        leaf = queries.leaf_at(0)
        extra = queries.extra_of(leaf)

        def made(size: int, other: bytes) -> str:
            mine = tree.leaf_hash(leaf.data)
            body = str(notes.Checkpoint(row.origin, size, tree.node_hash(mine, other)))
            note = str(notes.sign(body, signer.verifier, signer.sign))
            return str(proofs.Receipt(0, (other,), note, extra))

        code, page = bring(client, made(2, b"x" * 32))
        assert (code, "被改写过" in page) == (422, True)
        size = row.size
        path = (b"y" * 32,) * (size + 5).bit_length()
        root, node = b"", tree.leaf_hash(leaf.data)
        for sibling in path:
            node = root = tree.node_hash(node, sibling)
        ahead = notes.Checkpoint(row.origin, 1 << len(path), root)
        note = str(notes.sign(str(ahead), signer.verifier, signer.sign))
        code, page = bring(client, str(proofs.Receipt(0, path, note, extra)))
        assert (code, "比现在公布的日志还新" in page) == (422, True)


def test_a_number_as_people_type_it(client: FlaskClient, shop: int) -> None:
    for typed in ("1", " 第 1 条 ", "１"):
        assert client.get("/log", query_string={"number": typed}).headers["Location"] == "/log/1"
    for typed in ("", "0", "-1", "一", "9" * 30, "1.5"):
        answer = client.get("/log", query_string={"number": typed})
        assert (answer.status_code, "请填日志里的序号" in answer.text) == (200, True)


def test_the_office_page_tells_what_is_wrong(app: Flask, client: FlaskClient, shop: int) -> None:
    with app.app_context(), unit():
        officer = make_administrator().id
    sign_in(client, officer)
    page = client.get("/office/log").text
    assert "日志正常" in page
    assert "发给诚信码" in page
    with app.app_context(), unit():
        db.session.add(JobLease(name=queries.JOB, due_at=NOW, failures=3))
    assert "连续 3 次没有写成" in client.get("/office/log").text
    with app.app_context():
        (queries.folder().path / "checkpoint").unlink()
    page = client.get("/office/log").text
    assert "日志文件夹里却没有检查点" in page
    assert "日志正常" not in page
