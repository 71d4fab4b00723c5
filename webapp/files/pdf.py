"""PDF uploads become page images in a process of their own.

A PDF can hold scripts, links and attachments, and its reader is the largest piece of foreign code that uploads reach.
So it runs apart, with limits on memory and time, and hands back pixels.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from webapp.core.errors import Invalid

from . import rules

WORKER = Path(__file__).with_name("pdf_worker.py")
SECONDS = 20
#: Exit codes of the worker.
LOCKED = 3


def first_pages(data: bytes) -> Image.Image:
    """The first pages (at most three), one below the other. Raises Invalid: ``file_broken``, ``file_locked``."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program by its full path; the upload goes in by the pipe
            [sys.executable, "-I", str(WORKER), str(rules.MAX_PAGES), str(rules.MAX_SIDE)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid("file_broken") from error
    if done.returncode == LOCKED:
        raise Invalid("file_locked")
    if done.returncode != 0 or not done.stdout:
        raise Invalid("file_broken")
    with Image.open(io.BytesIO(done.stdout), formats=["PNG"]) as image:
        image.load()
        return image.copy()
