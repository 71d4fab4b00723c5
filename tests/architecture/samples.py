"""One shop with its people, and a value for every argument that an address may have.

The route walk (`test_access.py`) builds each address from these. A feature with a new argument adds its maker to
`SAMPLES`: the key is the argument's name, or ``endpoint:argument`` where one name means several things. The thing
made must belong to `world.shop` (or to `world.owner`), so that the owner and the officers of its county reach it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.factories.accounts import make_merchant, make_officer, make_session
from tests.factories.merchants import make_member, make_operator, make_shop
from tests.factories.regions import make_street
from webapp.accounts.models import Account
from webapp.applications.rules import ApplicationState
from webapp.core import clock
from webapp.core.actor import Role
from webapp.merchants.models import MemberRole, Operator, Shop

#: Another county of the same city, with a street and a station of its own.
ELSEWHERE = "130602001"
OTHER_STREET = "130606001"
#: Where a post lies that covers every county.
THE_CITY = "the city"


@dataclass
class World:
    """A shop of the county 130606, its owner, another operator's owner, and whatever samples made for it."""

    operator: Operator
    shop: Shop
    owner: Account
    other: Account
    people: dict[str, Account] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def officer(self, role: Role, *, where: str) -> Account:
        """An officer who may hold the role `here`, or `elsewhere` (another county, station or department)."""
        if role is Role.ADMINISTRATOR and where == THE_CITY and "keeper" in self.people:
            return self.people["keeper"]  # who proposed, and alone may take it back
        return make_officer(role, **post_of(self.shop, role, where))


def make_world() -> World:
    """Fresh rows each time; regions and industries are shared."""
    owner, other = make_merchant("店主"), make_merchant("别家店主")
    operator, rival = make_operator(), make_operator("别家餐饮有限公司")
    shop = make_shop(operator)
    make_member(operator, owner)
    make_member(rival, other)
    make_shop(rival, "别家面馆")
    return World(operator, shop, owner, other)


def post_of(shop: Shop, role: Role, where: str) -> dict[str, Any]:
    """The keyword arguments of `make_officer` for a post that covers the shop, or one that just does not."""
    county = shop.region_code[:6]
    away = make_street(ELSEWHERE, "竞秀区市场监管所")
    if where == "another county":
        station = away.station_id if role is Role.STATION_OFFICER else None
        department = shop.department_code if role is Role.DEPARTMENT_OFFICER else None
        return {"region_code": away.code[:6], "station_id": station, "department_code": department}
    if where == "another station":
        return {"region_code": county, "station_id": make_street(OTHER_STREET, "莲池区另一所").station_id}
    if where == "another department":
        return {"region_code": county, "department_code": other_department(shop)}
    if where == THE_CITY:
        return {"region_code": county[:4]}
    station = shop.station_id if role is Role.STATION_OFFICER else None
    department = shop.department_code if role is Role.DEPARTMENT_OFFICER else None
    return {"region_code": county, "station_id": station, "department_code": department}


def other_department(shop: Shop) -> str:
    """A department that does not answer for the shop's industry."""
    import sqlalchemy as sa

    from webapp.core.db import db
    from webapp.regions.models import Department

    found = db.session.scalar(
        sa.select(Department.code).where(Department.code != shop.department_code).limit(1)
    )
    assert found, "the reference tables have one department only"
    return found


Maker = Callable[[World], object]

# --- makers ----------------------------------------------------------------------------------------------------


def _fixed(value: str) -> Maker:
    """A value that needs no row."""
    return lambda _world: value


def _account(world: World) -> int:
    return make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id


def _post(world: World) -> int:
    from webapp.accounts.queries import get_account

    return get_account(world.made["account_id"]).posts[0].id


def _session(world: World) -> int:
    return make_session(world.owner.id)[0].id


def _notice(world: World) -> int:
    from webapp.core.db import db
    from webapp.notices.operations import notify

    notice = notify(world.owner.id, "accounts.flash.saved", {}, "/merchant/me", clock.now())
    db.session.flush()
    return notice.id


def _inspection(world: World) -> int:
    from datetime import timedelta

    from webapp.inspections import operations
    from webapp.inspections.rules import Facts

    today = clock.day_of(clock.now())
    officer = world.officer(Role.BUREAU_OFFICER, where="here")
    facts = Facts(today - timedelta(days=3), "routine", "passed", "检〔2026〕1号", "")
    return operations.enter(world.shop.id, facts, officer.actor(), clock.now())[0].id


def _shown_licence(world: World) -> Any:
    """A licence's covered picture that stands."""
    from tests.factories.licences import make_licence
    from webapp.core.db import db
    from webapp.licences import showing
    from webapp.licences.models import LicenceCopy

    if "shown_licence" not in world.made:
        licence = make_licence(world.shop)
        officer = world.officer(Role.BUREAU_OFFICER, where="here")
        world.made["shown_licence"] = showing.publish(
            licence.id, [1], looked=True, actor=officer.actor(), now=clock.now()
        ).id
    return db.session.get_one(LicenceCopy, world.made["shown_licence"])


def _key_of_shown(world: World) -> str:
    from webapp.licences import showing

    return showing.key_of(_shown_licence(world))


def _kind_of_shown(world: World) -> str:
    from webapp.core.db import db
    from webapp.licences.models import Licence

    return db.session.get_one(Licence, _shown_licence(world).licence_id).kind_code


