"""What a merchant marks to be covered in its licence's picture. An officer confirms it, adds to it, and publishes.

Nobody knows the paper better than whose it is; but what is left open is published, so it is a proposal only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from webapp import audit
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.steps import permit
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop

from . import covering
from .models import Licence


def picture_of(licence: Licence) -> StoredFile:
    """The uploaded picture to mark. Raises Conflict (``licence_never_shown``), NotFound."""
    if not covering.may_show(licence.kind_code):
        raise Conflict("licence_never_shown")
    file = None if licence.file_id is None else db.session.get(StoredFile, licence.file_id)
    if file is None or file.erased_at is not None or licence.replaced_at is not None:
        raise NotFound("no_such_thing")
    return file


def proposed(licence: Licence) -> list[int] | None:
    """The cells that the merchant marked in the picture that is there now; None when it marked nothing yet.

    An empty list says that the merchant found nothing to cover.
    """
    said = licence.proposed_cover
    file = None if licence.file_id is None else db.session.get(StoredFile, licence.file_id)
    if said is None or file is None or said["of"] != file.sha256:
        return None
    return list(said["cells"])


def propose(licence: Licence, shop: Shop, cells: Iterable[int], actor: Actor, now: datetime) -> None:
    """Keep what the merchant marked; the same again changes nothing. `shop`: the one from whose page it came.

    Raises Invalid (``licence_cells``), Conflict, NotFound as :func:`picture_of`, Forbidden for others than its people.
    """
    permit(actor, frozenset({Role.MERCHANT}), shop.scope)
    file = picture_of(licence)
    try:
        chosen = covering.checked(cells)
    except ValueError as error:
        raise Invalid("licence_cells") from error
    if proposed(licence) == chosen:
        return
    licence.proposed_cover = {"of": file.sha256, "cells": chosen}
    audit.record(
        actor,
        "licence.propose_cover",
        "licence",
        licence.id,
        now=now,
        shop_id=licence.shop_id,
        operator_id=licence.operator_id,
        new={"kind": licence.kind_code, "cells": len(chosen)},
    )
    db.session.flush()
