"""Ordering, making, cancelling, making again, handing over: on each database."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants
from tests.factories.codes import Town, make_code
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.printing.conftest import Order
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.files.stores import Missing, store
from webapp.merchants.models import Category
from webapp.merchants.queries import get_shop
from webapp.printing import drawing, keeping, operations, queries, rules, runner
from webapp.printing.models import FileForm, Handover, HandoverDownload, PrintItem, PrintJob, PrintState
from webapp.printing.queries import Reach
from webapp.printing.rules import Make, Wanted
from webapp.stickers import operations as stickers
from webapp.stickers import queries as sticker_queries

pytestmark = pytest.mark.each_database
S = PrintState


def content(job: PrintJob) -> bytes:
    return b"".join(keeping.read(store(), job.store_key, job.parts))


def fresh(job: PrintJob) -> PrintJob:
    return queries.get_job(job.id, fresh=True)


# --- what is to be printed --------------------------------------------------------------------------------------------


def test_the_filters(here: Town, papers: list[str]) -> None:
    shop = get_shop(here.shop)
    merchants.make_shop(name="没有码")
    chain = merchants.make_shop(merchants.make_operator("连锁百货"), name="二店")
    chain.category = Category.SHOP
    make_code(chain)
    make_sticker(chain)
    db.session.flush()
    post, far = here.actor(here.bureau).posts[0], here.actor(here.elsewhere).posts[0]
    mine, other = [f"{shop.id:06d}-01", f"{shop.id:06d}-02"], [f"{chain.id:06d}-01"]

    def labels(wanted: Wanted, reach: Reach | None = None) -> list[str]:
        reach = reach or Reach(post=post)
        found = [sticker.label for sticker, _ in queries.first_to_print(wanted, reach, 99)]
        assert queries.count_to_print(wanted, reach) == len(found)
        return found

    assert labels(Wanted()) == mine + other
    assert labels(Wanted(), Reach(everywhere=True)) == mine + other
    assert labels(Wanted(), Reach()) == []
    assert labels(Wanted(), Reach(post=far)) == []
    assert labels(Wanted(), Reach(operator_id=shop.operator_id)) == mine
    assert labels(Wanted(shop_id=chain.id), Reach(operator_id=shop.operator_id)) == []
    assert labels(Wanted(place="till")) == mine[1:]
    assert labels(Wanted(category="shop")) == other
    assert labels(Wanted(chain="连锁")) == other
    assert labels(Wanted(chain=shop.operator.uscc.lower())) == mine
    assert labels(Wanted(chain="100%")) == []
    assert labels(Wanted(region="130602")) == []
    assert labels(Wanted(since=NOW.date().replace(day=7))) == []
    stickers.suspend(shop.id, 1, "under_check", here.actor(here.bureau), NOW)
    assert labels(Wanted(shop_id=shop.id)) == mine[1:]
    codes.suspend(shop.id, "other", "because", here.actor(here.bureau), NOW)
    assert labels(Wanted()) == other


def test_what_was_ordered_is_printed_and_what_was_cancelled_is_not(
    here: Town, papers: list[str], order: Order
) -> None:
    job = order(here, here.bureau, Wanted(place="door"))
    reach, (first, second) = Reach(post=here.actor(here.bureau).posts[0]), sticker_queries.of_shop(here.shop)
    assert [sticker.id for sticker, _ in queries.first_to_print(Wanted(), reach, 9)] == [second.id]
    assert queries.count_to_print(Wanted(only_new=False), reach) == 2
    assert sticker_queries.printed_at([first.id, second.id]) == {first.id: NOW}
    assert [(one.at, one.template) for one in sticker_queries.printings(first.id)] == [(NOW, "door")]
    operations.cancel(job.id, here.actor(here.bureau), NOW)
    assert queries.count_to_print(Wanted(), reach) == 2
    assert sticker_queries.printed_at([first.id]) == {}


# --- ordering ---------------------------------------------------------------------------------------------------------


def test_an_order_writes_down_what_and_who(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.station)
    assert (job.count, job.state, job.by_id, job.operator_id) == (2, S.QUEUED, here.station, None)
    assert job.scope.region_code == "130606"
    items = db.session.scalars(sa.select(PrintItem).order_by(PrintItem.position)).all()
    assert [(item.position, item.shop_name) for item in items] == [(1, "老槐树面馆"), (2, "老槐树面馆")]
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="print.order")).one()
    assert event.new is not None
    assert (event.actor_id, event.new["count"]) == (here.station, 2)


def test_who_may_order(here: Town, papers: list[str]) -> None:
    operator = get_shop(here.shop).operator_id
    post = here.actor(here.bureau).posts[0]
    stranger = merchants.make_account()
    merchants.make_member(merchants.make_operator("别人家"), stranger)
    db.session.commit()
    for account, reach in (
        (here.department, Reach(post=post)),
        (here.elsewhere, Reach(post=post)),
        (here.merchant, Reach(post=post)),
        (stranger.id, Reach(operator_id=operator)),
    ):
        with pytest.raises(Forbidden):
            operations.order(Wanted(), Make(), reach, {}, here.actor(account), NOW)


def test_orders_that_cannot_be(here: Town, papers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    actor = here.actor(here.bureau)
    reach = Reach(post=actor.posts[0])
    for make in (
        Make(template="moon"),
        Make(language="tlh"),
        Make(bleed=7),
        Make(template="door", form=FileForm.ESCPOS),
    ):
        with pytest.raises(Invalid):
            operations.order(Wanted(), make, reach, {}, actor, NOW)
    with pytest.raises(Conflict) as nothing:
        operations.order(Wanted(region="11"), Make(), reach, {}, actor, NOW)
    assert nothing.value.code == "nothing_to_print"
    monkeypatch.setitem(rules.MOST, FileForm.SHEETS, 1)
    with pytest.raises(Invalid) as many:
        operations.order(Wanted(), Make(), reach, {}, actor, NOW)
    assert many.value.details == {"most": 1, "count": 2}
    assert db.session.scalar(sa.select(sa.func.count(PrintJob.id))) == 0


def test_a_form_sent_twice_orders_once(here: Town, papers: list[str], order: Order) -> None:
    order(here, here.bureau, Wanted(only_new=False), key="form-1")
    with pytest.raises(Conflict) as caught:
        order(here, here.bureau, Wanted(only_new=False), key="form-1")
    assert caught.value.code == "already_done"


# --- making -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        Make(),
        Make("till", "en", FileForm.PAGES, 3),
        Make("table", "zh-Hant", FileForm.SHEETS, 3),
        Make("vehicle", "zh-Hans", FileForm.SVG),
        Make("receipt", "zh-Hans", FileForm.ESCPOS),
        Make("receipt", "zh-Hans", FileForm.PNG),
    ],
    ids=lambda make: f"{make.template}-{make.form.value}",
)
def test_a_file_is_the_same_whenever_it_is_made(
    here: Town, papers: list[str], order: Order, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after the shop has another name, its papers have ended, and the bureau is called otherwise."""
    job = order(here, here.bureau, make=make)
    assert runner.run_all() == 1
    job = fresh(job)
    first = content(job)
    assert (job.state, job.done, job.size, job.differs) == (S.MADE, 2, len(first), False)
    assert job.sha256 == hashlib.sha256(first).hexdigest()
    shop = get_shop(here.shop)
    shop.name, shop.branch = "新招牌", "搬家了"
    stickers.replace(here.shop, 1, "worn", here.actor(here.merchant), NOW)
    settings = drawing.current_app.extensions["ydym.settings"]
    other = type(settings)(**{**vars(settings), "bureau_name": "别的局", "public_host": "elsewhere.test"})
    db.session.commit()
    with clock.use(NOW + timedelta(days=rules.FILE_DAYS + 1)):
        job.finished_at = NOW
        db.session.commit()
        with unit():
            assert runner.sweep(clock.now()) == 1
        assert fresh(job).state is S.EXPIRED
        with pytest.raises(Missing):
            content(job)
        monkeypatch.setitem(drawing.current_app.extensions, "ydym.settings", other)
        operations.make_again(job.id, drawing.face_facts(), here.actor(here.bureau), clock.now())
        db.session.commit()
        assert runner.run_all() == 1
    job = fresh(job)
    assert content(job) == first
    assert (job.state, job.differs) == (S.MADE, False)


