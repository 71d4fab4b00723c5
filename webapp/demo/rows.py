"""The rows of one demo shop, as dictionaries for bulk inserts: pure apart from signing its sticker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from qrservice import Payload, Signer
from qrservice import issue as sign_token
from webapp.applications.models import Application, ApplicationDecision
from webapp.applications.rules import ApplicationState
from webapp.audit.models import AuditEvent
from webapp.codes.models import SuspensionGround, TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import Base
from webapp.demo import words
from webapp.demo.city import DemoShop
from webapp.demo.plan import Fate, Plan
from webapp.licences.rules import LicenceState
from webapp.merchants.models import Shop
from webapp.merchants.operations import SHOWN_FACTS
from webapp.registry.rules import Consequence
from webapp.stickers.models import Sticker, StickerPlace, StickerState

Rows = dict[type[Base], list[dict[str, Any]]]


@dataclass(frozen=True)
class Cast:
    """Who acts in the demo city, and what is needed to write it."""

    station: Actor
    bureau: Actor
    second: Actor
    owner_id: int  # signs for operators that have no account of their own
    signer: Signer
    host: str
    stations: dict[str, int]  # station name → id
    departments: dict[str, str]  # industry → department
    templates: dict[str, int]  # commitment code → newest template id
    now: datetime


@dataclass
class Numbers:
    """The next free keys: rows refer to each other, so they are numbered before they are inserted."""

    next_of: dict[type[Base], int] = field(default_factory=dict)

    def take(self, table: type[Base]) -> int:
        """The next free key of `table`."""
        number = self.next_of.get(table, 1)
        self.next_of[table] = number + 1
        return number


def shop_row(shop: DemoShop, shop_id: int, operator_id: int, plan: Plan, cast: Cast) -> dict[str, Any]:
    """The row of `shop`."""
    return {
        "id": shop_id,
        "operator_id": operator_id,
        "name": shop.name,
        "branch": shop.branch,
        "address": shop.address,
        "region_code": shop.region_code,
        "station_id": cast.stations.get(shop.street.station),
        "category": shop.category,
        "industry_code": shop.industry_code,
        "department_code": cast.departments.get(shop.industry_code),
        "latitude": shop.latitude,
        "longitude": shop.longitude,
        "phone": shop.phone,
        "opening_hours": dict(shop.opening_hours),
        "created_at": plan.submitted_at - timedelta(hours=2),
        "updated_at": plan.submitted_at,
        "version": 1,
        "shown_as": None,
    }


def licence_rows(
    shop: DemoShop, shop_id: int, operator_id: int, plan: Plan, cast: Cast, *, first: bool
) -> Iterator[dict[str, Any]]:
    """Licences: the operator's own once, the shop's each time; verified where the shop was approved."""
    verified = plan.fate is Fate.APPROVED
    for licence in shop.licences:
        if not licence.per_shop and not first:
            continue
        yield {
            "operator_id": operator_id,
            "shop_id": shop_id if licence.per_shop else None,
            "kind_code": licence.kind,
            "number": licence.number,
            "scope": licence.scope,
            "valid_from": licence.valid_from,
            "valid_until": licence.valid_until,
            "file_id": None,
            "state": LicenceState.VERIFIED if verified else LicenceState.STATED,
            "checks": [],
            "verified_by_id": cast.station.account_id if verified else None,
            "verified_at": plan.approved_at if verified else None,
            "verified_how": "application" if verified else None,
            "refused_reason": None,
            "created_at": plan.submitted_at,
            "updated_at": plan.submitted_at,
            "replaced_at": None,
        }


def commitment_rows(shop: DemoShop, shop_id: int, plan: Plan, cast: Cast) -> Iterator[dict[str, Any]]:
    """The pledges signed with the application."""
    for code in shop.commitments:
        if code in cast.templates:
            yield {
                "shop_id": shop_id,
                "template_id": cast.templates[code],
                "signed_by_id": cast.owner_id,
                "signed_name": shop.operator.legal_representative,
                "signed_at": plan.submitted_at,
                "withdrawn_at": None,
            }


def add_approval(
    rows: Rows, numbers: Numbers, shop_id: int, operator_id: int, plan: Plan, cast: Cast
) -> None:
    """The application with its decisions, the code, its first stickers and their history."""
    application_id = numbers.take(Application)
    rows[Application].append(
        {
            "id": application_id,
            "shop_id": shop_id,
            "operator_id": operator_id,
            "state": ApplicationState.APPROVED,
            "created_by_id": cast.owner_id,
            "created_at": plan.submitted_at,
            "submitted_at": plan.submitted_at,
            "due_on": None,
            "deferred_until": None,
            "decided_at": plan.approved_at,
            "statement": None,
            "previous": None,
            "checks": [],
            "checks_passed": True,
            "version": 3,
        }
    )
    passed_on = plan.submitted_at + (plan.approved_at - plan.submitted_at) / 2
    course = (
        ("submit", "draft", "station_review", cast.owner_id, plan.submitted_at),
        ("pass_on", "station_review", "bureau_review", cast.station.account_id, passed_on),
        ("approve", "bureau_review", "approved", cast.bureau.account_id, plan.approved_at),
    )
    for action, source, target, by_id, at in course:
        rows[ApplicationDecision].append(
            {
                "application_id": application_id,
                "action": action,
                "from_state": source,
                "to_state": target,
                "by_id": by_id,
                "reason_code": None,
                "reason": "",
                "fields": [],
                "at": at,
            }
        )
    code_id = numbers.take(TrustCode)
    rows[TrustCode].append(
        {
            "id": code_id,
            "shop_id": shop_id,
            "state": CodeState.ACTIVE,
            "issued_at": plan.approved_at,
            "issued_by_id": cast.bureau.account_id,
            "changed_at": plan.approved_at,
            "revoked_at": None,
            "revoked_ground": None,
            "version": 1,
        }
    )
    rows[AuditEvent].append(
        history(
            cast.bureau, "code.issue", "trust_code", code_id, shop_id, plan.approved_at, {"state": "active"}
        )
    )
    _add_end(rows, code_id, shop_id, plan, cast)
    _add_stickers(rows, shop_id, plan, cast)


def _add_end(rows: Rows, code_id: int, shop_id: int, plan: Plan, cast: Cast) -> None:
    """What the register, an officer or the black list did to the code since."""
    code, at = rows[TrustCode][-1], cast.now - timedelta(days=3 + shop_id % 25)
    if plan.consequence is Consequence.REVOKE or plan.listed == "black":
        ground = plan.ground or "black_listed"
        code.update(state=CodeState.REVOKED, revoked_at=at, changed_at=at, revoked_ground=ground)
        shop = rows[Shop][-1]
        shop["shown_as"] = {fact: shop[fact] for fact in SHOWN_FACTS} | {"photos": []}
        event = history(SYSTEM, "code.revoke", "trust_code", code_id, shop_id, at, {"state": "revoked"})
        rows[AuditEvent].append(event | {"reason_code": ground, "reason": ground})
    elif plan.consequence is Consequence.SUSPEND or plan.suspended_by_officer:
        actor = cast.bureau if plan.suspended_by_officer else SYSTEM
        ground = plan.ground or "under_inspection"
        reason = words.phrases()["suspend_reason"] if plan.suspended_by_officer else ground
        code.update(state=CodeState.SUSPENDED, changed_at=at)
        rows[SuspensionGround].append(
            {
                "trust_code_id": code_id,
                "ground": ground,
                "reason": reason,
                "started_at": at,
                "started_by_id": actor.account_id,
                "ended_at": None,
                "ended_by_id": None,
                "ended_reason": None,
            }
        )
        event = history(actor, "code.suspend", "trust_code", code_id, shop_id, at, {"state": "suspended"})
        rows[AuditEvent].append(event | {"reason_code": ground, "reason": reason})


def _add_stickers(rows: Rows, shop_id: int, plan: Plan, cast: Cast) -> None:
    places = [StickerPlace.DOOR, StickerPlace.TILL] + [StickerPlace.DOOR] * plan.replaced_sticker
    for serial, place in enumerate(places, start=1):
        replaced = plan.replaced_sticker and serial == 1
        ended = cast.now - timedelta(days=9) if replaced else None
        rows[Sticker].append(
            {
                "shop_id": shop_id,
                "serial": serial,
                "kid": cast.signer.kid,
                "token": sign_token(Payload(cast.signer.kid, shop_id, serial), cast.host, cast.signer),
                "place": place,
                "state": StickerState.REPLACED if replaced else StickerState.VALID,
                "issued_at": plan.approved_at if serial < 3 else cast.now - timedelta(days=9),
                "ended_at": ended,
                "ended_reason": "worn" if replaced else None,
                "replaced_by_serial": 3 if replaced else None,
            }
        )


def listing_row(shop: DemoShop, shop_id: int, plan: Plan, cast: Cast) -> dict[str, Any]:
    """A published entry of the red or black list, proposed by one officer and confirmed by another."""
    at, phrases = cast.now - timedelta(days=10 + shop.index % 60), words.phrases()
    black = plan.listed == "black"
    return {
        "shop_id": shop_id,
        "colour": plan.listed,
        "state": "published",
        "ground": "short_measure" if black else "clean_record",
        "evidence": phrases[f"{plan.listed}_evidence"],
        "public_summary": phrases[f"{plan.listed}_summary"],
        "term_until": clock.day_of(at) + timedelta(days=365) if black else None,
        "proposed_by_id": cast.bureau.account_id,
        "proposed_at": at - timedelta(days=2),
        "decided_by_id": cast.second.account_id,
        "decided_at": at,
        "decision_reason": phrases["listing_confirmed"],
        "published_at": at,
        "ended_at": None,
        "ended_reason": None,
        "severity": "general" if black else None,
        "office_region": "1306",
        "version": 2,
    }


def history(
    actor: Actor, action: str, subject: str, subject_id: int, shop_id: int, at: datetime, new: dict[str, Any]
) -> dict[str, Any]:
    """A public row of the audit trail."""
    return {
        "at": at,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "actor_role": (actor.posts[0].role if actor.posts else actor.role).value,
        "action": action,
        "subject_type": subject,
        "subject_id": subject_id,
        "shop_id": shop_id,
        "operator_id": None,
        "old": None,
        "new": new,
        "reason_code": None,
        "reason": None,
        "public": True,
    }
