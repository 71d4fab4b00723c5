"""The smaller copies of a stored picture: read, or made when they are asked for the first time.

WebP copies are written with the upload. What was uploaded before there was a width, and JPEG for the few browsers that
know no WebP, is made here, once. Only the widths and forms of :mod:`.rules` exist, so nobody can have more made by
guessing; one is made at a time in a worker, and whoever would wait long gets the whole picture.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

from .models import StoredFile
from .queries import object_name
from .rules import Form
from .stores import Missing, store

#: Seconds to wait for another copy to be ready.
PATIENCE: Final = 2
_making = threading.Lock()


def fetch(file: StoredFile, width: int, form: Form) -> bytes | None:
    """The copy's bytes; None when too many are being made just now. Raises Missing when the picture is gone."""
    name = object_name(file.key, width, form)
    with suppress(Missing):
        return store().get(name)
    if not _making.acquire(timeout=PATIENCE):
        return None
    try:
        with suppress(Missing):  # made while we waited
            return store().get(name)
        return _made(file, name, width, form)
    finally:
        _making.release()


def _made(file: StoredFile, name: str, width: int, form: Form) -> bytes:
    if file.media_type != Form.JPEG.media_type:
        raise Missing(name)  # a PDF has no smaller copies
    from . import images  # noqa: PLC0415 - Pillow is loaded by who needs it: most workers serve pages only

    whole = object_name(file.key, None)
    data = images.smaller_copy(store().get(whole), width, form)
    store().put(name, data, form.media_type)
    # Erasing begins with the whole picture. If it began meanwhile, it may not see this copy: we take it back ourselves.
    try:
        store().get(whole)
    except Missing:
        store().delete(name)
        raise
    return data
