"""Commitments for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from webapp.accounts.models import Account
from webapp.commitments import rules
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core.db import db
from webapp.merchants.models import Shop

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


def make_template(code: str = "integrity", version: int = 1, **more: Any) -> CommitmentTemplate:
    """A pledge of the catalogue: required, for all shops, in force since 2024."""
    body = more.pop("body", f"一、诚信经营（第{version}版）。")
    facts: dict[str, Any] = {
        "title": "诚信经营",
        "summary": "不虚假宣传。",
        "how_to_claim": "点投诉。",
        "required": True,
        "categories": "",
        "in_force_from": date(2024, 1, 1),
        "in_force_until": None,
        "position": 10,
    }
    template = CommitmentTemplate(
        code=code, version=version, body=body, body_sha256=rules.body_hash(body), **(facts | more)
    )
    db.session.add(template)
    db.session.flush()
    return template


def make_commitment(shop: Shop, template: CommitmentTemplate, by: Account, name: str = "王芳") -> Commitment:
    """A standing signature."""
    commitment = Commitment(
        shop_id=shop.id, template_id=template.id, signed_by_id=by.id, signed_name=name, signed_at=NOW
    )
    db.session.add(commitment)
    db.session.flush()
    return commitment
