"""Making what was ordered: workers that die, stall and fail; sweeping. On each database."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
from flask import Flask

from qrservice import Brand, Colours
from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.printing.conftest import Order
from webapp.codes import operations as codes
from webapp.core import clock
from webapp.core.db import db
from webapp.core.errors import StepRefused
from webapp.core.transaction import unit
from webapp.files.stores import Missing, store
from webapp.merchants.queries import get_shop
from webapp.printing import drawing, keeping, operations, queries, rules, runner, turns
from webapp.printing.models import FileForm, PrintJob, PrintState
from webapp.printing.rules import Make, Wanted
from webapp.stickers import brand
from webapp.stickers import operations as stickers

pytestmark = pytest.mark.each_database
S = PrintState


def content(job: PrintJob) -> bytes:
    return b"".join(keeping.read(store(), job.store_key, job.parts))


def fresh(job: PrintJob) -> PrintJob:
    return queries.get_job(job.id, fresh=True)


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
    """Also after the shop has another name, its papers have ended, and the bureau is called and looks otherwise."""
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
    with clock.use(NOW + timedelta(days=180 + 1)):
        job.finished_at = NOW
        db.session.commit()
        with unit():
            assert runner.sweep(clock.now()) == 1
        assert fresh(job).state is S.EXPIRED
        with pytest.raises(Missing):
            content(job)
        monkeypatch.setitem(drawing.current_app.extensions, "ydym.settings", other)
        blue = Brand(bureau_name="别的局", mark="信", colours=Colours(trust="#134a86"))
        city = brand.CityBrand(dict.fromkeys(rules.LANGUAGES, blue), frozenset(rules.LANGUAGES))
        monkeypatch.setitem(drawing.current_app.extensions, "ydym.brand", city)
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
            assert turns.claim(NOW) == (job.id, 1)
        with unit():
            assert turns.claim(NOW) is None
    later = NOW + rules.LEASE + timedelta(seconds=1)
    with clock.use(later):
        with unit():
            claimed = turns.claim(later)
        assert claimed == (job.id, 2)
        with unit():
            assert not turns.beat(job.id, 1, 1, 0, later)
            assert not turns.finish(job.id, 1, parts=1, size=1, sha256="x", now=later)
        assert runner.run(job.id, 2)
    assert fresh(job).state is S.MADE


def test_a_job_that_kills_its_workers_is_given_up(here: Town, papers: list[str], order: Order) -> None:
    job = order(here, here.bureau)
    moment = NOW
    for _ in range(rules.ATTEMPTS_MOST):
        with unit():
            assert turns.claim(moment) is not None
        moment += rules.LEASE + timedelta(seconds=1)
    with unit():
        assert turns.claim(moment) is None
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
            assert turns.fail(job.id, numbers[0], "print_failed", 0, NOW)
        operations.make_again(job.id, {}, here.actor(here.bureau), NOW)
        db.session.commit()
        with unit():
            claimed = turns.claim(clock.now())
        assert claimed is not None
        numbers.append(claimed[1])
        assert runner.run(*claimed)
        write(mine, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing, "write", stalled)
    with unit():
        numbers.append((turns.claim(clock.now()) or (0, 0))[1])
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
        claimed = turns.claim(clock.now())
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
                claimed = turns.claim(NOW)
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
    late = clock.now() + timedelta(days=180, hours=1)
    erase, busy = keeping.erase, []

    def watched(*what: object) -> None:
        busy.append(db.session().in_transaction())
        operations.make_again(first, {}, here.actor(here.bureau), late)  # in the middle of it
        db.session.commit()
        with unit():
            assert turns.claim(late) is None
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
    late = clock.now() + timedelta(days=180, hours=1)

    def away(*_what: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "erase", away)
        with pytest.raises(OSError):
            runner.sweep(late)
    assert runner.sweep(late) == 0
    assert runner.sweep(late + rules.ERASING + timedelta(seconds=1)) == 1
    assert (fresh(job).state, fresh(job).parts) == (S.EXPIRED, 0)
