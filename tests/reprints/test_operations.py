"""What the register and approved changes ask of a shop, and how a task ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.signals import registry_changed, send, shop_changed
from webapp.merchants.queries import get_shop
from webapp.notices.models import Notice, OutboxMessage
from webapp.reprints import operations, queries
from webapp.reprints.models import ReprintTask
from webapp.reprints.rules import PaperState, ReprintState
from webapp.stickers import operations as stickers

DAY = timedelta(days=1)


def change(town: Town, **new: str) -> None:
    """The register says something else of the shop's operator."""
    shop = get_shop(town.shop)
    facts = {
        "name": shop.operator.name,
        "registered_address": shop.operator.registered_address,
        "legal_representative": shop.operator.legal_representative,
    }
    record = SimpleNamespace(**(facts | new), as_of=NOW.date(), serious_violation=False)
    send(
        registry_changed,
        operator_id=shop.operator_id,
        record=record,
        before=facts,
        consequence="none",
        ground="",
        actor=SYSTEM,
        now=NOW,
    )


def task_of(town: Town) -> ReprintTask:
    found = queries.standing_of(town.shop)
    assert found is not None
    return found


def states(town: Town) -> list[str]:
    return [paper.state.value for paper in queries.papers_of(task_of(town))]


def words_to(account_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(Notice.word).where(Notice.account_id == account_id)))


def test_what_the_register_changed_stands_in_one_task_with_each_reason(here: Town) -> None:
    shop = get_shop(here.shop)
    shop.name = shop.operator.name
    change(here, name="莲池区新槐树面馆", legal_representative="李秀英")
    change(here, registered_address="保定市莲池区东风路9号")
    task = task_of(here)
    assert [one["cause"] for one in task.causes] == ["renamed", "representative", "moved"]
    assert task.causes[0]["new"] == "莲池区新槐树面馆"
    assert task.serials == [1, 2]
    assert task.due_on == NOW.date() + 14 * DAY
    assert states(here) == ["to_replace", "to_replace"]
    assert words_to(here.merchant).count("notice.reprint.open") == 2


def test_a_shop_of_its_own_name_prints_nothing_for_the_operators_new_one(here: Town) -> None:
    get_shop(here.shop).name = "一碗香"
    change(here, name="莲池区新槐树面馆")
    assert queries.standing_of(here.shop) is None


def test_without_a_change_a_code_or_paper_there_is_no_task(here: Town) -> None:
    change(here)
    assert queries.standing_of(here.shop) is None
    for serial in (1, 2):
        stickers.destroy(here.shop, serial, "place_gone", SYSTEM, NOW)
    change(here, legal_representative="李秀英")
    assert queries.standing_of(here.shop) is None


def test_an_approved_name_asks_for_new_papers(here: Town) -> None:
    news = {"old": {"name": "老槐树面馆", "branch": ""}, "new": {"name": "新槐树面馆", "branch": ""}}
    send(shop_changed, shop_id=here.shop, actor=SYSTEM, now=NOW, **news)
    assert [(one["cause"], one["old"], one["new"]) for one in task_of(here).causes] == [
        ("shop_name", "老槐树面馆", "新槐树面馆")
    ]


def test_a_task_ends_when_all_is_replaced_and_printed_and_not_before(here: Town) -> None:
    change(here, legal_representative="李秀英")
    task, owner = task_of(here), here.actor(here.merchant)
    assert not operations.settle(task, NOW)
    assert [one.serial for one in operations.replace_papers(task.id, owner, NOW)] == [3, 4]
    assert operations.replace_papers(task.id, owner, NOW) == []  # sent twice
    assert states(here) == ["to_print", "to_print"]
    assert not operations.note_printed(task.id, [3], owner, NOW)
    assert states(here) == ["done", "to_print"]
    assert operations.note_printed(task.id, [4], owner, NOW)
    assert task.state is ReprintState.DONE
    assert task.ended_at == NOW
    with pytest.raises(Conflict):
        operations.replace_papers(task.id, owner, NOW)


def test_the_job_finishes_what_was_done_another_way(here: Town) -> None:
    change(here, legal_representative="李秀英")
    task, owner = task_of(here), here.actor(here.merchant)
    stickers.replace(here.shop, 1, "worn", owner, NOW)
    stickers.replace(here.shop, 3, "worn", owner, NOW)  # the successor's successor counts
    stickers.note_download(here.shop, 4, "png", owner, NOW)
    stickers.report_lost(here.shop, 2, "lost", owner, NOW)
    assert operations.sweep(NOW) == 1
    assert task.state is ReprintState.DONE


def test_a_revoked_code_ends_the_task(here: Town) -> None:
    change(here, legal_representative="李秀英")
    task = task_of(here)
    codes.revoke_now(here.shop, "operator_deregistered", "注销", SYSTEM, NOW)
    assert task.state is ReprintState.LAPSED


