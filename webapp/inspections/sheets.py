"""Reading a file of inspections: CSV (UTF-8, GBK) or XLSX, one row an inspection, columns by their Chinese names."""

from __future__ import annotations

from datetime import date
from typing import Final

from webapp.core.errors import Invalid
from webapp.web import tables
from webapp.web.words import label

from .rules import Facts, InspectionKind, InspectionResult

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


def read(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Rows with their line. Raises Invalid (``inspection_file``, ``inspection_file_long``)."""
    if len(data) > FILE_MOST:
        raise Invalid("inspection_file_long", field="file", most=ROWS_MOST)
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


def facts_of(row: dict[str, str]) -> Facts:
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
