"""Licences (资质证照) that a trade needs, with numbers as their issuers write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from webapp.core.identifiers import make_food_licence
from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.names import Trade
from webapp.demo.operators import DemoOperator
from webapp.demo.places import Street

# Coprime with 10: a million shops use every sequence number once.
_STEP = 381_967


@dataclass(frozen=True, slots=True)
class DemoLicence:
    """One licence. `kind` is "business_licence" or a key of `data/licences.csv`; `name` what the paper is
    called.

    `valid_until` is the last good day, None when the paper has no end. `number` of food licences carries a
    valid check digit; a business licence's number is the credit code.
    """

    kind: str
    name: str
    number: str
    holder: str
    authority: str
    scope: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class _Paper:
    kind: str
    name: str
    term_days: int
    pattern: str
    authority: str


@cache
def _papers() -> dict[str, _Paper]:
    return {
        row["kind"]: _Paper(row["kind"], row["name"], int(row["term_days"]), row["pattern"], row["authority"])
        for row in words.table("licences.csv")
    }


def _number(pattern: str, region: str, sequence: int, issued_on: date) -> str:
    form, _, business = pattern.partition("/")
    if business:
        return make_food_licence(business, region, sequence, form="filing" if form == "filing" else "licence")
    return pattern.format(region=region, n=sequence, year=issued_on.year)


def _draw_days_left(draw: Draw, term_days: int) -> int:
    """Most licences have years left; one in seventy is over, one in thirty ends within a month."""
    chance = draw.below(1000)
    if chance < 14:
        return -draw.between(1, 60)
    if chance < 47:
        return draw.between(0, 30)
    return draw.between(31, term_days - 1)


def make_licences(
    draw: Draw, index: int, operator: DemoOperator, trade: Trade, street: Street, today: date
) -> tuple[DemoLicence, ...]:
    """The business licence first, then what the trade needs."""
    main = DemoLicence(
        kind="business_licence",
        name=words.phrases()["business_licence"],
        number=operator.uscc,
        holder=operator.name,
        authority=operator.authority,
        scope=operator.scope,
        valid_from=operator.established_on,
        valid_until=None,
    )
    return (
        main,
        *(_make_one(draw, _papers()[kind], index, operator, trade, street, today) for kind in trade.licences),
    )


def _make_one(
    draw: Draw, paper: _Paper, index: int, operator: DemoOperator, trade: Trade, street: Street, today: date
) -> DemoLicence:
    if paper.term_days:
        valid_until = today + timedelta(days=_draw_days_left(draw, paper.term_days))
        valid_from = valid_until - timedelta(days=paper.term_days - 1)
    else:
        valid_until = None
        valid_from = max(operator.established_on, today - timedelta(days=draw.between(60, 1600)))
    return DemoLicence(
        kind=paper.kind,
        name=paper.name,
        number=_number(paper.pattern, street.county_code, (index + 1) * _STEP % 1_000_000, valid_from),
        holder=operator.name,
        authority=paper.authority.format(county=street.county),
        scope=trade.scope,
        valid_from=valid_from,
        valid_until=valid_until,
    )
