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

    `per_shop` is False for papers that cover all shops of the operator (the same in each of its shops).
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
    per_shop: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """For whom and where a licence is issued: chance, the index that makes its number its own, the street."""

    draw: Draw
    index: int
    street: Street


@dataclass(frozen=True, slots=True)
class _Paper:
    kind: str
    name: str
    per_shop: bool
    term_days: int
    pattern: str
    authority: str


@cache
def _papers() -> dict[str, _Paper]:
    return {
        row["kind"]: _Paper(
            row["kind"],
            row["name"],
            row["per_shop"] == "yes",
            int(row["term_days"]),
            row["pattern"],
            row["authority"],
        )
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
    issue: Issue, issue_of_operator: Issue, operator: DemoOperator, trade: Trade, today: date
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
        per_shop=False,
    )
    papers = [_papers()[kind] for kind in trade.licences]
    return (
        main,
        *(
            _make_one(issue if paper.per_shop else issue_of_operator, paper, operator, trade, today)
            for paper in papers
        ),
    )


def _make_one(issue: Issue, paper: _Paper, operator: DemoOperator, trade: Trade, today: date) -> DemoLicence:
    draw = issue.draw
    # Nobody is licensed before being registered.
    earliest = operator.established_on + timedelta(days=draw.below(60))
    valid_until: date | None = None
    if paper.term_days:
        length = timedelta(days=paper.term_days - 1)
        valid_from = max(earliest, today + timedelta(days=_draw_days_left(draw, paper.term_days)) - length)
        valid_until = valid_from + length
    else:
        valid_from = max(earliest, today - timedelta(days=draw.between(60, 1600)))
    sequence = (issue.index + 1) * _STEP % 1_000_000
    return DemoLicence(
        kind=paper.kind,
        name=paper.name,
        number=_number(paper.pattern, issue.street.county_code, sequence, valid_from),
        holder=operator.name,
        authority=paper.authority.format(county=issue.street.county),
        scope=trade.scope,
        valid_from=valid_from,
        valid_until=valid_until,
        per_shop=paper.per_shop,
    )
