"""Which request this is, and from where it came.

An address is personal data. It is given for people who are signed in (they act in the bureau's or a merchant's name and
answer for it) and for nobody else: see docs/decisions on where a change came from.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from flask import Request, current_app, g, has_request_context, request
from flask_login import current_user

from webapp.core.origin import Origin, new_id, outside_requests

T = TypeVar("T")
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class FormRequest(Request):
    """A request whose body is a form, a file or nothing.

    Flask-WTF would take a JSON body for a form otherwise, and break on one that is no object or is nested too deeply.
    """

    @property
    def is_json(self) -> bool:
        """Never: the one view that reads JSON takes the body itself."""
        return False


def request_id() -> str:
    """This request's number: the proxy's own (``X-Request-ID``) where one is trusted, otherwise a random one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        trusted = current_app.extensions["ydym.settings"].trusted_proxies
        g.request_id = given if trusted and _ID.fullmatch(given) else new_id()
    return str(g.request_id)


def address() -> str:
    """The visitor's address in its usual spelling, as the trusted proxies tell it; "" when there is none."""
    try:
        known = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)


def origin(*, acting: int | None) -> Origin:
    """Where what happens now comes from. `acting` is the account that does it, None for a visitor or the system.

    A visitor's address is never given: what it is written into cannot forget.
    """
    if not has_request_context():
        return outside_requests()
    signed_in = acting is not None or current_user.is_authenticated
    return Origin(address() if signed_in else "", request_id())


def once(name: Hashable, work: Callable[[], T]) -> T:
    """What `work` gives, done once in this request; outside of one each time.

    For pages put together by slots that read the same rows. Never for what the same request changes.
    """
    if not has_request_context():
        return work()
    done: dict[Hashable, Any] = g.setdefault("done_once", {})
    if name not in done:
        done[name] = work()
    return cast("T", done[name])
