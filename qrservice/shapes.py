"""Outlines: paths made of move, line, cubic and close, and the few figures that stickers are drawn with.

Coordinates have y downwards; the unit is the caller's (millimetres on a sticker, 1/120 of the side in a
seal). Paths are filled even-odd, so a figure inside a figure is a hole, and one over an edge changes places
with it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

Point = tuple[float, float]
# A letter of SVG path data (M, L, C or Z), then its numbers: one point, one, three, none.
Command = tuple[str | float, ...]
_ARC = 4 / 3 * math.tan(math.pi / 8)
_TOKEN = re.compile(r"[MLQCZ]|-?[0-9]+(?:\.[0-9]+)?")
_PAIRS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}


@dataclass(frozen=True, slots=True)
class Path:
    """An outline of one or more closed contours."""

    commands: tuple[Command, ...] = ()

    def __add__(self, other: Path) -> Path:
        return Path(self.commands + other.commands)

    def transformed(self, scale: float, dx: float = 0.0, dy: float = 0.0, *, flip: bool = False) -> Path:
        """Scaled about the origin, then moved; `flip` turns a y-up drawing into y-down."""
        y_scale = -scale if flip else scale
        moved: list[Command] = []
        for name, *numbers in self.commands:
            values = [float(n) for n in numbers]
            xs = [x * scale + dx for x in values[::2]]
            ys = [y * y_scale + dy for y in values[1::2]]
            moved.append((name, *(v for pair in zip(xs, ys, strict=True) for v in pair)))
        return Path(tuple(moved))

    def svg(self, digits: int = 2) -> str:
        """The value of an SVG `d` attribute."""
        return "".join(
            str(name) + " ".join(number(float(v), digits) for v in rest) for name, *rest in self.commands
        )

    def polygons(self, tolerance: float = 0.02) -> list[list[Point]]:
        """The contours as polygons that stay within about `tolerance` of the curves."""
        contours: list[list[Point]] = []
        for name, *rest in self.commands:
            v = [float(n) for n in rest]
            if name == "M":
                contours.append([(v[0], v[1])])
            elif name == "L":
                contours[-1].append((v[0], v[1]))
            elif name == "C":
                contours[-1].extend(_flatten(contours[-1][-1], v, tolerance))
        return [contour for contour in contours if len(contour) > 2]

    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of all points, control points included."""
        xs = [float(v) for _, *rest in self.commands for v in rest[::2]]
        ys = [float(v) for _, *rest in self.commands for v in rest[1::2]]
        return min(xs), min(ys), max(xs), max(ys)


