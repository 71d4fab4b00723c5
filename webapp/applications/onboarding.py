"""The merchant's onboarding: claiming an operator, its shops, the steps of a draft and what it still lacks.

Steps of other features come by the slot ``application.step``: a supplier gives an object with `key` (the end of the
step's address), `order`, ``missing(shop) -> [(item, word, details)]`` and ``answer(shop, item, frame)``, which draws
the step's pages inside the frame and takes what they post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask import current_app, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.identifiers import check_uscc
from webapp.merchants import lookup, records
from webapp.merchants import operations as merchants
from webapp.merchants import queries as merchant_queries
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import MemberRole, Operator, Shop
from webapp.regions import queries as regions
from webapp.web import slots
from webapp.web.words import label

from . import onboarding_rules as rules
from . import operations, queries
from .models import Application
from .onboarding_rules import Missing, ShopFacts
from .rules import EDITABLE, IN_REVIEW, ApplicationState

PREVIEW = "preview"


class Step(Protocol):
    """A step that another feature adds."""

    key: str
    order: int

    def missing(self, shop: Shop) -> list[tuple[str, str, dict[str, str]]]:
        """What the shop lacks: (item of the step, word key, details)."""

    def answer(self, shop: Shop, item: str, frame: Any) -> ResponseReturnValue:
        """Draw the step, or take what it posts."""


@dataclass(frozen=True)
class Frame:
    """What surrounds a step's page. `steps`: (words, address); `current` counts from 1; `asked`: an officer's words."""

    application: Application
    key: str
    title: str
    steps: list[tuple[str, str]]
    current: int
    here: str
    back: str
    next: str
    asked: str


# --- the operator -----------------------------------------------------------------------------------------------------


def facts_of(uscc: str) -> RegistryFacts | None:
    """The register's facts; NotFound when `uscc` is no unified social credit code."""
    if not check_uscc(uscc).ok:
        raise NotFound("no_such_thing")
    return lookup.find_facts(uscc)


def wants_representative(now: datetime) -> bool:
    """Does the city ask for the legal representative's name as proof of relation? (policy)"""
    return policy.get_int("application.representative_name", clock.day_of(now)) == 1


def claim(uscc: str, representative: str, actor: Actor, now: datetime) -> Operator:
    """The merchant says that this operator is theirs, and becomes its owner.

    Raises Invalid ``register_gate_<fault>`` when the register does not let it in, ``representative_mismatch`` when the
    typed name is not the legal representative's, Conflict ``operator_has_owner``.
    """
    facts = facts_of(uscc)
    if faults := rules.gate(facts):
        raise Invalid(f"register_gate_{faults[0]}", field="uscc")
    assert facts is not None, "an unknown operator does not pass the gate"
    if actor.account_id is None:
        raise Forbidden("no_access")
    if wants_representative(now) and not rules.same_name(representative, facts.legal_representative):
        raise Invalid("representative_mismatch", field="representative")
    operator = records.create_operator_from_record(facts, now)
    # Held until the commit: of two who claim at once, the second sees the first as owner.
    db.session.refresh(operator, with_for_update=True)
    merchants.join(actor.account_id, operator.id, MemberRole.OWNER, actor=actor, now=now)
    return operator


# --- a shop and its draft ---------------------------------------------------------------------------------------------


def new_shop(
    operator_id: int, name: str, branch: str, like: Shop | None, actor: Actor, now: datetime
) -> Application:
    """A shop of the operator with a draft application; what is the same at `like`, another of its shops, is copied.

    The same form sent twice gives the draft of the first. Raises Invalid of the merchants' feature.
    """
    operator = merchant_queries.get_operator(operator_id)
    db.session.refresh(operator, with_for_update=True)
    twin = next(
        (shop for shop in operator.shops if (shop.name, shop.branch) == (name.strip(), branch.strip())), None
    )
    if twin is not None:
        found = queries.find_open(twin.id)
        if found is not None and found.state is ApplicationState.DRAFT:
            return found
        raise Invalid("shop_name_taken", field="branch", name=twin.full_name)
    shop = merchants.create_shop(
        operator_id,
        name=name,
        branch=branch,
        region_code=like.region_code if like else guessed_region(operator),
        industry_code=like.industry_code if like else None,
        opening_hours=like.opening_hours if like else None,
        phone=like.phone if like else "",
        actor=actor,
        now=now,
    )
    db.session.expire(operator, ["shops"])
    return operations.start(shop.id, actor, now)


def guessed_region(operator: Operator) -> str:
    """The county that the registered address names, else the one where it was registered (characters 3 to 8 of the
    code), else the city's first: the merchant chooses the street anyway.
    """
    counties = regions.all_counties()
    if not counties:
        raise Invalid("region_unknown", field="region_code")
    named = next((county for county in counties if county.name in operator.registered_address), None)
    registered = next((county for county in counties if county.code == operator.uscc[2:8]), None)
    return (named or registered or counties[0]).code


