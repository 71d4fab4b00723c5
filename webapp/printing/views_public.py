"""The print shop's page: what is in the file and how to print it, and a button that downloads it.

Only the button uses a download up. A chat program that looks at the link, or a HEAD request, gets the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from flask import Blueprint, Response, current_app, make_response, render_template
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.web import access, throttle
from webapp.web.errors import message_of

from . import drawing, handovers, queries, serving
from .models import Handover, PrintState
from .rules import Link

bp = Blueprint("printing_public", __name__)

_STATUS = {Link.OPEN: 200, Link.USED_UP: 410, Link.EXPIRED: 410, Link.REVOKED: 410}


@bp.get("/handover/<token>")
@throttle.limiter.limit("60/minute")
@access.public
def handover(token: str) -> Response:
    """What the file holds, the paper, and the button."""
    return _page(handovers.find_link(token), token)


@bp.post("/handover/<token>")
@throttle.limiter.limit("20/minute")
@access.public
def download(token: str) -> ResponseReturnValue:
    """The file. The first part is read before the download is counted, so that a lost file costs nothing; one that
    breaks off is given back.
    """
    link = handovers.find_link(token)
    try:
        response = serving.send(queries.get_job(link.job_id))
    except Conflict as error:
        return _page(link, token, message_of(error), 409)
    taken = handovers.take(link, clock.now())
    if taken is None:
        return _page(link, token, status=410)
    return _closed(_watched(response, taken.id))


def _watched(response: Response, download_id: int) -> Response:
    """The same answer, which gives the download back when it is closed before its end has been asked for.

    Whoever stands between asks for more than the visitor has got: the server some half a megabyte, the system's buffers
    up to a few. A break within that goes unnoticed and counts. A proxy that would keep the whole file is told not to.
    """
    app, parts, ended = current_app._get_current_object(), response.response, False  # type: ignore[attr-defined]  # noqa: SLF001

    def until_the_end() -> Iterator[bytes]:
        nonlocal ended
        yield from cast("Iterable[bytes]", parts)
        ended = True

    def closed() -> None:
        if not ended:
            with app.app_context(), unit():
                handovers.give_back(download_id, clock.now())

    response.response = until_the_end()
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(closed)
    return response


def _page(link: Handover, token: str, fault: str = "", status: int | None = None) -> Response:
    job, state = queries.get_job(link.job_id), handovers.state_of(link, clock.now())
    ready = job.state is PrintState.MADE
    html = render_template(
        "printing/public_handover.html",
        link=link,
        job=job,
        make=job.make,
        token=token,
        is_open=state is Link.OPEN,
        state=state.value,
        left=link.downloads_most - link.used,
        ready=ready,
        fault=fault,
        figures=drawing.figures(job.make),
        stale_count=queries.count_stale(job.id) if ready and state is Link.OPEN else 0,
    )
    return _closed(make_response(html, status or _STATUS[state]))


def _closed(response: Response) -> Response:
    """The address is a secret: nothing keeps the page, and no link out of it tells where it came from."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
