"""A layout as one SVG document: text as outlines, so that it looks and prints the same without any font
installed.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape

from qrservice.drawing import Layout, Picture, Symbol, Text
from qrservice.fonts import Fonts
from qrservice.matrix import Matrix
from qrservice.shapes import circle, number, rectangle


def sticker_svg(layout: Layout, fonts: Fonts) -> str:
    """The sticker at its true size (`width="105mm"`), without styles, scripts, fonts or links inside; a raster logo is
    in it as data. Round ones are round.

    Raises FontRefused.
    """
    width, height = number(layout.width), number(layout.height)
    if layout.round:
        paper = circle(layout.width / 2, layout.height / 2, layout.width / 2)
    else:
        paper = rectangle(0, 0, layout.width, layout.height)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
            f' viewBox="0 0 {width} {height}" role="img" aria-label="{escape(layout.title)}">'
        ),
        f"<title>{escape(layout.title)}</title>",
        f'<path fill="{layout.paper}" d="{paper.svg(3)}"/>',
    ]
    for item in layout.items:
        if isinstance(item, Text):
            parts.append(_text_element(item, fonts))
        elif isinstance(item, Symbol):
            parts.append(_symbol_element(item))
        elif isinstance(item, Picture):
            parts.append(_picture_element(item))
        else:
            parts.append(f'<path fill="{item.fill}" fill-rule="evenodd" d="{item.path.svg(3)}"/>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def symbol_svg(matrix: Matrix, quiet_zone: int = 4) -> str:
    """Only the symbol, one unit a module, black on white with its quiet zone: for pages and previews."""
    side = matrix.size + 2 * quiet_zone
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"'
        f' aria-hidden="true" focusable="false"><path fill="#ffffff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000000" transform="translate({quiet_zone} {quiet_zone})" d="{runs_data(matrix)}"/></svg>'
    )


def runs_data(matrix: Matrix) -> str:
    """Path data of the dark modules, one closed box for each horizontal run, one unit a module."""
    return "".join(f"M{column} {row}h{length}v1h-{length}z" for row, column, length in matrix.runs())


def _text_element(item: Text, fonts: Fonts) -> str:
    """A line as one outline in thousandths of its em, which is both shorter and exacter than millimetres."""
    face = fonts.face(item.weight)
    data, x = [], 0.0
    for character in item.text:
        data.append(face.outline(character).transformed(1000, x, flip=True).svg(0))
        x += 1000 * (face.advance(character) + item.tracking / item.size)
    turn = f" rotate({number(item.angle, 3)})" if item.angle else ""
    place = f"translate({number(item.x, 3)} {number(item.y, 3)}){turn} scale({number(item.size / 1000, 7)})"
    return f'<path fill="{item.fill}" transform="{place}" d="{"".join(data)}"/>'


def _symbol_element(item: Symbol) -> str:
    scale = number(item.side / item.matrix.size, 6)
    return (
        f'<path fill="{item.fill}" shape-rendering="crispEdges" d="{runs_data(item.matrix)}"'
        f' transform="translate({number(item.x, 4)} {number(item.y, 4)}) scale({scale})"/>'
    )


def _picture_element(item: Picture) -> str:
    box = zip(("x", "y", "width", "height"), (item.x, item.y, item.width, item.height), strict=True)
    edges = " ".join(f'{name}="{number(value, 3)}"' for name, value in box)
    return f'<image {edges} href="data:image/png;base64,{b64encode(item.png).decode("ascii")}"/>'
