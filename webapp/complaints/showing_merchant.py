"""What only the merchant's pages show: the list as a table, the texts that can be put into an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from webapp.core import clock
from webapp.merchants import malls
from webapp.merchants.models import Shop
from webapp.web.filters import day, moment, yuan
from webapp.web.words import label

from . import answer_texts
from .models import Complaint
from .rules import ComplaintState

_COLUMNS = ("number", "shop", "received", "topic", "demand", "amount", "state", "due", "answered", "ended")


def as_table(complaints: Iterable[Complaint]) -> Iterator[list[str]]:
    """A merchant's list as rows of a table, the first with the columns' names."""
    yield [label(f"complaint.column.{name}") for name in _COLUMNS]
    for one in complaints:
        waits = one.state is ComplaintState.SETTLING
        yield [
            one.number,
            one.shop.full_name,
            moment(one.received_at),
            label(f"complaint.topic.{one.topic}"),
            label(f"complaint.demand.{one.demand.value}"),
            yuan(one.amount_fen) if one.amount_fen is not None else "",
            label(f"complaint.state.{one.state.value}"),
            moment(one.answer_due_at) if waits else "",
            moment(one.first_answered_at) if one.first_answered_at else "",
            moment(one.ended_at) if one.ended_at else "",
        ]


#: Places of an answer text, by code: ``complaint.template.place.<code>`` is the name that stands between 【 and 】.
PLACES = ("shop", "number", "demand", "amount", "today")


def places_said() -> list[str]:
    """The names of the places that a text may hold."""
    return [label(f"complaint.template.place.{code}") for code in PLACES]


def ready_texts() -> list[tuple[str, str, str]]:
    """The platform's texts to begin with: code, title, text."""
    key = "complaint.template.ready"
    return [(code, label(f"{key}.{code}.title"), label(f"{key}.{code}.text")) for code in answer_texts.READY]


def answer_choices(complaint: Complaint) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be put into the answer: the operator's own texts, then the platform's, as groups of a list."""
    own = answer_texts.of_operator(complaint.shop.operator_id)
    groups = [(label("complaint.template.own"), [(str(one.id), one.title) for one in own])] if own else []
    return [
        *groups,
        (label("complaint.template.offered"), [(code, title) for code, title, _ in ready_texts()]),
    ]


def answer_text(complaint: Complaint, chosen: str, now: datetime) -> str:
    """The text chosen from :func:`answer_choices`, filled in from the case; empty when it is none of them."""
    known = {str(one.id): one.text for one in answer_texts.of_operator(complaint.shop.operator_id)}
    known |= {code: text for code, _, text in ready_texts()}
    values = (
        complaint.shop.full_name,
        complaint.number,
        label(f"complaint.demand.{complaint.demand.value}"),
        yuan(complaint.amount_fen) if complaint.amount_fen else "",
        day(clock.day_of(now)),
    )
    return answer_texts.fill(known.get(chosen, ""), dict(zip(places_said(), values, strict=True)))


@dataclass(frozen=True)
class Promised:
    """How long one's shops have for a first answer, why, and whose word that is; `shops`: which, empty for all."""

    hours: int
    why: str
    source: str
    shops: tuple[str, ...]


def answer_times(shops: list[Shop], on: date) -> list[Promised]:
    """The times that hold on that day for these shops, the shortest first; shops with the same one stand together."""
    groups: dict[tuple[int, str, str], list[str]] = {}
    for shop in shops:
        time = malls.answer_time(shop, on)
        why = label(f"complaint.time.{time.why}", mall=time.mall or label("complaint.time.a_mall"))
        source = time.source if time.why != "city" else ""
        groups.setdefault((time.hours, why, source), []).append(shop.full_name)
    alone = len(groups) == 1
    return [
        Promised(hours, why, source, () if alone else tuple(names))
        for (hours, why, source), names in sorted(groups.items())
    ]
