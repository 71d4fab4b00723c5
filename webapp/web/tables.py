"""Reading tables that people hand in: CSV (UTF-8 or GB 18030) and XLSX, as lines of plain texts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

#: A workbook unpacks to no more than this, bytes.
UNPACKED_MOST: Final = 60_000_000
CELL_LONGEST: Final = 5000


class Unreadable(ValueError):
    """The file is no table."""


def read(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty with their number (from 1). Raises Unreadable, perhaps after some lines."""
    try:
        for line, cells in _workbook(data) if data[:2] == b"PK" else _csv(data):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield line, texts
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable from error


def _workbook(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - a few files a year

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_MOST:
                raise Unreadable
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError, IndexError, ValueError) as error:
        raise Unreadable from error
    yield from enumerate(rows, 1)


def _csv(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\x00" in text:
        raise Unreadable
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
    return str(cell).strip().lstrip("'\ufeff")[:CELL_LONGEST]
