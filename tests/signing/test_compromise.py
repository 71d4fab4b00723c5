"""A compromised key: what every page says of papers from before and after the declared moment, and of made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from qrservice import Payload, PemSigner, human_check, issue
from qrservice.statements import read_statement
from qrservice.statuslist import LIST_KIND, StatusList, StickerStatus
from tests.factories.accounts import make_officer
from tests.factories.shopfront import NOW, Vouched, make_vouched, sticker_row
from tests.support.vault import TOKEN, vault_server
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core import clock
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.core.transaction import unit
from webapp.publiclog import queries, sequencer
from webapp.publiclog.models import LogLeaf
from webapp.settings import Settings
from webapp.signing import operations
from webapp.signing.models import Action
from webapp.signing.store import KeyStore, NoSigningKey, store
from webapp.stickers import distrust, reading, statuslists
from webapp.stickers import operations as stickers
from webapp.stickers.models import Sticker, StickerPlace, StickerState

GREEN = "印章：放心"
DISTRUSTED = "这张码贴的签名"


@pytest.fixture
def shop(app_on: Flask) -> Vouched:
    """A shop with two stickers: the first was issued at NOW, the second an hour later."""
    with app_on.app_context():
        made = make_vouched()
        with unit():
            sticker_row(made.shop_id, 2).issued_at = NOW + timedelta(hours=1)
    return made


def declare(app: Flask, moment: datetime, now: datetime) -> None:
    with app.app_context(), unit():
        operations.carry_out(Action.COMPROMISE, 0, moment, "私钥外泄", SYSTEM, now)


def say(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return "".join(answer.text.replace('<span class="phrase">', "").replace("</span>", "").split("\n"))


def test_only_papers_from_before_are_believed(
    app_on: Flask, shop: Vouched, make_app: Callable[..., Flask], freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW + timedelta(hours=2))
    before, after = (f"/c/{shop.tokens[serial]}" for serial in (1, 2))
    workers = [app_on.test_client(), make_app().test_client()]
    for client in workers:
        assert GREEN in say(client, before)
        assert GREEN in say(client, after)
    with app_on.app_context():
        signer = store().signer()
        made_up = f"/c/{issue(Payload(0, shop.shop_id, 900), app_on.extensions['ydym.settings'].public_host, signer)}"
    assert "查不到发放记录" in say(workers[0], made_up)
    declare(app_on, NOW + timedelta(minutes=30), clock.now())
    for client in workers:
        client.application.extensions["ydym.tail"].poll()
        assert GREEN in say(client, before)
        for path in (after, made_up):
            page = say(client, path)
            assert "这张码贴的签名不能再相信" in page
            assert GREEN not in page
            assert "失密" in page
        facts = client.get(after, headers={"Accept": "application/json"}).get_json()
        assert (facts["verdict"], facts["sticker"]["state"]) == ("replaced", "distrusted")
        assert GREEN not in say(client, made_up)


def test_the_books_follow(app_on: Flask, shop: Vouched) -> None:
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    with app_on.app_context():
        assert sticker_row(shop.shop_id, 1).state is StickerState.VALID
        second = sticker_row(shop.shop_id, 2)
        assert (second.state, second.ended_reason) == (StickerState.DESTROYED, "key_compromised")
        ended = db.session.query(AuditEvent).filter_by(action="sticker.destroy").one()
        assert (ended.shop_id, ended.reason_code) == (shop.shop_id, "key_compromised")
        assert distrust.uses() == {0: 1}
        with unit():
            assert distrust.end_untrusted(NOW + timedelta(hours=3)) == 0


def test_a_paper_that_slipped_in_is_ended_by_the_job_and_never_green(
    app_on: Flask, shop: Vouched, freeze: Callable[[datetime], datetime]
) -> None:
    """A worker that had loaded the old key signs while the declaration is being made."""
    freeze(NOW + timedelta(hours=2))
    client = app_on.test_client()
    declare(app_on, NOW + timedelta(minutes=30), clock.now())
    with app_on.app_context(), unit():
        second = sticker_row(shop.shop_id, 2)
        second.state, second.ended_at, second.ended_reason = StickerState.VALID, None, None
    # Its neighbour is good, and one stored rendering serves all good stickers of a shop.
    assert GREEN in say(client, f"/c/{shop.tokens[1]}")
    app_on.extensions["ydym.background"].flush()
    assert DISTRUSTED in say(client, f"/c/{shop.tokens[2]}")
    with app_on.app_context():
        with unit():
            assert distrust.end_untrusted(clock.now()) == 1
        assert sticker_row(shop.shop_id, 2).state is StickerState.DESTROYED


def test_the_check_page_says_the_same(app_on: Flask, shop: Vouched) -> None:
    client = app_on.test_client()
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    # The page's own script has all answers ready in templates: what the server says stands before them.
    assert "这张码贴是真的" in say(client, f"/verify?code={shop.tokens[1]}").split("<template")[0]
    for query in (
        f"code={shop.tokens[2]}",
        f"number={shop.shop_id:06d}-02&check={human_check(shop.tokens[2]).replace(' ', '')}",
    ):
        page = say(client, f"/verify?{query}").split("<template")[0]
        assert "这张码贴的签名不能再相信" in page
        assert "现在有效" not in page


def test_the_published_keys_say_since_when(app_on: Flask, shop: Vouched) -> None:
    client = app_on.test_client()
    first = client.get("/.well-known/ydym-keys.json")
    assert (
        client.get(
            "/.well-known/ydym-keys.json", headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 304
    )
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    second = client.get("/.well-known/ydym-keys.json", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    old, new = second.get_json(force=True)["keys"]
    assert (old["state"], old["valid_before"]) == ("compromised", "2026-05-06T04:30:00Z")
    assert old["not_after"] == "2026-05-06T06:00:00Z"
    assert (new["kid"], new["state"], new["not_before"]) == ("1", "active", "2026-05-06T06:00:00Z")


# --- by the public log ------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(app_on: Flask, shop: Vouched) -> Vouched:
    """As `shop`, but in the log: sticker 1, a decision an hour after NOW, then sticker 3, dated back."""
    with app_on.app_context():
        sequencer.run(NOW)
        with unit():
            codes.suspend(shop.shop_id, "abnormal_list", "so", SYSTEM, NOW + timedelta(hours=1))
            codes.lift(shop.shop_id, "abnormal_list", "so", SYSTEM, NOW + timedelta(hours=1))
        sequencer.run(NOW)
        with unit():
            late = stickers.issue(shop.shop_id, StickerPlace.TILL, SYSTEM, NOW + timedelta(hours=2))
            late.issued_at = NOW
        sequencer.run(NOW)
        shop.tokens[3] = late.token
        db.session.rollback()
    return shop


def first_later_leaf() -> int:
    """How many leaves stand before the decision an hour after NOW."""
    found = db.session.scalar(
        sa.select(sa.func.min(LogLeaf.position)).where(LogLeaf.at > NOW + timedelta(minutes=59))
    )
    db.session.rollback()
    assert found
    return found


def test_a_date_put_back_does_not_help_against_the_log(
    app_on: Flask, logged: Vouched, freeze: Callable[[datetime], datetime], make_app: Callable[..., Flask]
) -> None:
    """Only what stands in the log before the declared index stays valid, whatever the books say; no query for it."""
    freeze(NOW + timedelta(hours=3))
    workers = [app_on.test_client(), make_app().test_client()]
    before, after = (f"/c/{logged.tokens[serial]}" for serial in (1, 3))
    for client in workers:
        assert GREEN in say(client, after)
    declare(app_on, NOW + timedelta(minutes=30), clock.now())
    with app_on.app_context():
        index = first_later_leaf()
        key = store().get(0)
        assert (key.valid_before_leaf, key.to_jwk()["valid_before_leaf"]) == (index, index)
        assert sticker_row(logged.shop_id, 3).ended_reason == "key_compromised"
        assert sticker_row(logged.shop_id, 1).state is StickerState.VALID
        assert distrust.issued_since(0, NOW + timedelta(minutes=30), index) == 0
        assert reading.read(logged.tokens[1]).doubt is None  # hence the quick way, as any paper
        leaf = db.session.scalars(sa.select(LogLeaf).where(LogLeaf.kind == "key.compromise")).one()
        assert f'"valid_before_leaf":{index}'.encode() in leaf.data
    for client in workers:
        client.application.extensions["ydym.tail"].poll()
        assert GREEN in say(client, before)
        page = say(client, after)
        assert DISTRUSTED in page
        assert "公示日志" in page
    app_on.extensions["ydym.background"].flush()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        assert GREEN in say(workers[0], before)
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
    assert asked == [], "a paper that stays good costs no query, as any other"
    published = workers[0].get("/.well-known/ydym-keys.json").get_json(force=True)["keys"][0]
    assert published["valid_before_leaf"] == index
    with app_on.app_context():
        said = statuslists.examine(logged.tokens[1], clock.now())
        assert (said.outcome, said.reason) == ("cannot_say", "compromised")
        statement = read_statement(statuslists.lists().statement(0, clock.now()), LIST_KIND, store().ring())
        entries = StatusList(statement)
        assert [entries.find(logged.shop_id, serial) for serial in (1, 3)] == [
            StickerStatus.VALID,
            StickerStatus.INVALID,
        ]


def test_a_row_turned_into_another_paper_is_not_in_the_log(app_on: Flask, logged: Vouched) -> None:
    """Who can write to the books takes an old row, with its old leaf, for a paper that was made up."""
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=3))
    with app_on.app_context():
        made_up = issue(
            Payload(0, logged.shop_id, 77), app_on.extensions["ydym.settings"].public_host, old_signer(app_on)
        )
        with unit():
            row = sticker_row(logged.shop_id, 1)
            row.serial, row.token = 77, made_up
    assert DISTRUSTED in say(app_on.test_client(), f"/c/{made_up}")


def test_two_people_name_the_index(app_on: Flask, logged: Vouched) -> None:
    """The date proposes it; an earlier one may be given; a later declaration only moves it back."""
    moment, now = NOW + timedelta(minutes=30), NOW + timedelta(hours=3)
    with app_on.app_context():
        index = first_later_leaf()
        with unit():
            first, second = (make_officer(Role.ADMINISTRATOR, region_code="1306").actor() for _ in range(2))
            proposal = operations.propose(Action.COMPROMISE, 0, moment, "私钥外泄", first, now)
            assert proposal.leaf == index
            operations.decide(proposal.id, confirm=True, reason="属实", actor=second, now=now)
        assert store().get(0).valid_before_leaf == index
        for leaf, code in (
            (index, "key_moment_later"),
            (10_000, "key_leaf_unpublished"),
            (None, "key_moment_later"),
        ):
            with pytest.raises(Invalid) as refused, unit():
                operations.carry_out(Action.COMPROMISE, 0, moment, "更早", SYSTEM, now, leaf)
            assert refused.value.code == code
        with unit():
            operations.carry_out(Action.COMPROMISE, 0, moment, "更早", SYSTEM, now, 0)
        assert store().get(0).valid_before_leaf == 0
    assert DISTRUSTED in say(app_on.test_client(), f"/c/{logged.tokens[1]}")


def test_a_lost_list_ends_nothing_and_is_made_again(app_on: Flask, logged: Vouched) -> None:
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=3))
    client = app_on.test_client()
    with app_on.app_context():
        (path,) = store()._folder.glob("believed-0-*.bin")
        whole = path.read_bytes()
        for spoilt in (whole[:-1], whole.replace(whole[20:21], b"\xff"), None):
            if spoilt is None:
                path.unlink()
            else:
                path.write_bytes(spoilt)
            app_on.extensions["ydym.keys"] = KeyStore(app_on.extensions["ydym.settings"])
            assert reading.read(logged.tokens[1]).doubt is not None
        with unit():
            assert distrust.end_untrusted(NOW + timedelta(hours=3)) == 0
        assert path.read_bytes() == whole
        assert sticker_row(logged.shop_id, 1).state is StickerState.VALID
        db.session.rollback()
    assert GREEN in say(client, f"/c/{logged.tokens[1]}")


def test_an_unreadable_log_holds_no_declaration_back(
    app_on: Flask, logged: Vouched, caplog: pytest.LogCaptureFixture
) -> None:
    with app_on.app_context():
        (queries.folder().path / "tile/entries").rename(queries.folder().path / "away")
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=3))
    assert "cannot be read" in caplog.text
    with app_on.app_context():
        assert store().get(0).valid_before_leaf is None
        assert sticker_row(logged.shop_id, 1).state is StickerState.VALID
        # Read again, it is declared again, for the same moment: by the index.
        (queries.folder().path / "away").rename(queries.folder().path / "tile/entries")
        with unit():
            operations.carry_out(
                Action.COMPROMISE,
                0,
                NOW + timedelta(minutes=30),
                "按日志",
                SYSTEM,
                NOW + timedelta(hours=3),
                first_later_leaf(),
            )
        assert sticker_row(logged.shop_id, 3).state is StickerState.DESTROYED


def test_before_the_log_the_day_that_its_first_leaves_name_decides(app_on: Flask, shop: Vouched) -> None:
    """What stood when the log began is in it with its day; that day cannot be put back any more."""
    with app_on.app_context():
        with unit():
            common = {"shop_id": shop.shop_id, "kid": 0, "place": "door", "spot": "", "state": "valid"}
            rows = [(7, 30), (8, 5)]
            db.session.execute(
                sa.insert(Sticker),
                [
                    common
                    | {"serial": serial, "token": f"t{serial}", "issued_at": NOW - timedelta(days=days)}
                    for serial, days in rows
                ],
            )
        sequencer.run(NOW)
        with unit():  # an attempt to help it afterwards
            sticker_row(shop.shop_id, 8).issued_at = NOW - timedelta(days=40)
    declare(app_on, NOW - timedelta(days=10), NOW + timedelta(hours=2))
    with app_on.app_context():
        standing = {serial: sticker_row(shop.shop_id, serial).state for serial in (1, 7, 8)}
        assert standing == {
            1: StickerState.DESTROYED,
            7: StickerState.VALID,
            8: StickerState.DESTROYED,
        }
        # Declared again for an earlier moment while the log cannot be read: nothing is good until it can.
        (queries.folder().path / "tile/entries").rename(queries.folder().path / "away")
        with unit():
            operations.carry_out(
                Action.COMPROMISE, 0, NOW - timedelta(days=35), "更早", SYSTEM, NOW + timedelta(hours=2)
            )
        assert store().doubt(0, shop.shop_id, 7) is not None
        assert sticker_row(shop.shop_id, 7).state is StickerState.VALID
        (queries.folder().path / "away").rename(queries.folder().path / "tile/entries")
        with unit():
            assert distrust.end_untrusted(NOW + timedelta(hours=3)) == 1
        assert sticker_row(shop.shop_id, 7).state is StickerState.DESTROYED


def old_signer(app: Flask) -> PemSigner:
    """The stolen private half of key 0."""
    pem = (app.extensions["ydym.settings"].keys_dir / "sticker-0.pem").read_bytes()
    return PemSigner(0, pem, store().passphrase)


def test_a_key_in_use_is_not_withdrawn(app_on: Flask, shop: Vouched) -> None:
    runner = app_on.test_cli_runner()
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    said = runner.invoke(args=["keys", "withdraw", "0", "--reason", "x", "--yes"])
    assert (said.exit_code, "key_still_used (count: 1)" in said.output) == (1, True)
    with app_on.app_context(), unit():
        sticker_row(shop.shop_id, 1).state = StickerState.LOST
    assert runner.invoke(args=["keys", "withdraw", "0", "--reason", "x", "--yes"]).exit_code == 0
    assert "不是本平台" in app_on.test_client().get(f"/c/{shop.tokens[1]}").text


def test_a_silent_key_service_holds_no_declaration_back(
    make_app: Callable[..., Flask], app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The only key is declared at once; issuing stops until a successor can be made."""
    with vault_server() as vault:
        other = make_app(signer="vault", vault_url=vault.url, vault_token=TOKEN)
        with other.app_context(), unit():
            store().ensure(NOW - timedelta(days=30))
        vault.broken = "down"
        declare(other, NOW - timedelta(days=1), NOW)
        with other.app_context():
            assert [key.state.value for key in store().ring()] == ["compromised"]
            with pytest.raises(NoSigningKey):
                store().signer()
        assert "no successor" in caplog.text
        vault.broken = ""
        with other.app_context():
            assert store().rotate(NOW) == 1
            assert store().signer().kid == 1


def test_no_spare_key_holds_no_declaration_back(settings: Settings) -> None:
    pem = KeyStore(settings)
    pem.ensure(NOW - timedelta(days=30))
    keys = KeyStore(replace(settings, signer="environment", signing_keys=()))
    assert keys.compromise(0, NOW - timedelta(days=1), NOW) is None
    assert [key.state.value for key in keys.ring()] == ["compromised"]