def _licence(world: World) -> int:
    from datetime import date

    from webapp.core.db import db
    from webapp.licences.models import Licence

    row = Licence(
        operator_id=world.operator.id,
        shop_id=world.shop.id,
        kind_code="business_licence",
        number=world.operator.uscc,
        valid_from=date(2020, 1, 1),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _draft(world: World) -> int:
    return _application(world, ApplicationState.DRAFT)


def _submitted(world: World) -> int:
    return _application(world, ApplicationState.STATION_REVIEW)


def _application(world: World, state: ApplicationState) -> int:
    from tests.factories.applications import make_application

    return make_application(world.shop, world.owner, state).id


def _file(world: World) -> str:
    from tests.factories.files import make_file

    return make_file(actor=world.owner.actor()).key


def _run(world: World) -> int:
    from webapp.core.db import db
    from webapp.registry.models import RegistryRun, RegistryUpload
    from webapp.registry.rules import UPLOAD_STEPS

    row = RegistryRun(source="sample.csv", started_at=clock.now(), stopped_reason="needs_second_officer")
    db.session.add(row)
    db.session.flush()
    upload = RegistryUpload(
        run_id=row.id,
        state=UPLOAD_STEPS.first,
        mapping="default",
        as_of=clock.today(),
        sha256="0" * 64,
        data=b"uscc,name,status\n",
        falling=[],
        uploaded_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).id,
    )
    db.session.add(upload)
    db.session.flush()
    return row.id


def _complaint(world: World) -> int:
    return _filed(world)[0]


def _signed(place: int) -> Maker:
    """A complaint settled between the sides: its id (0) or receipt (1)."""

    def make(world: World) -> object:
        from datetime import timedelta

        from webapp.complaints import settlement
        from webapp.complaints.models import Demand

        if "signed" not in world.made:
            world.made["signed"] = _filed(world)
            number, now = world.made["signed"][0], clock.now()
            until = clock.day_of(now) + timedelta(days=3)
            terms = settlement.Terms(Demand.REFUND, 100, "退款", until, "店主")
            offer = settlement.make(number, terms, world.owner.actor(), now)
            settlement.accept(number, offer.id, "顾客", now)
        return world.made["signed"][place]

    return make


def _mall(world: World) -> int:
    from webapp.core.db import db
    from webapp.merchants.models import Mall

    county = world.shop.region_code[:6]
    mall = Mall(name=f"万博{world.shop.id}", region_code=county, opened_by_id=1, opened_at=clock.now())
    db.session.add(mall)
    db.session.flush()
    return mall.id


def _answer_text(world: World) -> int:
    from webapp.complaints import answer_texts

    owner = world.owner.actor()
    return answer_texts.add(world.operator.id, "已收到", "正在核实。", owner, clock.now()).id


def _receipt(world: World) -> str:
    return _filed(world)[1]


def _filed_once(world: World) -> tuple[int, str]:
    """One complaint for all arguments of an address: its id and receipt."""
    if "filed" not in world.made:
        world.made["filed"] = _filed(world)
    filed: tuple[int, str] = world.made["filed"]
    return filed


def _complaint_letter(*recipients: str) -> Maker:
    """A document about the complaint that stands before it in the address, for these sides."""

    def make(world: World) -> int:
        from webapp.letters import Law, Recipient, Subject, operations, organisations

        complaint_id = world.made.get("complaint_id") or _filed_once(world)[0]
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


def _upload(_world: World) -> str:
    from webapp.files import incoming

    return incoming.begin(5, "a.jpg", "complaint").id


def _disclosure(world: World) -> int:
    from webapp.complaints.models import Complaint
    from webapp.complaints.rules import ComplaintState
    from webapp.core.db import db
    from webapp.disclosure.models import Disclosure
    from webapp.disclosure.rules import DisclosureState

    complaint = db.session.get_one(Complaint, _complaint(world))
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
    from webapp.core.db import db
    from webapp.disclosure.models import DisclosureRequest

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


def _heated(world: World) -> str:
    """The shop's county, with a case in the days that hot spots look at."""
    from webapp.complaints.models import Complaint
    from webapp.core.db import db

    complaint = db.session.get_one(Complaint, _filed(world)[0])
    complaint.received_at = clock.now() - timedelta(days=2)
    db.session.flush()
    return world.shop.region_code[:6]


def _overseen(world: World, kind: str) -> Any:
    """A talk or an order that waits for the second officer."""
    from tests.factories.oversight import make_order, make_talk

    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).actor()
    make = make_talk if kind == "talk" else make_order
    return make(world.shop, officer, clock.now())


def _issued(world: World, kind: str) -> Any:
    """One that the merchant was told of, the same one for all arguments of an address."""
    from tests.factories.oversight import approve

    if f"issued {kind}" not in world.made:
        second = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).actor()
        world.made[f"issued {kind}"] = approve(_overseen(world, kind), second, clock.now())
    return world.made[f"issued {kind}"]


def _letter_of(kind: str) -> Maker:
    """A document about the talk or order that stands before it in the address."""

    def make(world: World) -> int:
        from webapp.letters import queries
        from webapp.oversight import telling

        return queries.of_subject(telling.subject(_issued(world, kind)))[0].id

    return make