def number(value: float, digits: int = 2) -> str:
    """A short decimal: no exponent, no trailing zeros, no negative zero."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _flatten(start: Point, v: list[float], tolerance: float) -> list[Point]:
    (x0, y0), (x1, y1, x2, y2, x3, y3) = start, v
    bend = max(math.hypot(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2), math.hypot(x1 - 2 * x2 + x3, y1 - 2 * y2 + y3))
    steps = max(1, min(64, math.ceil(math.sqrt(0.75 * bend / tolerance))))
    points = []
    for step in range(1, steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return points


def parse(data: str) -> Path:
    """The path in simple absolute SVG data (M, L, Q, C, Z)."""
    tokens = _TOKEN.findall(data)
    commands: list[Command] = []
    here: Point = (0.0, 0.0)
    at = 0
    while at < len(tokens):
        name = tokens[at]
        count = 2 * _PAIRS[name]
        v = [float(t) for t in tokens[at + 1 : at + 1 + count]]
        at += 1 + count
        if name == "Q":
            commands.append(quadratic(here, (v[0], v[1]), (v[2], v[3])))
        else:
            commands.append((name, *v))
        if v:
            here = (v[-2], v[-1])
    return Path(tuple(commands))


def quadratic(start: Point, control: Point, end: Point) -> Command:
    """The cubic command that draws a quadratic curve."""
    (x0, y0), (x1, y1), (x2, y2) = start, control, end
    return ("C", (x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3, (x2 + 2 * x1) / 3, (y2 + 2 * y1) / 3, x2, y2)


def polygon(*points: Point) -> Path:
    head, *tail = points
    return Path((("M", *head), *(("L", *p) for p in tail), ("Z",)))


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0.0) -> Path:
    """An upright rectangle, its corners rounded by `radius`."""
    if radius <= 0:
        return polygon((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    r, k = radius, radius * (1 - _ARC)
    right, bottom = x + width, y + height
    return Path(
        (
            ("M", x + r, y),
            ("L", right - r, y),
            ("C", right - k, y, right, y + k, right, y + r),
            ("L", right, bottom - r),
            ("C", right, bottom - k, right - k, bottom, right - r, bottom),
            ("L", x + r, bottom),
            ("C", x + k, bottom, x, bottom - k, x, bottom - r),
            ("L", x, y + r),
            ("C", x, y + k, x + k, y, x + r, y),
            ("Z",),
        )
    )


def circle(cx: float, cy: float, radius: float) -> Path:
    return rectangle(cx - radius, cy - radius, 2 * radius, 2 * radius, radius)


def ring(cx: float, cy: float, outer: float, inner: float) -> Path:
    return circle(cx, cy, outer) + circle(cx, cy, inner)


def notched(x: float, y: float, width: float, height: float, notch: float) -> Path:
    """A rectangle whose corners are cut by quarter circles bending inwards, as on old certificates."""
    n, k = notch, notch * _ARC
    right, bottom = x + width, y + height
    return Path(
        (
            ("M", x + n, y),
            ("L", right - n, y),
            ("C", right - n, y + k, right - k, y + n, right, y + n),
            ("L", right, bottom - n),
            ("C", right - k, bottom - n, right - n, bottom - k, right - n, bottom),
            ("L", x + n, bottom),
            ("C", x + n, bottom - k, x + k, bottom - n, x, bottom - n),
            ("L", x, y + n),
            ("C", x + k, y + n, x + n, y + k, x + n, y),
            ("Z",),
        )
    )


def sector(cx: float, cy: float, outer: float, inner: float, start: float, end: float) -> Path:
    """A piece of a ring between two angles in degrees, clockwise from the right."""
    pieces = max(1, math.ceil(abs(end - start) / 45))
    step = math.radians((end - start) / pieces)
    angle = math.radians(start)
    commands: list[Command] = [("M", cx + outer * math.cos(angle), cy + outer * math.sin(angle))]
    commands += [_arc(cx, cy, outer, angle + i * step, step) for i in range(pieces)]
    last = angle + pieces * step
    commands.append(("L", cx + inner * math.cos(last), cy + inner * math.sin(last)))
    commands += [_arc(cx, cy, inner, last - i * step, -step) for i in range(pieces)]
    return Path((*commands, ("Z",)))


def _arc(cx: float, cy: float, radius: float, angle: float, step: float) -> Command:
    k = 4 / 3 * math.tan(step / 4) * radius
    c0, s0, c1, s1 = math.cos(angle), math.sin(angle), math.cos(angle + step), math.sin(angle + step)
    return (
        "C",
        cx + radius * c0 - k * s0,
        cy + radius * s0 + k * c0,
        cx + radius * c1 + k * s1,
        cy + radius * s1 - k * c1,
        cx + radius * c1,
        cy + radius * s1,
    )


def stroke(points: list[Point], width: float) -> Path:
    """An open polyline as a filled outline with square joins and butt ends (for ticks and crosses)."""
    half = width / 2
    left: list[Point] = []
    right: list[Point] = []
    for i, (x, y) in enumerate(points):
        before = _normal(points[i - 1], points[i]) if i else None
        after = _normal(points[i], points[i + 1]) if i + 1 < len(points) else None
        a, b = before or after, after or before
        assert a is not None
        assert b is not None
        scale = half * 2 / ((a[0] + b[0]) ** 2 + (a[1] + b[1]) ** 2)
        nx, ny = (a[0] + b[0]) * scale, (a[1] + b[1]) * scale
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return polygon(*left, *reversed(right))


def cross(cx: float, cy: float, reach: float, width: float) -> Path:
    """A diagonal cross whose bars reach `reach` from the centre, in one outline without overlaps."""
    half = width / 2
    points: list[Point] = []
    for quarter in range(4):
        turn = math.radians(45 + 90 * quarter)
        cosine, sine = math.cos(turn), math.sin(turn)
        arm = ((half, -half), (reach, -half), (reach, half))
        points += [(cx + x * cosine - y * sine, cy + x * sine + y * cosine) for x, y in arm]
    return polygon(*points)


def _normal(a: Point, b: Point) -> Point:
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    return (-(b[1] - a[1]) / length, (b[0] - a[0]) / length)
