"""Register records and feeds for tests."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from tests.factories import merchants
from tests.factories.merchants import NOW
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.core.identifiers import make_uscc
from webapp.merchants.models import Operator
from webapp.registry.models import RegistryRecord
from webapp.registry.rows import facts_hash, merged
from webapp.registry.rules import RegistryStatus

HEADINGS = (
    "uscc",
    "name",
    "kind",
    "legal_representative",
    "registered_address",
    "authority",
    "established_on",
    "status",
)
HEADINGS += ("abnormal", "abnormal_ground", "abnormal_on", "serious_violation", "penalties", "as_of")


def uscc(number: int) -> str:
    """A valid code of a self-employed household, different for every number."""
    return make_uscc(f"92130606MA{number:07}")


def row(number: int = 1, **more: str) -> dict[str, str]:
    """A row in our own format."""
    facts = {
        "uscc": uscc(number),
        "name": f"莲池区第{number}面馆",
        "kind": "个体工商户",
        "legal_representative": "王建国",
        "registered_address": "保定市莲池区裕华东路128号",
        "authority": "莲池区市场监督管理局",
        "established_on": "2019-03-01",
        "status": "存续",
        "abnormal": "否",
        "as_of": "2026-05-01",
    }
    return facts | more


def feed(*rows: dict[str, str], headings: tuple[str, ...] = HEADINGS, encoding: str = "utf-8") -> io.BytesIO:
    """Rows as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(out.getvalue().encode(encoding))


def make_record(number: int = 1, **more: Any) -> RegistryRecord:
    """A record as an import leaves it."""
    facts = merged(
        {
            "name": f"莲池区第{number}面馆",
            "kind": "self_employed",
            "legal_representative": "王建国",
            "registered_address": "保定市莲池区裕华东路128号",
            "authority": "莲池区市场监督管理局",
            "established_on": date(2019, 3, 1),
            "status": RegistryStatus.ACTIVE,
            **{key: value for key, value in more.items() if key not in {"uscc", "as_of"}},
        },
        None,
    )
    record = RegistryRecord(
        uscc=more.get("uscc", uscc(number)),
        as_of=more.get("as_of", date(2026, 5, 1)),
        source="register",
        facts_hash=facts_hash(facts),
        imported_at=NOW,
        **facts,
    )
    db.session.add(record)
    db.session.flush()
    return record


def make_live_operator(number: int = 1, shops: int = 1) -> Operator:
    """An operator with its record, and shops whose codes are active."""
    make_record(number)
    operator = merchants.make_operator(f"莲池区第{number}面馆", uscc(number))
    for _ in range(shops):
        shop = merchants.make_shop(operator)
        db.session.add(TrustCode(shop_id=shop.id, state=CodeState.ACTIVE, issued_at=NOW, changed_at=NOW))
    db.session.commit()
    return operator
