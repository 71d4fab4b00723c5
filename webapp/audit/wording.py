"""The audit trail in words. A code that no catalogue knows is shown as it is: history must be readable in any case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from webapp.web import slots
from webapp.web.words import label

from .models import AuditEvent
from .rules import Purpose


def has_word(key: str) -> bool:
    """True when a catalogue has `key`."""
    return bool(current_app.extensions["ydym.words"].get(key))


def _word(key: str, fallback: str) -> str:
    return label(key) if has_word(key) else fallback


def action_word(action: str) -> str:
    """``application.approve`` → 通过申报."""
    return _word(f"audit.action.{action}", action)


def subject_word(kind: str) -> str:
    """The kind of thing that an event is about."""
    return _word(f"audit.subject.{kind}", kind)


def role_word(role: str) -> str:
    """The role in which somebody acted."""
    return _word(f"role.{role}", role)


def value_word(kind: str, field: str, value: Any) -> str:
    """A value of `field` of a thing of `kind`: states by their words, lists joined, the rest as it stands."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return label("audit.yes") if value else label("audit.no")
    if isinstance(value, list):
        return label("audit.comma").join(value_word(kind, field, item) for item in value)
    if isinstance(value, dict):
        pairs = (f"{field_word(name)} {value_word(kind, name, item)}" for name, item in value.items())
        return label("audit.comma").join(pairs)
    text = str(value)
    # Names that stand in tables: slot ``audit.value``, ``fn(kind, field, value) -> str | None``.
    for named in slots.collect(current_app, "audit.value", kind=kind, field=field, value=text):
        return str(named)
    for key in (f"{kind}.{field}.{text}", f"{kind}.{field.rstrip('s')}.{text}"):
        if has_word(key):
            return label(key)
    return text


def field_word(field: str) -> str:
    """The name of a field in `old` and `new`."""
    return _word(f"audit.field.{field}", field)


#: Kept for proof, not for reading.
_DIGESTS = ("_sha256", "_hash")


def changes(event: AuditEvent) -> list[tuple[str, str, str]]:
    """(field, old, new) in words, of what differs."""
    old, new = event.old or {}, event.new or {}
    fields = [
        field for field in (*new, *(name for name in old if name not in new)) if not field.endswith(_DIGESTS)
    ]
    return [
        (
            field_word(field),
            value_word(event.subject_type, field, old.get(field)),
            value_word(event.subject_type, field, new.get(field)),
        )
        for field in fields
        if old.get(field) != new.get(field)
    ]


def reason_words(event: AuditEvent) -> str:
    """The reason: the catalogue's words where there are some, then the person's own."""
    words = []
    if event.reason_code:
        feature, _, action = event.action.partition(".")
        for key in (
            f"{feature}.reason.{action}.{event.reason_code}",
            f"{feature}.ground.{event.reason_code}",
            f"{feature}.reason.{event.reason_code}",
            f"audit.purpose.{event.reason_code}" if action == "view_contact" else "",
        ):
            if has_word(key):
                words.append(label(key))
                break
        else:
            words.append(event.reason_code)
    if event.reason and event.reason != event.reason_code:
        words.append(event.reason)
    return label("audit.comma").join(words)


def operators_with_persons(events: Iterable[AuditEvent]) -> set[int]:
    """The operators of whom the events tell a natural person's name: an old or new representative."""
    return {
        event.subject_id
        for event in events
        if event.subject_type == "operator"
        and "legal_representative" in {*(event.old or {}), *(event.new or {})}
    }


def purposes() -> list[tuple[str, str]]:
    """Why somebody's name and number may be asked for: code, words."""
    return [(one.value, label(f"audit.purpose.{one}")) for one in Purpose]


def page_word(endpoint: str) -> str:
    """What the page of an endpoint is called: by a name of its own, as its part of the site is, or as a paper."""
    part, _, view = endpoint.partition(".")
    paper = "audit.page.letter" if f"_{view}".endswith("_letter") else ""
    return _word(f"audit.page.{endpoint}", _word(f"audit.page.{part}", _word(paper, endpoint)))


def reason_codes_with(text: str) -> frozenset[str]:
    """The codes of grounds and reasons whose words have `text` in them."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    return frozenset(
        key.rpartition(".")[2]
        for key, said in words.items()
        if text and (".ground." in key or ".reason." in key) and text in said
    )


def whence_word(origin: str | None) -> str:
    """From where: an address as it is, ``job:name@machine`` and ``command:words@machine`` in words."""
    if origin is None:
        return label("audit.whence.unknown")
    if not origin:
        return label("audit.whence.visitor")
    kind, _, rest = origin.partition(":")
    name, _, machine = rest.rpartition("@")
    if kind not in {"job", "command"} or not machine:
        return origin
    return label(f"audit.whence.{kind}" if name else "audit.whence.process", name=name, machine=machine)


def line(event: AuditEvent) -> dict[str, Any]:
    """An event for the `timeline` macro and the table; who has no account (a consumer, the system) is named by role."""
    role = role_word(event.actor_role)
    has_account = event.actor_id is not None
    return {
        "at": event.at,
        "who": event.actor_name if has_account else role,
        "role": role if has_account else "",
        "what": action_word(event.action),
        "subject": label(
            "audit.subject_number", kind=subject_word(event.subject_type), number=event.subject_id or ""
        ).rstrip(),
        "shop_id": event.shop_id,
        "why": reason_words(event),
        "changes": changes(event),
        "whence": whence_word(event.origin),
        "request_id": event.request_id or "",
    }
