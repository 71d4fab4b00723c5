"""A camera's look at a sticker: what lies on the paper, then how far, how askew and in what light it is seen.

Everything random comes from the generator given, so that the same seed gives the same pictures. It is a simulation:
its figures compare designs and readers, they do not promise anything about one phone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qrservice import Fonts, StickerFace, compose
from qrservice.render_png import render_image

Picture = NDArray[np.uint8]
Grey = NDArray[np.float32]

DPI = 200  # a module of the door sticker is then ten whole dots, and the symbol as wide as the layout says
INCH = 25.4
#: The position patterns with their separators, as a part of version 8's 49 modules.
FINDER = 8 / 49
_INNER = 4 / 49  # a patch in the middle leaves so much free at the right and below
_FINE = 3  # the sensor's dots are areas: drawn so many times finer, then averaged
_WALL = 120.0
_CAMERA_AWAY = 4.0  # in widths of the symbol: how strong perspective is


#: `free`: anywhere but on the three corner squares by which readers find a symbol. `middle`: on data and alignment
#: patterns only. `edge`: flush with the right or lower edge. `timing`: flush with the upper or left edge, over a timing
#: line. `corner`: flush with the corner that has no square. `square`: on a corner square. `anywhere`.
Where = Literal["free", "middle", "edge", "timing", "corner", "square", "anywhere"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed sticker in greys and where its symbol lies on it: left, top and width in dots."""

    picture: Grey
    left: float
    top: float
    width: float


@dataclass(frozen=True, slots=True)
class View:
    """How it is seen. Lengths in dots of the camera's picture, parts of the symbol's area as 0..1."""

    width: float = 240.0  # of the symbol, seen from the front
    tilt: float = 0.0  # degrees, about an axis of any direction
    turn: float = 4.0  # degrees at most, to either side
    defocus: float = 0.4  # standard deviation of the blur
    motion: float = 0.0  # length of the smear
    light: float = 1.0  # what is left of it
    noise: float = 2.0  # standard deviation, of 256 greys
    glare: float = 0.0  # diameter of the reflection in widths of the symbol
    dirt: float = 0.0  # part covered by specks
    cover: float = 0.0  # part covered by one patch
    patch: float = 1.0  # how many times longer than wide the patch is at most
    where: Where = "free"  # where the patch lies


def paper(face: StickerFace, fonts: Fonts, template: str = "door") -> Paper:
    """The sticker as printed."""
    layout = compose(face, fonts, template=template)
    symbol, scale = layout.symbol, DPI / INCH
    picture = np.asarray(render_image(layout, fonts, DPI).convert("L"), np.float32)
    return Paper(picture, symbol.x * scale, symbol.y * scale, symbol.side * scale)


def look(at: Paper, view: View, source: Generator) -> Picture:
    """The camera's picture."""
    picture = at.picture.copy()
    if view.dirt:
        _soil(picture, at, view.dirt, source)
    if view.cover:
        _cover(picture, at, view, source)
    seen = _project(picture, at, view, source)
    if view.glare:
        _reflect(seen, view, source)
    if view.motion:
        seen = _smear(seen, view.motion, source)
    seen = cv2.GaussianBlur(seen, (0, 0), view.defocus) * view.light
    seen += source.normal(0.0, view.noise, seen.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)


def _soil(picture: Grey, at: Paper, part: float, source: Generator) -> None:
    """Specks of half a module to two, in greys of any darkness, until that part of the symbol is covered."""
    module = at.width / 49
    mask = np.zeros(picture.shape, np.uint8)
    box = mask[round(at.top) : round(at.top + at.width), round(at.left) : round(at.left + at.width)]
    while np.count_nonzero(box) < part * box.size:
        centre = (at.left + source.random() * at.width, at.top + source.random() * at.width)
        axes = source.uniform(0.25, 1.0, 2) * module
        place = (round(centre[0]), round(centre[1]))
        size = (max(1, round(axes[0])), max(1, round(axes[1])))
        angle = source.uniform(0, 180)
        cv2.ellipse(mask, place, size, angle, 0, 360, 1, -1)
        cv2.ellipse(picture, place, size, angle, 0, 360, source.uniform(20, 160), -1)


