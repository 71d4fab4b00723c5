"""Complaints with what belongs to them: receipts, groups, letters, settlements, what is published."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex

from tests.letters.samples import FACTS
from webapp.complaints import answer_texts, settlement
from webapp.complaints.intake import receipt_for
from webapp.complaints.models import Complaint, ComplaintGroup, Demand
from webapp.complaints.rules import ComplaintState
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.secrets import keyed_hash
from webapp.disclosure.models import Disclosure, DisclosureRequest
from webapp.disclosure.rules import DisclosureState
from webapp.files import incoming
from webapp.letters import Law, Recipient, Subject, operations, organisations
from webapp.merchants.models import Mall

from .world import Maker, World, fixed


def file_complaint(world: World) -> tuple[int, str]:
    """A complaint on the shop that waits for the merchant: its id and receipt."""
    key, now = token_hex(16), clock.now()
    row = Complaint(
        number="TS" + token_hex(8),
        receipt_hash=keyed_hash("receipt", receipt_for(key)),
        submission_key=key,
        shop_id=world.shop.id,
        handler_region_code=world.shop.region_code,
        handler_station_id=world.shop.station_id,
        handler_department_code=world.shop.department_code,
        topic="quality",
        story="面里有头发，店家说不管。",
        demand=Demand.REFUND,
        received_at=now,
        answer_due_at=now + timedelta(hours=24),
    )
    db.session.add(row)
    db.session.flush()
    return row.id, receipt_for(key)


def complaint_id(world: World) -> int:
    """The id of a complaint of its own."""
    return file_complaint(world)[0]


def complaint_once(world: World) -> tuple[int, str]:
    """One complaint for all arguments of an address: its id and receipt."""
    if "filed" not in world.made:
        world.made["filed"] = file_complaint(world)
    filed: tuple[int, str] = world.made["filed"]
    return filed


def _receipt(world: World) -> str:
    return file_complaint(world)[1]


def _ended_receipt(world: World) -> str:
    complaint_id, receipt = file_complaint(world)
    complaint = db.session.get_one(Complaint, complaint_id)
    complaint.state, complaint.ended_at = ComplaintState.RESOLVED, clock.now()
    return receipt


def _signed(place: int) -> Maker:
    """A complaint settled between the sides: its id (0) or receipt (1)."""

    def make(world: World) -> object:
        if "signed" not in world.made:
            world.made["signed"] = file_complaint(world)
            number, now = world.made["signed"][0], clock.now()
            until = clock.day_of(now) + timedelta(days=3)
            terms = settlement.Terms(Demand.REFUND, 100, "退款", until, "店主")
            offer = settlement.make(number, terms, world.owner.actor(), now)
            settlement.accept(number, offer.id, "顾客", now)
        return world.made["signed"][place]

    return make


def _mall(world: World) -> int:
    county = world.shop.region_code[:6]
    mall = Mall(name=f"万博{world.shop.id}", region_code=county, opened_by_id=1, opened_at=clock.now())
    db.session.add(mall)
    db.session.flush()
    return mall.id


def _answer_text(world: World) -> int:
    owner = world.owner.actor()
    return answer_texts.add(world.operator.id, "已收到", "正在核实。", owner, clock.now()).id


def _complaint_letter(*recipients: str) -> Maker:
    """A document about the complaint that stands before it in the address, for these sides."""

    def make(world: World) -> int:
        complaint_id = world.made.get("complaint_id") or complaint_once(world)[0]
        facts = {
            "complainant_name": "某某",
            "received_on": clock.today(),
            "respondent_name": "某店",
            "matter": "质量",
            "ground": "没有提供材料",
        }
        letter = operations.issue(
            "refusal",
            Subject("complaint", complaint_id),
            facts,
            organisations.bureau(world.shop.region_code),
            world.owner.actor(),
            clock.now(),
            law=Law.ORDER_121,
            recipients=tuple(map(Recipient, recipients)),
        )
        return letter.id

    return make


def _check_code(world: World) -> str:
    """The check code of a document on a complaint about the shop."""
    letter = operations.issue(
        "acceptance",
        Subject("complaint", complaint_id(world)),
        FACTS["acceptance"],
        organisations.bureau(world.shop.region_code),
        SYSTEM,
        clock.now(),
        law=Law.ORDER_121,
    )
    said = letter.said
    assert said is not None
    return said.code


def _upload(_world: World) -> str:
    return incoming.begin(5, "a.jpg", "complaint").id


def _group(world: World) -> int:
    """A group of one complaint against the shop, with the authority."""
    complaint_id, _receipt = file_complaint(world)
    group = ComplaintGroup(shop_id=world.shop.id, title="一组", opened_by_id=1, opened_at=clock.now())
    db.session.add(group)
    db.session.flush()
    complaint = db.session.get_one(Complaint, complaint_id)
    complaint.state, complaint.group_id = ComplaintState.REFERRED, group.id
    db.session.flush()
    return group.id


def _heated(world: World) -> str:
    """The shop's county, with a case in the days that hot spots look at."""
    complaint = db.session.get_one(Complaint, file_complaint(world)[0])
    complaint.received_at = clock.now() - timedelta(days=2)
    db.session.flush()
    return world.shop.region_code[:6]


def _disclosure(world: World) -> int:
    complaint = db.session.get_one(Complaint, complaint_id(world))
    complaint.state, complaint.ended_at, complaint.consent_disclosure = (
        ComplaintState.RESOLVED,
        clock.now(),
        True,
    )
    shop = world.shop
    complaint.handler_region_code, complaint.handler_station_id = shop.region_code, shop.station_id
    complaint.handler_department_code = shop.department_code
    row = Disclosure(
        complaint_id=complaint.id,
        state=DisclosureState.PUBLISHED,
        story="面里有头发。",
        outcome="已经解决。",
        made_at=clock.now(),
        reply_due_at=clock.now(),
        published_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _disclosure_request(world: World) -> int:
    row = DisclosureRequest(
        disclosure_id=world.made["disclosure_id"],
        kind="remove",
        side="merchant",
        text="写的不是我们店。",
        asked_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "disclosure_id": _disclosure,
    "disclosure_office.edit:action": fixed("revise"),
    "disclosure_office.decide:action": fixed("correct"),
    "disclosure_office.answer:request_id": _disclosure_request,
    "disclosure.open_file:name": fixed("complaints.csv"),
    "code": _check_code,
    "complaint_id": complaint_id,
    "complaints.agreement_paper:receipt": _signed(1),
    "complaints_merchant.agreement_paper:complaint_id": _signed(0),
    "mall_id": _mall,
    "template_id": _answer_text,
    "complaints_templates.move:way": fixed("up"),
    "receipt": _receipt,
    "complaints.letter:receipt": lambda world: complaint_once(world)[1],
    "complaints.answer_offer:answer": fixed("accept"),
    "complaints.letter:letter_id": _complaint_letter("complainant"),
    "complaints_merchant.letter:letter_id": _complaint_letter("respondent"),
    "complaints_office.letter:letter_id": _complaint_letter(),
    "upload_id": _upload,
    "group_id": _group,
    "joint.act:action": fixed("accept"),
    "complaints.photo:token": fixed("made-up"),
    "complaints:action": fixed("withdraw"),
    "complaints_office:action": fixed("refer"),
    "ratings.form_complaint:receipt": _ended_receipt,
    "county": _heated,
    "category": fixed("eat"),
}
