"""Filling the catalogue, signing and withdrawing commitments."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from webapp import audit, feed
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.steps import permit
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop

from . import queries, rules
from .models import Commitment, CommitmentTemplate

CATALOGUE = Path(__file__).with_name("catalogue.toml")


class ChangedBody(ValueError):
    """The catalogue gives another text under a version that is in the table: somebody may have signed the old one."""


def sync(path: Path = CATALOGUE) -> int:
    """Fill the catalogue from `path`; returns how many rows changed.

    Title, summary, claims, dates and order may be corrected; the body of a version never: raises :class:`ChangedBody`.
    """
    with path.open("rb") as stream:
        entries = tomllib.load(stream)["commitment"]
    changed = 0
    for entry in entries:
        body = entry["body"].strip()
        values = {**_values(entry), "body": body, "body_sha256": rules.body_hash(body)}
        known = db.session.scalar(
            sa.select(CommitmentTemplate).where(
                CommitmentTemplate.code == entry["code"], CommitmentTemplate.version == entry["version"]
            )
        )
        if known is None:
            db.session.add(CommitmentTemplate(code=entry["code"], version=entry["version"], **values))
            changed += 1
            continue
        if known.body_sha256 != values["body_sha256"]:
            raise ChangedBody(f"{entry['code']} version {entry['version']}: give the new text a new version")
        different = {name: value for name, value in values.items() if getattr(known, name) != value}
        for name, value in different.items():
            setattr(known, name, value)
        changed += bool(different)
    db.session.flush()
    return changed


def _values(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": entry["title"],
        "summary": entry["summary"],
        "how_to_claim": entry["how_to_claim"],
        "required": entry["required"],
        "categories": ",".join(entry["categories"]),
        "in_force_from": entry["from"],
        "in_force_until": entry.get("until"),
        "position": entry["position"],
    }


def sign(
    shop_id: int, template_ids: Iterable[int], name: str, actor: Actor, now: datetime
) -> list[Commitment]:
    """Sign these pledges for the shop with the name typed as signature; returns the new ones.

    What is signed already is left alone. A new version takes the place of the old one of its code. Raises Invalid
    (``signature_name``), Conflict (``commitment_changed``) when a text is no longer offered, Forbidden for who is not
    of the shop's operator.
    """
    shop = get_shop(shop_id)
    _may_sign(actor, shop)
    name = " ".join(name.split())
    if not rules.is_name(name):
        raise Invalid("signature_name", field="name")
    offered = {template.id: template for template in queries.offered_to(shop, clock.day_of(now))}
    wanted = list(dict.fromkeys(template_ids))
    if not set(wanted) <= offered.keys():
        raise Conflict("commitment_changed")
    held = queries.signatures(shop_id)
    signed = []
    for template_id in wanted:
        if any(template.id == template_id for _, template in held):
            continue
        for older, template in held:
            if template.code == offered[template_id].code:
                older.withdrawn_at = now
        signed.append(_sign_one(shop, offered[template_id], name, actor, now))
    db.session.flush()
    for commitment in signed:
        _record("commitment.sign", commitment, offered[commitment.template_id], shop, actor, now)
    if signed:
        feed.publish("commitment.signed", now=now, shop_id=shop_id)
    return signed


def _sign_one(shop: Shop, template: CommitmentTemplate, name: str, actor: Actor, now: datetime) -> Commitment:
    commitment = Commitment(
        shop_id=shop.id,
        template_id=template.id,
        signed_by_id=actor.account_id,
        signed_name=name,
        signed_at=now,
    )
    db.session.add(commitment)
    return commitment


def withdraw(commitment_id: int, actor: Actor, now: datetime) -> None:
    """Take a pledge back. Raises Conflict (``commitment_required``) for one that every shop keeps."""
    commitment = db.session.get(Commitment, commitment_id)
    if commitment is None or commitment.withdrawn_at is not None:
        raise NotFound("no_such_thing")
    shop, template = get_shop(commitment.shop_id), queries.get_template(commitment.template_id)
    _may_sign(actor, shop)
    if template.required and rules.applies(
        queries.as_pledge(template), shop.category.value if shop.category else None, clock.day_of(now)
    ):
        raise Conflict("commitment_required", title=template.title)
    commitment.withdrawn_at = now
    _record("commitment.withdraw", commitment, template, shop, actor, now)
    feed.publish("commitment.withdrawn", now=now, shop_id=shop.id)


def _may_sign(actor: Actor, shop: Shop) -> None:
    permit(actor, frozenset({Role.MERCHANT}), shop.scope, "no_access")
    if actor.account_id is None:
        raise Forbidden("no_access")


def _record(
    action: str, commitment: Commitment, template: CommitmentTemplate, shop: Shop, actor: Actor, now: datetime
) -> None:
    audit.record(
        actor,
        action,
        "commitment",
        commitment.id,
        now=now,
        shop_id=shop.id,
        operator_id=shop.operator_id,
        new={"code": template.code, "version": template.version, "body_sha256": template.body_sha256},
        public=False,
    )
