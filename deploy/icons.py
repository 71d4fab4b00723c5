"""The platform's icons: ``python deploy/icons.py`` draws static/img/{icon,maskable,touch}-*.png and favicon.ico.

The same mark as static/img/favicon.svg. A maskable icon fills its square and keeps the mark inside the safe zone, a
circle of 80 % (W3C Web Application Manifest, "maskable"); a touch icon is opaque: the phone rounds its corners itself.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

IMG = Path(__file__).resolve().parents[1] / "static" / "img"
TRUST, WHITE = (11, 122, 83, 255), (255, 255, 255, 255)
FINER = 8


def mark(size: int, *, share: float, full: bool) -> Image.Image:
    """The mark over `share` of a square of `size` pixels; `full`: the square is green to its corners."""
    edge = size * FINER
    picture = Image.new("RGBA", (edge, edge), TRUST if full else (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    unit, start = edge * share / 32, edge * (1 - share) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return start + x * unit, start + y * unit

    draw.ellipse([*at(0, 0), *at(32, 32)], fill=TRUST)
    draw.ellipse([*at(2.4, 2.4), *at(29.6, 29.6)], outline=WHITE, width=round(0.9 * unit))
    corners = [at(8.6, 16.4), at(13.6, 21.4), at(23.4, 11)]
    draw.line(corners, fill=WHITE, width=round(4 * unit), joint="curve")
    for x, y in corners:
        draw.ellipse([x - 2 * unit, y - 2 * unit, x + 2 * unit, y + 2 * unit], fill=WHITE)
    small = picture.resize((size, size), Image.Resampling.LANCZOS)
    return small.quantize(48, method=Image.Quantize.FASTOCTREE)


def main() -> None:
    """Write the files."""
    for size in (192, 512):
        mark(size, share=1, full=False).save(IMG / f"icon-{size}.png", optimize=True)
        mark(size, share=0.72, full=True).save(IMG / f"maskable-{size}.png", optimize=True)
    small = [mark(size, share=1, full=False).convert("RGBA") for size in (48, 32, 16)]
    small[0].save(
        IMG / "favicon.ico",
        sizes=[picture.size for picture in small],
        append_images=small[1:],
        bitmap_format="bmp",
    )
    mark(180, share=0.82, full=True).save(IMG / "touch-180.png", optimize=True)


if __name__ == "__main__":
    main()
