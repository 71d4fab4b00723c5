"""An emblem as a designer hands it over, an SVG file, as outlines with colours: as far as a small print can take it.

Taken: `path`, `rect`, `circle`, `ellipse`, `polygon`, `polyline` and groups of them, filled with one plain colour each,
with transforms (SVG 1.1, chapters 7, 8, 9). Refused, rather than drawn wrong: strokes, gradients and patterns,
see-through parts, texts, pictures, style sheets, clips, masks, references. Outlines are filled even-odd here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from fontTools.svgLib.path.shapes import PathBuilder

from qrservice.errors import BrandRefused
from qrservice.fonts import PathPen
from qrservice.shapes import Path

PARTS_MAX: Final = 400
_SHAPES: Final = frozenset({"path", "rect", "circle", "ellipse", "polygon", "polyline"})
_GROUPS: Final = frozenset({"svg", "g"})
_SILENT: Final = frozenset({"title", "desc", "metadata", "namedview"})
_NAMED: Final = {"black": "#000000", "white": "#ffffff", "red": "#ff0000"}
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.?)(?:[eE][-+]?[0-9]+)?")
_TRANSFORM: Final = re.compile(r"\s*([A-Za-z]+)\s*\(([^)]*)\)[\s,]*")


def read(data: bytes) -> tuple[float, float, tuple[tuple[Path, str], ...]]:
    """(width, height, outlines with `#rrggbb`) of an SVG, its view box moved to the origin.

    Raises BrandRefused (`logo_form`) with what cannot be taken.
    """
    if b"<!ENTITY" in data:
        raise BrandRefused("logo_form", "an SVG with entities")
    try:
        root = ET.fromstring(data)  # noqa: S314 - the bureau's own file, and entities are refused
        left, top, width, height = _view_box(root)
        parts = tuple(_drawn(root, Identity.translate(-left, -top), "#000000"))
    except (ET.ParseError, ValueError, TypeError, IndexError) as error:
        if isinstance(error, BrandRefused):
            raise
        raise BrandRefused("logo_form", "an SVG that cannot be read") from error
    if len(parts) > PARTS_MAX:
        raise BrandRefused("logo_form", "too many parts", len(parts), PARTS_MAX)
    return width, height, parts


def _view_box(root: ET.Element) -> tuple[float, float, float, float]:
    if _name(root) != "svg":
        raise BrandRefused("logo_form", "not an SVG")
    numbers = [float(n) for n in _NUMBER.findall(root.get("viewBox", ""))]
    if not numbers:
        numbers = [0.0, 0.0, *(float(_NUMBER.findall(root.get(side, ""))[0]) for side in ("width", "height"))]
    left, top, width, height = numbers
    return left, top, width, height


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _drawn(element: ET.Element, at: Transform, inherited: str | None) -> Iterator[tuple[Path, str]]:
    """The outlines in an element; `inherited` is the colour around it, None for nothing."""
    name = _name(element)
    if name in _SILENT or (name == "defs" and not len(element)):
        return
    if name not in _SHAPES | _GROUPS:
        raise BrandRefused("logo_form", f"<{name}> in an SVG")
    fill = _fill(element, inherited)
    if name != "svg":
        at = at.transform(_transform(element.get("transform", "")))
    for child in element:
        yield from _drawn(child, at, fill)
    if name in _SHAPES and fill is not None:
        builder, pen = PathBuilder(), PathPen(None)
        builder.add_path_from_element(_without_transform(element))
        for data in builder.paths:
            parse_path(data, TransformPen(pen, at))
        if pen.commands:
            yield Path(tuple(pen.commands)), fill


def _without_transform(element: ET.Element) -> ET.Element:
    """The builder knows one kind of transform only; ours has been read already."""
    return ET.Element(element.tag, {k: v for k, v in element.attrib.items() if k != "transform"})


def _fill(element: ET.Element, inherited: str | None) -> str | None:
    """The colour that an element is filled with, None for nothing. Raises BrandRefused for what is more than that."""
    said = {k: v.strip() for k, v in element.attrib.items()}
    for rule in said.pop("style", "").split(";"):
        key, _, value = rule.partition(":")
        said[key.strip()] = value.strip()
    for key, harmless in (
        ("stroke", {"", "none"}),
        ("class", {""}),
        ("clip-path", {"", "none"}),
        ("mask", {"", "none"}),
        ("filter", {"", "none"}),
        *((key, {"", "1", "1.0"}) for key in ("opacity", "fill-opacity")),
    ):
        if said.get(key, "") not in harmless:
            raise BrandRefused("logo_form", f"{key}={said[key]!r} in an SVG")
    fill = said.get("fill", "").lower()
    if fill in {"", "inherit"}:
        return inherited
    if fill == "none":
        return None
    if re.fullmatch("#[0-9a-f]{3}", fill):
        return "#" + "".join(2 * digit for digit in fill[1:])
    colour = _NAMED.get(fill, fill)
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        raise BrandRefused("logo_form", f"fill={fill!r} in an SVG")
    return colour


def _transform(text: str) -> Transform:
    """A list of matrix, translate, scale, rotate (SVG 1.1, 7.6). Raises BrandRefused for others."""
    found, at = Identity, 0
    for step in _TRANSFORM.finditer(text):
        if step.start() != at:
            break
        at = step.end()
        name, numbers = step[1], [float(n) for n in _NUMBER.findall(step[2])]
        if name == "rotate":
            angle, *centre = numbers
            x, y = centre or (0.0, 0.0)
            found = found.translate(x, y).rotate(math.radians(angle)).translate(-x, -y)
        elif name == "matrix":
            found = found.transform(tuple(numbers))
        elif name == "translate":
            found = found.translate(*numbers)
        elif name == "scale":
            found = found.scale(*numbers)
        else:
            raise BrandRefused("logo_form", f"transform {name!r} in an SVG")
    if text[at:].strip():
        raise BrandRefused("logo_form", f"transform={text!r} in an SVG")
    return found