def _suspension_proposal(world: World) -> int:
    from webapp.core.db import db
    from webapp.oversight.models import OversightProposal
    from webapp.oversight.rules import PROPOSAL_STEPS

    row = OversightProposal(
        shop_id=_vouched(world).shop_id,
        state=PROPOSAL_STEPS.first,
        event="order_failed",
        raised_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).id,
        raised_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _ended_receipt(world: World) -> str:
    from webapp.complaints.models import Complaint
    from webapp.complaints.rules import ComplaintState
    from webapp.core.db import db

    complaint_id, receipt = _filed(world)
    complaint = db.session.get_one(Complaint, complaint_id)
    complaint.state, complaint.ended_at = ComplaintState.RESOLVED, clock.now()
    return receipt


def _filed(world: World) -> tuple[int, str]:
    from secrets import token_hex

    from webapp.complaints.intake import receipt_for
    from webapp.complaints.models import Complaint, Demand
    from webapp.core.db import db
    from webapp.core.secrets import keyed_hash

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


def _tip(world: World) -> Any:
    """A tip on the shop, the same one for all arguments of an address, with its receipt in `made`."""
    from secrets import token_hex

    from webapp.tips import intake

    if "tip" not in world.made:
        key = token_hex(16)
        filing = intake.TipFiling(
            submission_key=key,
            topic="quality",
            story="后厨用过期的面粉。",
            happened_on=None,
            named=True,
            reporter_name="举报人",
            reporter_phone="+8613900000000",
        )
        world.made["tip"], world.made["tip_receipt"] = intake.file(world.shop.id, filing, clock.now())
    return world.made["tip"]


def _tip_letter(world: World) -> int:
    from webapp.core.actor import SYSTEM
    from webapp.core.db import db
    from webapp.letters.models import Letter
    from webapp.tips import documents, operations

    tip = _tip(world)
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4])
    operations.act(tip.id, "file_case", officer.actor(), clock.now(), ground="conditions_met")
    letter: Letter = documents.result(tip, SYSTEM, clock.now())
    db.session.flush()
    return letter.id


def _receipt_of_both(world: World) -> str:
    """The receipt of a complaint that the tip was filed together with."""
    from webapp.complaints.queries import get

    complaint_id, receipt = _filed(world)
    _tip(world).complaint_number = get(complaint_id).number
    return receipt


def _tip_receipt(world: World) -> str:
    _tip(world)
    return str(world.made["tip_receipt"])


def _body(world: World) -> Any:
    """A mediating body of the shop's county, the same one for all arguments of an address."""
    from tests.factories.mediation import make_body

    if "body" not in world.made:
        from secrets import token_hex

        world.made["body"] = make_body(
            f"服务站{token_hex(6)}", world.shop.region_code[:6], latitude=38.87, longitude=115.49
        )
    return world.made["body"]


