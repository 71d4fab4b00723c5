"""Issuing documents, giving their files, withdrawing and replacing them. Nothing here commits.

Callers have decided that the document is due and that this actor may issue it: their own step did. The number is taken
in their transaction and given back with it, so that numbers have no gaps; whoever issues next waits for the commit.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from flask import current_app
from prometheus_client import Counter
from sqlalchemy.dialects import postgresql, sqlite

from webapp import audit
from webapp.core import clock, secrets
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, NotFound
from webapp.core.steps import Step
from webapp.core.transaction import after_commit
from webapp.files.stores import Missing, store
from webapp.settings import Settings
from webapp.web.words import label

from . import composing, drawing, keeping, numerals, organisations, queries, rules
from .content import Content
from .models import Letter, LetterSeries
from .organisations import Organisation
from .rules import KINDS, STEPS, Law, LetterState, Recipient, Subject
from .setting import Words

log = logging.getLogger("webapp.letters")
MISSING = Counter("ydym_letter_missing_glyphs", "Characters that documents could not print")


def issue(
    kind: str,
    subject: Subject,
    facts: Mapping[str, Any],
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    *,
    law: Law,
    recipients: Sequence[Recipient] | None = None,
) -> Letter:
    """Issue a document of `kind` on `subject` and keep its PDF; `facts` by the names of the kind's table.

    `recipients` are the sides that get a copy and may open it: by default those of the kind's table; issue one for each
    side instead where they differ. Dates are ``date``, instants aware ``datetime``, money integer fen, lists sequences
    of texts. Raises KeyError for an unknown kind, Invalid for a fact that is missing, unknown or of the wrong form
    (`field` names it).
    """
    made = KINDS[kind]
    if law not in made.laws:
        raise Conflict("letter_law", law=law.value)
    day = clock.day_of(now)
    sheet = composing.load(made, law, _forms())
    words = composing.words_of(made, facts, _yes_no())  # before the number: what is wrong here costs none
    serial = _next(organisation.code, kind, day.year)
    number = rules.number_text(_settings().letter_number, organisation.mark, sheet.mark, day.year, serial)
    code = secrets.random_code(rules.CODE_BITS)[: rules.CODE_CHARS]
    content = _compose(sheet, words, organisation, number, now, code)
    drawn = drawing.draw(content, _words(), _own(), organisations.seal_of(organisation.code))
    letter = Letter(
        kind=kind,
        title=content.title,
        number=number,
        organisation_code=organisation.code,
        organisation_name=organisation.name,
        year=day.year,
        serial=serial,
        subject_type=subject.type,
        subject_id=subject.id,
        recipient_codes=",".join(made.recipients if recipients is None else recipients),
        law=law.value,
        state=STEPS.first,
        content=content.canonical(),
        content_hash=content.sha256(),
        token_hash=queries.token_hash(content.code),
        store_key=secrets.random_code(160),
        sha256=hashlib.sha256(drawn.data).hexdigest(),
        size=len(drawn.data),
        pages=drawn.pages,
        missing_glyphs=drawn.missing,
        issued_at=now,
        issued_by_id=actor.account_id,
    )
    db.session.add(letter)
    db.session.flush()
    _tell_missing(letter)
    audit.record(actor, "letter.issue", "letter", letter.id, now=now, new=_trace(letter))
    # After the commit: a number given back leaves no file behind. What gets lost in between, `pdf` makes again.
    keep, key = store(), letter.store_key
    after_commit(lambda: _keep(keep, key, drawn.data))
    return letter


def proof(
    kind: str, facts: Mapping[str, Any], organisation: Organisation, now: datetime, *, law: Law
) -> bytes:
    """The PDF of a document before it is issued: without number and check code, marked as a proof. Keeps nothing."""
    made = KINDS[kind]
    sheet = composing.load(made, law, _forms())
    words = composing.words_of(made, facts, _yes_no())
    content = _compose(sheet, words, organisation, label("letter.proof_number"), now, "")
    return drawing.draw(content, _words(), _own()).data


def plain(content: Content) -> bytes:
    """The PDF of a paper between the sides that no office issues: without number and check code. Keeps nothing."""
    return drawing.draw(content, dataclasses.replace(_words(), proof="", proof_foot=""), _own()).data


def pdf(letter: Letter) -> bytes:
    """The file as issued, byte for byte. Raises NotFound once erased, Conflict when it is lost for good."""
    content = letter.said
    if content is None:
        raise NotFound("letter_erased")
    try:
        data = keeping.get(store(), letter.store_key)
    except (Missing, InvalidTag):
        log.warning("document drawn again", extra={"key": str(letter.id)})
        data = drawing.draw(content, _words(), _own(), organisations.seal_of(letter.organisation_code)).data
        if hashlib.sha256(data).hexdigest() != letter.sha256:
            raise Conflict("letter_lost") from None
        _keep(store(), letter.store_key, data)
    return data


def withdraw(
    letter_id: int, reason: str, actor: Actor, now: datetime, *, scope: Scope, version: int | None = None
) -> Letter:
    """The document holds no more: its check page says so from the commit on. `scope` is that of its subject."""
    letter = queries.get_locked(letter_id)
    _same_version(letter, version)
    step = STEPS.check(letter.state, "withdraw", actor, scope, reason)
    return _end(letter, step, reason, actor, now)


def replace(
    letter_id: int,
    facts: Mapping[str, Any],
    reason: str,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    *,
    scope: Scope,
    version: int | None = None,
) -> Letter:
    """Issue the document anew with other facts, under a new number; the old one is worth nothing from the commit on.

    Kind, subject, law and recipients stay. Returns the new one.
    """
    old = queries.get_locked(letter_id)
    _same_version(old, version)
    step = STEPS.check(old.state, "replace", actor, scope, reason)
    new = issue(
        old.kind,
        old.subject,
        facts,
        organisation,
        actor,
        now,
        law=Law(old.law),
        recipients=old.recipients,
    )
    with db.session.no_autoflush:  # state and successor change as one
        old.replaced_by_id = new.id
        _end(old, step, reason, actor, now)
    return new


def erase_of(subject: Subject, now: datetime) -> int:
    """Erase what the subject's documents say, and their files; returns how many.

    Number, day, state and hashes stay: a paper that somebody holds can still be checked.
    """
    done = 0
    for letter in queries.of_subject(subject):
        if letter.erased_at is None:
            letter.content, letter.erased_at = None, now
            if letter.ended_reason is not None:
                letter.ended_reason = ""
            keep, key = store(), letter.store_key
            after_commit(lambda keep=keep, key=key: keeping.erase(keep, key))  # type: ignore[misc]
            done += 1
    return done


def record_opening(letter: Letter, actor: Actor, now: datetime) -> None:
    """Write down that somebody opened the document: it names people."""
    audit.record(actor, "letter.open", "letter", letter.id, now=now)


# --- parts ----------------------------------------------------------------------------------------------------------


def _next(organisation_code: str, kind: str, year: int) -> int:
    """The next number of the series; the series' row stays locked until the transaction ends."""
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = LetterSeries
    statement = (
        insert(table)
        .values(organisation_code=organisation_code, kind=kind, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[table.organisation_code, table.kind, table.year],
            set_={"last": table.last + 1},
        )
        .returning(table.last)
    )
    return int(db.session.execute(statement).scalar_one())


