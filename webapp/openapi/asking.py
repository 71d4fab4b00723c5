"""Reading what is asked for from the address: filters, limit, cursor. Everything that is not understood is refused."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Any

from flask import request

from webapp.core.secrets import keyed_hash
from webapp.web.words import label

from . import rules
from .problems import Problem
from .resources import Key, Resource

_MARK = 24  # hex digits of the signature that a cursor carries: 96 bits
_LIMIT = re.compile(r"[1-9][0-9]{0,2}")
_CURSOR_LONGEST = 2000


@dataclass(frozen=True)
class Asked:
    """A question: `wanted` are the checked filters, `given` the same as plain values for the cursor."""

    wanted: Any
    given: dict[str, str]
    limit: int
    after: Key | None


def asked(resource: Resource, *, paged: bool = True, also: tuple[str, ...] = ()) -> Asked:
    """The question of the present request; raises :class:`Problem`. `also`: arguments that are read elsewhere."""
    given = _single(also)
    limit = _limit(given.pop("limit", "")) if paged else rules.LIMIT_MOST
    cursor = given.pop("cursor", None) if paged else None
    wanted = _filters(resource, given)
    return Asked(wanted, given, limit, None if cursor is None else _after(cursor, resource, given))


def cursor(resource: Resource, given: dict[str, str], last: Key) -> str:
    """An opaque cursor that goes on behind the key `last`, for the same filters only."""
    text = rules.cursor_text(resource.name, given, last)
    signed = f"{keyed_hash('api-cursor', text)[:_MARK]}{text}".encode()
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def _single(also: tuple[str, ...]) -> dict[str, str]:
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise _bad([(name, "api.fault.twice") for name in twice])
    return {name: value for name, value in request.args.items() if name not in also}


def _limit(typed: str) -> int:
    if not typed and "limit" not in request.args:
        return rules.LIMIT_USUAL
    if not _LIMIT.fullmatch(typed) or int(typed) > rules.LIMIT_MOST:
        raise _bad([("limit", "api.fault.limit")])
    return int(typed)


def _filters(resource: Resource, given: dict[str, str]) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415 - only who answers the API loads it

    try:
        return resource.filters.model_validate(given)
    except ValidationError as error:
        faults = [(str(fault["loc"][0]), _word(fault["type"])) for fault in error.errors()]
        raise _bad(faults) from None


def _word(kind: str) -> str:
    known = {
        "extra_forbidden": "unknown",
        "literal_error": "choice",
        "enum": "choice",
        "string_too_long": "long",
    }
    return f"api.fault.{known.get(kind, 'form')}"


def unknown(names: list[str]) -> Problem:
    """The refusal of arguments that the address does not have."""
    return _bad([(name, "api.fault.unknown") for name in names])


def _bad(faults: list[tuple[str, str]]) -> Problem:
    told = [{"parameter": name[:60], "detail": label(word)} for name, word in faults]
    return Problem(400, "invalid_parameter", told)


def _after(typed: str, resource: Resource, given: dict[str, str]) -> Key:
    try:
        if len(typed) > _CURSOR_LONGEST or not typed.isascii():
            raise rules.BadCursor
        plain = base64.b64decode(typed + "=" * (-len(typed) % 4), altchars=b"-_", validate=True).decode()
        mark, text = plain[:_MARK], plain[_MARK:]
        if not mark.isascii() or not hmac.compare_digest(mark, keyed_hash("api-cursor", text)[:_MARK]):
            raise rules.BadCursor
        return rules.read_cursor(text, resource.name, given)
    except (binascii.Error, ValueError):
        raise Problem(400, "invalid_cursor") from None