def _body_file(world: World) -> int:
    """A file of bodies that a bureau of the shop's county handed in."""
    from webapp.core.db import db
    from webapp.mediation.models import BodyFile

    file = BodyFile(
        file_name="x.csv",
        sha256="0" * 64,
        rows={"cells": [], "rows": []},
        uploaded_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        uploaded_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    return file.id


def mediator_of(world: World) -> Account:
    """Somebody who acts for the body."""
    from tests.factories.mediation import make_mediator

    if "mediator" not in world.people:
        world.people["mediator"] = make_mediator(_body(world))
    return world.people["mediator"]


def other_mediator(world: World) -> Account:
    """Somebody who acts for another body."""
    from secrets import token_hex

    from tests.factories.mediation import make_body, make_mediator

    if "other mediator" not in world.people:
        world.people["other mediator"] = make_mediator(make_body(f"别的服务站{token_hex(6)}"))
    return world.people["other mediator"]


def _group(world: World) -> int:
    """A group of one complaint against the shop, with the authority."""
    from webapp.complaints.models import Complaint, ComplaintGroup
    from webapp.complaints.rules import ComplaintState
    from webapp.core.db import db

    complaint_id, _receipt = _filed(world)
    group = ComplaintGroup(shop_id=world.shop.id, title="一组", opened_by_id=1, opened_at=clock.now())
    db.session.add(group)
    db.session.flush()
    complaint = db.session.get_one(Complaint, complaint_id)
    complaint.state, complaint.group_id = ComplaintState.REFERRED, group.id
    db.session.flush()
    return group.id


def _mediation(world: World) -> int:
    """A dispute on the shop that is entrusted to the body; its complaint and receipt are in `made`."""
    from webapp.complaints.models import Complaint
    from webapp.complaints.rules import ComplaintState
    from webapp.core.db import db
    from webapp.mediation.models import Mediation

    if "mediation" not in world.made:
        complaint_id, receipt = _filed(world)
        db.session.get_one(Complaint, complaint_id).state = ComplaintState.MEDIATING
        body = _body(world)
        row = Mediation(complaint_id=complaint_id, kind=body.kind, body_id=body.id, opened_at=clock.now())
        db.session.add(row)
        db.session.flush()
        world.made["mediation"], world.made["mediated"] = row.id, (complaint_id, receipt)
    return int(world.made["mediation"])


def _mediated(place: int) -> Maker:
    def make(world: World) -> object:
        _mediation(world)
        return world.made["mediated"][place]

    return make


def _listing(world: World) -> int:
    from webapp.core.db import db
    from webapp.listings.models import Listing
    from webapp.listings.rules import Colour

    row = Listing(
        shop_id=world.shop.id,
        colour=Colour.RED,
        ground="clean_record",
        evidence="一年无投诉",
        public_summary="一年无投诉",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _chain(world: World) -> int:
    from webapp.core.db import db
    from webapp.honours.models import ReturnChain

    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6])
    row = ReturnChain(
        name=f"品牌{officer.id}",
        terms="凭小票",
        region_code=world.shop.region_code[:6],
        created_by_id=officer.id,
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _reprint(world: World) -> int:
    from datetime import date

    from webapp.core.db import db
    from webapp.reprints.models import ReprintTask

    row = ReprintTask(
        shop_id=world.shop.id, causes=[], serials=[], opened_at=clock.now(), due_on=date(2026, 12, 1)
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _lead(world: World) -> int:
    from webapp.listings import leads

    lead = leads.found(world.shop.id, "列入严重违法失信名单", clock.now())
    assert lead is not None
    return lead.id


def _black_listing(world: World) -> Any:
    """A published entry of the black list, under appeal, with a request for repair and a document."""
    from webapp.core.db import db
    from webapp.core.secrets import random_code
    from webapp.letters import Law, Subject, operations, organisations
    from webapp.listings.models import Listing, ListingAppeal, ListingRepair
    from webapp.listings.rules import Colour, ListingState

    now = clock.now()
    first, second = (make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id for _ in range(2))
    row = Listing(
        shop_id=world.shop.id,
        colour=Colour.BLACK,
        state=ListingState.PUBLISHED,
        ground="short_measure",
        severity="general",
        evidence="复称",
        public_summary="短斤少两",
        term_until=clock.day_of(now) + timedelta(days=200),
        proposed_by_id=first,
        proposed_at=now,
        decided_by_id=second,
        decided_at=now,
        published_at=now,
    )
    asked: dict[str, Any] = {
        "text": "不对",
        "filed_by_id": first,
        "filed_at": now,
        "due_on": clock.day_of(now),
    }
    row.appeals = [ListingAppeal(listed_by_id=first, confirmed_by_id=second, **asked)]
    row.repairs = [ListingRepair(receipt=random_code(100)[:20], checks=[], **asked)]
    db.session.add(row)
    db.session.flush()
    facts = dict.fromkeys(("addressee", "shop", "matter", "decision", "explanation", "contact_phone"), "某")
    letter = operations.issue(
        "listing_decision",
        Subject("listing", row.id),
        facts,
        organisations.bureau(),
        make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).actor(),
        now,
        law=Law.LISTING,
    )
    world.made["black"] = (row.id, row.appeals[0].id, row.repairs[0].id, letter.id)
    return world.made["black"]


def _of_black(place: int) -> Maker:
    def make(world: World) -> object:
        return (world.made.get("black") or _black_listing(world))[place]

    return make


def _campaign(world: World) -> int:
    """One that is on the front page now, so that its picture is public."""
    from tests.factories.files import make_file
    from webapp.campaigns.models import Campaign
    from webapp.campaigns.rules import CampaignState
    from webapp.core import clock
    from webapp.core.db import db
    from webapp.files.models import FilePurpose

    region = world.shop.region_code[:6]
    first, second = make_officer(Role.BUREAU_OFFICER, region).id, make_officer(Role.BUREAU_OFFICER, region).id
    row = Campaign(
        state=CampaignState.APPROVED,
        title="年货节",
        title_en="Market",
        link="/shops",
        region_code=region,
        starts_on=clock.today(),
        ends_on=clock.today(),
        file_id=make_file(FilePurpose.EVIDENCE).id,
        proposed_by_id=first,
        proposed_at=clock.now(),
        decided_by_id=second,
        decided_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _honour(world: World) -> int:
    from webapp.core.db import db
    from webapp.honours.models import Honour
    from webapp.honours.rules import HonourKind

    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    row = Honour(
        shop_id=world.shop.id,
        kind=HonourKind.NO_REASON_RETURN,
        days=7,
        terms="七天",
        proposed_by_id=officer,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _nomination(world: World) -> int:
    from webapp.core.db import db
    from webapp.honours.models import Nomination

    facts = {
        "ratings": 10,
        "mean": 4.8,
        "days_active": 200,
        "unresolved": 0,
        "late": 0,
        "return_pledged": False,
        "grounds": ["high_ratings"],
    }
    db.session.merge(Nomination(shop_id=world.shop.id, facts=facts, nominated_at=clock.now()))
    db.session.flush()
    return world.shop.id


def _measure(world: World) -> int:
    from webapp.core.db import db
    from webapp.honours.models import Measure

    shop = world.shop
    place = {"station_id": shop.station_id, "department_code": shop.department_code}
    row = Measure(
        kind="black",
        file_name="a.csv",
        data=b"x",
        sha256="0" * 64,
        region_code=shop.region_code[:6],
        uploaded_by_id=make_officer(Role.STATION_OFFICER, shop.region_code[:6], **place).id,
        uploaded_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _invitation(world: World) -> int:
    """An invitation by the shop's operator to somebody outside."""
    return _invited(world.operator.id, make_merchant("店员"), world.owner)


def _invitation_to_owner(world: World) -> int:
    rival = next(iter(world.other.actor().operator_ids))
    return _invited(rival, world.owner, world.other)


def _invited(operator_id: int, guest: Account, host: Account) -> int:
    from webapp.core.db import db
    from webapp.merchants.models import OperatorInvitation

    row = OperatorInvitation(
        operator_id=operator_id,
        phone=guest.phone,
        phone_hash=guest.phone_hash,
        invited_by_id=host.id,
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _vouched(world: World) -> Any:
    """The shop's first sticker: it has its code now."""
    from webapp.codes import operations as codes
    from webapp.core.actor import SYSTEM
    from webapp.stickers import operations as stickers
    from webapp.stickers.keys import store
    from webapp.stickers.models import StickerPlace

    if "sticker" not in world.made:
        store().ensure(clock.now())
        codes.issue(world.shop.id, SYSTEM, clock.now())
        world.made["sticker"] = stickers.issue(world.shop.id, StickerPlace.DOOR, SYSTEM, clock.now())
    return world.made["sticker"]


def _alarm(world: World) -> int:
    from tests.factories.copies import make_alarm

    return make_alarm(_vouched(world)).id


def _print_job(world: World, **whose: Any) -> int:
    """A print job that waits, of the shop's place or of its operator."""
    from webapp.core import secrets
    from webapp.core.db import db
    from webapp.printing.models import FileForm, PrintJob, PrintState

    row = PrintJob(
        order_key=secrets.random_code(),
        state=PrintState.QUEUED,
        at=clock.now(),
        by_name="somebody",
        filters={},
        template="door",
        language="zh-Hans",
        form=FileForm.SHEETS,
        face={},
        count=1,
        store_key=secrets.random_code(160),
        **whose,
    )
    db.session.add(row)
    db.session.flush()
    world.made["job_id"] = row.id
    return row.id


def _office_job(world: World) -> int:
    shop = world.shop
    place = {"station_id": shop.station_id, "department_code": shop.department_code}
    return _print_job(world, region_code=shop.region_code, **place)


def _merchant_job(world: World) -> int:
    return _print_job(world, operator_id=world.operator.id)


def _print_link(job_id: int, secret: str) -> int:
    from webapp.core.db import db
    from webapp.printing.handovers import _hashed
    from webapp.printing.models import Handover

    row = Handover(
        job_id=job_id,
        token_hash=_hashed(secret),
        recipient="somebody",
        downloads_most=1,
        at=clock.now(),
        by_name="somebody",
        expires_at=clock.now() + timedelta(days=1),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _link(world: World) -> int:
    """A link of the job that stands before it in the address."""
    return _print_link(world.made["job_id"], f"made-up-{world.made['job_id']}")


def _handover(world: World) -> str:
    job_id = _office_job(world)
    _print_link(job_id, f"secret-{job_id}")
    return f"secret-{job_id}"


def _key_proposal(world: World) -> int:
    from webapp.core.db import db
    from webapp.signing.models import Action, KeyProposal, ProposalState

    db.session.query(KeyProposal).delete()  # one of a kind waits at a time
    world.people["keeper"] = make_officer(Role.ADMINISTRATOR, world.shop.region_code[:4])
    row = KeyProposal(
        action=Action.ROTATE,
        kid=1,
        state=ProposalState.PROPOSED,
        reason="到期更换",
        proposed_by_id=world.people["keeper"].id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _holiday_notice(world: World) -> int:
    from datetime import date

    from webapp.core.db import db
    from webapp.holidays.models import HolidayNotice

    db.session.query(HolidayNotice).delete()  # one revision of a year is there once
    row = HolidayNotice(
        year=clock.today().year + 1,
        revision=1,
        days_off=[date(clock.today().year + 1, 1, 1).isoformat()],
        made_up=[],
        title="放假通知",
        number="国办发明电",
        url="",
        entered_by_id=make_officer(Role.ADMINISTRATOR, world.shop.region_code[:4]).id,
        entered_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _revocation(world: World) -> int:
    from webapp.codes.models import ProposalState, Revocation
    from webapp.codes.queries import standing
    from webapp.core.db import db

    _vouched(world)
    code = standing(world.shop.id)
    assert code is not None
    row = Revocation(
        trust_code_id=code.id,
        shop_id=world.shop.id,
        state=ProposalState.PROPOSED,
        ground="false_statement",
        reason="与现场不符",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _rating(world: World) -> int:
    from secrets import token_hex

    from webapp.core.db import db
    from webapp.ratings.models import HEARTS, Origin, Rating

    row = Rating(
        shop_id=world.shop.id,
        origin=Origin.SCAN,
        rater_hash=token_hex(32),
        created_at=clock.now(),
        **dict.fromkeys(HEARTS, 5),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _public_rating(world: World) -> int:
    _vouched(world)
    return _rating(world)


def _rating_photo(world: World) -> int:
    from tests.factories.files import make_file
    from webapp.core.db import db
    from webapp.files.operations import attach
    from webapp.ratings.models import RatingPhoto

    file, rating_id = make_file(), _rating(world)
    world.made["rating_id"] = rating_id  # comes after the file in the address' alphabet
    attach([file.id], "rating", rating_id)
    db.session.add(RatingPhoto(rating_id=rating_id, file_id=file.id))
    db.session.flush()
    return file.id


def _rating_case(world: World) -> int:
    from webapp.core.db import db
    from webapp.ratings.models import RatingCase
    from webapp.ratings.moderation import CaseState

    row = RatingCase(
        rating_id=_rating(world),
        state=CaseState.PROPOSED,
        ground="privacy",
        reason="写了店员的电话",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _rating_signal(world: World) -> int:
    from webapp.core.db import db
    from webapp.ratings.models import RatingSignal
    from webapp.ratings.signals import SignalKind, SignalState

    row = RatingSignal(
        shop_id=world.shop.id,
        kind=SignalKind.SELF,
        state=SignalState.OPEN,
        since=clock.now(),
        found_at=clock.now(),
        latest_at=clock.now(),
        facts={"own": 1, "alike": 0},
        rating_ids=[_rating(world)],
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _removed_rating(world: World) -> int:
    from webapp.core.db import db
    from webapp.ratings.models import Rating, RatingCase
    from webapp.ratings.moderation import CaseState

    _vouched(world)
    case = db.session.get_one(RatingCase, _rating_case(world))
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    case.state, case.decided_by_id, case.decided_at = CaseState.REMOVED, officer, clock.now()
    rating = db.session.get_one(Rating, case.rating_id)
    rating.removed_at, rating.removed_ground = clock.now(), case.ground
    db.session.flush()
    return rating.id


def _reminder(world: World) -> int:
    from webapp.core.db import db
    from webapp.reminders.models import Reminder, ReminderKind
    from webapp.reminders.rules import ReminderState

    writer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    row = Reminder(
        kind=ReminderKind.REMINDER,
        state=ReminderState.PUBLISHED,
        title="夏季吃凉菜要当心",
        body="现做现吃，不隔夜。",
        ground="season",
        region_code=world.shop.region_code,
        term_until=clock.today() + timedelta(days=30),
        written_by_id=writer,
        written_at=clock.now(),
        proposed_by_id=writer,
        proposed_at=clock.now(),
        decided_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        decided_at=clock.now(),
        published_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _change(world: World) -> int:
    from webapp.changes.models import ShopChange
    from webapp.changes.rules import Part

    _vouched(world)
    row = ShopChange(
        shop=world.shop,
        operator_id=world.operator.id,
        part=Part.NAME,
        old={"name": world.shop.name},
        new={"name": "老槐树饺子馆"},
        requested_by_id=world.owner.id,
        requested_at=clock.now(),
        due_on=clock.today(),
    )
    db_session().add(row)
    db_session().flush()
    return row.id


def _storefront(world: World) -> int:
    from tests.factories.files import make_file
    from webapp.files.operations import attach
    from webapp.merchants.models import ShopPhoto

    file = make_file()
    attach([file.id], "operator", world.operator.id)
    world.shop.photos.append(ShopPhoto(file_id=file.id, position=0))
    db_session().flush()
    return file.id


def db_session() -> Any:
    from webapp.core.db import db

    return db.session


def _clerk(world: World) -> int:
    clerk = make_merchant("店员")
    make_member(world.operator, clerk, MemberRole.CLERK)
    return clerk.id


def _status_list(world: World) -> int:
    """The list that a sticker of the shop stands in."""
    return _vouched(world).shop_id // 65_536


def _check_code(world: World) -> str:
    """The check code of a document on a complaint about the shop."""
    from tests.letters.samples import FACTS
    from webapp.core.actor import SYSTEM
    from webapp.letters import operations, organisations
    from webapp.letters.rules import Law, Subject

    letter = operations.issue(
        "acceptance",
        Subject("complaint", _complaint(world)),
        FACTS["acceptance"],
        organisations.bureau(world.shop.region_code),
        SYSTEM,
        clock.now(),
        law=Law.ORDER_121,
    )
    said = letter.said
    assert said is not None
    return said.code


def _leaf_number(world: World) -> int:
    """A published leaf about the shop."""
    from webapp import audit
    from webapp.core.actor import SYSTEM
    from webapp.core.db import db
    from webapp.publiclog import queries, sequencer

    now = clock.now()
    audit.record(
        SYSTEM, "code.issue", "trust_code", 1, now=now, shop_id=world.shop.id, new={"state": "active"}
    )
    db.session.commit()
    sequencer.run(now)
    for thing in (world.operator, world.shop, world.owner, world.other, *world.people.values()):
        db.session.refresh(thing)  # the sequencer ends its transactions
    state = queries.state()
    assert state is not None
    return state.size


def _tile_name(world: World) -> str:
    size = _leaf_number(world)
    return f"0/{size // 256:03}" + (f".p/{size % 256}" if size % 256 else "")


SAMPLES: dict[str, Maker] = {
    "disclosure_id": _disclosure,
    "disclosure_office.edit:action": _fixed("revise"),
    "disclosure_office.decide:action": _fixed("correct"),
    "disclosure_office.answer:request_id": _disclosure_request,
    "disclosure.open_file:name": _fixed("complaints.csv"),
    "openapi.listed:name": _fixed("listings"),
    "openapi.single:name": _fixed("regions"),
    "openapi.single:key": _fixed("130606"),
    "open_data.show:name": _fixed("listings"),
    "open_data.download:name": _fixed("listings"),
    "open_data.download:form": _fixed("csv"),
    # the frame
    "filename": _fixed("img/favicon.svg"),
    # accounts, notices
    "account_id": _account,
    "post_id": _post,
    "session_id": _session,
    "notice_id": _notice,
    # merchants
    "shop_id": lambda world: world.shop.id,
    "operator_id": lambda world: world.operator.id,
    # files
    "key": _file,
    # registry
    "run_id": _run,
    # licences
    "inspection_id": _inspection,
    "licence_id": _licence,
    "licences_copies.cover:licence_id": lambda world: _shown_licence(world).licence_id,
    "licences_copies.withdraw:licence_id": lambda world: _shown_licence(world).licence_id,
    "copy_id": lambda world: _shown_licence(world).id,
    "licences_copies.picture:key": _key_of_shown,
    "kind": _fixed("business_licence"),
    "licences_proposing:kind": _kind_of_shown,
    # applications: merchants change drafts, officers read what was submitted
    "application_id": _draft,
    "applications_office:application_id": _submitted,
    "step": _fixed("licences"),
    "item": _fixed("business_licence"),
    "uscc": lambda world: world.operator.uscc,
    # documents
    "code": _check_code,
    # merchants' people
    "invitation_id": _invitation,
    "merchants.answer:invitation_id": _invitation_to_owner,
    "merchants:account_id": _clerk,
    # codes, stickers, the trust page
    "token": lambda world: _vouched(world).token,
    "serial": lambda world: _vouched(world).serial,
    "stickers.status_list:number": _status_list,
    "number": lambda world: _vouched(world).shop_id,
    "publiclog:number": _leaf_number,
    "publiclog.tile:name": _tile_name,
    "revocation_id": _revocation,
    "proposal_id": _key_proposal,
    "holidays:notice_id": _holiday_notice,
    "codes_office:shop_id": lambda world: _vouched(world).shop_id,
    "atlas:shop_id": lambda world: _vouched(world).shop_id,
    "atlas:app": _fixed("amap"),
    "styleguide.one:name": _fixed("badge"),
    "form": _fixed("png"),
    "stickers_office:action": _fixed("suspend"),
    "stickers_merchant:action": _fixed("replace"),
    # print jobs
    "job_id": _office_job,
    "printing_merchant:job_id": _merchant_job,
    "link_id": _link,
    "printing_public:token": _handover,
    # alarms of copied stickers
    "alarm_id": _alarm,
    "copies_office:action": _fixed("look"),
    # complaints
    "complaint_id": _complaint,
    "complaints.agreement_paper:receipt": _signed(1),
    "complaints_merchant.agreement_paper:complaint_id": _signed(0),
    "mall_id": _mall,
    "template_id": _answer_text,
    "complaints_templates.move:way": _fixed("up"),
    "receipt": _receipt,
    "complaints.letter:receipt": lambda world: _filed_once(world)[1],
    "complaints.answer_offer:answer": _fixed("accept"),
    "complaints.letter:letter_id": _complaint_letter("complainant"),
    "complaints_merchant.letter:letter_id": _complaint_letter("respondent"),
    "complaints_office.letter:letter_id": _complaint_letter(),
    "upload_id": _upload,
    "mediation_id": _mediation,
    "group_id": _group,
    "joint.act:action": _fixed("accept"),
    "body_id": lambda world: _body(world).id,
    "mediation:action": _fixed("state"),
    "mediation_office:action": _fixed("state"),
    "mediation_office:state": _fixed("close"),
    "mediation_office:account_id": lambda world: mediator_of(world).id,
    "mediation_parties:action": _fixed("state"),
    "mediation_parties:complaint_id": _mediated(0),
    "mediation_parties:receipt": _mediated(1),
    "tip_id": lambda world: _tip(world).id,
    "tip_receipt": _tip_receipt,
    "filing:receipt": _receipt_of_both,
    "consumers_mine:way": _fixed("wechat"),
    "tips:receipt": _tip_receipt,
    "tips:action": _fixed("withdraw"),
    "tips:letter_id": _tip_letter,
    "tips_office:letter_id": _tip_letter,
    "tips_office:action": _fixed("resume"),
    "tips_office:request_": _fixed("ask"),
    "tips_office:decision": _fixed("refuse"),
    "complaints.photo:token": _fixed("made-up"),
    "complaints:action": _fixed("withdraw"),
    "complaints_office:action": _fixed("refer"),
    # ratings, reminders
    "rating_id": _rating,
    "ratings_reports.report:rating_id": _public_rating,
    "ratings_reports.object_:rating_id": _removed_rating,
    "ratings_office:case_id": _rating_case,
    "ratings_office.act:action": _fixed("propose"),
    "ratings_office.decide:action": _fixed("confirm"),
    "ratings_office.photo:rating_id": lambda world: world.made.get("rating_id") or _rating(world),
    "ratings_office.photo:file_id": _rating_photo,
    "ratings_office.photo:action": _fixed("hide"),
    "ratings_signals:signal_id": _rating_signal,
    "ratings_signals:action": _fixed("handle"),
    "ratings.form_complaint:receipt": _ended_receipt,
    "reminder_id": _reminder,
    "reminders_office:action": _fixed("drop"),
    "reminders_office.decide:action": _fixed("withdraw"),
    # talks, orders to correct, what the rule table proposes
    "talk_id": lambda world: _overseen(world, "talk").id,
    "oversight_merchant:talk_id": lambda world: _issued(world, "talk").id,
    "oversight_deeds.talk_letter:talk_id": lambda world: _issued(world, "talk").id,
    "oversight_deeds:order_id": lambda world: _overseen(world, "order").id,
    "oversight_merchant:order_id": lambda world: _issued(world, "order").id,
    "oversight_deeds.order_letter:order_id": lambda world: _issued(world, "order").id,
    "oversight_deeds.talk_letter:letter_id": _letter_of("talk"),
    "oversight_deeds.order_letter:letter_id": _letter_of("order"),
    "oversight_merchant.talk_letter:letter_id": _letter_of("talk"),
    "oversight_merchant.order_letter:letter_id": _letter_of("order"),
    "oversight_deeds.do_talk:action": _fixed("take_back"),
    "oversight_deeds.decide_talk:action": _fixed("refuse"),
    "oversight_deeds.do_order:action": _fixed("take_back"),
    "oversight_deeds.decide_order:action": _fixed("refuse"),
    "oversight_merchant:action": _fixed("report"),
    "oversight_office:proposal_id": _suspension_proposal,
    "oversight_office:action": _fixed("decline"),
    # hot spots
    "county": _heated,
    "category": _fixed("eat"),
    # change requests
    "change_id": _change,
    "changes_merchant:part": _fixed("name"),
    "changes_office:file_id": _storefront,
    "mediation_files:file_id": _body_file,
    "mediation_files:action": _fixed("drop"),
    # listings
    "listing_id": _listing,
    "lead_id": _lead,
    "task_id": _reprint,
    "chain_id": _chain,
    "reprints_office:action": _fixed("waive"),
    "listings_office:action": _fixed("confirm"),
    "listings_merchant:listing_id": _of_black(0),
    "listings_merchant:action": _fixed("reply"),
    "listings_merchant:kind": _fixed("appeal"),
    "listings_merchant:letter_id": _of_black(3),
    "listings_cases:listing_id": _of_black(0),
    "listings_cases:appeal_id": _of_black(1),
    "listings_cases:repair_id": _of_black(2),
    "listings_cases:letter_id": _of_black(3),
    "listings_cases:action": _fixed("dismiss"),
    # campaigns of the front page
    "campaign_id": _campaign,
    "campaigns_office:action": _fixed("withdraw"),
    # honours
    "honour_id": _honour,
    "honours_office:action": _fixed("confirm"),
    "honours_many:shop_id": _nomination,
    "measure_id": _measure,
    "honours_many:action": _fixed("drop"),
}

#: Things that belong to one person and not to an operator or region: everybody else finds nothing there.
PERSONAL: dict[str, str] = {
    "accounts.end_session": "a browser that the owner signed in",
    "notices_merchant.open_notice": "a notice to the owner",
    "notices_office.open_notice": "a notice to the owner",
    "merchants.answer": "an invitation to the owner's phone",
    "consumers_mine.unlink": "a way into one's own account",
}

#: Endpoints that only a post of the whole city opens, and why.
CITY_WIDE: dict[str, str] = {
    "registry_office.upload": "one row of a register file revokes codes in any county",
    "registry_office.confirm": "the second officer answers for the same file",
    "registry_office.drop": "the second officer answers for the same file",
    "registry_pull.ask": "a pull brings records of every county",
    "registry_pull.answer_for": "one row of a pull revokes codes in any county",
    "malls.set_industry_time": "an industry's time holds in every county",
    "holidays.new": "one calendar is for every county",
    "holidays.preview": "one calendar is for every county",
    "holidays.enter": "one calendar is for every county",
    "holidays.ask_withdraw": "one calendar is for every county",
    "holidays.withdraw": "one calendar is for every county",
    "signing.index": "the keys sign the stickers of every county",
    "signing.propose": "the keys sign the stickers of every county",
    "signing.decide": "the keys sign the stickers of every county",
    "signing.withdraw": "the keys sign the stickers of every county",
}

#: Signed-in addresses that name a thing without a place, each with its reason. Everything else says `on=`.
UNSCOPED: dict[str, str] = {
    "registry_office.run": "an import of the register is of the whole city",
    "registry_pull.rows": "an import of the register is of the whole city",
    "styleguide.one": "one component with made-up data; it shows nothing of anybody",
    "applications_merchant.claim": "the operator of a credit code that nobody has claimed yet",
}

#: Answers that look like a refusal and are none, each with its reason.
ADMITTED: dict[str, tuple[set[int], str]] = {
    "publiclog.checkpoint": ({404}, "the log has not begun"),
    "publiclog.witnessed": ({404}, "nobody has cosigned"),
    "disclosure.open_file": ({404}, "open to all; there is no file before the first night"),
    "ratings_open.rows": ({404}, "open to all; there is no file before the first night"),
    "ratings_open.scores": ({404}, "open to all; there is no file before the first night"),
    "files.show": ({404}, "the view decides by the file's owner; tests/files walk that"),
    "files.public": ({404}, "only photos of published shops are public; tests/files walk that"),
    "complaints.photo": ({404}, "a photo that was just uploaded opens by its signed token alone"),
    "printing_office.preview": ({409}, "nothing is chosen here that could be shown"),
    "printing_merchant.preview": ({409}, "nothing is chosen here that could be shown"),
    "printing_merchant.new": ({404}, "a merchant without an operator has nothing to print"),
    "printing_merchant.order": ({404}, "a merchant without an operator has nothing to print"),
    "stickers.status_index": ({404}, "nothing is published before there is a key to sign with"),
    "listings_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "oversight_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "honours_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "consumers_mine.drop": ({404}, "the shop is named in the form, which is empty here"),
    "ops.readyz": ({503}, "no worker follows the change feed in tests"),
    "notices.outbox": ({404}, "the local outbox exists on developers' machines only"),
}
