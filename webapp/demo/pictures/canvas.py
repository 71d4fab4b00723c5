"""A small drawing board over Pillow: design units, daylight, soft light.

Everything is given in design units (960 × 640, origin top left) and drawn twice as large, then reduced:
that is what makes edges smooth. Colours pass through the ambient light unless they shine by themselves
(`lit`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 960, 640
SCALE = 2
_GLOW_SCALE = 8  # glows are blurred anyway: a small layer is enough

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Colour = tuple[int, ...]

SYSTEM_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
VENDORED_FONT = Path(__file__).parents[3] / "static" / "vendor" / "fonts" / "NotoSansSC-Bold.ttf"


def find_font(preferred: Path | None = None) -> Path:
    """The first of `preferred`, the vendored and the system's Noto that exists. FileNotFoundError when none
    does.
    """
    for path in (preferred, VENDORED_FONT, SYSTEM_FONT):
        if path is not None and path.is_file():
            return path
    raise FileNotFoundError(f"no Chinese font for pictures: neither {VENDORED_FONT} nor {SYSTEM_FONT}")


@cache
def _font(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    # Basic layout: shaping engines differ between machines, pictures should not.
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)


@cache
def colour(name: str) -> Colour:
    """ "#rrggbb" or "#rrggbbaa" as numbers."""
    return ImageColor.getrgb(name)


def mix(first: str, second: str, share: float) -> str:
    """A colour between two: `share` 0 gives the first, 1 the second."""
    pairs = zip(colour(first)[:3], colour(second)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


class Canvas:
    """One picture in the making. `ambient` is the colour of the light that falls on everything."""

    def __init__(self, font: Path, ambient: str = "#ffffff", size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.font = font
        self.size = size
        self.image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE))
        self._pen = ImageDraw.Draw(self.image, "RGBA")
        self._ambient = colour(ambient)
        self._glow = Image.new("RGB", (size[0] // _GLOW_SCALE * 2, size[1] // _GLOW_SCALE * 2))
        self._glow_pen = ImageDraw.Draw(self._glow)

    @contextmanager
    def lamplight(self, ambient: str) -> Iterator[None]:
        """Inside a lit room other light falls on things."""
        outside, self._ambient = self._ambient, colour(ambient)
        try:
            yield
        finally:
            self._ambient = outside

    def ink(self, name: str, *, lit: bool = False) -> Colour:
        """The colour as it looks in this light."""
        value = colour(name)
        if lit:
            return value
        shaded = tuple(part * light // 255 for part, light in zip(value[:3], self._ambient[:3], strict=True))
        return shaded + value[3:]

    def rect(self, box: Box, fill: str, *, radius: float = 0, lit: bool = False) -> None:
        x0, y0, x1, y1 = (round(value * SCALE) for value in box)
        if x1 > x0 and y1 > y0:
            self._pen.rounded_rectangle((x0, y0, x1 - 1, y1 - 1), radius * SCALE, self.ink(fill, lit=lit))

    def frame(self, box: Box, line: str, width: float, *, radius: float = 0, lit: bool = False) -> None:
        corners = tuple(round(value * SCALE) for value in box)
        self._pen.rounded_rectangle(
            corners, radius * SCALE, None, self.ink(line, lit=lit), max(1, round(width * SCALE))
        )

    def poly(self, points: Sequence[Point], fill: str, *, lit: bool = False) -> None:
        self._pen.polygon([(x * SCALE, y * SCALE) for x, y in points], self.ink(fill, lit=lit))

    def disc(
        self, x: float, y: float, rx: float, fill: str, *, ry: float | None = None, lit: bool = False
    ) -> None:
        ry = rx if ry is None else ry
        box = ((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE)
        self._pen.ellipse(box, self.ink(fill, lit=lit))

    def ring(self, x: float, y: float, radius: float, line: str, width: float) -> None:
        box = ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE)
        self._pen.ellipse(box, None, self.ink(line), round(width * SCALE))

    def half_disc(self, box: Box, fill: str, start: float, end: float) -> None:
        """A sector of the ellipse in `box`, angles in degrees clockwise from east."""
        self._pen.pieslice(tuple(value * SCALE for value in box), start, end, self.ink(fill))

    def arc(self, box: Box, line: str, width: float, start: float, end: float) -> None:
        self._pen.arc(tuple(value * SCALE for value in box), start, end, self.ink(line), round(width * SCALE))

    def line(self, points: Sequence[Point], line: str, width: float, *, lit: bool = False) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._pen.line(scaled, self.ink(line, lit=lit), max(1, round(width * SCALE)), joint="curve")

    def gradient(self, box: Box, top: str, bottom: str, *, lit: bool = False) -> None:
        """From `top` to `bottom`, downwards."""
        x0, y0, x1, y1 = (round(value * SCALE) for value in box)
        upper, lower = self.ink(top, lit=lit), self.ink(bottom, lit=lit)
        column = Image.new("RGB", (1, y1 - y0))
        span = max(1, y1 - y0 - 1)
        for row in range(y1 - y0):
            part = tuple(a + (b - a) * row // span for a, b in zip(upper[:3], lower[:3], strict=True))
            column.putpixel((0, row), part)
        self.image.paste(column.resize((x1 - x0, y1 - y0)), (x0, y0))

    def text_width(self, text: str, size: float) -> float:
        return _font(self.font, round(size * SCALE)).getlength(text) / SCALE

    def text(self, x: float, y: float, text: str, size: float, fill: str, *, lit: bool = False) -> None:
        """Text centred on (x, y)."""
        font = _font(self.font, round(size * SCALE))
        self._pen.text((x * SCALE, y * SCALE), text, self.ink(fill, lit=lit), font, anchor="mm")

    def text_left(self, x: float, y: float, text: str, size: float, fill: str) -> None:
        """Text that begins at x, its middle at y."""
        font = _font(self.font, round(size * SCALE))
        self._pen.text((x * SCALE, y * SCALE), text, self.ink(fill), font, anchor="lm")

    def glow(self, x: float, y: float, rx: float, ry: float, light: str) -> None:
        """Soft light that is added to the picture at the end."""
        scale = 2 / _GLOW_SCALE
        self._glow_pen.ellipse(
            ((x - rx) * scale, (y - ry) * scale, (x + rx) * scale, (y + ry) * scale), colour(light)
        )

    def finish(self) -> Image.Image:
        """The picture in its final size."""
        picture = self.image.resize(self.size, Image.Resampling.BOX)
        soft = self._glow.filter(ImageFilter.GaussianBlur(9)).resize(self.size, Image.Resampling.BICUBIC)
        return ImageChops.screen(picture, soft)
