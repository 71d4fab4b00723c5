"""Reading commitments: the catalogue for a shop, and what it has signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop

from . import rules
from .models import Commitment, CommitmentTemplate
from .rules import Pledge


@dataclass(frozen=True)
class PublicCommitment:
    """A pledge that stands, as the public sees it; `body` is exactly what was signed."""

    code: str
    version: int
    title: str
    summary: str
    body: str
    how_to_claim: str
    signed_name: str
    signed_at: datetime


def as_pledge(template: CommitmentTemplate) -> Pledge:
    """The template as the rules read it."""
    return Pledge(
        template.code,
        template.version,
        template.required,
        frozenset(filter(None, template.categories.split(","))),
        template.in_force_from,
        template.in_force_until,
    )


def offered(category: str | None, today: date) -> list[CommitmentTemplate]:
    """The newest version of each pledge that a shop of `category` can sign today: required ones first."""
    statement = sa.select(CommitmentTemplate).order_by(
        CommitmentTemplate.required.desc(), CommitmentTemplate.position, CommitmentTemplate.version
    )
    templates = {(row.code, row.version): row for row in db.session.scalars(statement)}
    fitting = [
        pledge for row in templates.values() if rules.applies(pledge := as_pledge(row), category, today)
    ]
    return [templates[pledge.code, pledge.version] for pledge in rules.newest(fitting)]


def get_template(template_id: int) -> CommitmentTemplate:
    """The template with this id; raises NotFound."""
    template = db.session.get(CommitmentTemplate, template_id)
    if template is None:
        raise NotFound("no_such_thing")
    return template


def signatures(shop_id: int) -> list[tuple[Commitment, CommitmentTemplate]]:
    """What stands for the shop with its text, in the catalogue's order."""
    statement = (
        sa.select(Commitment, CommitmentTemplate)
        .join(CommitmentTemplate, CommitmentTemplate.id == Commitment.template_id)
        .where(Commitment.shop_id == shop_id, Commitment.withdrawn_at.is_(None))
        .order_by(
            CommitmentTemplate.required.desc(), CommitmentTemplate.position, CommitmentTemplate.version.desc()
        )
    )
    return list(db.session.execute(statement).tuples())


def standing(shop_id: int) -> list[PublicCommitment]:
    """What the trust page shows: of each pledge the newest version that stands."""
    found: dict[str, PublicCommitment] = {}
    for commitment, template in signatures(shop_id):
        found.setdefault(
            template.code,
            PublicCommitment(
                template.code,
                template.version,
                template.title,
                template.summary,
                template.body,
                template.how_to_claim,
                commitment.signed_name,
                commitment.signed_at,
            ),
        )
    return list(found.values())


def lacking(shop: Shop, today: date) -> list[CommitmentTemplate]:
    """Required pledges that the shop has not signed."""
    templates = {template.code: template for template in offered(_category(shop), today)}
    signed = {template.code for _, template in signatures(shop.id)}
    codes = rules.lacking([as_pledge(template) for template in templates.values()], signed)
    return [templates[code] for code in codes]


def offered_to(shop: Shop, today: date) -> list[CommitmentTemplate]:
    """As :func:`offered` for this shop."""
    return offered(_category(shop), today)


def _category(shop: Shop) -> str | None:
    return shop.category.value if shop.category else None


def in_force(today: date) -> list[CommitmentTemplate]:
    """The newest version of each pledge that some shop can sign today, whatever its category."""
    statement = sa.select(CommitmentTemplate).order_by(
        CommitmentTemplate.required.desc(), CommitmentTemplate.position, CommitmentTemplate.version.desc()
    )
    found: dict[str, CommitmentTemplate] = {}
    for row in db.session.scalars(statement):
        if row.in_force_from <= today and (row.in_force_until is None or today <= row.in_force_until):
            found.setdefault(row.code, row)
    return list(found.values())