def stated_place(shop: Shop) -> tuple[str, str]:
    """(region code, address) of the shop; of an operator's only shop that states none yet, what the register says."""
    if shop.address or len(shop.operator.shops) > 1:
        return shop.region_code, shop.address
    county = regions.find(shop.region_code[:6])
    if county is None:
        return shop.region_code, ""
    streets = {street.code: street.name for street in regions.streets(county.code)}
    code, address = rules.place_in(shop.operator.registered_address, county.name, streets)
    return code or shop.region_code, address


def applications_of(operator_ids: frozenset[int]) -> list[Application]:
    """The applications of these operators, the newest first."""
    statement = sa.select(Application).where(Application.operator_id.in_(operator_ids))
    return list(db.session.scalars(statement.order_by(Application.id.desc())))


def editable(application_id: int) -> Application:
    """The application, if what it states may still be changed; Conflict ``application_not_editable`` else."""
    application = queries.get_application(application_id)
    if application.state not in EDITABLE:
        raise Conflict("application_not_editable")
    operations.check_barred(application.shop_id)
    return application


def frozen(shop: Shop) -> bool | None:
    """For the slot ``shop.frozen``: True while an application of the shop is under review."""
    application = queries.find_open(shop.id)
    return True if application is not None and application.state in IN_REVIEW else None


def bound(shop: Shop) -> bool | None:
    """For the slot ``shop.bound``: True once an application was handed in, whatever became of it."""
    statement = sa.select(Application.id).where(
        Application.shop_id == shop.id, Application.submitted_at.is_not(None)
    )
    return True if db.session.scalar(statement.limit(1)) is not None else None


# --- steps ------------------------------------------------------------------------------------------------------------


def added_steps() -> list[Step]:
    """The steps that other features add, in order."""
    found: list[Step] = slots.collect(current_app, "application.step")
    return sorted(found, key=lambda step: step.order)


def find_step(key: str) -> Step:
    """The added step with this key; raises NotFound."""
    for step in added_steps():
        if step.key == key:
            return step
    raise NotFound("no_such_thing")


def step_keys() -> list[str]:
    """All steps in order, the preview last."""
    return [*rules.SHOP_STEPS, *(step.key for step in added_steps()), PREVIEW]


def address(application: Application, key: str, item: str = "") -> str:
    """The address of a step's page."""
    if item:
        return url_for("applications_merchant.added", application_id=application.id, step=key, item=item)
    if key in {*rules.SHOP_STEPS, PREVIEW}:
        return url_for(f"applications_merchant.{key}", application_id=application.id)
    return url_for("applications_merchant.added", application_id=application.id, step=key)


def frame(application: Application, key: str) -> Frame:
    """The frame of one step's page."""
    keys = step_keys()
    before, after = rules.neighbours(keys, key)
    show = url_for("applications_merchant.show", application_id=application.id)
    return Frame(
        application,
        key,
        label(f"onboarding.step.{key}"),
        [(label(f"onboarding.step.{name}"), address(application, name)) for name in keys],
        keys.index(key) + 1,
        address(application, key),
        address(application, before) if before else show,
        address(application, after) if after else show,
        asked_of(application, key),
    )


def asked_parts(application: Application) -> tuple[list[str], str]:
    """What the officer asked to have mended (parts of ``rules.FIELDS``) and in which words; empty unless returned."""
    if application.state is not ApplicationState.RETURNED:
        return [], ""
    decision = queries.last_return(application)
    if decision is None:
        return [], ""
    words = [label(f"application.reason.return.{decision.reason_code}")] if decision.reason_code else []
    if decision.reason:
        words.append(decision.reason)
    return list(decision.fields), "：".join(words)


def asked_of(application: Application, key: str) -> str:
    """The officer's words where they concern the step `key`, else nothing."""
    parts, words = asked_parts(application)
    return words if any(rules.STEP_OF_PART.get(part) == key for part in parts) else ""


def missing(shop: Shop) -> list[Missing]:
    """Everything that the shop's application lacks, in the order of the steps."""
    found = rules.missing_of_shop(shop_facts(shop))
    for step in added_steps():
        for item, word, details in step.missing(shop):
            found.append(Missing(step.key, word, item, tuple(details.items())))
    return found


def shop_facts(shop: Shop) -> ShopFacts:
    """The shop as the rules read it."""
    return ShopFacts(
        shop.name,
        shop.region_code,
        shop.address,
        shop.latitude,
        shop.longitude,
        shop.category.value if shop.category else None,
        shop.industry_code,
        shop.phone,
        shop.opening_hours,
        len(shop.photos),
    )


def said(lacks: Sequence[Missing], application: Application) -> list[tuple[str, str]]:
    """What is missing in words, each with the address where to give it."""
    return [
        (label(lack.word, **dict(lack.details)), address(application, lack.step, lack.item)) for lack in lacks
    ]


def resume_address(application: Application) -> str:
    """Where the merchant goes on: the first step that lacks something, or the preview."""
    lacks = missing(application.shop)
    return address(application, rules.first_open_step(step_keys(), lacks) or PREVIEW)