def test_another_drawing_is_said(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.bureau)
    job.sha256 = "0" * 64
    db.session.commit()
    runner.run_all()
    assert fresh(job).differs


def test_a_large_file_lies_in_parts(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PART_BYTES", 10_000)
    monkeypatch.setattr(queries, "BATCH", 1)
    monkeypatch.setattr(runner, "BEAT", 0.0)
    job = order(here, here.bureau)
    runner.run_all()
    job = fresh(job)
    assert job.parts > 2
    assert all(len(part) == 10_000 for part in list(keeping.read(store(), job.store_key, job.parts))[:-1])
    assert hashlib.sha256(content(job)).hexdigest() == job.sha256


def test_a_dead_workers_job_is_begun_anew(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.bureau)
    with clock.use(NOW):
        with unit():
            assert operations.claim(NOW) == (job.id, 1)
        with unit():
            assert operations.claim(NOW) is None
    later = NOW + rules.LEASE + timedelta(seconds=1)
    with clock.use(later):
        with unit():
            claimed = operations.claim(later)
        assert claimed == (job.id, 2)
        with unit():
            assert not operations.beat(job.id, 1, 1, 0, later)
            assert not operations.finish(job.id, 1, parts=1, size=1, sha256="x", now=later)
        assert runner.run(job.id, 2)
    assert fresh(job).state is S.MADE


def test_a_job_that_kills_its_workers_is_given_up(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.bureau)
    moment = NOW
    for _ in range(rules.ATTEMPTS_MOST):
        with unit():
            assert operations.claim(moment) is not None
        moment += rules.LEASE + timedelta(seconds=1)
    with unit():
        assert operations.claim(moment) is None
    job = fresh(job)
    assert (job.state, job.failure) == (S.FAILED, "print_gave_up")
    operations.make_again(job.id, {}, here.actor(here.bureau), moment)
    db.session.commit()
    assert runner.run_all() == 1


def test_a_worker_that_stalled_spoils_nothing(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stalls; B gives the job up, somebody has it made again, C makes it; then A goes on."""
    job = order(here, here.bureau)
    write, numbers = drawing.write, []

    def stalled(mine: PrintJob, *rest: object) -> None:
        monkeypatch.setattr(drawing, "write", write)
        with unit():
            assert operations.fail(job.id, numbers[0], "print_failed", 0, NOW)
        operations.make_again(job.id, {}, here.actor(here.bureau), NOW)
        db.session.commit()
        with unit():
            claimed = operations.claim(clock.now())
        assert claimed is not None
        numbers.append(claimed[1])
        assert runner.run(*claimed)
        write(mine, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing, "write", stalled)
    with unit():
        numbers.append((operations.claim(clock.now()) or (0, 0))[1])
    assert not runner.run(job.id, numbers[0])
    assert numbers[1] > numbers[0]
    job = fresh(job)
    assert job.state is S.MADE
    assert hashlib.sha256(content(job)).hexdigest() == job.sha256


def test_a_cancelled_job_stops_and_leaves_nothing(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(here, here.bureau)
    with unit():
        claimed = operations.claim(clock.now())
    operations.cancel(job.id, here.actor(here.bureau), NOW)
    db.session.commit()
    assert claimed is not None
    monkeypatch.setattr(runner, "BEAT", 0.0)
    monkeypatch.setattr(keeping, "PART_BYTES", 100)
    assert not runner.run(*claimed)
    job = fresh(job)
    assert (job.state, job.sha256) == (S.CANCELLED, None)
    with pytest.raises(Missing):
        store().get(keeping.part_name(job.store_key, 0))
    with pytest.raises(StepRefused):
        operations.cancel(job.id, here.actor(here.bureau), NOW)


def test_a_failure_says_why_and_others_go_on(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = order(here, here.bureau), order(here, here.bureau, Wanted(only_new=False))
    write = drawing.write

    def broken(job: PrintJob, *rest: object) -> None:
        if job.id == first.id:
            raise ZeroDivisionError
        write(job, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing, "write", broken)
    assert runner.run_all() == 1
    assert (fresh(first).state, fresh(first).failure) == (S.FAILED, "print_failed")
    assert fresh(second).state is S.MADE


def test_two_workers_get_two_jobs(app: Flask, town: Town, papers: list[str], order: Order) -> None:
    with app.app_context():
        ids = {order(town, town.bureau, Wanted(only_new=False)).id for _ in range(2)}
    barrier, got = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            barrier.wait(timeout=20)
            with unit():
                claimed = operations.claim(NOW)
            got.append(claimed and claimed[0])
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert set(got) == ids


def test_what_has_become_invalid_is_said(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.bureau)
    assert queries.count_stale(job.id) == 0
    stickers.report_lost(here.shop, 1, "lost", here.actor(here.merchant), NOW)
    assert [(sticker.serial, why) for _, sticker, why in queries.stale(job.id, 9)] == [(1, "sticker")]
    get_shop(here.shop).name = "改了名"
    db.session.flush()
    assert [why for *_, why in queries.stale(job.id, 9)] == ["sticker", "renamed"]
    codes.suspend(here.shop, "other", "because", here.actor(here.bureau), NOW)
    assert [why for *_, why in queries.stale(job.id, 9)] == ["sticker", "shop"]
    assert queries.count_stale(job.id) == 2


def test_files_are_erased_outside_the_transaction_and_a_few_a_turn(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "ERASED_AT_ONCE", 1)
    first, second = (order(here, here.bureau, Wanted(only_new=False)).id for _ in range(2))
    runner.run_all()
    late = clock.now() + timedelta(days=rules.FILE_DAYS, hours=1)
    erase, busy = keeping.erase, []

    def watched(*what: object) -> None:
        busy.append(db.session().in_transaction())
        operations.make_again(first, {}, here.actor(here.bureau), late)  # in the middle of it
        db.session.commit()
        with unit():
            assert operations.claim(late) is None
        erase(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "erase", watched)
    with clock.use(late):
        assert runner.sweep(late) == 1
        monkeypatch.setattr(keeping, "erase", erase)
        assert busy == [False]
        assert queries.get_job(second, fresh=True).state is S.MADE
        assert runner.run_all() == 1
        assert content(queries.get_job(first, fresh=True))


def test_what_could_not_be_erased_comes_again(
    here: Town, papers: list[str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(here, here.bureau)
    runner.run_all()
    late = clock.now() + timedelta(days=rules.FILE_DAYS, hours=1)

    def away(*_what: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "erase", away)
        with pytest.raises(OSError):
            runner.sweep(late)
    assert runner.sweep(late) == 0
    assert runner.sweep(late + rules.ERASING + timedelta(seconds=1)) == 1
    assert (fresh(job).state, fresh(job).parts) == (S.EXPIRED, 0)


# --- handing over -----------------------------------------------------------------------------------------------------


@pytest.fixture
def made(here: Town, papers: list[str], order: Order) -> PrintJob:
    job = order(here, here.bureau)
    runner.run_all()
    return fresh(job)


def test_a_link_is_kept_as_a_hash(here: Town, made: PrintJob) -> None:
    link, secret = operations.hand_over(made.id, "  城东 图文 ", 2, 7, here.actor(here.bureau), NOW)
    assert (link.recipient, link.downloads_most, link.expires_at) == ("城东 图文", 2, NOW + timedelta(days=7))
    assert secret not in str(vars(link))
    assert len(secret) >= 32
    assert operations.find_link(secret).id == link.id
    for wrong in ("", secret[:-1], secret.upper(), "密", "a" * 200):
        with pytest.raises(NotFound):
            operations.find_link(wrong)
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="print.hand_over")).one()
    assert secret not in str(event.new)
    assert "城东" not in str(event.new)


def test_links_that_cannot_be(here: Town, made: PrintJob, order: Order) -> None:
    actor = here.actor(here.bureau)
    for name, count, days, field in (
        ("", 1, 7, "recipient"),
        ("长" * 61, 1, 7, "recipient"),
        ("x", 0, 7, "downloads"),
        ("x", 21, 7, "downloads"),
        ("x", 1, 2, "days"),
    ):
        with pytest.raises(Invalid) as caught:
            operations.hand_over(made.id, name, count, days, actor, NOW)
        assert caught.value.field == field
    with pytest.raises(Forbidden):
        operations.hand_over(made.id, "x", 1, 7, here.actor(here.elsewhere), NOW)
    waiting = order(here, here.bureau, Wanted(only_new=False))
    with pytest.raises(Conflict):
        operations.hand_over(waiting.id, "x", 1, 7, actor, NOW)


def test_only_open_links_count_towards_the_most(
    here: Town, made: PrintJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LINKS_MOST", 2)
    actor = here.actor(here.bureau)
    links = [operations.hand_over(made.id, "x", 1, days, actor, NOW)[0] for days in (1, 7)]
    with pytest.raises(Conflict, match="print_links_most"):
        operations.hand_over(made.id, "x", 1, 7, actor, NOW)
    operations.revoke(made.id, links[1].id, actor, NOW)
    operations.hand_over(made.id, "x", 1, 7, actor, NOW)
    operations.hand_over(made.id, "x", 1, 7, actor, NOW + timedelta(days=1))  # the first has expired


def test_downloads_are_counted(here: Town, made: PrintJob) -> None:
    link, _ = operations.hand_over(made.id, "x", 2, 1, here.actor(here.bureau), NOW)
    assert operations.take(link, NOW)
    assert operations.take(link, NOW + timedelta(hours=1))
    assert not operations.take(link, NOW + timedelta(hours=2))
    assert queries.downloads(made.id) == {link.id: [NOW, NOW + timedelta(hours=1)]}
    late, _ = operations.hand_over(made.id, "x", 2, 1, here.actor(here.bureau), NOW)
    assert not operations.take(late, NOW + timedelta(days=1))
    operations.revoke(made.id, late.id, here.actor(here.bureau), NOW)
    assert not operations.take(late, NOW)
    with pytest.raises(NotFound):
        operations.revoke(made.id + 1, late.id, SYSTEM, NOW)


def test_of_two_at_once_one_gets_the_last_download(
    app: Flask, town: Town, papers: list[str], order: Order
) -> None:
    with app.app_context():
        job_id = order(town, town.bureau).id
        runner.run_all()
        link, _ = operations.hand_over(job_id, "x", 1, 7, town.actor(town.bureau), NOW)
        link_id = link.id
        db.session.commit()
    barrier, got = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            barrier.wait(timeout=20)
            with unit():
                got.append(operations.take(db.session.get_one(Handover, link_id), NOW))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(got) == [False, True]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(HandoverDownload.id))) == 1
