"""Asking to correct or remove a published case, and the officer's answer."""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.steps import permit

from . import operations, queries, rules, telling
from .models import DisclosureRequest
from .operations import Texts
from .rules import DisclosureState

_SIDES = {Role.CONSUMER: "consumer", Role.MERCHANT: "merchant"}
_ANSWERERS = frozenset({Role.BUREAU_OFFICER})


def ask(disclosure_id: int, kind: str, text: str, actor: Actor, now: datetime) -> DisclosureRequest:
    """A side asks; a second request while the first waits is refused, the same words again are the same request."""
    disclosure = queries.get_locked(disclosure_id)
    permit(actor, frozenset(_SIDES), disclosure.complaint.scope, "no_access")
    side = _SIDES[actor.role]
    if disclosure.state is not DisclosureState.PUBLISHED:
        raise Conflict("disclosure_not_public")
    if kind not in rules.KINDS:
        raise Invalid("disclosure_kind", field="kind")
    said = text.strip()
    if not said:
        raise Invalid("say_something", field="text")
    if len(said) > rules.ASKING_LONGEST:
        raise Invalid("text_too_long", field="text", most=rules.ASKING_LONGEST)
    if (waiting := queries.open_request(disclosure, side)) is not None:
        if (waiting.kind, waiting.text) == (kind, said):
            return waiting
        raise Conflict("disclosure_asked_already")
    request = DisclosureRequest(
        disclosure_id=disclosure.id,
        kind=kind,
        side=side,
        text=said,
        asked_by_id=actor.account_id,
        asked_at=now,
    )
    disclosure.requests.append(request)
    db.session.flush()
    audit.record(
        actor,
        f"disclosure.ask_{kind}",
        "disclosure",
        disclosure.id,
        now=now,
        shop_id=disclosure.complaint.shop_id,
        new={"request_id": request.id},
    )
    return request


def answer(
    disclosure_id: int,
    request_id: int,
    words: str,
    actor: Actor,
    now: datetime,
    version: int,
    *,
    granted: bool,
    texts: Texts | None = None,
) -> DisclosureRequest:
    """Grant (the case is corrected to `texts`, or removed) or refuse, with a reason that the side reads."""
    disclosure = queries.get_locked(disclosure_id)
    permit(actor, _ANSWERERS, disclosure.complaint.scope, "no_access")
    request = next((one for one in disclosure.requests if one.id == request_id), None)
    if request is None:
        raise NotFound("no_such_thing")
    if request.answered_at is not None:
        raise Conflict("changed_meanwhile")
    if not words.strip():
        raise Invalid("say_something", field="reason")
    if len(words.strip()) > rules.ASKING_LONGEST:
        raise Invalid("text_too_long", field="reason", most=rules.ASKING_LONGEST)
    request.granted, request.answer = granted, words.strip()
    request.answered_by_id, request.answered_at = actor.account_id, now
    db.session.flush()
    if granted and request.kind == "remove":
        operations.remove(disclosure_id, words, actor, now, version)
    elif granted:
        if texts is None:
            raise Invalid("say_something", field="story")
        operations.correct(disclosure_id, texts, words, actor, now, version)
    audit.record(
        actor,
        "disclosure.grant" if granted else "disclosure.refuse",
        "disclosure",
        disclosure.id,
        now=now,
        shop_id=disclosure.complaint.shop_id,
        old={"request_id": request.id, "granted": None},
        new={"request_id": request.id, "granted": granted},
    )
    if request.side == "merchant":
        telling.tell(disclosure, "granted" if granted else "refused", now)
    return request
