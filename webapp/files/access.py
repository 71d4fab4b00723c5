"""Who may open a file.

Each feature that owns files says so in its ``register``::

    files.access.readers["complaint"] = may_read_complaint  # fn(actor, owner_id) -> bool

and, where attached photos of a public kind are not public at all times::

    files.access.publishers[FilePurpose.RATING] = is_shown  # fn(file) -> bool
"""

from __future__ import annotations

from collections.abc import Callable

from webapp.core.actor import Actor

from .models import FilePurpose, StoredFile
from .queries import PUBLIC

#: By owner type: may this actor read the files of the owner with this id? Unknown owner types are closed.
readers: dict[str, Callable[[Actor, int], bool]] = {}
#: By purpose: is this attached file public now? Public kinds without an entry are.
publishers: dict[FilePurpose, Callable[[StoredFile], bool]] = {}


def may_read(actor: Actor, file: StoredFile) -> bool:
    """The uploader until it belongs to something; then whoever the owner's reader lets in."""
    if file.owner_type is None or file.owner_id is None:
        return actor.account_id is not None and actor.account_id == file.uploaded_by_id
    reader = readers.get(file.owner_type)
    return reader is not None and reader(actor, file.owner_id)


def is_public(file: StoredFile) -> bool:
    """May anybody see it, and caches keep it?"""
    if file.purpose not in PUBLIC or file.owner_type is None:
        return False
    publisher = publishers.get(file.purpose)
    return publisher is None or publisher(file)
