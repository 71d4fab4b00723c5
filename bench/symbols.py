"""``make bench ARGS='--only symbols'``: QR symbols by the affine table against the `qrcode` package as it comes.

Both sides make the symbol of the same addresses at the same level of error correction; the package chooses version and
mask itself, as its defaults do. CPU seconds of this process, in turn. Beside the speed, every symbol of a sample is
compared module by module with the package's own for the same version, mask and segments.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from qrcode import QRCode, constants

from qrservice.links import build_url
from qrservice.matrix import SymbolTable, symbol
from qrservice.payload import CODE_BYTES, code_to_token

NAME = "symbols"
GOAL = 300
HOST = "fx.baoding.gov.cn"
SEED = 20_261_122
OURS = 20_000
THEIRS = 40
SAMPLE = 1_000


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure; (readable lines, whether the goals are reached)."""
    source = random.Random(SEED)
    tokens = [code_to_token(source.randbytes(CODE_BYTES)) for _ in range(OURS)]
    started = time.process_time()
    table = SymbolTable(HOST)
    building = time.process_time() - started
    pairs = []
    for _ in range(rounds):
        theirs = _microseconds(_by_the_package, tokens[:THEIRS])
        pairs.append((_microseconds(table.symbol, tokens), theirs))
    ratios = [theirs / ours for ours, theirs in pairs]
    ratio = statistics.median(ratios)
    ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    wrong = sum(table.symbol(token) != symbol(token, HOST) for token in tokens[:SAMPLE])
    kept = ratio >= GOAL and not wrong
    spread = f"rounds {min(ratios):.0f} to {max(ratios):.0f}"
    lines = [
        f"{'reached' if kept else 'MISSED '}  {ratio:6.0f} ×   (goal ≥ {GOAL} ×, {spread})   {NAME}, CPU time",
        f"           {ours:9.1f} µs each   by the table ({building:.2f} s to build it, once a process)",
        f"           {theirs:9.1f} µs each   qrcode.QRCode(error_correction=Q).make()",
        f"           {wrong} of {SAMPLE} symbols differ from the package's for the same version and mask",
    ]
    return "\n".join(lines), kept


def _by_the_package(token: str) -> None:
    code: QRCode = QRCode(error_correction=constants.ERROR_CORRECT_Q)  # type: ignore[type-arg]
    code.add_data(build_url(HOST, token))
    code.make()


def _microseconds(make: Callable[[str], object], tokens: list[str]) -> float:
    """CPU time of one call."""
    started = time.process_time()
    for token in tokens:
        make(token)
    return (time.process_time() - started) / len(tokens) * 1e6
