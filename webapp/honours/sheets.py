"""Reading a file of measures: CSV (UTF-8, GBK) or XLSX, one row a shop, columns by their Chinese names. Pure."""

from __future__ import annotations

from typing import Final

from webapp.core.errors import Invalid
from webapp.web import tables

#: Columns by what they may be called.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "uscc": ("统一社会信用代码", "信用代码", "uscc"),
    "shop": ("店铺编号", "门店编号", "编号", "shop"),
    "ground": ("依据", "列入依据", "ground"),
    "reason": ("理由", "暂停理由", "恢复理由", "reason"),
    "evidence": ("事实和证据", "事实", "证据", "evidence"),
    "summary": ("公示摘要", "摘要", "summary"),
    "term_until": ("公示到", "有效期至", "期限", "term_until"),
    "sector": ("行业", "sector"),
    "standard": ("标准", "standard"),
    "part": ("标准部分", "部分", "part"),
    "chain": ("品牌", "退换货品牌", "chain"),
    "returns": ("退货笔数", "returns"),
    "refused": ("拒退笔数", "refused"),
    "days": ("退货天数", "天数", "days"),
    "terms": ("承诺内容", "内容", "terms"),
}
_KNOWN: Final = {heading: name for name, headings in COLUMNS.items() for heading in headings}


def read(data: bytes, most: int) -> list[tuple[int, dict[str, str]]]:
    """Rows with their line (the heading is line 1). Raises Invalid (``measure_file`` | ``_empty`` | ``_many``)."""
    headings: list[str | None] | None = None
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for line, texts in tables.read(data):
            if headings is None:
                headings = [_KNOWN.get(text.strip().lower()) for text in texts]
                if "uscc" not in headings:
                    raise Invalid("measure_file", field="file")
                continue
            if len(rows) == most:
                raise Invalid("measure_many", field="file", most=most)
            pairs = zip(headings, texts, strict=False)
            rows.append((line, {name: text for name, text in pairs if name and text}))
    except tables.Unreadable as error:
        raise Invalid("measure_file", field="file") from error
    if not rows:
        raise Invalid("measure_empty" if headings else "measure_file", field="file")
    return rows
