"""Reading a file of measures: CSV (UTF-8, GBK) or XLSX, one row a shop, columns by their Chinese names. Pure."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from webapp.core.errors import Invalid

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
#: A workbook unpacks to no more than this, bytes.
UNPACKED_MOST: Final = 60_000_000
CELL_LONGEST: Final = 5000


def read(data: bytes, most: int) -> list[tuple[int, dict[str, str]]]:
    """Rows with their line (the heading is line 1). Raises Invalid (``measure_file`` | ``_empty`` | ``_many``)."""
    grid = _workbook(data) if data[:2] == b"PK" else _csv(data)
    headings: list[str | None] | None = None
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for line, cells in grid:
            texts = [_text(cell) for cell in cells]
            if headings is None:
                headings = [_KNOWN.get(text.strip("\ufeff ").lower()) for text in texts]
                if "uscc" not in headings:
                    raise Invalid("measure_file", field="file")
                continue
            if not any(texts):
                continue
            if len(rows) == most:
                raise Invalid("measure_many", field="file", most=most)
            pairs = zip(headings, texts, strict=False)
            rows.append((line, {name: text for name, text in pairs if name and text}))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid("measure_file", field="file") from error
    if not rows:
        raise Invalid("measure_empty" if headings else "measure_file", field="file")
    return rows


def _workbook(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - a few files a year

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_MOST:
                raise Invalid("measure_file", field="file")
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError, IndexError, ValueError) as error:
        raise Invalid("measure_file", field="file") from error
    yield from enumerate(rows, 1)


def _csv(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\x00" in text:
        raise Invalid("measure_file", field="file")
    reader = csv.reader(io.StringIO(text, newline=""))
    for cells in reader:
        yield reader.line_num, cells


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().lstrip("'")[:CELL_LONGEST]
