"""Reading documents."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.secrets import keyed_hash

from . import rules
from .models import Letter
from .rules import Subject


def token_hash(code: str) -> str:
    """What is kept of a check code."""
    return keyed_hash("letter", code)


def find_by_code(typed: str) -> Letter | None:
    """The document with this check code, or None. What is no code costs no query, a wrong one costs one."""
    code = rules.read_code(typed)
    if code is None:
        return None
    return db.session.scalar(sa.select(Letter).where(Letter.token_hash == token_hash(code)))


def get(letter_id: int, subject: Subject) -> Letter:
    """The document of this subject; raises NotFound for another's."""
    letter = db.session.get(Letter, letter_id)
    if letter is None or letter.subject != subject:
        raise NotFound("no_such_thing")
    return letter


def get_locked(letter_id: int) -> Letter:
    """The document, its row locked until the commit where the database can; raises NotFound."""
    statement = sa.select(Letter).where(Letter.id == letter_id).with_for_update()
    letter = db.session.scalar(statement.execution_options(populate_existing=True))
    if letter is None:
        raise NotFound("no_such_thing")
    return letter


def of_subject(subject: Subject, *, recipient: rules.Recipient | None = None) -> list[Letter]:
    """The subject's documents, newest first; only those for `recipient` if one is named."""
    statement = sa.select(Letter).where(Letter.subject_type == subject.type, Letter.subject_id == subject.id)
    found = db.session.scalars(statement.order_by(Letter.id.desc()))
    return [letter for letter in found if recipient is None or recipient in letter.recipients]


def latest(subject: Subject, kind: str) -> Letter | None:
    """The subject's newest document of this kind that still holds, or None."""
    statement = sa.select(Letter).where(
        Letter.subject_type == subject.type,
        Letter.subject_id == subject.id,
        Letter.kind == kind,
        Letter.state == rules.LetterState.ISSUED,
    )
    return db.session.scalar(statement.order_by(Letter.id.desc()).limit(1))


def names_of(account_ids: set[int]) -> dict[int, str]:
    """The names of those who issued or ended documents."""
    from webapp.accounts.models import Account  # noqa: PLC0415 - accounts' tables are not needed to draw

    if not account_ids:
        return {}
    statement = sa.select(Account.id, Account.name).where(Account.id.in_(account_ids))
    return dict(db.session.execute(statement).tuples().all())
