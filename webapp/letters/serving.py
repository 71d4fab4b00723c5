"""Documents as downloads. Features mount the view under their own address, with their own access rule::

bp.post("/office/complaints/<int:complaint_id>/letters/<int:letter_id>", endpoint="letter")(
    access.officer("complaint.read", on=lambda complaint_id, letter_id: queries.scope_of(complaint_id))(
        serving.download(lambda complaint_id: Subject("complaint", complaint_id), recorded=True)
    )
)
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Response

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.web import access

from . import operations, queries
from .models import Letter
from .rules import LetterState, Recipient, Subject


def download(
    subject_of: Callable[..., Subject],
    *,
    recipient: Recipient | None = None,
    holds: bool = False,
    recorded: bool = False,
) -> Callable[..., Response]:
    """A view that gives the PDF of ``letter_id``, one of the arguments of its address.

    `subject_of` gets the other arguments and says whose documents the address means: another's are NotFound. With
    `recipient` only copies made for that side are given, with `holds` only those that still hold. `recorded` writes who
    opened it into the audit trail: mount it as a POST then, a reading request writes nothing.
    """

    def letter(letter_id: int, **address: object) -> Response:
        found = queries.get(letter_id, subject_of(**address))
        if recipient is not None and recipient not in found.recipients:
            raise NotFound("no_such_thing")
        if holds and found.state is not LetterState.ISSUED:
            raise NotFound("no_such_thing")
        if recorded:
            operations.record_opening(found, access.current_actor(), clock.now())
        return answer(found)

    return letter


def answer(letter: Letter) -> Response:
    """The PDF as a download. Whoever calls has decided that it may be seen. Raises as ``operations.pdf``."""
    response = Response(operations.pdf(letter), mimetype="application/pdf")
    sight.note(Seen.LETTER, letter.subject_type, letter.subject_id)
    # Only ASCII may stand in a header: the plain name is for programs that do not know RFC 6266's other one.
    name = quote(f"{letter.title}-{letter.number}.pdf", safe="")
    names = {"filename": f"letter-{letter.id}.pdf", "filename*": f"UTF-8''{name}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers["Cache-Control"] = "private, no-store"
    return response
