"""The published figures from the published rows: one pure function, the standard library only.

It runs by itself, so that anybody can check the figures without this product:

    python3 recount.py complaints.csv --min-sample 5 > complaint-figures.json

The same rows and sample give the same bytes: canonical JSON (RFC 8785: sorted keys, no blanks, UTF-8), whole numbers
only. Rates are per myriad (1/10 000), half up; days to the end are the lower median.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

#: The columns of the rows, in order. Days as YYYY-MM-DD or empty; `on_time` yes, no or empty (not due yet).
COLUMNS = (
    "shop",
    "region",
    "industry",
    "topic",
    "demand",
    "amount_band",
    "route",
    "law",
    "received_on",
    "answered_on",
    "referred_on",
    "accepted_on",
    "ended_on",
    "on_time",
    "outcome",
)
#: Ends that settle or fail: the others (refused, withdrawn, transferred) say nothing about settling.
TOLD = frozenset({"resolved", "closed", "lapsed"})
VERSION = 1
Row = Mapping[str, str]


def recount(data: bytes, min_sample: int) -> bytes:
    """The figures file of the rows file `data` (CSV, UTF-8, with a header). Raises ValueError when it is none."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError("columns: " + ",".join(reader.fieldnames or ()))
    document = figures(list(reader), min_sample)
    document["rows_sha256"] = hashlib.sha256(data).hexdigest()
    return canonical(document)


def figures(rows: list[Row], min_sample: int) -> dict[str, Any]:
    """All figures of the rows, as a document of whole numbers, texts and None."""
    groups: dict[str, dict[str, list[Row]]] = {"regions": {}, "industries": {}, "shops": {}}
    for row in rows:
        for name, column in (("regions", "region"), ("industries", "industry"), ("shops", "shop")):
            if row[column]:
                groups[name].setdefault(row[column], []).append(row)
    counted: dict[str, Any] = {
        name: {code: _group(members, min_sample) for code, members in found.items()}
        for name, found in groups.items()
    }
    return {"version": VERSION, "min_sample": min_sample, "all": _group(rows, min_sample), **counted}


def canonical(document: Any) -> bytes:
    """Canonical JSON of a document without floats whose keys are ASCII."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _group(rows: list[Row], least: int) -> dict[str, Any]:
    ended = [row for row in rows if row["outcome"] != "open"]
    direct = [row for row in rows if row["route"] == "settle_first" and row["outcome"] in TOLD]
    settled = [row for row in direct if row["outcome"] == "resolved" and not row["accepted_on"]]
    mediated = [row for row in rows if row["accepted_on"] and row["outcome"] in {"resolved", "closed"}]
    agreed = [row for row in mediated if row["outcome"] == "resolved"]
    due = [row for row in rows if row["on_time"]]
    on_time = [row for row in due if row["on_time"] == "yes"]
    return {
        "complaints": len(rows),
        "ended": len(ended),
        "by_outcome": dict(Counter(row["outcome"] for row in rows)),
        "by_topic": dict(Counter(row["topic"] for row in rows)),
        "settle_first_ended": len(direct),
        "settled": len(settled),
        "settlement_rate": _rate(len(settled), len(direct), least),
        "mediation_ended": len(mediated),
        "mediation_agreed": len(agreed),
        "mediation_rate": _rate(len(agreed), len(mediated), least),
        "answers_due": len(due),
        "answers_on_time": len(on_time),
        "on_time_rate": _rate(len(on_time), len(due), least),
        "median_days": _median(ended, least),
    }


def _rate(part: int, whole: int, least: int) -> int | None:
    """Per myriad, half up; None below the smallest sample."""
    return None if whole < max(least, 1) else (part * 20_000 + whole) // (2 * whole)


def _median(ended: Iterable[Row], least: int) -> int | None:
    days = sorted(
        (date.fromisoformat(row["ended_on"]) - date.fromisoformat(row["received_on"])).days
        for row in ended
        if row["ended_on"]
    )
    return None if len(days) < max(least, 1) else days[(len(days) - 1) // 2]


def main() -> int:
    """Read the rows file, write the figures file to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--min-sample", type=int, required=True, help="as `min_sample` of the published file")
    options = parser.parse_args()
    sys.stdout.buffer.write(recount(options.file.read_bytes(), options.min_sample))
    return 0


if __name__ == "__main__":
    sys.exit(main())
