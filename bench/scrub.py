"""How much personal data the scrub finds, and how much else it takes out, on sentences it was not tuned by."""

from __future__ import annotations

import time

from tests.support.scrub_measure import measure

NAME = "scrub"
RECALL, PRECISION = 0.99, 0.97


def run() -> tuple[str, bool]:
    """The lines to print, and whether the goals are reached on the part that is held out."""
    lines = [NAME]
    kept = True
    for part in ("tuning", "held_out"):
        started = time.perf_counter()
        found = measure(part)
        spent = (time.perf_counter() - started) / found.sentences * 1000
        lines.append(f"  {part}: {found.sentences} sentences, {spent:.2f} ms each")
        lines += [f"    {line}" for line in found.table()]
        if part == "held_out":
            kept = found.recall() >= RECALL and found.precision() >= PRECISION
    lines.append(
        f"  goal on held_out: recall >= {RECALL}, precision >= {PRECISION}: {'reached' if kept else 'MISSED'}"
    )
    return "\n".join(lines), kept
