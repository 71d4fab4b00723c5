"""Uploads for tests: pictures as bytes, made here so that no fixture file is needed."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.factories.merchants import NOW
from webapp.core.actor import Actor
from webapp.files.models import FilePurpose, StoredFile
from webapp.files.operations import store_upload


def picture(
    form: str = "JPEG", size: tuple[int, int] = (800, 600), colour: str = "#8a5a3b", **options: Any
) -> bytes:
    """An image file of one colour with a dark corner at the top left, so that turning it is visible."""
    image = Image.new("RGB", size, colour)
    image.paste("#101010", (0, 0, size[0] // 4, size[1] // 4))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def make_file(
    purpose: FilePurpose = FilePurpose.STOREFRONT, actor: Actor | None = None, data: bytes | None = None
) -> StoredFile:
    """A stored upload that belongs to nothing yet."""
    return store_upload(io.BytesIO(data or picture()), "photo.jpg", purpose, actor, NOW)