def _cover(picture: Grey, at: Paper, view: View, source: Generator) -> None:
    """One patch of any one grey, lying along the symbol's sides."""
    longest = math.log(view.patch)
    while True:
        ratio = math.exp(source.uniform(-longest, longest))
        width, height = math.sqrt(view.cover * ratio), math.sqrt(view.cover / ratio)
        if max(width, height) > 1:
            continue
        x, y = _laid(view.where, 1 - width, 1 - height, source)
        if view.where == "anywhere" or _on_a_square(x, y, width, height) == (view.where == "square"):
            break
    top, left = at.top + y * at.width, at.left + x * at.width
    rows = slice(round(top), round(top + height * at.width))
    picture[rows, round(left) : round(left + width * at.width)] = source.uniform(30, 230)


def _laid(where: Where, right: float, bottom: float, source: Generator) -> tuple[float, float]:
    """The upper left corner of a patch that may be `right` and `bottom` away from the symbol's at most."""
    x, y = source.uniform(0, right), source.uniform(0, bottom)
    along = source.random() < 0.5
    if where == "middle":
        return source.uniform(FINDER, max(FINDER, right - _INNER)), source.uniform(
            FINDER, max(FINDER, bottom - _INNER)
        )
    if where == "edge":
        return (right, y) if along else (x, bottom)
    if where == "timing":
        return (0.0, y) if along else (x, 0.0)
    return (right, bottom) if where == "corner" else (x, y)


def _on_a_square(x: float, y: float, width: float, height: float) -> bool:
    left, right = x < FINDER, x + width > 1 - FINDER
    top, bottom = y < FINDER, y + height > 1 - FINDER
    return (top and (left or right)) or (bottom and left)


def _project(picture: Grey, at: Paper, view: View, source: Generator) -> Grey:
    """The sticker before a wall, turned and tilted, its symbol about in the middle."""
    scale = _FINE * view.width / at.width
    rows, columns = picture.shape
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float64)
    centre = np.array([at.left + at.width / 2, at.top + at.width / 2])
    turn = math.radians(source.uniform(-view.turn, view.turn))
    axis = source.uniform(0, math.pi)
    shown = [_shown(*((corner - centre) * scale), turn, axis, view) for corner in corners]
    low = np.min(shown, axis=0) - 0.15 * _FINE * view.width - source.uniform(0, _FINE, 2)
    high = np.max(shown, axis=0) + 0.15 * _FINE * view.width
    target = np.array(shown - low, np.float32)
    width, height = (math.ceil(side / _FINE) for side in high - low)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    large = cv2.warpPerspective(
        picture,
        matrix,
        (width * _FINE, height * _FINE),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_WALL,
    )
    return cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)


def _shown(x: float, y: float, turn: float, axis: float, view: View) -> tuple[float, float]:
    """Where a point of the paper comes out: turned, then tilted about an axis through the middle of the symbol."""
    x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    along = x * math.cos(axis) + y * math.sin(axis)
    across = -x * math.sin(axis) + y * math.cos(axis)
    tilt = math.radians(view.tilt)
    away = _CAMERA_AWAY * _FINE * view.width
    nearer = away / (away + across * math.sin(tilt))
    along, across = along * nearer, across * math.cos(tilt) * nearer
    return along * math.cos(axis) - across * math.sin(axis), along * math.sin(axis) + across * math.cos(axis)


def _reflect(seen: Grey, view: View, source: Generator) -> None:
    """A lamp in the glass before the sticker: white in the middle, fading to its edge."""
    rows, columns = seen.shape
    spread = 0.35 * view.width
    middle = (columns / 2 + source.uniform(-spread, spread), rows / 2 + source.uniform(-spread, spread))
    y, x = np.mgrid[0:rows, 0:columns]
    away = np.hypot(x - middle[0], y - middle[1]) / (view.glare * view.width / 2)
    seen += (255 * np.clip(1.6 - 1.6 * away, 0, 1)).astype(np.float32)
    np.clip(seen, 0, 255, out=seen)


def _smear(seen: Grey, length: float, source: Generator) -> Grey:
    """The hand moved on a straight line while the picture was taken."""
    side = 2 * math.ceil(length / 2) + 3
    fine = 8
    line = np.zeros((side * fine, side * fine), np.float32)
    middle, angle = side * fine / 2, source.uniform(0, math.pi)
    step = (length * fine / 2 * math.cos(angle), length * fine / 2 * math.sin(angle))
    ends = [(round(middle + sign * step[0]), round(middle + sign * step[1])) for sign in (-1, 1)]
    cv2.line(line, ends[0], ends[1], 1.0, fine // 2)
    kernel = cv2.resize(line, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.filter2D(seen, -1, kernel / kernel.sum())
