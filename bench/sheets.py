"""``make bench ARGS='--only sheets'``: sheets of stickers as PDF against ReportLab's own QR widget.

Each of our figures is a process of its own, from nothing: fonts opened, symbol table built, every sticker signed, laid
out with Chinese text and drawn with a vector symbol on A4 sheets, font subset embedded, file written. The rival draws
nothing but the same symbols, four a page, with `reportlab.graphics.barcode.qr`. CPU seconds; peaks of memory are the
processes' own high-water marks.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from bench.load import ROOT
from qrservice import (
    Brand,
    Fonts,
    Payload,
    PemSigner,
    StickerFace,
    build_url,
    generate_private_pem,
    issue,
    sheet_pdf,
)

NAME = "sheets"
RATE_GOAL = 1_000
RATIO_GOAL = 50
PEAK_GOAL_MB = 200
#: How much more 10 000 stickers may take than 1 000: the place of each page in the file is kept.
GROWTH_GOAL_MB = 8
COUNTS = (1_000, 5_000, 10_000)
THEIRS = 60
HOST = "fx.baoding.gov.cn"
VENDOR = ROOT / "static" / "vendor" / "fonts"
PLACES = (
    "老槐树",
    "裕华路",
    "直隶",
    "古莲",
    "东关",
    "西大街",
    "总督署",
    "满城",
    "清苑",
    "白沟",
    "大慈阁",
    "淮军",
)
OWNERS = ("马家", "张记", "老六", "福顺", "聚源", "同仁", "永和", "锦绣", "好再来", "金顺", "鸿运", "百姓")
TRADES = (
    "驴肉火烧",
    "罩饼馆",
    "大药房",
    "便利店",
    "烟酒超市",
    "理发店",
    "面馆有限责任公司",
    "五金建材商行",
    "幼儿服饰",
)


def run(rounds: int = 5) -> tuple[str, bool]:
    """Measure; (readable lines, whether the goals are reached)."""
    peaks = {count: _child("ours", count)["peak_mb"] for count in COUNTS}
    pairs = [(_child("ours", COUNTS[-1]), _child("theirs", THEIRS)) for _ in range(rounds)]
    ratios = [mine["rate"] / theirs["rate"] for mine, theirs in pairs]
    ratio = statistics.median(ratios)
    rate, wall, size = (
        statistics.median(mine[what] for mine, _ in pairs) for what in ("rate", "wall_rate", "mb")
    )
    rival = statistics.median(theirs["rate"] for _, theirs in pairs)
    growth = peaks[COUNTS[-1]] - peaks[COUNTS[0]]
    flat = peaks[COUNTS[-1]] <= PEAK_GOAL_MB and growth <= GROWTH_GOAL_MB
    kept = rate >= RATE_GOAL and ratio >= RATIO_GOAL and flat
    spread = f"rounds {min(ratios):.0f} to {max(ratios):.0f}"
    title = f"{NAME}, {COUNTS[-1]} stickers, CPU time"
    lines = [
        f"{'reached' if kept else 'MISSED '}  {ratio:6.0f} ×   (goal ≥ {RATIO_GOAL} ×, {spread})   {title}",
        f"           {rate:9.0f} stickers a second (goal ≥ {RATE_GOAL}; {wall:.0f} by the clock), {size:.1f} MB of PDF",
        f"           {rival:9.1f} symbols a second   ReportLab's QrCodeWidget, {THEIRS} symbols",
        f"           peak memory {_listed(peaks)} (goal ≤ {PEAK_GOAL_MB} MB, growth ≤ {GROWTH_GOAL_MB} MB)",
    ]
    return "\n".join(lines), kept


def _listed(peaks: dict[int, float]) -> str:
    return ", ".join(f"{peak:.1f} MB for {count}" for count, peak in peaks.items())


def _child(side: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.sheets", side, str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def faces(count: int) -> Iterator[StickerFace]:
    """So many freshly signed stickers of as many shops."""
    source = random.Random(1)
    signer = PemSigner(1, generate_private_pem())
    brand = Brand(bureau_name="保定市市场监督管理局", city_name="保定市")
    for number in range(1, count + 1):
        yield StickerFace(
            shop_name="".join(source.choice(words) for words in (PLACES, OWNERS, TRADES)),
            branch="裕华路店" if number % 3 == 0 else "",
            host=HOST,
            token=issue(Payload(1, number, 1), HOST, signer),
            brand=brand,
        )


def ours(count: int, path: Path) -> None:
    """Signed stickers on sheets."""
    fonts = Fonts(VENDOR / "NotoSansSC-Regular.ttf", VENDOR / "NotoSansSC-Bold.ttf")
    with path.open("wb") as out:
        sheet_pdf(faces(count), out, fonts)


def theirs(count: int, path: Path) -> None:
    """Only the symbols, by the widget."""
    canvas: Any = Canvas(str(path))
    for number, face in enumerate(list(faces(count))):
        widget = QrCodeWidget(build_url(face.host, face.token), barLevel="Q", barWidth=180, barHeight=180)
        drawing = Drawing(180, 180)
        drawing.add(widget)
        renderPDF.draw(drawing, canvas, 40 + 260 * (number % 2), 60 + 400 * (number // 2 % 2))
        if number % 4 == 3:
            canvas.showPage()
    canvas.save()


def _peak_mb() -> float:
    """This process's own high-water mark; `getrusage` would count what its parent had before it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(side: str, count: int) -> None:
    """One figure as JSON."""
    clock = time.perf_counter()
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.pdf"
        (ours if side == "ours" else theirs)(count, path)
        spent, waited = time.process_time() - began, time.perf_counter() - clock
        size = path.stat().st_size / 1e6
    figures = {"rate": count / spent, "wall_rate": count / waited, "mb": size, "peak_mb": _peak_mb()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
