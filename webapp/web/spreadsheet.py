"""Tables for spreadsheets: CSV in which no cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

#: What a spreadsheet takes for the start of a formula (OWASP: CSV injection), also behind blanks.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """`text` as a cell that is never run: an apostrophe goes before what could start a formula."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def as_xlsx(rows: Iterable[Sequence[str | int | float]], sheet: str, widths: Sequence[int] = ()) -> bytes:
    """One sheet whose first row stays in sight; numbers stay numbers, no text is ever a formula or a link.

    `sheet` is its name (31 characters at most), `widths` those of the columns, in characters.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - a few files a day

    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        page, head = book.add_worksheet(sheet[:31]), book.add_format({"bold": True, "bottom": 1})
        page.freeze_panes(1, 0)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                look = head if line == 0 else None
                if isinstance(cell, str):
                    page.write_string(line, column, harmless(cell), look)
                else:
                    page.write_number(line, column, cell, look)
    return file.getvalue()


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file in pieces; the byte order mark tells spreadsheets that it is UTF-8."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([harmless(cell) for cell in row])
        yield line.getvalue()
