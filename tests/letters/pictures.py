"""Pictures of documents at 100 DPI, for people to judge: ``python -m tests.letters.pictures FOLDER [KIND …]``."""

from __future__ import annotations

import sys
from pathlib import Path

import pypdfium2

from tests.letters.samples import draw, make
from webapp.letters.rules import KINDS

DPI = 100


def write(folder: Path, kinds: list[str]) -> None:
    """The pages of each kind's sample as ``<kind>-<page>.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        for number, page in enumerate(pypdfium2.PdfDocument(draw(make(kind)).data), 1):
            picture = page.render(scale=DPI / 72, grayscale=False).to_pil()
            picture.quantize(128).save(folder / f"{kind}-{number}.png", optimize=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2:] or list(KINDS))
