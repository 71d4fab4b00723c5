"""The score by which shops are ranked, from the published rows: one pure function, the standard library only.

It runs by itself, so that anybody can check the ranking without this product:

    python3 score.py ratings.csv --day 2026-11-28 --half-life 180 --prior 8 --other 50 > rating-scores.json

The same rows and numbers give the same bytes: canonical JSON (RFC 8785), whole numbers only.

- A rating weighs 1 on its day, half after `half_life` days, a quarter after twice as many; between, by the day in a
  straight line. One given without a scan or a settled complaint weighs `other` percent of that.
- `score` = (`prior` × mean of the category + Σ weight × hearts) ÷ (`prior` + Σ weight): a shop with few ratings lies
  near its category's mean, one with many at its own. The category's mean is the weighted mean of all its ratings.

Hearts are the mean of the five. Weights are in millionths, means and scores in thousandths of a heart, half up.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

#: The columns of the rows, in order. A removed rating says its ground and no marks.
COLUMNS = (
    "shop",
    "category",
    "rated_on",
    "origin",
    "environment",
    "quality",
    "price",
    "service",
    "redress",
    "removed",
)
HEARTS = COLUMNS[4:9]
VERSION = 1
WHOLE = 1_000_000
Row = Mapping[str, str]


@dataclass(frozen=True)
class Numbers:
    """What the formula rests on: `half_life` days, `prior` ratings, `other` percent."""

    half_life: int
    prior: int
    other: int


def weight(age: int, origin: str, numbers: Numbers) -> int:
    """What a rating of this age (days, never below 0) weighs, in millionths."""
    halvings, rest = divmod(max(age, 0), numbers.half_life)
    straight = WHOLE * (2 * numbers.half_life - rest) // (2 * numbers.half_life)
    aged = max(straight >> min(halvings, 64), 1)
    return aged * numbers.other // 100 if origin == "other" else aged


def scores(rows: Iterable[Row], day: date, numbers: Numbers) -> dict[str, Any]:
    """Means of the categories and scores of the shops, as a document of whole numbers and texts."""
    shops: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])  # weight, weight × total, count, total
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    kind_of: dict[str, str] = {}
    for row in rows:
        if row["removed"]:
            continue
        total = sum(int(row[heart]) for heart in HEARTS)
        weighs = weight((day - date.fromisoformat(row["rated_on"])).days, row["origin"], numbers)
        shop, kind = shops[row["shop"]], kinds[row["category"]]
        shop[0] += weighs
        shop[1] += weighs * total
        shop[2] += 1
        shop[3] += total
        kind[0] += weighs
        kind[1] += weighs * total
        kind_of[row["shop"]] = row["category"]
    means = {kind: _thousandths(total, weighs) for kind, (weighs, total) in kinds.items()}
    return {
        "version": VERSION,
        "day": day.isoformat(),
        "numbers": asdict(numbers),
        "categories": means,
        "shops": {
            shop: {
                "count": count,
                "mean": _thousandths(total, count),
                "weight": weighs // 1000,
                "score": _score(weighs, weighted, means[kind_of[shop]], numbers.prior),
            }
            for shop, (weighs, weighted, count, total) in shops.items()
        },
    }


def recompute(data: bytes, day: date, numbers: Numbers) -> bytes:
    """The scores file of the rows file `data` (CSV, UTF-8, with a header). Raises ValueError when it is none."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError("columns: " + ",".join(reader.fieldnames or ()))
    document = scores(reader, day, numbers)
    document["rows_sha256"] = hashlib.sha256(data).hexdigest()
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _thousandths(total: int, weighs: int) -> int:
    """The mean of hearts, in thousandths, from a sum over five hearts; 0 of nothing."""
    return _half_up(total * 1000, weighs * 5) if weighs else 0


def _score(weighs: int, weighted: int, mean: int, prior: int) -> int:
    # Everything over the common denominator 5 × WHOLE; the mean is in thousandths already.
    return _half_up(prior * WHOLE * mean * 5 + weighted * 1000, (prior * WHOLE + weighs) * 5)


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole) if whole else 0


def main() -> int:
    """Read the rows file, write the scores file to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--day", type=date.fromisoformat, required=True, help="as `day` of the published file"
    )
    for name in ("half-life", "prior", "other"):
        parser.add_argument(
            f"--{name}", type=int, required=True, help="as in `numbers` of the published file"
        )
    asked = parser.parse_args()
    numbers = Numbers(asked.half_life, asked.prior, asked.other)
    sys.stdout.buffer.write(recompute(asked.file.read_bytes(), asked.day, numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