def _compose(
    sheet: composing.Sheet,
    words: dict[str, Any],
    organisation: Organisation,
    number: str,
    now: datetime,
    code: str,
) -> Content:
    day, settings = clock.day_of(now), _settings()
    given = {
        "organisation": organisation.name,
        "number": number,
        "title": sheet.title,
        "law": sheet.law,
        "article": sheet.article,
        "issued_on": numerals.day(day),
        "issued_on_in_characters": numerals.day_in_characters(day),
    }
    return Content(
        organisation=organisation.name,
        title=sheet.title,
        number=number,
        blocks=composing.fill(sheet, words | given),
        code=code,
        check_url=f"{settings.public_scheme}://{settings.public_host}/letters",
    )


def _end(letter: Letter, step: Step[LetterState], reason: str, actor: Actor, now: datetime) -> Letter:
    before, letter.state = letter.state, step.target
    letter.ended_at, letter.ended_by_id, letter.ended_reason = now, actor.account_id, reason.strip()
    # The reason may name people: it stays with the document, encrypted, and out of the audit trail.
    audit.record(
        actor,
        f"letter.{step.action}",
        "letter",
        letter.id,
        now=now,
        old={"state": before.value},
        new={"state": letter.state.value},
    )
    return letter


def _same_version(letter: Letter, version: int | None) -> None:
    if version is not None and letter.version != version:
        raise Conflict("changed_meanwhile")


def _trace(letter: Letter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "kind": letter.kind,
        "state": LetterState.ISSUED.value,
        "pdf_sha256": letter.sha256,
    }


def _tell_missing(letter: Letter) -> None:
    if letter.missing_glyphs:
        MISSING.inc(letter.missing_glyphs)
        log.warning("characters without glyph", extra={"kind": letter.kind, "count": letter.missing_glyphs})


def _keep(keep: Any, key: str, data: bytes) -> None:
    """Put the file away. A store that is down loses nothing: the file is drawn again when it is asked for."""
    try:
        keeping.put(keep, key, data)
    except Exception as error:  # noqa: BLE001 - whatever the store's client raises; the decision stands
        log.warning("document not stored", extra={"kind": type(error).__name__})


def _words() -> Words:
    return Words(
        check=label("letter.page.check"),
        enter=label("letter.page.enter"),
        page=label("letter.page.number"),
        missing=label("letter.page.missing"),
        day=label("letter.page.day"),
        proof=label("letter.page.proof"),
        proof_foot=label("letter.page.proof_foot"),
    )


def _yes_no() -> tuple[str, str]:
    return label("letter.yes"), label("letter.no")


def _own() -> Path:
    return _settings().letters_dir


def _forms() -> Path:
    return _settings().letters_dir / "forms"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ydym.settings"]
    return settings