def test_a_shop_says_why_not_and_an_officer_answers(here: Town) -> None:
    change(here, registered_address="保定市莲池区东风路9号")
    task, owner, officer = task_of(here), here.actor(here.merchant), here.actor(here.station)
    with pytest.raises(Invalid):
        operations.ask(task.id, "because", "", owner, NOW, task.version)
    with pytest.raises(Invalid):
        operations.ask(task.id, "other", "", owner, NOW, task.version)
    seen = task.version
    operations.ask(task.id, "not_moved", "", owner, NOW, seen)
    with pytest.raises(Conflict):
        operations.waive(task.id, "看过", officer, NOW, seen)
    with pytest.raises(Invalid):
        operations.insist(task.id, " ", officer, NOW, task.version)
    operations.insist(task.id, "现场看过，店搬了", officer, NOW, task.version)
    assert task.state is ReprintState.OPEN
    operations.ask(task.id, "other", "搬回来了", owner, NOW, task.version)
    operations.waive(task.id, "核实没有搬", officer, NOW, task.version)
    assert (task.state, task.answer, task.ended_by_id) == (ReprintState.WAIVED, "核实没有搬", here.station)
    with pytest.raises(StepRefused):
        operations.insist(task.id, "再想想", officer, NOW, task.version)
    assert words_to(here.merchant)[-2:] == ["notice.reprint.insist", "notice.reprint.waive"]
    actions = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_type == "reprint"))
    assert list(actions) == [f"reprint.{one}" for one in ("open", "ask", "insist", "ask", "waive")]


def test_what_comes_later_opens_the_question_again(here: Town) -> None:
    change(here, registered_address="保定市莲池区东风路9号")
    task = task_of(here)
    operations.ask(task.id, "not_moved", "", here.actor(here.merchant), NOW, task.version)
    change(here, legal_representative="李秀英")
    assert task.state is ReprintState.OPEN


def test_another_districts_officer_and_another_shop_answer_nothing(here: Town) -> None:
    change(here, registered_address="保定市莲池区东风路9号")
    task = task_of(here)
    with pytest.raises(Forbidden):
        operations.waive(task.id, "看过", here.actor(here.elsewhere), NOW, task.version)
    with pytest.raises(Forbidden):
        operations.waive(task.id, "不用", here.actor(here.merchant), NOW, task.version)


def test_a_shop_is_reminded_once_a_stage_and_not_while_it_waits(
    here: Town, freeze: Callable[[datetime], datetime]
) -> None:
    change(here, legal_representative="李秀英")
    task = task_of(here)
    sent = []
    for days in (0, 11, 12, 14, 20, 21, 21):
        operations.sweep(freeze(NOW + days * DAY))
        sent.append(task.reminded)
    assert sent == [None, 0, 0, 1, 1, 2, 2]
    texts = list(db.session.scalars(sa.select(OutboxMessage.template).order_by(OutboxMessage.id)))
    assert texts == ["sms.reprint.soon", "sms.reprint.overdue", "sms.reprint.overdue"]
    assert words_to(here.station) == ["notice.reprint.office_overdue"] * 2, "the day itself, and a week after"
    assert words_to(here.elsewhere) == []
    operations.ask(task.id, "not_moved", "", here.actor(here.merchant), NOW, task.version)
    operations.sweep(freeze(NOW + 40 * DAY))
    assert task.reminded == 2


def test_the_list_is_cut_by_state_cause_and_name(here: Town) -> None:
    change(here, registered_address="保定市莲池区东风路9号")
    posts = here.actor(here.station).posts
    today = NOW.date()

    def shown(day_after: int = 0, **more: str) -> int:
        chosen = queries.office_list(posts, today + day_after * DAY, **more)
        return len(list(db.session.scalars(chosen)))

    name = get_shop(here.shop).name
    assert [shown(), shown(cause="moved"), shown(cause="renamed"), shown(text=name), shown(text="别的店")] == [
        1, 1, 0, 1, 0,
    ]  # fmt: skip
    assert [shown(14, show="overdue"), shown(15, show="overdue")] == [0, 1]
    assert queries.counts(posts, today + 15 * DAY) == {"standing": 1, "overdue": 1, "asked": 0}
    assert queries.counts(here.actor(here.elsewhere).posts, today)["standing"] == 0


def test_a_printed_successor_that_is_lost_needs_no_other(here: Town) -> None:
    change(here, legal_representative="李秀英")
    task, owner = task_of(here), here.actor(here.merchant)
    operations.replace_papers(task.id, owner, NOW)
    stickers.report_lost(here.shop, 3, "lost", owner, NOW)
    assert [paper.state for paper in queries.papers_of(task)] == [PaperState.DONE, PaperState.TO_PRINT]
