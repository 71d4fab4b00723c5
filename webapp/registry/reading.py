"""Reading a feed line by line: its encoding, its kind (CSV or JSON lines), its heading, its records.

Nothing here holds more than a few lines in memory, and nothing stops at a bad line: it is handed on as a
:class:`Broken` with its number (the first line of the file is 1), and reading goes on with the next.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from .mapping import REQUIRED, FeedMapping
from .text import key_of

#: A line longer than this is no row.
LONGEST_LINE: Final = 200_000
#: A quoted cell may run over this many lines; beyond that the quote was a slip.
LONGEST_RECORD: Final = 20
#: Lines at the top among which the heading is looked for: exports like to begin with a title.
HEADING_WITHIN: Final = 10
_CHUNK: Final = 1 << 20
csv.field_size_limit(LONGEST_LINE * LONGEST_RECORD)


class Unreadable(ValueError):
    """The file as a whole cannot be read. `reason` ends a word key (``registry.unreadable.<reason>``)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail[:200]


@dataclass(frozen=True)
class Record:
    """A row: folded heading to value."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Broken:
    """A line that is no row, with the reason's key and what stood there."""

    line: int
    reason: str
    detail: str = ""


def encoding_of(stream: IO[bytes], wanted: str | None = None) -> str:
    """The encoding of a seekable stream, which is left at its start: by mark, else UTF-8 if it is, else GB 18030.

    GB 18030 holds all of GBK and GB 2312. When the bytes are neither, the one with fewer unreadable places is taken,
    and the lines concerned are refused one by one.
    """
    stream.seek(0)
    head = stream.read(4)
    if wanted:
        try:
            name = codecs.lookup(wanted).name
        except LookupError as error:
            raise Unreadable("encoding_unknown", wanted) from error
        return "gb18030" if name in {"gbk", "gb2312"} else name
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            stream.seek(0)
            return name
    wrong = _unreadable_places(stream, "utf-8")
    return "gb18030" if wrong and _unreadable_places(stream, "gb18030") < wrong else "utf-8"


def _unreadable_places(stream: IO[bytes], name: str) -> int:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(name)("replace")
    count = 0
    while True:
        chunk = stream.read(_CHUNK)
        count += decoder.decode(chunk, final=not chunk).count("\ufffd")
        if not chunk:
            stream.seek(0)
            return count


class _Lines:
    """Numbered lines with room to put some back."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._back, self._number = stream, deque[tuple[int, str]](), 0

    def next(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.popleft()
        text = self._stream.readline(LONGEST_LINE)
        if not text:
            return None
        self._number += 1
        if len(text) == LONGEST_LINE and not text.endswith(("\n", "\r")):
            while (rest := self._stream.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                pass
        return self._number, text

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._back.extendleft(reversed(lines))


def read(
    stream: IO[bytes], mapping: FeedMapping, progress: Callable[[int], None] | None = None
) -> Iterator[Record | Broken]:
    """All records of a seekable binary stream, from its start. Raises :class:`Unreadable` before the first record.

    `progress` is called now and then with how many bytes have been read.
    """
    records = _records(stream, mapping, encoding_of(stream, mapping.encoding))
    for number, record in enumerate(records, 1):
        if progress is not None and number % 1000 == 0:
            progress(stream.tell())
        yield record


def _records(stream: IO[bytes], mapping: FeedMapping, encoding: str) -> Iterator[Record | Broken]:
    """The records by the encoding that was found out, or by the other likely one when only that makes a heading."""
    other = {"utf-8": "gb18030", "gb18030": "utf-8"}.get(encoding) if not mapping.encoding else None
    lines = _open(stream, encoding)
    first = _first_line(lines)
    if first is None:
        raise Unreadable("empty")
    if first.lstrip().startswith("{"):
        return _json_records(lines)
    try:
        return _csv_records(lines, *_heading(lines, mapping))
    except Unreadable:
        if other is None:
            raise
        lines = _open(stream, other)
        try:
            return _csv_records(lines, *_heading(lines, mapping))
        except Unreadable:
            pass
        raise


def _open(stream: IO[bytes], encoding: str) -> _Lines:
    stream.seek(0)
    unclosed = io.BufferedReader(_Unclosed(stream), _CHUNK)
    return _Lines(io.TextIOWrapper(unclosed, encoding=encoding, errors="replace", newline=None))


class _Unclosed(io.RawIOBase):
    """Keeps the wrapper from closing a stream that is not its own."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._inner = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _first_line(lines: _Lines) -> str | None:
    while (entry := lines.next()) is not None:
        if entry[1].strip():
            lines.put_back([entry])
            return entry[1]
    return None


def _json_records(lines: _Lines) -> Iterator[Record | Broken]:
    while (entry := lines.next()) is not None:
        number, text = entry
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            yield Broken(number, "line_too_long" if len(text) >= LONGEST_LINE else "json_broken", text[:60])
            continue
        if isinstance(value, dict):
            yield Record(number, {key_of(str(key)): entry for key, entry in value.items()})
        else:
            yield Broken(number, "json_no_object", text[:60])


def _csv_records(lines: _Lines, headings: list[str], delimiter: str) -> Iterator[Record | Broken]:
    while (entry := lines.next()) is not None:
        if not entry[1].strip():
            continue
        if len(entry[1]) >= LONGEST_LINE:
            yield Broken(entry[0], "line_too_long", entry[1][:60])
            continue
        cells = _cells(lines, entry, delimiter, len(headings))
        if isinstance(cells, Broken):
            yield cells
        elif any(cell.strip() for cell in cells):
            yield Record(entry[0], dict(zip(headings, cells, strict=False)))


def _heading(lines: _Lines, mapping: FeedMapping) -> tuple[list[str], str]:
    """The line that names the needed columns, and the delimiter by which it does."""
    best: list[str] = list(REQUIRED)
    for _ in range(HEADING_WITHIN):
        entry = lines.next()
        if entry is None:
            break
        for delimiter in [mapping.delimiter] if mapping.delimiter else [",", "\t", ";", "|"]:
            headings = [key_of(cell) for cell in next(csv.reader([entry[1]], delimiter=delimiter), [])]
            missing = [field for field in REQUIRED if not set(mapping.columns[field]) & set(headings)]
            if not missing:
                return headings, delimiter
            if len(missing) < len(best):
                best = missing
    raise Unreadable("columns_missing", ", ".join(mapping.columns[field][0] for field in best))


def _cells(lines: _Lines, first: tuple[int, str], delimiter: str, count: int) -> list[str] | Broken:
    """The cells of the record that begins at `first`, which may run on over more lines inside a quoted cell."""
    taken = [first]
    while True:
        text = "".join(line for _, line in taken)
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            more = None
            if "unexpected end" in str(error) and len(taken) < LONGEST_RECORD:
                more = lines.next()
            if more is not None:
                taken.append(more)
                continue
            lines.put_back(taken[1:])
            cells = next(
                csv.reader([first[1]], delimiter=delimiter), []
            )  # a stray quote harms its own line at most
            if len(cells) != count:
                return Broken(first[0], "quote_open", first[1].strip()[:60])
        while len(cells) > count and not cells[-1].strip():
            cells.pop()
        if len(cells) == count:
            return cells
        lines.put_back(taken[1:])
        return Broken(first[0], "columns_wrong", f"{len(cells)}/{count}")
