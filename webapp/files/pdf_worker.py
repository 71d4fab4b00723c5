"""The program that reads one PDF: standard input to a PNG of its first pages on standard output.

Run as ``python -I pdf_worker.py PAGES SIDE``; it knows nothing of the application. Exit code 2: unreadable, 3: locked.
"""

from __future__ import annotations

import resource
import sys

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 15
GAP = 16
#: Dots per PDF unit (1/72 inch): 2.4 is about 170 dpi, enough to read a licence.
SCALE = 2.4


def main(pages: int, side: int) -> int:
    """Render; returns the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    import pypdfium2  # noqa: PLC0415 - after the limits stand
    from PIL import Image  # noqa: PLC0415

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        return 3 if "password" in str(error).lower() else 2
    images = []
    for number in range(min(pages, len(document))):
        page = document[number]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            return 2
        scale = min(SCALE, side / max(width, height))
        images.append(page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"))
    if not images:
        return 2
    total = sum(image.height for image in images) + GAP * (len(images) - 1)
    joined = Image.new("RGB", (max(image.width for image in images), total), "white")
    top = 0
    for image in images:
        joined.paste(image, ((joined.width - image.width) // 2, top))
        top += image.height + GAP
    joined.save(sys.stdout.buffer, "PNG", compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
