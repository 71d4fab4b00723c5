"""Entering, importing and withdrawing inspections. Each writes its audit row, so its leaf of the log, and the feed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.steps import permit
from webapp.merchants.queries import get_shop
from webapp.web import tables
from webapp.web.words import label

from . import queries, rules
from .models import Inspection
from .rules import STEPS, Facts, InspectionKind, InspectionResult

#: Rows that one file may have.
ROWS_MOST: Final = 2000
#: The largest file, bytes.
FILE_MOST: Final = 2_000_000
#: Columns by what they may be called.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "shop": ("门店编号", "店铺编号", "编号", "shop"),
    "inspected_on": ("检查日期", "日期", "inspected_on"),
    "kind": ("检查类别", "类别", "kind"),
    "result": ("检查结果", "结果", "result"),
    "number": ("文书编号", "检查文书编号", "number"),
    "summary": ("公开说明", "说明", "summary"),
    "note": ("内部备注", "备注", "note"),
}
_KNOWN: Final = {heading: name for name, headings in COLUMNS.items() for heading in headings}


def enter(shop_id: int, facts: Facts, actor: Actor, now: datetime) -> Inspection:
    """Show an inspection on the shop's page. The same number with the same facts again is the same one.

    Raises Invalid (by field, see ``rules.problems``; ``inspection_same_number`` for other facts), Forbidden.
    """
    shop = get_shop(shop_id)
    permit(actor, rules.OFFICERS, shop.scope)
    today = clock.day_of(now)
    wrong = rules.problems(facts, today, policy.get_int("inspection.shown_days", today))
    if wrong:
        field, code = next(iter(wrong.items()))
        raise Invalid(code, field=field, fields=wrong)
    same = queries.find_same(shop_id, facts.number.strip())
    if same is not None:
        if (same.inspected_on, same.kind.value, same.result.value) != (
            facts.inspected_on,
            facts.kind,
            facts.result,
        ):
            raise Invalid(
                "inspection_same_number", field="number", fields={"number": "inspection_same_number"}
            )
        return same
    inspection = Inspection(
        shop_id=shop_id,
        inspected_on=facts.inspected_on,
        kind=InspectionKind(facts.kind),
        result=InspectionResult(facts.result),
        number=facts.number.strip(),
        summary=facts.summary.strip(),
        note=facts.note.strip(),
        state=STEPS.first,
        entered_by_id=actor.account_id,
        entered_at=now,
    )
    db.session.add(inspection)
    db.session.flush()
    _record("inspection.enter", inspection, actor, now)
    return inspection


def withdraw(inspection_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Inspection:
    """Show it no more: it was wrong. Raises StepRefused, Forbidden, Invalid (no reason), Conflict (it changed)."""
    inspection = queries.get(inspection_id)
    if inspection.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(inspection.state, "withdraw", actor, inspection.shop.scope, reason)
    inspection.state, inspection.withdrawn_at = step.target, now
    inspection.withdrawn_by_id, inspection.withdrawn_reason = actor.account_id, reason.strip()[:500]
    db.session.flush()
    _record("inspection.withdraw", inspection, actor, now, reason=reason.strip())
    return inspection


def take_file(data: bytes, actor: Actor, now: datetime) -> int:
    """Enter every row of a file (CSV or XLSX), all or none; returns how many are new.

    Raises Invalid (``inspection_file`` when it is no such table; ``inspection_row`` with `line` and `why`).
    """
    if len(data) > FILE_MOST:
        raise Invalid("inspection_file_long", field="file", most=ROWS_MOST)
    new = 0
    for line, row in _rows(data):
        shop_id = int(row["shop"]) if row.get("shop", "").isascii() and row.get("shop", "").isdigit() else 0
        try:
            before = queries.find_same(shop_id, row.get("number", "").strip()) if shop_id < 2**32 else None
            made = enter(shop_id if shop_id < 2**32 else 0, _facts(row), actor, now)
        except (NotFound, Forbidden) as error:
            raise Invalid(
                "inspection_row", field="file", line=line, why=label("inspection.no_such_shop")
            ) from error
        except Invalid as error:
            raise Invalid(
                "inspection_row", field="file", line=line, why=label(f"error.{error.code}")
            ) from error
        new += before is None or before.id != made.id
    return new


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    headings: list[str | None] | None = None
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for line, texts in tables.read(data):
            if headings is None:
                headings = [_KNOWN.get(text.strip().lower()) for text in texts]
                if not {"shop", "inspected_on", "kind", "result", "number"} <= set(headings):
                    raise Invalid("inspection_file", field="file")
                continue
            if len(rows) == ROWS_MOST:
                raise Invalid("inspection_file_long", field="file", most=ROWS_MOST)
            rows.append((line, {name: text for name, text in zip(headings, texts, strict=False) if name}))
    except tables.Unreadable as error:
        raise Invalid("inspection_file", field="file") from error
    if not rows:
        raise Invalid("inspection_file", field="file")
    return rows


def _facts(row: dict[str, str]) -> Facts:
    """A row as facts: kinds and results by their words or codes."""
    kinds = {label(f"inspection.kind.{kind.value}"): kind.value for kind in InspectionKind}
    results = {label(f"inspection.result.{result.value}"): result.value for result in InspectionResult}
    kind, result = row.get("kind", "").strip(), row.get("result", "").strip()
    try:
        on = date.fromisoformat(row.get("inspected_on", "").strip().replace("/", "-").replace(".", "-"))
    except ValueError:
        on = None
    return Facts(
        on,
        kinds.get(kind, kind),
        results.get(result, result),
        row.get("number", ""),
        row.get("summary", ""),
        row.get("note", ""),
    )


def _record(
    action: str, inspection: Inspection, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    facts: dict[str, Any] = {
        "state": inspection.state.value,
        "kind": inspection.kind.value,
        "result": inspection.result.value,
        "inspected_on": inspection.inspected_on.isoformat(),
    }
    audit.record(
        actor,
        action,
        "inspection",
        inspection.id,
        now=now,
        shop_id=inspection.shop_id,
        new=facts,
        reason=reason,
        public=True,
    )
    feed.publish(action, now=now, shop_id=inspection.shop_id)
