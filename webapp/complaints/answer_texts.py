"""Words that a merchant uses again: kept for each operator, in the order that it likes, filled in from the case.

A text may hold places such as 【门店】 (``complaint.template.place.*``); what the case does not know is
left as it stands, so that whoever answers sees what to write there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound

from . import rules
from .models import AnswerTemplate

#: As many as one can choose from without searching.
MOST = 30
TITLE_MAX = 40
#: Codes of the texts that the platform offers to begin with: ``complaint.template.ready.<code>.title`` and ``.text``.
READY = ("received", "refund", "exchange", "repair", "checked", "more", "sorry")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with each place 【name】 of `facts` replaced; empty facts and unknown places stay as they are."""
    for name, value in facts.items():
        if value:
            text = text.replace(f"【{name}】", value)
    return text


def get(template_id: int) -> AnswerTemplate:
    """The template; raises NotFound."""
    found = db.session.get(AnswerTemplate, template_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(template_id: int, **_rest: object) -> Scope:
    """For access rules: the operator whose words they are."""
    return Scope(operator_id=get(template_id).operator_id)


def of_operator(operator_id: int) -> list[AnswerTemplate]:
    """An operator's templates in its order."""
    statement = sa.select(AnswerTemplate).where(AnswerTemplate.operator_id == operator_id)
    return list(db.session.scalars(statement.order_by(AnswerTemplate.position, AnswerTemplate.id)))


def add(operator_id: int, title: str, text: str, actor: Actor, now: datetime) -> AnswerTemplate:
    """Keep a text, as the last; the same again is the same one. Raises Invalid, Conflict, NotFound for a stranger."""
    if operator_id not in actor.operator_ids:
        raise NotFound("no_such_thing")
    title, text = _checked(title, text)
    kept = of_operator(operator_id)
    same = next((one for one in kept if one.title == title), None)
    if same is not None and same.text == text:
        return same
    if len(kept) >= MOST:
        raise Conflict("template_most", most=MOST)
    last = max((one.position for one in kept), default=0)
    row = AnswerTemplate(operator_id=operator_id, position=last + 1, made_by_id=actor.account_id, made_at=now)
    _store(row, title, text)
    _note("add", row, actor, now)
    return row


def edit(template_id: int, title: str, text: str, actor: Actor, now: datetime) -> AnswerTemplate:
    """Change it; raises Invalid (``template_title_taken``)."""
    row = get(template_id)
    _store(row, *_checked(title, text))
    _note("edit", row, actor, now)
    return row


def delete(template_id: int, actor: Actor, now: datetime) -> int:
    """Forget it; answers that were sent stay. Returns the operator's id."""
    row = get(template_id)
    _note("delete", row, actor, now)
    db.session.delete(row)
    db.session.flush()
    return row.operator_id


def move(template_id: int, way: str) -> int:
    """One place "up" or "down" in the operator's order; returns the operator's id."""
    operator_id = get(template_id).operator_id
    rows = of_operator(operator_id)
    place = next(index for index, row in enumerate(rows) if row.id == template_id)
    other = place + (-1 if way == "up" else 1)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        row.position = number
    db.session.flush()
    return operator_id


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = title.strip(), text.strip()
    if not title or len(title) > TITLE_MAX:
        raise Invalid("template_title", field="title", most=TITLE_MAX)
    if not text:
        raise Invalid("say_something", field="text")
    if len(text) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    return title, text


def _store(row: AnswerTemplate, title: str, text: str) -> None:
    try:
        with db.session.begin_nested():
            row.title, row.text = title, text
            db.session.add(row)
    except IntegrityError:
        raise Invalid("template_title_taken", field="title") from None


def _note(deed: str, row: AnswerTemplate, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        f"complaint.template_{deed}",
        "answer_template",
        row.id,
        now=now,
        operator_id=row.operator_id,
        new={"title": row.title},
    )
